"""RegNets that keep the paper's principles, and the same ones with one of them broken.

The n-th VioNet of each family is the n-th network of `KEPT` but for one principle: its list of
depths, widths, group widths or bottleneck ratios is replaced, by one that AnyNetX may draw where
there is a choice. Then all widths are scaled until it costs what the other costs. So a pair differs
in that principle, and in neither blocks nor multiply-adds.

A network of which one VioNet cannot be had so is left out of all families, as longer ones often
are: where early stages are deep or wide, little is left for the rest. And a line rises, and deeper
stages come later on it, so most networks of falling widths or depths follow none either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count, islice

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import COARSE_GRIDS, compatible, fit
from designspaces.designs.scaling import at_cost
from designspaces.spaces.draw import Draw
from designspaces.spaces.sampling import draw_in_order, draw_to_sum, weigh_by_log
from designspaces.spaces.spaces import SPACES

GROUP_WIDTHS = (4, 8)
DRAWN_FROM = SPACES["RegNetX"].with_(
    name="VioNet_kept", bottleneck_ratio=(1,), group_width=GROUP_WIDTHS
)
"""No bottlenecks and no narrow groups (Radosavovic et al. 2020, section 4, figures 11 and 14)."""

TOLERANCE = 0.1
"""By which part the multiply-adds of a pair may differ."""

OFF_LINE = 20.0
"""Percent by which widths miss every quantized line, at the least, where they follow none."""

STEP = 4
"""Of scaled widths, in channels; of 8 many a VioNet would miss the cost."""

TRIES = 20
"""Draws of what is drawn anew, before a network is left out."""

Lists = dict[str, tuple[int, ...]]


def _rises(values: Sequence[int]) -> bool:
    return list(values) == sorted(values) and values[0] < values[-1]


def _falls(values: Sequence[int]) -> bool:
    return _rises(values[::-1])


def _is_off(network: Architecture) -> bool:
    # most are near to a coarse line already, which spares the whole search
    return all(fit(network, **grids).percent >= OFF_LINE for grids in (COARSE_GRIDS, {}))


HOLDS: dict[str, Callable[[Architecture], bool]] = {
    "widths rise": lambda network: _rises(network.widths),
    "depths rise": lambda network: _rises(network.depths),
    "groups have more than one channel": lambda network: min(network.group_widths) > 1,
    "all stages share a group width": lambda network: len({*network.group_widths}) == 1,
    "no bottlenecks": lambda network: {*network.bottleneck_ratios} == {1},
    "all stages share a bottleneck ratio": lambda network: len({*network.bottleneck_ratios}) == 1,
}
"""The principles that `KEPT` keeps, but for the line."""


def _mixed(values: tuple[int, ...], stages: int, chance: np.random.Generator) -> tuple[int, ...]:
    """One of the values for each stage, not the same for all."""
    while True:
        drawn = tuple(values[int(u * len(values))] for u in chance.random(stages))
        if len(set(drawn)) > 1:
            return drawn


def _ordered_widths(order: str, stages: int, chance: np.random.Generator) -> tuple[int, ...]:
    """Widths in this order, as AnyNetX draws them."""
    values = weigh_by_log(DRAWN_FROM.regime.width)
    widths = draw_in_order(chance.random((1, stages)), *values, order)
    return tuple(int(width) for width in widths[0])


def _falling_depths(depths: tuple[int, ...], chance: np.random.Generator) -> tuple[int, ...]:
    """Depths that never rise, as many blocks in all, as AnyNetX draws them."""
    values = weigh_by_log(DRAWN_FROM.regime.depth)
    drawn = draw_to_sum(chance.random((1, len(depths))), *values, "nonincreasing", sum(depths))
    return tuple(int(depth) for depth in drawn[0])


@dataclass(frozen=True)
class Violation:
    """How a principle is broken.

    change: what is replaced of the lists of a network that keeps it. breaks: those of `HOLDS` that
    do not hold of what is built. spares: those that may hold or not; all others do. also: what
    else must hold.
    """

    change: Callable[[Lists, np.random.Generator], Lists]
    breaks: frozenset[str] = frozenset()
    spares: frozenset[str] = frozenset()
    also: Callable[[Architecture], bool] = lambda network: True

    def is_breach(self, network: Architecture) -> bool:
        broken = {name for name, holds in HOLDS.items() if not holds(network)}
        right = self.breaks <= broken <= self.breaks | self.spares
        return right and self.also(network)


SHRUNK = frozenset({"all stages share a group width"})
"""A group wider than its bottleneck shrinks to it, in RegNetX as well."""

VIOLATIONS = {
    "VioNet_falling_widths": Violation(
        lambda own, chance: {
            "widths": _ordered_widths("nonincreasing", len(own["depths"]), chance)
        },
        frozenset({"widths rise"}),
        also=lambda network: _falls(network.widths),
    ),
    "VioNet_falling_depths": Violation(
        lambda own, chance: {"depths": _falling_depths(own["depths"], chance)},
        frozenset({"depths rise"}),
        also=lambda network: _falls(network.depths),
    ),
    "VioNet_depthwise": Violation(
        lambda own, _: {"group_widths": (1,) * len(own["depths"])},
        frozenset({"groups have more than one channel"}),
    ),
    "VioNet_mixed_groups": Violation(
        lambda own, chance: {"group_widths": _mixed((2, 4, 8, 16), len(own["depths"]), chance)},
        frozenset({"all stages share a group width"}),
    ),
    "VioNet_bottlenecks": Violation(
        lambda own, _: {"bottleneck_ratios": (4,) * len(own["depths"])},
        frozenset({"no bottlenecks"}),
        SHRUNK,
    ),
    "VioNet_mixed_bottlenecks": Violation(
        lambda own, chance: {"bottleneck_ratios": _mixed((1, 2, 4), len(own["depths"]), chance)},
        frozenset({"no bottlenecks", "all stages share a bottleneck ratio"}),
        SHRUNK,
    ),
    "VioNet_no_line": Violation(
        lambda own, chance: {
            "widths": _ordered_widths("nondecreasing", len(own["depths"]), chance)
        },
        also=_is_off,
    ),
}
"""By the names of the families."""


@dataclass(frozen=True)
class VioNets:
    """One family, or with the name of `DRAWN_FROM` the networks that keep all principles."""

    name: str

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """The first n of a sample; the first k of them are those of draw(k)."""
        resolution = DRAWN_FROM.regime.resolution if resolution is None else resolution
        return [each[self.name] for each in _families(n, seed, resolution)]


KEPT = VioNets(DRAWN_FROM.name)
FALLING_WIDTHS, FALLING_DEPTHS, DEPTHWISE, MIXED_GROUPS, BOTTLENECKS, MIXED_BOTTLENECKS, NO_LINE = (
    VioNets(name) for name in VIOLATIONS
)


@cache
def _families(n: int, seed: int, resolution: int) -> tuple[dict[str, Draw], ...]:
    """The n-th networks of all families, for each n."""
    found = (
        each for draw in _candidates(seed, resolution) if (each := _break(draw, seed, resolution))
    )
    return tuple(
        {name: replace(draw, index=index) for name, draw in each.items()}
        for index, each in enumerate(islice(found, n))
    )


def _candidates(seed: int, resolution: int) -> Iterator[Draw]:
    """Networks that keep all principles, in draw order, without end."""
    done = 0
    for size in (100 * 2**doubling for doubling in count()):
        for draw in DRAWN_FROM.draw(size, seed, resolution=resolution)[done:]:
            if all(holds(draw.architecture) for holds in HOLDS.values()):
                yield draw
        done = size


def _break(draw: Draw, seed: int, resolution: int) -> dict[str, Draw] | None:
    """A network and its VioNets, or None where one of them is not to be had."""
    families = {DRAWN_FROM.name: draw}
    for name, violation in VIOLATIONS.items():
        # each family, seed and network has numbers of its own
        chance = np.random.Generator(np.random.PCG64([seed, draw.index, *name.encode()]))
        tried = (_build(draw, violation, chance, resolution) for _ in range(TRIES))
        families[name] = next((one for one in tried if one is not None), None)
        if families[name] is None:
            return None
    return families


def _build(draw: Draw, violation: Violation, chance, resolution: int) -> Draw | None:
    """The VioNet of a network, or None where it breaks nothing or costs something else."""
    own = draw.architecture
    names = ("depths", "widths", "group_widths", "bottleneck_ratios")
    lists = {name: getattr(own, name) for name in names}
    lists |= violation.change(lists, chance)
    widths, groups = compatible(*(lists[name] for name in names[1:]))
    rough = Architecture.from_lists(
        lists["depths"],
        widths,
        groups,
        lists["bottleneck_ratios"],
        own.strides,
        stem_width=own.stem_width,
        stem_stride=own.stem_stride,
    )
    goal = complexity(own, resolution).flops
    built = at_cost(rough, goal, resolution, group_widths=lists["group_widths"], step=STEP)
    near = abs(complexity(built, resolution).flops / goal - 1) <= TOLERANCE
    if not near or not violation.is_breach(built):
        return None
    return Draw(draw.index, {name: list(values) for name, values in lists.items()}, built)
