"""Which networks there are, and how one is drawn. Numpy alone."""

from designspaces.spaces.regime import BOOK, PAPER
from designspaces.spaces.spaces import SPACES, spaces_in
from designspaces.spaces.study import STUDY_SPACES, find_space

__all__ = ["BOOK", "PAPER", "SPACES", "STUDY_SPACES", "find_space", "spaces_in"]
