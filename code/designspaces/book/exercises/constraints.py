"""Checks of the answers to the exercises of the chapter on constraints."""

from collections.abc import Iterable

import numpy as np

from designspaces.book.exercises._answers import hint, is_number
from designspaces.judging.properties import values
from designspaces.judging.statistics import holm
from designspaces.judging.verdicts import MARGIN
from designspaces.populations.population import Population

P_VALUES = (0.02, 0.001, 0.3, 0.015)
INTERVALS = ((-0.3, 0.2), (-0.9, -0.1), (-1.1, 0.4))
WORDS = ("supported", "equivalent", "contradicted", "not resolved")
SEEN, LEAST = 50, 96
OTHERWISE = "take the question sentence by sentence; errors are percent, changes are points."


def corrected(answer: object) -> str | None:
    """Holm's correction of four p-values."""
    numbers = list(answer) if isinstance(answer, Iterable) else []
    if len(numbers) != len(P_VALUES) or not all(map(is_number, numbers)):
        return "expected four numbers, in the order of the question."
    if _near(numbers, holm(P_VALUES)):
        return None
    order = sorted(range(len(P_VALUES)), key=lambda i: P_VALUES[i])
    factors = {i: len(P_VALUES) - place for place, i in enumerate(order)}
    if _near(numbers, [p * factors[i] for i, p in enumerate(P_VALUES)]):
        return "nearly: no corrected value may be below that of a smaller p-value."
    if _near(numbers, [min(1, p * len(P_VALUES)) for p in P_VALUES]):
        return "that is Bonferroni's correction; Holm's factor falls by one with each p-value."
    if _near(sorted(numbers), sorted(holm(P_VALUES))):
        return "the right numbers in another order; give them in the order of the question."
    return "multiply the smallest by 4, the next by 3, and so on; then let none fall."


def verdicts(answer: object) -> str | None:
    """The verdicts on three intervals of a claim that says better."""
    words = list(answer) if isinstance(answer, list | tuple) else []
    if len(words) != len(INTERVALS) or any(word not in WORDS for word in words):
        return f"expected a list of three, each one of {', '.join(WORDS)}."
    for number, (word, right) in enumerate(zip(words, map(_verdict, INTERVALS), strict=True), 1):
        if word != right:
            return f"number {number} is another one: {_HINTS[right]}"
    return None


_HINTS = {
    "equivalent": "does the interval reach beyond the margin anywhere?",
    "supported": "the change is below zero over the whole interval, and may exceed the margin.",
    "not resolved": "the interval holds zero, and differences that would matter.",
}


def _verdict(interval: tuple[float, float]) -> str:
    low, high = interval
    if low > -MARGIN and high < MARGIN:
        return "equivalent"
    if low <= 0 <= high:
        return "not resolved"
    return "supported" if high < 0 else "contradicted"


def guess(answer: object) -> str | None:
    """What a wide last stage does for the median error of C, in the half seen and in the other."""
    numbers = list(answer) if isinstance(answer, Iterable) else []
    if len(numbers) != 2 or not all(map(is_number, numbers)):
        return "expected two numbers: of the first fifty networks, then of the other fifty."
    right = np.array([_gain(half) for half in _halves()])
    hints = {
        "the sign is turned: the wide ones less all of the half.": -right,
        "these are fractions; the question asks for points, hundredths of them.": right / 100,
        "the right numbers in the other order: first the fifty that you stared at.": right[::-1],
        "hold the wide ones against all fifty, not against the others of the fifty.": np.array(
            [_gain(half, against_rest=True) for half in _halves()]
        ),
    }
    return hint(np.array(numbers, float), right, hints, OTHERWISE)


def blocks(answer: object) -> str | None:
    """The step from D to E among networks of as many blocks, in points."""
    if not is_number(answer):
        return "expected one number of points."
    errors, counts = _by_blocks()
    differences, weights = errors[:, 1] - errors[:, 0], counts.min(axis=1)
    right = np.average(differences, weights=weights)
    raw = [values(Population.recorded(f"AnyNetX_{one}"), "error").mean() for one in "DE"]
    hints = {
        "the sign is turned: E less D.": -right,
        "this is a fraction; the question asks for points, hundredths of it.": right / 100,
        "that is the difference of the two spaces' means, before any matching.": raw[1] - raw[0],
        "every number of blocks has the same weight here; weigh it by the smaller count.": np.mean(
            differences
        ),
    }
    return hint(answer, right, hints, OTHERWISE)


def _halves() -> tuple[list, list]:
    records = list(Population.recorded("AnyNetX_C"))
    return [r for r in records if r.index < SEEN], [r for r in records if r.index >= SEEN]


def _gain(half: list, against_rest: bool = False) -> float:
    wide = np.array([record.network.widths[-1] >= LEAST for record in half])
    errors = values(half, "error")
    return float(np.median(errors[wide]) - np.median(errors[~wide] if against_rest else errors))


def _by_blocks() -> tuple[np.ndarray, np.ndarray]:
    """Mean errors and counts, shape (numbers of blocks, 2), where both D and E have networks."""
    sides = [Population.recorded(f"AnyNetX_{one}") for one in "DE"]
    depths = [values(side, "depth") for side in sides]
    errors = [values(side, "error") for side in sides]
    shared = np.intersect1d(*depths)
    means = [[e[d == n].mean() for d, e in zip(depths, errors, strict=True)] for n in shared]
    return np.array(means), np.array([[(d == n).sum() for d in depths] for n in shared])


def _near(numbers, right) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(numbers, right, strict=True))


CHECKS = {
    "constraints-holm": corrected,
    "constraints-verdicts": verdicts,
    "constraints-guess": guess,
    "constraints-blocks": blocks,
}
