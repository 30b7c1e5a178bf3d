"""Checks of the answers to the exercises of the chapter on asking the same networks again."""

import numpy as np

from designspaces.book.exercises._answers import is_number
from designspaces.judging.effects import capped
from designspaces.judging.properties import values
from designspaces.populations.population import Population

WORDS = ("supported", "contradicted", "not resolved")
FEW, MANY = 10, 14


def verdict(answer: object) -> str | None:
    """What an interval within the margin, away from 0, says of a claim of equality."""
    if not isinstance(answer, str) or answer not in WORDS:
        return f"expected one of {', '.join(WORDS)}."
    if answer == "supported":
        return None
    if answer == "contradicted":
        return "there is a difference; but a claim of equality is about differences that matter."
    return "hold both ends of the interval against the margin."


def depth(answer: object) -> str | None:
    """The difference of capped means, RegNetX less E, among networks of 10 to 14 blocks."""
    if not is_number(answer):
        return "expected a number of points."
    right, everywhere = _difference(FEW, MANY), _difference(0, np.inf)
    if abs(answer - right) < 0.02:
        return None
    if abs(answer + right) < 0.02:
        return "the sign is turned: RegNetX less E."
    if abs(answer - everywhere) < 0.02:
        return "these are all networks; keep those of ten to fourteen blocks."
    if abs(answer - right / 100) < 0.0002:
        return "this is a fraction; the question asks for points, hundredths of it."
    return "cap each error at twenty percent, take the mean of each space, then the difference."


def _difference(low: float, high: float) -> float:
    means = []
    for space in ("AnyNetX_E", "RegNetX"):
        records = list(Population.recorded(space))
        blocks = values(records, "depth")
        means.append(capped(values(records, "error"))[(low <= blocks) & (blocks <= high)].mean())
    return float(means[1] - means[0])


CHECKS = {"evidence-verdict": verdict, "evidence-depth": depth}
