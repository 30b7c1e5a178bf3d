"""The plan: whether X blocks are better than plain ones, at equal depth and cost or time.

The X side is RegNetX of the second study, of which it takes the first networks. So this plan is
signed with that study's recipe when that has been chosen; until then `PLAN` is None.
"""

from dataclasses import replace

from designspaces.experiments.plain.space import BESIDE, EQUAL_FLOPS, EQUAL_TIME
from designspaces.judging.questions import Partners
from designspaces.judging.study import Family, Plan
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

PLAN: Plan | None = None


def evidence() -> Population:
    """What is recorded of both sides: the second study's RegNetX, as many as here, and these.

    Nothing before the plan is signed, for until then those belong to the other plan alone.
    """
    if PLAN is None:
        return Population()
    beside = Population.study("primary").space(BESIDE.name)
    first = [record for record in beside if record.index < N[BESIDE.name]]
    return Population([*first, *Population.experiment("plain")])
