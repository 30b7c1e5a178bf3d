"""The checks of the chapter on distributions, against the package's own statistics."""

import pytest

from designspaces.book.exercises.distributions import CHECKS, ERRORS
from designspaces.judging.statistics import EDF, dkw_half_band


def test_the_share_that_the_package_counts_is_right():
    assert CHECKS["distributions-edf"](EDF(ERRORS)(0.15)) is None


def test_the_least_number_with_that_band_is_right():
    n = next(n for n in range(1, 2000) if dkw_half_band(n) <= 0.05)
    assert CHECKS["distributions-band"](n) is None


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("edf", 0.875, "strict"),
        ("edf", 0.125, "not those that are worse"),
        ("edf", 0.375, "not those that are worse"),
        ("edf", 5, "is a share"),
        ("edf", 62.5, "not a percentage"),
        ("edf", 0.3, "ties twice"),
        ("edf", "half", "one number"),
        ("band", 737, "no part of a network"),
        ("band", 185, "half of the band's height"),
        ("band", 599.1, "two sides"),
        ("band", 100, "solve for n"),
        ("band", None, "one whole number"),
    ],
)
def test_a_wrong_answer_gets_its_hint(name, answer, hint):
    assert hint in CHECKS[f"distributions-{name}"](answer)
