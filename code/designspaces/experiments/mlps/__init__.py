"""A design space of MLPs at two sizes, of which the small ones foretell the large."""
