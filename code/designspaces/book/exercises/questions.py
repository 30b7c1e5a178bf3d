"""Checks of the answers to the exercises of the chapter that turns exercises into experiments."""

from math import ceil, comb

from designspaces.book.exercises._answers import hint, numbers, right
from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import REGNETX32
from designspaces.designs.scaling import at_cost

SPREAD, CORRELATION, ERROR = 1.2, 0.7, 0.1
FAMILIES = 7


@numbers(1, "expected a number of pairs.")
def pairs():
    """Pairs for a standard error of the mean difference."""
    n = 2 * (1 - CORRELATION) * (SPREAD / ERROR) ** 2
    yield right(ceil(n))
    yield hint("a part of a pair cannot be trained: round up.", n, within=0.99)
    yield hint(
        "that is without the correlation; what do pairs share?", 2 * (SPREAD / ERROR) ** 2, within=1
    )
    yield hint(
        "both errors vary, so the difference has two of them.",
        (1 - CORRELATION) * (SPREAD / ERROR) ** 2,
        within=1,
    )
    yield hint("set the spread of the difference over the root of n equal to the standard error.")


@numbers(1, "expected a number of comparisons.", whole=True)
def ranking():
    """Comparisons of two among the families."""
    yield right(comb(FAMILIES, 2))
    yield hint(
        "the first with the second is also the second with the first.", 2 * comb(FAMILIES, 2)
    )
    yield hint("that is each family with the one that keeps all principles.", FAMILIES)
    yield hint("how many pairs can be chosen of seven?")


@numbers(2, "expected two widths, in channels.", whole=True)
def alike():
    """RegNetX32's widths with groups of one channel, at equal multiply-adds."""
    own = complexity(REGNETX32, 96).flops
    narrow = at_cost(REGNETX32, own, 96, group_widths=(1, 1))
    yield right(*narrow.widths)
    yield hint("those are the widths that it has; cheaper groups leave room.", *REGNETX32.widths)
    yield hint("count for images of 96 pixels, and give the cost that RegNetX32 has there.")


CHECKS = {"questions-pairs": pairs, "questions-ranking": ranking, "questions-alike": alike}
