"""What is told of the VioNets beyond the plan: medians, lost networks and what else differs.

Nothing before all networks of the plan are trained.
"""

from dataclasses import dataclass

import numpy as np

from designspaces.experiments.violations.plan import BREACHES, FAMILIES, N
from designspaces.judging.effects import CAP
from designspaces.judging.properties import values
from designspaces.judging.resampling import bootstrap
from designspaces.judging.statistics import TooFew
from designspaces.judging.study import LEVEL, whole
from designspaces.populations.population import Population


@dataclass(frozen=True)
class Median:
    """The median over pairs of a difference of errors, in points, with its interval."""

    value: float
    low: float
    high: float


def medians(evidence: Population) -> dict[str, Median]:
    """What the plan's questions ask of means, of medians, by the id of the question.

    Below 0, a breach does harm; of two, the first does less. No error is capped. The intervals of a
    family, by the bootstrap, hold at once with 95%, by Bonferroni's inequality. Raises TooFew where
    networks of the plan are missing.
    """
    evidence, found = _planned(evidence), {}
    for family in FAMILIES:
        tail = LEVEL / len(family.questions) / 2
        for question in family.questions:
            first, second = (values(side, "error") for side in question.pairs(evidence))
            gains = first - second
            drawn = bootstrap(gains, np.median)
            ends = np.quantile(drawn, [tail, 1 - tail])
            found[question.id] = Median(float(np.median(gains)), *map(float, ends))
    return found


def lost_and_costs(evidence: Population) -> dict[str, dict[str, float]]:
    """By breach, how many of its networks err above the cap, and what they cost.

    Costs are medians over pairs, as shares of what the network costs that keeps all principles.
    Raises TooFew where networks of the plan are missing.
    """
    evidence, found = _planned(evidence), {}
    for breach in BREACHES:
        own, theirs = breach.pairs(evidence)
        found[breach.id] = {"above the cap": int((values(theirs, "error") > CAP).sum())} | {
            cost: float(np.median(values(theirs, cost) / values(own, cost)))
            for cost in ("activations", "params")
        }
    return found


def _planned(evidence: Population) -> Population:
    """The networks of the plan, if all are there."""
    there = whole(evidence, N)
    if missing := [name for name in N if not len(there.space(name))]:
        raise TooFew(f"{missing[0]} has not all of its {N[missing[0]]} networks yet")
    return there
