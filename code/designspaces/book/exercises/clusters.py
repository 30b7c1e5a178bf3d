"""Checks of the answers to the exercises of the chapter on clusters."""

from designspaces.book.exercises._answers import hint, integers, numbers, right

NETWORKS, SECONDS, MACHINES, WORKERS = 3_000, 24, 5, 8
NETWORKS_SHARED, SHARES = 500, [[0, 125], [125, 375], [375, 500]]
SMALL, RESNET = 3.9, 12.2
"""Hours of RegNetX-400MF and ResNet-50 for 100 epochs on eight V100 (Radosavovic et al. 2020,
figure 15 and table 3)."""


@numbers(1, "expected a number of hours.")
def hours():
    """How long a population takes on a cluster."""
    seconds = NETWORKS * SECONDS / (MACHINES * WORKERS)
    machine, worker = seconds * WORKERS / 3600, NETWORKS * SECONDS / 3600
    yield right(seconds / 3600, within=0.005)
    yield hint("these are seconds; the question asks for hours.", seconds, within=1)
    several = "each machine has several workers, which train at the same time."
    yield hint(several, machine, within=0.05)
    yield hint("this is one worker alone.", worker, within=0.05)
    yield hint("multiply networks by seconds, then divide by all workers of all machines.")


@numbers(1, "expected a number, of times.")
def flops():
    """How many times as long 100 small networks take for 10 epochs as one large for 100."""
    factor = 10 * SMALL / RESNET
    yield right(factor, within=0.05)
    yield hint("that is one small network for 100 epochs.", SMALL / RESNET, within=0.003)
    yield hint(
        "that is the other way round: how long the one takes, in times of the hundred.",
        1 / factor,
        within=0.01,
    )
    yield hint(
        "the small ones train for 10 epochs; the 3.9 hours are those of 100.",
        10 * factor,
        within=0.5,
    )
    yield hint("that is what the flops say; the question is about hours.", 1)
    yield hint(
        "take the hours of 100 small networks for 10 epochs, then divide by those of ResNet-50."
    )


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
