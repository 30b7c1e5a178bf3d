"""The plan: whether X blocks are better than plain ones, at equal depth and cost or time.

The X side is RegNetX of the second study, of which it takes the first networks. So this plan counts
as signed when that study's was: what it asks, of how many networks and by which margin, stood in
the repository before, and no plain network was trained.
"""

from dataclasses import replace

from designspaces.experiments.plain.space import BESIDE, EQUAL_FLOPS, EQUAL_TIME
from designspaces.judging.plan import SECOND
from designspaces.judging.questions import Partners
from designspaces.judging.study import Family, draft
from designspaces.populations.population import Population

N = dict.fromkeys([BESIDE.name, EQUAL_FLOPS.name, EQUAL_TIME.name], 100)

X_IS_BETTER = Partners(
    id="x-plain",
    text="At equal depth and multiply-adds, X blocks are better than plain blocks",
    source="exercise 2 of the textbook",
    expects="better",
    networks=BESIDE.name,
    partners=EQUAL_FLOPS.name,
)

X_IS_BETTER_IN_TIME = replace(
    X_IS_BETTER,
    id="x-plain-time",
    text="At equal depth and, in the mean, equal measured time, X blocks are better than plain "
    "blocks",
    partners=EQUAL_TIME.name,
)
"""Time is that of `timing`: to name a batch, on one thread of the machine where it was measured."""

FAMILIES = (Family("primary", True, (X_IS_BETTER, X_IS_BETTER_IN_TIME)),)

PLAN = replace(draft(FAMILIES, N), signed=SECOND.signed)


def evidence() -> Population:
    """What is recorded of both sides: the second study's RegNetX, as many as here, and these."""
    beside = Population.study("primary").space(BESIDE.name)
    first = [record for record in beside if record.index < N[BESIDE.name]]
    return Population([*first, *Population.experiment("plain")])
