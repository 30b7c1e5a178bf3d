"""What is told of the plain blocks beyond the plan: where the difference comes from."""

import numpy as np

from designspaces.judging.effects import capped
from designspaces.judging.questions import Partners
from designspaces.populations.population import Population


def parts(question: Partners, evidence: Population) -> dict[str, float]:
    """The mean difference in points, X less plain, of some pairs: by length, and by groups.

    Shorter: up to the median number of blocks. Raises ValueError where a part has no pairs.
    """
    x, plain = question.pairs(evidence)
    errors, partners = (capped([100 * one.val_error for one in side]) for side in (x, plain))
    depths = np.array([one.network.depth for one in x])
    short = depths <= np.median(depths)
    depthwise = np.array([one.network.stages[0].group_width == 1 for one in x])
    sides = {"shorter": short, "longer": ~short, "groups": ~depthwise, "depthwise": depthwise}
    if lacking := [name for name, side in sides.items() if not side.any()]:
        raise ValueError(f"none of {len(x)} pairs are {lacking[0]}")
    return {name: float((errors - partners)[side].mean()) for name, side in sides.items()}
