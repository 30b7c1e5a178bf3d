"""The same network at another cost: all widths times one factor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import WIDEST, checked_choice, checked_positive, positive_integer
from designspaces.designs.complexity import complexity
from designspaces.designs.many import SHARED, Architectures
from designspaces.designs.regnet import WIDTH_STEP, compatible

FACTORS = 2.0 ** (np.arange(-800, 801) / 200)
"""Tried as factors of the widths, from 1/16 to 16, whole powers exactly: so no last bit decides
where a width is halved or doubled. Their ratio is a third of a percent."""


def at_cost(
    architecture: Architecture,
    cost: float,
    resolution: int,
    *,
    count: str = "flops",
    group_widths: Sequence[int] | None = None,
    step: int = WIDTH_STEP,
) -> Architecture:
    """The network whose widths are this one's times one factor, and its cost next to `cost`.

    Depths, strides, stem, bottleneck ratios and, as far as they fit, group widths stay. Widths
    become multiples of `step` and `regnet.compatible`; of equally near networks the narrowest is
    taken. How near it comes, its cost says: a network of few narrow stages has few neighbours.

    count: what costs, "flops", "params" or "activations". group_widths: those that are wished for;
    the network's own unless given.

    Raises ValueError for a cost that is not a positive number, and for another count.
    """
    cost, step = checked_positive(cost, count), positive_integer(step, "step")
    checked_choice(count, "count", ("flops", "params", "activations"))
    widths = np.round(FACTORS[:, None] * architecture.widths / step) * step
    widths = np.clip(widths, step, WIDEST).astype(np.int64)
    groups, ratios = widths, architecture.bottleneck_ratios
    if architecture.block != "basic":
        widths, groups = compatible(widths, group_widths or architecture.group_widths, ratios)
    shared = {name: getattr(architecture, name) for name in SHARED}
    many = Architectures(
        [architecture.depths], widths, groups, ratios, architecture.strides, **shared
    )
    costs = getattr(complexity(many, resolution), count)
    return many[int(np.abs(np.log(costs / cost)).argmin())]
