"""Networks drawn to be like given ones, so that pairs from two spaces differ in little else.

A partner has as many blocks as the network it belongs to, and about as many parameters, and is
otherwise an independent draw of its space: the first one with these properties in a stream of draws
of its own. So no partner is chosen among networks at hand, none is used twice, and what two spaces
differ in beside depth and parameters is what the pairs differ in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import checked_natural, checked_nonnegative
from designspaces.spaces.draw import DesignSpace, Draw, NotFound

TRIES = 20_000
"""Draws of as many blocks, whatever they cost, before the parameters are given up."""

TOLERANCE = 0.1
"""By which part a partner's parameters may differ."""

BLOCKS = ["blocks"]
BOTH = ["blocks", "params"]
"""What a partner was drawn by, as `Draw.drawn["like"]` says it."""


def draw_like(
    space: DesignSpace,
    network: Architecture,
    seed: int | np.random.Generator = 0,
    *,
    tolerance: float = TOLERANCE,
    tries: int = TRIES,
    resolution: int | None = None,
) -> Draw:
    """A network of `space` with as many blocks as `network` and about as many parameters.

    The first in the band of multiply-adds whose parameters are within `tolerance` of the network's,
    as a part of them; or, if none of `tries` draws of so many blocks is, the first in the band.
    `drawn["like"]` says which: `BOTH` or `BLOCKS`. Networks with one seed get partners from the
    same numbers: for independent ones give a Generator, or take a `PartnerSpace`.

    resolution: pixels along a side, for the multiply-adds; the regime's unless given.

    Raises ValueError for a number of blocks that the space does not have, and NotFound, a
    ValueError, where a million draws of so many blocks have none in the band.
    """
    alike, generator = space.with_(blocks=network.depth), space._generator(seed)
    tolerance = checked_nonnegative(tolerance, "tolerance")
    count = space._costs(network).params
    band = (max(0, count * (1 - tolerance)), count * (1 + tolerance))
    start = generator.bit_generator.state
    try:
        (draw,) = alike.draw(1, generator, tries=tries, params=band, resolution=resolution)
        return _say(draw, BOTH)
    except NotFound:
        generator.bit_generator.state = start  # the first of the same draws
    (draw,) = alike.draw(1, generator, resolution=resolution)
    return _say(draw, BLOCKS)


@dataclass(frozen=True)
class PartnerSpace:
    """For each network of the space `like` one of `space` that is like it: its partner.

    The n-th partner belongs to the n-th network of the sample with the same seed. To draw for each
    network what its partner may be, `space` must be the wider one: then it has such networks.
    """

    space: DesignSpace
    like: DesignSpace

    @property
    def name(self) -> str:
        """Both names, as in AnyNetX_D_like_AnyNetX_E."""
        return f"{self.space.name}_like_{self.like.name}"

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """The partners of the first `n` networks, so that the first k of them are `draw(k)`.

        Each has a generator of its own, told by the name, the seed and its number.
        Raises ValueError for what `draw_like` refuses.
        """
        seed = checked_natural(seed, "seed")
        given = self.like.draw(n, seed, resolution=resolution)
        return [self._draw_partner(draw, seed, resolution) for draw in given]

    def _draw_partner(self, draw: Draw, seed: int, resolution: int | None) -> Draw:
        # 256 and more, which no byte of a name is: a partner's numbers are nobody else's
        key = (*self.name.encode(), 256 + draw.index)
        sequence = np.random.SeedSequence(seed, spawn_key=key)
        generator = np.random.Generator(np.random.PCG64(sequence))
        partner = draw_like(self.space, draw.architecture, generator, resolution=resolution)
        return replace(partner, index=draw.index)


def _say(draw: Draw, by: list[str]) -> Draw:
    return replace(draw, drawn=draw.drawn | {"like": list(by)})
