"""Checks of the answers to the exercises of the chapter on asking the same networks again."""

import numpy as np

from designspaces.book.exercises._answers import hint, numbers, right, words
from designspaces.judging.effects import capped
from designspaces.judging.properties import values
from designspaces.populations.population import Population

WORDS = ("supported", "contradicted", "not resolved")
FEW, MANY = 10, 14


@words(1, f"expected one of {', '.join(WORDS)}.", f"one of {', '.join(WORDS)}")
def verdict():
    """What an interval within the margin, away from 0, says of a claim of equality."""
    yield right("supported")
    yield hint(
        "there is a difference; but a claim of equality is about differences that matter.",
        "contradicted",
    )
    yield hint("hold both ends of the interval against the margin.", "not resolved")


@numbers(1, "expected a number of points.")
def depth():
    """The difference of capped means, RegNetX less E, among networks of 10 to 14 blocks."""
    difference, everywhere = _difference(FEW, MANY), _difference(0, np.inf)
    yield right(difference, within=0.02)
    yield hint("the sign is turned: RegNetX less E.", -difference, within=0.02)
    yield hint(
        "these are all networks; keep those of ten to fourteen blocks.", everywhere, within=0.02
    )
    yield hint(
        "this is a fraction; the question asks for points, hundredths of it.",
        difference / 100,
        within=0.0002,
    )
    yield hint(
        "cap each error at twenty percent, take the mean of each space, then the difference."
    )


def _difference(low: float, high: float) -> float:
    means = []
    for space in ("AnyNetX_E", "RegNetX"):
        records = list(Population.recorded(space))
        blocks = values(records, "depth")
        means.append(capped(values(records, "error"))[(low <= blocks) & (blocks <= high)].mean())
    return float(means[1] - means[0])


CHECKS = {"evidence-verdict": verdict, "evidence-depth": depth}
