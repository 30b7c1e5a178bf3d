"""Checks of the answers to the exercises of the chapter on choosing a regime."""

from math import sqrt

from designspaces.book.exercises._answers import is_number

CORRELATION, TIMES, NOISE, SPREAD = 0.5, 2, 0.4, 0.8


def twice(answer: object) -> str | None:
    """The correlation at which a training of twice the cost is worth it."""
    if not is_number(answer):
        return "expected a number."
    if abs(answer - CORRELATION * sqrt(TIMES)) < 0.005:
        return None
    if abs(answer - CORRELATION * TIMES) < 0.005:
        return "the squares of the correlations are what is compared, not the correlations."
    return "set the squared correlation over the cost equal on both sides, and solve for the other."


def ceiling(answer: object) -> str | None:
    """The largest correlation of one noisy training with what it measures."""
    if not is_number(answer):
        return "expected a number."
    share = SPREAD**2 / (SPREAD**2 + NOISE**2)
    if abs(answer - sqrt(share)) < 0.005:
        return None
    if abs(answer - share) < 0.005:
        return "this is the share of the variance; a correlation with the truth is its root."
    return "the variance of single errors is that of the networks plus that of the noise."


CHECKS = {"regime-twice": twice, "regime-ceiling": ceiling}
