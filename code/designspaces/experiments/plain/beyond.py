"""What is told of the plain blocks beyond the plan: where the difference comes from."""

from designspaces.judging.properties import shorter_half, values
from designspaces.judging.questions import Partners
from designspaces.populations.population import Population


def parts(question: Partners, evidence: Population) -> dict[str, float]:
    """The mean difference in points, X less plain, of some pairs: by length, and by groups.

    Shorter: up to the median number of blocks. Raises ValueError where a part has no pairs.
    """
    x, _ = question.pairs(evidence)
    gains = question.gains(evidence)
    depths, depthwise = values(x, "depth"), values(x, "group_width") == 1
    short = shorter_half(depths)
    sides = {"shorter": short, "longer": ~short, "groups": ~depthwise, "depthwise": depthwise}
    if lacking := [name for name, side in sides.items() if not side.any()]:
        raise ValueError(f"none of {len(x)} pairs are {lacking[0]}")
    return {name: float(gains[side].mean()) for name, side in sides.items()}
