"""A draw of networks from a design space, of whichever kind.

A kind of space says what uniform numbers become; here many are drawn at once, and networks outside
the bands are thrown away. A `Draw` keeps what was drawn beside what is built of it.

Same seed, same samples, on every machine: every network takes the same count of uniform numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import at_most, checked_band, checked_natural, positive_integer
from designspaces.designs.complexity import Complexity, complexity
from designspaces.designs.many import Architectures
from designspaces.designs.regnet import compatible
from designspaces.spaces.regime import Regime

BATCH = 5000
FIRST_BATCH = 1000
"""Networks drawn at once, in the end and at first, when a single one may be looked for. They decide
the speed alone: the samples do not depend on them."""

MOST_NETWORKS = 1_000_000
"""Networks of a sample."""

MOST_DRAWS = 1_000_000
MOST_DRAWS_EACH = 20_000
"""Draws before a search is given up: in all, or for each network asked for if that is more."""


class NotFound(ValueError):
    """A search for networks within bands that was given up."""


@dataclass(frozen=True)
class Draw:
    """One network of a sample: its number from 0, the values drawn and what is built of them.

    `drawn` is ready for JSON. AnyNetX has a list of each of "depths", "widths",
    "bottleneck_ratios" and "group_widths"; RegNetX the numbers "depth", "w_0", "w_a", "w_m",
    "bottleneck_ratio" and "group_width", which `regnet.generate` takes.
    """

    index: int
    drawn: dict[str, Any]
    architecture: Architecture


@dataclass(frozen=True)
class Within:
    """Where the costs of sampled networks are to lie: bands (low, high), both ends included.

    flops: of multiply-adds; the regime's unless given, (0, math.inf) for none.
    params, activations: further bands; none unless given.
    resolution: pixels along a side of the image for which costs count; the regime's unless given.

    Raises ValueError for what is no band.
    """

    flops: tuple[float, float] | None = None
    params: tuple[float, float] | None = None
    activations: tuple[float, float] | None = None
    resolution: int | None = None

    def __post_init__(self):
        vars(self).update({name: checked_band(b, name) for name, b in self.bands().items()})

    def bands(self) -> dict[str, tuple[float, float]]:
        """The bands that are given, by the names of the costs."""
        named = {name: getattr(self, name) for name in ("flops", "params", "activations")}
        return {name: band for name, band in named.items() if band is not None}


@dataclass(frozen=True)
class DesignSpace(ABC):
    """A set of networks with a distribution over it: an `AnyNetSpace` or a `RegNetSpace`.

    blocks, the last field of both: blocks of every network, as if those with another number were
    drawn again; any number unless given.

    Raises ValueError for a number of blocks that the space does not have.
    """

    name: str
    regime: Regime

    def __post_init__(self):
        if self.blocks is not None:
            vars(self)["blocks"] = positive_integer(self.blocks, "blocks")
            self._check_blocks()

    @abstractmethod
    def size(self) -> int:
        """How many different settings can be drawn, whatever the band; exact, ties included."""

    def with_(self, **changes: Any) -> DesignSpace:
        """A copy with other values in fields of the space or of its regime.

        As in `space.with_(width=(8, 64, 8), strides=(2, 2), in_channels=3)`. Raises ValueError for
        a field that neither has, besides all the usual checks.
        """
        own, shared = ([field.name for field in fields(kind)] for kind in (self, Regime))
        for name in changes:
            if name not in own + shared:
                raise ValueError(f"with_ got {name!r}; expected one of {', '.join(own + shared)}")
        mine = {name: changes.pop(name) for name in own if name in changes}
        regime = replace(mine.pop("regime", self.regime), **changes)
        return replace(self, regime=regime, **mine)

    def sample(
        self, n: int, seed: int | np.random.Generator = 0, **within: Any
    ) -> list[Architecture]:
        """The architectures that `draw` draws with the same arguments."""
        return [draw.architecture for draw in self.draw(n, seed, **within)]

    def draw(
        self,
        n: int,
        seed: int | np.random.Generator = 0,
        *,
        tries: int | None = None,
        **within: Any,
    ) -> list[Draw]:
        """`n` independent networks in draw order, so that the first k of them are `draw(k)`.

        seed: an integer, from which spaces of different names draw independently; or a Generator,
            which is used as it is and left somewhere behind the last draw.
        tries: draws in all before the search is given up; `MOST_DRAWS`, a million or 20,000 for
            each network, unless given.
        within: fields of `Within`, as in `space.draw(10, flops=(1e6, 2e6), resolution=56)`.

        Raises ValueError for arguments out of range and for images that cannot be halved so often,
        and NotFound, a ValueError, where the tries find fewer than n in the bands: the message says
        how many draws fell below and above each.
        """
        n = at_most(checked_natural(n, "n"), "n", MOST_NETWORKS, "networks")
        within = Within(**within)
        resolution = self.regime.resolution if within.resolution is None else within.resolution
        space = self.with_(resolution=resolution)
        bands = {"flops": self.regime.flops} | within.bands()
        most = max(MOST_DRAWS, MOST_DRAWS_EACH * n)
        most = most if tries is None else positive_integer(tries, "tries")
        generator = self._generator(seed)
        found, outcomes = [], Counter()
        while len(found) < n:
            rows = min(max(FIRST_BATCH, outcomes["drawn"]), BATCH, most - outcomes["drawn"])
            if not rows:
                raise NotFound(self._failure(len(found), n, bands, outcomes))
            # A row a network: thus the numbers that make it do not depend on the batch.
            many, networks = space._candidates(generator.random((rows, space._columns())))
            outcomes.update(drawn=rows, formed=len(networks))
            inside = space._inside(networks, bands, outcomes)
            for row in np.flatnonzero(inside)[: n - len(found)]:
                drawn = {name: values[row].tolist() for name, values in many.items()}
                found.append(Draw(len(found), drawn, networks[row]))
        return found

    @abstractmethod
    def _check_blocks(self) -> None:
        """Raise ValueError unless there are networks of so many blocks."""

    @abstractmethod
    def _columns(self) -> int:
        """How many uniform numbers a network takes."""

    @abstractmethod
    def _candidates(self, uniform: np.ndarray) -> tuple[dict[str, np.ndarray], Architectures]:
        """What the rows of uniform numbers become, without those that become no network.

        An array for each property drawn, and what is built of them.
        """

    def _generator(self, seed) -> np.random.Generator:
        if isinstance(seed, np.random.Generator):
            return seed
        seed = checked_natural(seed, "seed", "an integer of at least 0 or a numpy Generator")
        sequence = np.random.SeedSequence(seed, spawn_key=tuple(self.name.encode()))
        # Named, since what default_rng() stands for may change with numpy.
        return np.random.Generator(np.random.PCG64(sequence))

    def _built(self, depths, widths, group_widths, bottleneck_ratios) -> Architectures:
        """The nearest networks that can be built, with the regime's strides and stem."""
        widths, group_widths = compatible(widths, group_widths, bottleneck_ratios)
        return Architectures(
            depths,
            widths,
            group_widths,
            bottleneck_ratios,
            self.regime.strides,
            stem_width=self.regime.stem_width,
            stem_stride=self.regime.stem_stride,
            se_ratio=self.regime.se_ratio,
        )

    def _costs(self, networks: Architecture | Architectures) -> Complexity:
        """Of a network, or of each of many, for the regime's images."""
        regime = self.regime
        return complexity(networks, regime.resolution, regime.in_channels, regime.num_classes)

    def _inside(self, networks: Architectures, bands, outcomes: Counter) -> np.ndarray:
        """Which networks lie within all bands; how many lie outside is added to the outcomes."""
        costs = self._costs(networks)
        inside = np.ones(len(networks), bool)
        for name, (low, high) in bands.items():
            cost = getattr(costs, name)
            below, above = cost < low, cost > high
            outcomes.update({(name, "below"): below.sum(), (name, "above"): above.sum()})
            inside &= ~(below | above)
        return inside

    def _failure(self, found: int, n: int, bands, outcomes: Counter) -> str:
        of = f" of {self.blocks} blocks" if self.blocks else ""
        parts = [f"{self.name}: found {found} of {n} networks{of} in {outcomes['drawn']:,} draws"]
        if unformed := outcomes["drawn"] - outcomes["formed"]:
            parts.append(f"{unformed:,} made no network of {self.regime.stages} stages in range")
        for name, (low, high) in bands.items():
            below, above = outcomes[name, "below"], outcomes[name, "above"]
            parts.append(f"{name} from {low:,} to {high:,}: {below:,} below, {above:,} above")
        return "; ".join(parts) + "; expected bands in which more of the space lies"
