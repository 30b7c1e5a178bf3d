"""Which networks there are, and how one is drawn. Numpy alone."""

from designspaces.spaces.spaces import BOOK, PAPER, SPACES, spaces_in

__all__ = ["BOOK", "PAPER", "SPACES", "spaces_in"]
