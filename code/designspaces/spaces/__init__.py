"""Which networks there are, and how one is drawn. Numpy alone."""

from designspaces.spaces.regime import BOOK, PAPER
from designspaces.spaces.spaces import SPACES, spaces_in

__all__ = ["BOOK", "PAPER", "SPACES", "spaces_in"]
