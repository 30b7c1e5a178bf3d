"""What is told of the VioNets beyond the plan: medians, lost networks and what else differs."""

import numpy as np

from designspaces.experiments.violations.plan import BREACHES
from designspaces.judging.effects import CAP
from designspaces.judging.properties import values
from designspaces.judging.resampling import Estimate, estimate
from designspaces.populations.population import Population


def medians(evidence: Population) -> dict[str, Estimate]:
    """By breach, the median over pairs of the error kept principles have less the breach's.

    In points; below 0, the breach does harm. No error is capped. Each interval of 95% is alone.
    Raises ValueError where a family is missing.
    """
    found = {}
    for breach in BREACHES:
        own, theirs = (values(side, "error") for side in breach.pairs(evidence))
        found[breach.id] = estimate(own - theirs, np.median)
    return found


def lost_and_costs(evidence: Population) -> dict[str, dict[str, float]]:
    """By breach, how many of its networks err above the cap, and what they cost.

    Costs are medians over pairs, as shares of what the network costs that keeps all principles.
    Raises ValueError where a family is missing.
    """
    found = {}
    for breach in BREACHES:
        own, theirs = breach.pairs(evidence)
        if not own:
            raise ValueError(f"{breach.partners} has no pair yet")
        found[breach.id] = {"above the cap": int((values(theirs, "error") > CAP).sum())} | {
            cost: float(np.median(values(theirs, cost) / values(own, cost)))
            for cost in ("activations", "params")
        }
    return found
