"""Checks of the answers to the exercises of the chapter on choosing a regime."""

from math import sqrt

from designspaces.book.exercises._answers import hint, numbers, right

CORRELATION, TIMES, NOISE, SPREAD = 0.5, 2, 0.4, 0.8


@numbers(1, "expected a number.")
def twice():
    """The correlation at which a training of twice the cost is worth it."""
    yield right(CORRELATION * sqrt(TIMES), within=0.008)
    yield hint(
        "the squares of the correlations are what is compared, not the correlations.",
        CORRELATION * TIMES,
        within=0.005,
    )
    yield hint(
        "set the squared correlation over the cost equal on both sides, and solve for the other."
    )


@numbers(1, "expected a number.")
def ceiling():
    """The largest correlation of one noisy training with what it measures."""
    share = SPREAD**2 / (SPREAD**2 + NOISE**2)
    yield right(sqrt(share), within=0.005)
    yield hint(
        "this is the share of the variance; a correlation with the truth is its root.",
        share,
        within=0.005,
    )
    yield hint("the variance of single errors is that of the networks plus that of the noise.")


CHECKS = {"regime-twice": twice, "regime-ceiling": ceiling}
