"""Design spaces as data: which networks there are, under which rules, and how one is drawn.

A space adds its rules to a `Regime`: AnyNetX_A to AnyNetX_E order and share what the stages hold,
RegNetX lets six numbers decide all of it. Rules hold for the values drawn, whose distributions
`sampling` describes; `compatible` then makes them buildable, and a `Draw` keeps both. Networks
outside the bands are thrown away.

Same seed, same samples, on every machine: every network takes the same count of uniform numbers,
and no logarithm's last bit decides a width.

Source: Radosavovic et al. 2020, section 3, for the spaces, ranges and bands.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any, NamedTuple

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import (
    at_most,
    checked_band,
    checked_choice,
    checked_natural,
    positive_integer,
)
from designspaces.designs.complexity import Complexity, complexity
from designspaces.designs.many import Architectures
from designspaces.designs.regnet import compatible, quantized_line
from designspaces.spaces.regime import BOOK, Regime
from designspaces.spaces.sampling import (
    ORDERS,
    arrange_to_sum,
    count_arrangements,
    draw_in_order,
    draw_to_sum,
    weigh_by_log,
    weigh_equally,
)

BATCH = 5000
FIRST_BATCH = 1000
"""Networks drawn at once, in the end and at first, when a single one may be looked for. They decide
the speed alone: the samples do not depend on them."""

MOST_NETWORKS = 1_000_000
"""Networks of a sample."""

MOST_DRAWS = 1_000_000
MOST_DRAWS_EACH = 20_000
"""Draws before a search is given up: in all, or for each network asked for if that is more."""

MARGIN = 1e-9
"""A RegNetX whose widths change with w_m by this part hangs on a tie, and is drawn again."""


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


class _Candidates(NamedTuple):
    """Many networks: what was drawn, an array for each property, and what is built of it."""

    drawn: dict[str, np.ndarray]
    networks: Architectures


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
            candidates = space._candidates(generator.random((rows, space._columns())))
            outcomes.update(drawn=rows, formed=len(candidates.networks))
            inside = space._inside(candidates.networks, bands, outcomes)
            for row in np.flatnonzero(inside)[: n - len(found)]:
                drawn = {name: values[row].tolist() for name, values in candidates.drawn.items()}
                found.append(Draw(len(found), drawn, candidates.networks[row]))
        return found

    @abstractmethod
    def _check_blocks(self) -> None:
        """Raise ValueError unless there are networks of so many blocks."""

    @abstractmethod
    def _columns(self) -> int:
        """How many uniform numbers a network takes."""

    @abstractmethod
    def _candidates(self, uniform: np.ndarray) -> _Candidates:
        """What the rows of uniform numbers become, without those that become no network."""

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

    def _costs(self, networks: Architectures) -> Complexity:
        """Of each network, for the regime's images."""
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


@dataclass(frozen=True)
class AnyNetSpace(DesignSpace):
    """Networks whose stages are drawn, each of their properties under one of the `ORDERS`.

    `depths="nondecreasing"` lets no stage be shallower than the one before; `group_widths="equal"`
    shares one group width among all stages.

    Raises ValueError for any other order.
    Source: Radosavovic et al. 2020, section 3.2.
    """

    depths: str = "none"
    widths: str = "none"
    bottleneck_ratios: str = "none"
    group_widths: str = "none"
    blocks: int | None = None

    def __post_init__(self):
        for name, (_, _, order) in self._properties().items():
            checked_choice(order, name, ORDERS)
        super().__post_init__()

    def size(self) -> int:
        """How many different settings can be drawn, whatever the band; exact, ties included."""
        stages = self.regime.stages
        counts = {
            name: count_arrangements(len(values), stages, order)
            for name, (values, _, order) in self._properties().items()
        }
        return prod((counts | self._given()).values())

    def _given(self) -> dict[str, int]:
        """How many arrangements of depths there are, where the number of blocks is given."""
        if self.blocks is None:
            return {}
        values, weights, order = self._properties()["depths"]
        stages = self.regime.stages
        return {"depths": len(arrange_to_sum(values, weights, stages, order, self.blocks)[0])}

    def _check_blocks(self) -> None:
        if not self._given()["depths"]:
            depth = self.regime.depth
            raise ValueError(
                f"blocks is {self.blocks}; expected a sum that {self.regime.stages} stages of "
                f"{depth.low} to {depth.high} blocks have in {self.name}"
            )

    def _properties(self) -> dict[str, tuple]:
        """Values, weights and order of each property, as they are drawn one after the other."""
        regime = self.regime
        return {
            "depths": (*weigh_by_log(regime.depth), self.depths),
            "widths": (*weigh_by_log(regime.width), self.widths),
            "bottleneck_ratios": (*weigh_equally(regime.bottleneck_ratio), self.bottleneck_ratios),
            "group_widths": (*weigh_equally(regime.group_width), self.group_widths),
        }

    def _columns(self) -> int:
        return len(self._properties()) * self.regime.stages

    def _candidates(self, uniform: np.ndarray) -> _Candidates:
        properties = self._properties()
        columns = np.split(uniform, len(properties), axis=1)
        drawn = {
            name: draw_in_order(numbers, *properties[name])
            for name, numbers in zip(properties, columns, strict=True)
        }
        if self.blocks is not None:
            drawn["depths"] = draw_to_sum(columns[0], *properties["depths"], self.blocks)
        depths, widths, ratios, group_widths = drawn.values()
        return _Candidates(drawn, self._built(depths, widths, group_widths, ratios))


@dataclass(frozen=True)
class RegNetSpace(DesignSpace):
    """Networks that six numbers decide, as `regnet.generate` does. The six are drawn:

    - the depth, uniformly from 1 to the number of stages times the regime's largest depth; as in
      the paper that bounds the sum alone, so that one stage may be deeper than AnyNetX allows;
    - w_0, w_a and w_m, log-uniformly in the regime's ranges, in steps of 8, 0.1 and 0.001;
    - one bottleneck ratio and one group width, uniformly among the regime's.

    All six are drawn again unless the line makes exactly the regime's number of stages, leaves
    out no power of w_m and keeps to the regime's range of widths, which is AnyNetX's too; and
    where a tie is to be rounded, for there the last bit of a logarithm, which differs among
    machines, would decide the network: its widths must stay as they are if w_m changes by `MARGIN`.

    Source: Radosavovic et al. 2020, section 3.3; distributions and steps as in pycls
    (sweep/samplers.py, regnet_sampler), which also keeps to four stages without a gap.
    """

    blocks: int | None = None

    def size(self) -> int:
        """How many settings of the six numbers can be drawn, also those that are drawn again."""
        return prod(len(values) for values, _ in self._parameters().values())

    def _parameters(self) -> dict[str, tuple]:
        """Values and weights of each parameter, as they are drawn one after the other."""
        regime = self.regime
        depths = range(1, self._deepest() + 1) if self.blocks is None else [self.blocks]
        return {
            "depth": weigh_equally(tuple(depths)),
            "w_0": weigh_by_log(regime.w_0),
            "w_a": weigh_by_log(regime.w_a),
            "w_m": weigh_by_log(regime.w_m),
            "bottleneck_ratio": weigh_equally(regime.bottleneck_ratio),
            "group_width": weigh_equally(regime.group_width),
        }

    def _deepest(self) -> int:
        return self.regime.stages * self.regime.depth.high

    def _check_blocks(self) -> None:
        if not self.regime.stages <= self.blocks <= self._deepest():
            raise ValueError(
                f"blocks is {self.blocks}; expected {self.regime.stages} to {self._deepest()} in "
                f"{self.name}"
            )

    def _columns(self) -> int:
        return len(self._parameters())

    def _candidates(self, uniform: np.ndarray) -> _Candidates:
        parameters = self._parameters()
        drawn = {
            name: draw_in_order(numbers[:, None], *parameters[name], "equal")[:, 0]
            for name, numbers in zip(parameters, uniform.T, strict=True)
        }
        drawn = _rows(drawn, self._reaches_last_stage(drawn))
        drawn = _rows(drawn, self._makes_all_stages(self._block_widths(drawn)))
        block_widths = self._block_widths(drawn)
        nearby = [self._block_widths(drawn, 1 + change) for change in (-MARGIN, MARGIN)]
        safe = np.all([widths == block_widths for widths in nearby], axis=(0, 2))
        drawn, block_widths = _rows(drawn, safe), block_widths[safe]

        firsts = np.nonzero(_begins(block_widths))[1].reshape(-1, self.regime.stages)
        depths = np.diff(firsts, axis=1, append=drawn["depth"][:, None])
        widths = np.take_along_axis(block_widths, firsts, axis=1)
        ratios = np.broadcast_to(drawn["bottleneck_ratio"][:, None], depths.shape)
        networks = self._built(depths, widths, drawn["group_width"][:, None], ratios)
        return _Candidates(drawn, networks)

    def _reaches_last_stage(self, drawn: Mapping[str, np.ndarray]) -> np.ndarray:
        """Whether the last block has the right power of w_m: a cheap look that spares the rest."""
        rise = 1 + drawn["w_a"] * (drawn["depth"] - 1) / drawn["w_0"]
        power = np.log(rise) / np.log(drawn["w_m"])
        return np.abs(power - (self.regime.stages - 1)) < 0.5 - MARGIN

    def _block_widths(self, drawn: Mapping[str, np.ndarray], factor: float = 1) -> np.ndarray:
        """The widths on lines with `factor` times w_m, the last repeated behind the last block."""
        depth, w_0, w_a, w_m = (drawn[name][:, None] for name in ("depth", "w_0", "w_a", "w_m"))
        j = np.minimum(np.arange(self._deepest()), depth - 1)
        return quantized_line(j, w_0, w_a, w_m * factor)

    def _makes_all_stages(self, block_widths: np.ndarray) -> np.ndarray:
        """Which rows have the regime's number of widths, all of them within its range."""
        width = self.regime.width
        low, high = block_widths[:, 0] >= width.low, block_widths[:, -1] <= width.high
        return low & high & (_begins(block_widths).sum(axis=1) == self.regime.stages)


def _rows(drawn: Mapping[str, np.ndarray], kept: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[kept] for name, values in drawn.items()}


def _begins(block_widths: np.ndarray) -> np.ndarray:
    """Where a stage begins: at each block that is wider than the one before."""
    return np.diff(block_widths, axis=1, prepend=0) > 0


def spaces_in(regime: Regime) -> dict[str, DesignSpace]:
    """The paper's six spaces and the four controls of its figure 7 in one regime, by name.

    Each space adds a rule to the one before. The controls turn round or sharpen the rule of D
    (starting from C) or of E (starting from D); "decreasing" allows ties, as its counterpart does.
    """
    a = AnyNetSpace("AnyNetX_A", regime)
    b = replace(a, name="AnyNetX_B", bottleneck_ratios="equal")
    c = replace(b, name="AnyNetX_C", group_widths="equal")
    d = replace(c, name="AnyNetX_D", widths="nondecreasing")
    e = replace(d, name="AnyNetX_E", depths="nondecreasing")
    all_spaces = (
        a,
        b,
        c,
        d,
        e,
        RegNetSpace("RegNetX", regime),
        replace(c, name="AnyNetX_C_equal_widths", widths="equal"),
        replace(c, name="AnyNetX_C_decreasing_widths", widths="nonincreasing"),
        replace(d, name="AnyNetX_D_equal_depths", depths="equal"),
        replace(d, name="AnyNetX_D_decreasing_depths", depths="nonincreasing"),
    )
    return {space.name: space for space in all_spaces}


SPACES = spaces_in(BOOK)
"""The spaces and controls of the book, by name."""
