"""Checks of the answers to the exercises of the chapter on clusters."""

from designspaces.book.exercises._answers import integers, is_number

NETWORKS, SECONDS, MACHINES, WORKERS = 3_000, 24, 5, 8
NETWORKS_SHARED, SHARES = 500, [[0, 125], [125, 375], [375, 500]]
SMALL, RESNET = 3.9, 12.2
"""Hours of RegNetX-400MF and ResNet-50 for 100 epochs on eight V100 (Radosavovic et al. 2020,
figure 15 and table 3)."""


def hours(answer: object) -> str | None:
    """How long a population takes on a cluster."""
    if not is_number(answer):
        return "expected a number of hours."
    seconds = NETWORKS * SECONDS / (MACHINES * WORKERS)
    if abs(answer - seconds / 3600) < 0.005:
        return None
    if abs(answer - seconds) < 1:
        return "these are seconds; the question asks for hours."
    if abs(answer - NETWORKS * SECONDS / MACHINES / 3600) < 0.05:
        return "each machine has several workers, which train at the same time."
    if abs(answer - NETWORKS * SECONDS / 3600) < 0.05:
        return "this is one worker alone."
    return "multiply networks by seconds, then divide by all workers of all machines."


def flops(answer: object) -> str | None:
    """How many times as long 100 small networks take for 10 epochs as one large for 100."""
    if not is_number(answer):
        return "expected a number, of times."
    factor = 10 * SMALL / RESNET
    if abs(answer - factor) < 0.05:
        return None
    if abs(answer - SMALL / RESNET) < 0.003:
        return "that is one small network for 100 epochs."
    if abs(answer - 1 / factor) < 0.01:
        return "that is the other way round: how long the one takes, in times of the hundred."
    if abs(answer - 10 * factor) < 0.5:
        return "the small ones train for 10 epochs; the 3.9 hours are those of 100."
    if answer == 1:
        return "that is what the flops say; the question is about hours."
    return "take the hours of 100 small networks for 10 epochs, then divide by those of ResNet-50."


def shares(answer: object) -> str | None:
    """Which places three machines take, the second twice as fast as the others."""
    try:
        pairs = [integers(pair) for pair in answer]
    except TypeError:
        pairs = []
    if len(pairs) != len(SHARES) or any(pair is None or len(pair) != 2 for pair in pairs):
        return "expected a list of three pairs of whole numbers, (start, n)."
    if pairs == SHARES:
        return None
    if pairs == [[start, end - start] for start, end in SHARES]:
        return "n is not how many: it is the place of the sample before which the machine ends."
    ends = [0, *(end for _, end in pairs)]
    if any(start != end for (start, _), end in zip(pairs, ends, strict=False)):
        return "each machine begins where the one before it ends, the first at 0."
    if ends[-1] != NETWORKS_SHARED:
        return f"all together train {ends[-1]} networks."
    return "all places are taken once, but the second machine does twice as much in the same time."


CHECKS = {"clusters-hours": hours, "clusters-flops": flops, "clusters-shares": shares}
