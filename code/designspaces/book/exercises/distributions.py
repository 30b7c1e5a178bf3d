"""Checks of the answers to the exercises of the chapter on error distributions."""

from math import ceil, log

from designspaces.book.exercises._answers import is_number

ERRORS = (0.11, 0.13, 0.13, 0.14, 0.15, 0.15, 0.15, 0.20)
PLACE = 0.15
HALF_BAND, ALPHA = 0.05, 0.05


def share(answer: object) -> str | None:
    """F(0.15) of eight errors, three of which are 0.15."""
    if not is_number(answer):
        return "expected one number, a share from 0 to 1."
    below = sum(error < PLACE for error in ERRORS) / len(ERRORS)
    hints = {
        sum(error <= PLACE for error in ERRORS) / len(ERRORS): "the inequality is strict.",
        sum(error > PLACE for error in ERRORS) / len(ERRORS): "F counts the networks that are "
        "better, not those that are worse.",
        below * len(ERRORS): "that is how many; F is a share.",
        100 * below: "F is a share from 0 to 1, not a percentage.",
    }
    if abs(answer - below) < 1e-9:
        return None
    for wrong, hint in hints.items():
        if abs(answer - wrong) < 1e-9:
            return hint
    return "count the errors below 0.15, ties twice, and divide by how many there are in all."


def networks(answer: object) -> str | None:
    """The least n whose 95% band is 5 points to either side."""
    if not is_number(answer):
        return "expected one whole number of networks."
    exact = log(2 / ALPHA) / (2 * HALF_BAND**2)
    if answer == ceil(exact):
        return None
    if abs(answer - exact) < 1:
        return "nearly: the band must not be wider, and there is no part of a network."
    if abs(answer - exact / 4) < 1:
        return "5 points up and 5 points down: the formula gives half of the band's height."
    if abs(answer - log(1 / ALPHA) / (2 * HALF_BAND**2)) < 1:
        return "the band has two sides: mind the 2 in the logarithm."
    if abs(answer - exact / 1e4) < 1:
        return "5 points are 0.05."
    return "set the half band equal to 0.05, square both sides, and solve for n."


CHECKS = {"distributions-edf": share, "distributions-band": networks}
