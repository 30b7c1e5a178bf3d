"""How much of the real work a chapter does: the whole protocol, or a quick look."""

import os

from designspaces.designs.checks import checked_choice
from designspaces.networks.device import best_device

PROFILES = ("full", "quick")


def current_profile() -> str:
    """`BOOK_PROFILE`, "full" or "quick"; where it is unset, "full" with a GPU, else "quick".

    Raises ValueError for a value that is neither.
    """
    value = os.environ.get("BOOK_PROFILE")
    if value is None:
        return "quick" if best_device().type == "cpu" else "full"
    return check_profile(value)


def check_profile(name: str) -> str:
    """`name`, if there is such a profile; otherwise a ValueError with those there are."""
    return checked_choice(name, "the profile (BOOK_PROFILE)", PROFILES)
