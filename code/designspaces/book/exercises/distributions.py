"""Checks of the answers to the exercises of the chapter on error distributions."""

from math import ceil, log

from designspaces.book.exercises._answers import hint, numbers, right

ERRORS = (0.11, 0.12, 0.13, 0.13, 0.14, 0.15, 0.15, 0.20)
PLACE = 0.15
HALF_BAND, ALPHA = 0.05, 0.05


@numbers(1, "expected one number, a share from 0 to 1.")
def share():
    """F(0.15) of eight errors, two of which are 0.15."""
    below = sum(error < PLACE for error in ERRORS) / len(ERRORS)
    strictly = sum(error <= PLACE for error in ERRORS) / len(ERRORS)
    worse = sum(error > PLACE for error in ERRORS) / len(ERRORS)
    near = 1e-9
    yield right(below, within=near)
    yield hint("the inequality is strict.", strictly, within=near)
    better = "F counts the networks that are better, not those that are worse."
    for others in (worse, 1 - below):
        yield hint(better, others, within=near)
    yield hint("that is how many; F is a share.", below * len(ERRORS), within=near)
    yield hint("F is a share from 0 to 1, not a percentage.", 100 * below, within=near)
    yield hint("count the errors below 0.15, ties twice, and divide by how many there are in all.")


@numbers(1, "expected one whole number of networks.", form="a whole number")
def networks():
    """The least n whose 95% band is 5 points to either side."""
    exact = log(2 / ALPHA) / (2 * HALF_BAND**2)
    yield right(ceil(exact))
    yield hint(
        "nearly: the band must not be wider, and there is no part of a network.", exact, within=1
    )
    yield hint(
        "5 points up and 5 points down: the formula gives half of the band's height.",
        exact / 4,
        within=1,
    )
    yield hint(
        "the band has two sides: mind the 2 in the logarithm.",
        log(1 / ALPHA) / (2 * HALF_BAND**2),
        within=1,
    )
    yield hint("5 points are 0.05.", exact / 1e4, within=1)
    yield hint("set the half band equal to 0.05, square both sides, and solve for n.")


CHECKS = {"distributions-edf": share, "distributions-band": networks}
