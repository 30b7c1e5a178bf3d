"""Checks of the answers to the exercises of the chapter on constraints."""

from collections.abc import Iterable

from designspaces.book.exercises._answers import is_number
from designspaces.book.exercises._populations import blocks, guess
from designspaces.judging.statistics import holm
from designspaces.judging.verdicts import MARGIN

P_VALUES = (0.02, 0.001, 0.3, 0.015)
INTERVALS = ((-0.3, 0.2), (-0.9, -0.1), (-1.1, 0.4))
WORDS = ("supported", "equivalent", "contradicted", "not resolved")


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


def _near(numbers, right) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(numbers, right, strict=True))


CHECKS = {
    "constraints-holm": corrected,
    "constraints-verdicts": verdicts,
    "constraints-guess": guess,
    "constraints-blocks": blocks,
}
