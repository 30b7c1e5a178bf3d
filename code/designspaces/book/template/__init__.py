"""A design space of one's own: change block.py or space.py, then run notebook.ipynb."""
