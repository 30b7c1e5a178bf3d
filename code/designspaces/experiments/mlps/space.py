"""The spaces: which MLPs there are, at two sizes, and how one is drawn.

The book's own spaces draw the shapes: depths and widths of four stages, and one over the expansion
in the place of the bottleneck ratio, which all stages share. Their images, strides, stems and
groups play no part. A coin decides about shortcuts, for all blocks. Of all these only MLPs in the
size's band of multiply-adds are kept.

The first stage's width is also that of the layer on the pixels, as is usual; so an MLP that begins
wide pays for it twice. The large ones are drawn apart, from
ranges of widths three times as wide, in a band ten times as dear.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from designspaces.designs.checks import checked_natural, positive_integer
from designspaces.experiments.mlps.block import MLP
from designspaces.spaces.draw import DesignSpace, Draw, NotFound
from designspaces.spaces.regime import BOOK, Range
from designspaces.spaces.spaces import AnyNetSpace, RegNetSpace

STAGES = 4
DEPTHS = Range(1, 4)
EXPANSIONS = (0.5, 1, 2, 4)
TRIES = 400
"""Shapes, for each network asked for, before a search is given up; some twenty are needed."""


@dataclass(frozen=True)
class MLPSpace:
    """MLPs of the shapes that a space of the book draws, which also names them.

    flops: the band of multiply-adds, both ends included. either_way: whether a coin turns each
    shape round, so that its last stage comes first.
    """

    shapes: DesignSpace
    flops: tuple[int, int]
    either_way: bool = False

    @property
    def name(self) -> str:
        return self.shapes.name

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """The first n networks of a sample; the first k of them are those of draw(k).

        resolution: of the images that they read; 28 unless given. Raises ValueError for arguments
        out of range, and NotFound, a ValueError, where too few shapes lie in the band.
        """
        n, seed = checked_natural(n, "n"), checked_natural(seed, "seed")
        resolution = 28 if resolution is None else positive_integer(resolution, "resolution")
        most = TRIES * max(n, 10)
        tries = most // 16
        while True:
            low, high = self.flops
            found = [
                (drawn, network)
                for drawn, network in self._candidates(tries, seed, resolution)
                if low <= network.cost(resolution).flops <= high
            ]
            if len(found) >= n:
                return [Draw(index, *pair) for index, pair in enumerate(found[:n])]
            if tries == most:
                raise NotFound(
                    f"{self.name}: found {len(found)} of {n} networks in {tries:,} draws; expected "
                    f"a resolution at which more have {low:,} to {high:,} multiply-adds"
                )
            tries *= 2

    def read(self, settings: Mapping[str, Any]) -> MLP:
        """The network that has these settings."""
        return MLP.from_dict(settings)

    def _candidates(self, count: int, seed: int, resolution: int) -> Iterator[tuple[dict, MLP]]:
        # 256, which no byte of a name is: the coins have numbers of their own
        key = (*self.name.encode(), 256)
        generator = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key))
        coins = np.random.Generator(generator).random((count, 2)) < 0.5
        for draw, (residual, turned) in zip(
            self.shapes.draw(count, seed), coins.tolist(), strict=True
        ):
            step = -1 if self.either_way and turned else 1
            shape = draw.architecture
            (ratio,) = set(shape.bottleneck_ratios)
            network = MLP(
                shape.depths[::step], shape.widths[::step], 1 / ratio, residual, resolution
            )
            own = {"expansion": network.expansion, "residual": residual}
            own |= {"falls": step < 0} if self.either_way else {}
            yield {name: draw.drawn[name] for name in _SHAPE if name in draw.drawn} | own, network


_SHAPE = ("depths", "widths", "depth", "w_0", "w_a", "w_m")


def _spaces(size: str, times: int, flops: tuple[int, int]) -> Iterator[MLPSpace]:
    """A to line; times: by how much the ranges of widths are wider than the book's."""
    width = Range(8 * times, 256 * times, 8)
    regime = replace(
        BOOK,
        strides=(1,) * STAGES,
        depth=DEPTHS,
        width=width,
        bottleneck_ratio=tuple(1 / expansion for expansion in EXPANSIONS),
        group_width=(1,),
        w_0=width,
        w_a=Range(0.1, 256 * times, 0.1),
        flops=(0, inf),
    )
    free = AnyNetSpace(f"MLP_A_{size}", regime, bottleneck_ratios="equal")
    yield MLPSpace(free, flops)
    orders = {"rising": "nondecreasing", "falling": "nonincreasing", "equal": "equal"}
    for rule, order in orders.items():
        yield MLPSpace(replace(free, name=f"MLP_{rule}_{size}", widths=order), flops)
    yield MLPSpace(RegNetSpace(f"MLP_line_{size}", regime), flops, either_way=True)


MLP_A_SMALL, MLP_RISING_SMALL, MLP_FALLING_SMALL, MLP_EQUAL_SMALL, MLP_LINE_SMALL = _spaces(
    "small", 1, (100_000, 120_000)
)
MLP_A_LARGE, MLP_RISING_LARGE, MLP_FALLING_LARGE, MLP_EQUAL_LARGE, MLP_LINE_LARGE = _spaces(
    "large", 3, (1_000_000, 1_200_000)
)
"""A is free; rising, falling and equal rule the widths of the stages; the line rules the blocks'.

RegNet's line rises, in networks whose maps shrink. Here nothing shrinks, so what carries over is
that widths are a straight line, quantized; a coin says which end comes first. A falling line is a
rising one read backwards: so both have the same shapes, and neither is quantized more coarsely. How
far an MLP lies from a line is likewise the distance to the nearer of both (`line_may_fall`).
"""

SMALL = (MLP_A_SMALL, MLP_RISING_SMALL, MLP_FALLING_SMALL, MLP_EQUAL_SMALL, MLP_LINE_SMALL)
LARGE = (MLP_A_LARGE, MLP_RISING_LARGE, MLP_FALLING_LARGE, MLP_EQUAL_LARGE, MLP_LINE_LARGE)
