"""A wing: the book's figures, drawn from data with captions and alt texts."""
