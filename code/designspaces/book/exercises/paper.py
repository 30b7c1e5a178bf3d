"""Checks of the chapter on the rest of the paper."""

import numpy as np

from designspaces.book.exercises._answers import hint, numbers, right
from designspaces.designs.checks import is_finite, is_integer
from designspaces.designs.timed import TIMED
from designspaces.judging.statistics import best_of
from designspaces.populations.population import Population

MIXED, ALIKE = 16.7 - 20.1, 21.5 - 20.1
"""EfficientNet-B5 less RegNetY-8.0GF in points, by two recipes and by one (Radosavovic et al. 2020,
table 4)."""

NO_TREND = 0.25
"""More than the rank correlation of group width and multiply-adds is in unbounded draws."""


@numbers(1, "expected a number, of points.")
def recipe():
    """By how much a recipe moves the difference of two errors."""
    near = 0.051
    for sign in (1, -1):
        yield right(sign * (ALIKE - MIXED), within=near)
    one = "that is one of the two differences; how far is it from the other?"
    for wrong, said in {
        abs(MIXED): one,
        ALIKE: one,
        abs(MIXED) - ALIKE: "the two differences have opposite signs.",
    }.items():
        for sign in (1, -1):
            yield hint(said, sign * wrong, within=near)
    yield hint("take the difference of B5 and RegNetY twice, by two recipes and by one.")


def untrained(answer: object) -> str | None:
    """The rank correlation of group width and multiply-adds among draws without bounds."""
    if not is_finite(answer) or abs(answer) > 1:
        return "expected a correlation, a number from -1 to 1."
    if abs(answer) < NO_TREND:
        return None
    return "it should be smaller; did you pass bounded=False, and take all budgets?"


@numbers(2, "expected two numbers, the one by multiply-adds first.")
def misses():
    """How many times as long EfficientNet-B5 takes as RegNets foretell, by either count."""
    times = np.array([_miss("flops"), _miss("activations")])
    for said, where in {
        None: times,
        "multiply-adds come first.": times[::-1],
        "that is the foretold over the printed time; turn it round.": 1 / times,
        "those are logarithms; what are the ratios?": np.log(times),
    }.items():
        yield hint(
            said, *((each - abs(each) / 50, each + abs(each) / 50) for each in where.tolist())
        )
    yield hint(
        "fit log time over the log of the count, to RegNetX and RegNetY and to nothing else."
    )


def draws(answer: object) -> str | None:
    """The fewest draws from RegNetX with as good a best as 32 from AnyNetX_A."""
    if not is_integer(answer) or answer < 1:
        return "expected a number of draws, an integer."
    goal = best_of(32, Population.recorded("AnyNetX_A").errors)
    errors = Population.recorded("RegNetX").errors
    if answer > len(errors):
        return f"there are {len(errors)} networks to draw from."
    if best_of(answer, errors) > goal:
        return "the best of so many is still worse than the best of 32 from AnyNetX_A."
    if answer > 1 and best_of(answer - 1, errors) <= goal:
        return "fewer would do."
    return None


def _miss(cost: str) -> float:
    """The printed time of EfficientNet-B5 over that which a power of the cost foretells."""
    regnets = [(getattr(one, cost), one.ms) for one in TIMED if "RegNet" in one.family]
    (b5,) = (one for one in TIMED if one.network == "EfficientNet-B5")
    power, start = np.polyfit(*np.log(regnets).T, 1)
    return b5.ms / (np.exp(start) * getattr(b5, cost) ** power)


CHECKS = {
    "paper-recipe": recipe,
    "paper-untrained": untrained,
    "paper-misses": misses,
    "paper-draws": draws,
}
