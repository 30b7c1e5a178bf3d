"""Checks of the answers to the exercises of the chapter on constraints."""

from itertools import permutations, product

from designspaces.book.exercises._answers import hint, numbers, right, words
from designspaces.book.exercises._populations import blocks, guess
from designspaces.judging.statistics import holm
from designspaces.judging.verdicts import MARGIN, decide_alone

P_VALUES = (0.02, 0.001, 0.3, 0.015)
INTERVALS = ((-0.3, 0.2), (-0.9, -0.1), (-1.1, 0.4))
WORDS = ("supported", "equivalent", "contradicted", "not resolved")


@numbers(4, "expected four numbers, in the order of the question.")
def corrected():
    """Holm's correction of four p-values."""
    near = 1e-6
    corrected = holm(P_VALUES).tolist()
    order = sorted(range(len(P_VALUES)), key=lambda i: P_VALUES[i])
    factors = {i: len(P_VALUES) - place for place, i in enumerate(order)}
    yield right(*corrected, within=near)
    yield hint(
        "nearly: no corrected value may be below that of a smaller p-value.",
        *(p * factors[i] for i, p in enumerate(P_VALUES)),
        within=near,
    )
    yield hint(
        "that is Bonferroni's correction; Holm's factor falls by one with each p-value.",
        *(min(1, p * len(P_VALUES)) for p in P_VALUES),
        within=near,
    )
    for other in sorted(set(permutations(corrected))):
        yield hint(
            "the right numbers in another order; give them in the order of the question.",
            *other,
            within=near,
        )
    yield hint("multiply the smallest by 4, the next by 3, and so on; then let none fall.")


@words(3, f"expected a list of three, each one of {', '.join(WORDS)}.", "three words, with commas")
def verdicts():
    """The verdicts on three intervals of a claim that says better."""
    expected = list(map(_verdict, INTERVALS))
    for said in product(WORDS, repeat=len(expected)):
        wrong = [i for i, word in enumerate(said) if word != expected[i]]
        if wrong:
            first = wrong[0]
            yield hint(f"number {first + 1} is another one: {_HINTS[expected[first]]}", *said)
        else:
            yield right(*said)


_HINTS = {
    "equivalent": "does the interval reach beyond the margin anywhere?",
    "supported": "the change is below zero over the whole interval, and may exceed the margin.",
    "not resolved": "the interval holds zero, and differences that would matter.",
}


def _verdict(interval: tuple[float, float]) -> str:
    said = decide_alone("better", *interval, MARGIN)
    return next(word for word in WORDS if said.startswith(word))


CHECKS = {
    "constraints-holm": corrected,
    "constraints-verdicts": verdicts,
    "constraints-guess": guess,
    "constraints-blocks": blocks,
}
