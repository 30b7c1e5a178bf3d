"""Design spaces as data: which networks there are, under which rules, and how one is drawn.

A `Regime` holds what all spaces of one comparison share: images, stem, strides, ranges, band. A
space adds its rules: AnyNetX_A to AnyNetX_E order and share what the stages hold, RegNetX lets six
numbers decide all of it. Rules hold for the values drawn; `compatible` then makes them buildable,
and a `Draw` keeps both.

How the values are distributed:

- In a `Range` log-uniformly, as in pycls (sweep/random.py, log_uniform): a number drawn
  log-uniformly is rounded up to a multiple of the step, so that k steps have a probability
  proportional to log(k / (k - 1)), and one step the same as two.
- In a list of choices uniformly. For powers of 2 that is log-uniform too.
- Under a rule over the stages as if each stage were drawn independently and networks that break
  the rule were thrown away; "equal" is one value drawn for all stages. Bands throw away likewise.

Same seed, same samples, on every machine: the tables of probabilities come from integers, every
network takes the same count of uniform numbers, and no logarithm's last bit decides a width.

Source: Radosavovic et al. 2020, section 3, for the spaces, ranges and bands.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cache
from itertools import accumulate
from math import comb, isclose, isfinite, isnan, prod
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import checked_se_ratio, checked_stride, positive_integer
from designspaces.designs.complexity import complexity_of_arrays
from designspaces.designs.regnet import WIDTH_STEP, compatible, quantized_line

ORDERS = ("none", "nondecreasing", "nonincreasing", "equal")
"""Rules for a property of the stages, from the first stage to the last."""

BATCH = 5000
"""Networks drawn at once. It decides the speed alone: the samples do not depend on it."""

MOST_DRAWS = 1_000_000
MOST_DRAWS_EACH = 20_000
"""Draws before a search is given up: in all, or for each network asked for if that is more."""

MARGIN = 1e-9
"""A RegNetX whose widths change with w_m by this part hangs on a tie, and is drawn again."""


@dataclass(frozen=True)
class Range:
    """The multiples of `step` from `low` to `high`, both included; all are above 0.

    Decimal fractions count as they are written: Range(0.1, 256, 0.1) has 2560 values.
    Raises ValueError unless both ends are such multiples, in this order.
    """

    low: int | float
    high: int | float
    step: int | float = 1

    def __post_init__(self):
        for name, value in vars(self).items():
            if not _is_number(value) or not isfinite(value) or value <= 0:
                raise ValueError(f"{name} is {value!r}; expected a positive number")
        for name in ("low", "high"):
            value = getattr(self, name)
            if _exact(value) % _exact(self.step):
                raise ValueError(f"{name} is {value}; expected a multiple of the step {self.step}")
        if self.low > self.high:
            raise ValueError(f"low is {self.low}; expected at most the high of {self.high}")

    @property
    def steps(self) -> range:
        """The values, counted in steps."""
        low, high = (int(_exact(end) / _exact(self.step)) for end in (self.low, self.high))
        return range(low, high + 1)

    @property
    def values(self) -> tuple[int | float, ...]:
        """The values themselves, from the smallest to the largest."""
        step = _exact(self.step)
        return tuple((int if step.denominator == 1 else float)(k * step) for k in self.steps)


@dataclass(frozen=True)
class Regime:
    """What the spaces of one comparison have in common.

    `resolution` (pixels along a side), `in_channels` and `num_classes` describe the task;
    `strides` has a stride for each stage; `depth`, `width`, `bottleneck_ratio` and `group_width`
    hold what a single stage may have; `w_0`, `w_a` and `w_m` are RegNetX's own ranges. `flops` is
    the band of multiply-adds, both ends included, in which networks are sampled unless another
    is given. Where a Range is expected, a tuple (low, high, step) does.

    Raises ValueError naming the value that is out of range and what was expected.
    """

    resolution: int
    in_channels: int
    num_classes: int
    stem_width: int
    stem_stride: int
    strides: tuple[int, ...]
    depth: Range
    width: Range
    bottleneck_ratio: tuple[int | float, ...]
    group_width: tuple[int, ...]
    w_0: Range
    w_a: Range
    w_m: Range
    flops: tuple[float, float]
    se_ratio: float = 0.0

    def __post_init__(self):
        for name in ("resolution", "in_channels", "num_classes", "stem_width"):
            vars(self)[name] = positive_integer(getattr(self, name), name)
        vars(self).update(
            stem_stride=checked_stride(self.stem_stride, "stem_stride"),
            strides=_checked_each(self.strides, "strides", checked_stride),
            depth=_checked_range(self.depth, "depth", whole=1),
            width=_checked_range(self.width, "width", whole=1),
            bottleneck_ratio=_checked_choices(
                self.bottleneck_ratio, "bottleneck_ratio", _checked_ratio
            ),
            group_width=_checked_choices(self.group_width, "group_width", positive_integer),
            w_0=_checked_range(self.w_0, "w_0", whole=WIDTH_STEP),
            w_a=_checked_range(self.w_a, "w_a"),
            w_m=_checked_range(self.w_m, "w_m"),
            flops=_checked_band(self.flops, "flops"),
            se_ratio=checked_se_ratio(self.se_ratio),
        )
        if self.w_m.low <= 1:
            raise ValueError(f"w_m: low is {self.w_m.low}; expected a number above 1")

    @property
    def stages(self) -> int:
        """Stages of every network."""
        return len(self.strides)


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


class _Candidates(NamedTuple):
    """Many networks: what was drawn, and what is built as arrays of shape (networks, stages)."""

    drawn: dict[str, np.ndarray]
    depths: np.ndarray
    widths: np.ndarray
    group_widths: np.ndarray
    bottleneck_ratios: np.ndarray


@dataclass(frozen=True)
class DesignSpace(ABC):
    """A set of networks with a distribution over it: an `AnyNetSpace` or a `RegNetSpace`."""

    name: str
    regime: Regime

    @abstractmethod
    def size(self) -> int:
        """How many different settings can be drawn, whatever the band; exact, ties included."""

    def with_(self, **changes: Any) -> DesignSpace:
        """A copy with other values in fields of the space or of its regime.

        As in `space.with_(width=(8, 64, 8), strides=(2, 2), in_channels=3)`. Raises ValueError for
        a field that neither has, besides all the usual checks.
        """
        own, shared = ([one.name for one in fields(kind)] for kind in (self, Regime))
        for name in changes:
            if name not in own + shared:
                raise ValueError(f"with_ got {name!r}; expected one of {', '.join(own + shared)}")
        mine = {name: changes.pop(name) for name in own if name in changes}
        regime = replace(mine.pop("regime", self.regime), **changes)
        return replace(self, regime=regime, **mine)

    def sample(
        self,
        n: int,
        seed: int | np.random.Generator = 0,
        flops: tuple[float, float] | None = None,
        resolution: int | None = None,
        *,
        params: tuple[float, float] | None = None,
        activations: tuple[float, float] | None = None,
    ) -> list[Architecture]:
        """The architectures that `draw` draws with the same arguments."""
        draws = self.draw(n, seed, flops, resolution, params=params, activations=activations)
        return [draw.architecture for draw in draws]

    def draw(
        self,
        n: int,
        seed: int | np.random.Generator = 0,
        flops: tuple[float, float] | None = None,
        resolution: int | None = None,
        *,
        params: tuple[float, float] | None = None,
        activations: tuple[float, float] | None = None,
    ) -> list[Draw]:
        """`n` independent networks in draw order, so that the first k of them are `draw(k)`.

        seed: an integer, from which spaces of different names draw independently; or a Generator,
            which is used as it is and left somewhere behind the last draw.
        flops: a band (low, high) of multiply-adds, both ends included; the regime's unless given,
            (0, math.inf) for none.
        resolution: pixels along a side of the image for which costs count; the regime's unless
            given.
        params, activations: further bands; none unless given.

        Raises ValueError for arguments out of range, for images that cannot be halved so often,
        and where `MOST_DRAWS`, a million or 20,000 for each network, find fewer than n in the
        bands: the message says how many draws fell below and above each.
        """
        n = _checked_natural(n, "n", "an integer of at least 0")
        space = self if resolution is None else self.with_(resolution=resolution)
        flops = self.regime.flops if flops is None else flops
        bands = {"flops": flops, "params": params, "activations": activations}
        bands = {name: _checked_band(b, name) for name, b in bands.items() if b is not None}
        generator = self._generator(seed)
        found, outcomes = [], Counter()
        while len(found) < n:
            if outcomes["drawn"] >= max(MOST_DRAWS, MOST_DRAWS_EACH * n):
                raise ValueError(self._failure(len(found), n, bands, outcomes))
            # A row a network: thus the numbers that make it do not depend on the batch.
            candidates = space._candidates(generator.random((BATCH, space._columns())))
            outcomes.update(drawn=BATCH, formed=len(candidates.depths))
            inside = space._inside(candidates, bands, outcomes)
            for row in np.flatnonzero(inside)[: n - len(found)]:
                found.append(space._draw(len(found), candidates, row))
        return found

    @abstractmethod
    def _columns(self) -> int:
        """How many uniform numbers a network takes."""

    @abstractmethod
    def _candidates(self, uniform: np.ndarray) -> _Candidates:
        """What the rows of uniform numbers become, without those that become no network."""

    def _generator(self, seed) -> np.random.Generator:
        if isinstance(seed, np.random.Generator):
            return seed
        seed = _checked_natural(seed, "seed", "an integer of at least 0 or a numpy Generator")
        sequence = np.random.SeedSequence(seed, spawn_key=tuple(self.name.encode()))
        # Named, since what default_rng() stands for may change with numpy.
        return np.random.Generator(np.random.PCG64(sequence))

    def _inside(self, candidates: _Candidates, bands, outcomes: Counter) -> np.ndarray:
        """Which networks lie within all bands; how many lie outside is added to the outcomes."""
        regime = self.regime
        costs = complexity_of_arrays(
            *candidates[1:],
            resolution=regime.resolution,
            strides=regime.strides,
            stem_width=regime.stem_width,
            stem_stride=regime.stem_stride,
            se_ratio=regime.se_ratio,
            in_channels=regime.in_channels,
            num_classes=regime.num_classes,
        )
        inside = np.ones(len(candidates.depths), bool)
        for name, (low, high) in bands.items():
            cost = getattr(costs, name)
            below, above = cost < low, cost > high
            outcomes.update({(name, "below"): below.sum(), (name, "above"): above.sum()})
            inside &= ~(below | above)
        return inside

    def _draw(self, index: int, candidates: _Candidates, row: int) -> Draw:
        regime = self.regime
        architecture = Architecture.from_lists(
            *(values[row].tolist() for values in candidates[1:]),
            regime.strides,
            stem_width=regime.stem_width,
            stem_stride=regime.stem_stride,
            se_ratio=regime.se_ratio,
        )
        drawn = {name: values[row].tolist() for name, values in candidates.drawn.items()}
        return Draw(index, drawn, architecture)

    def _failure(self, found: int, n: int, bands, outcomes: Counter) -> str:
        parts = [f"{self.name}: found {found} of {n} networks in {outcomes['drawn']:,} draws"]
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

    def __post_init__(self):
        for name, (_, _, order) in self._properties().items():
            if order not in ORDERS:
                raise ValueError(f"{name} is {order!r}; expected one of {', '.join(ORDERS)}")

    def size(self) -> int:
        """How many different settings can be drawn, whatever the band; exact, ties included."""
        stages = self.regime.stages
        return prod(
            _arrangements(len(values), stages, order)
            for values, _, order in self._properties().values()
        )

    def _properties(self) -> dict[str, tuple]:
        """Values, weights and order of each property, as they are drawn one after the other."""
        one = self.regime
        return {
            "depths": (*_log_uniform(one.depth), self.depths),
            "widths": (*_log_uniform(one.width), self.widths),
            "bottleneck_ratios": (*_uniform(one.bottleneck_ratio), self.bottleneck_ratios),
            "group_widths": (*_uniform(one.group_width), self.group_widths),
        }

    def _columns(self) -> int:
        return len(self._properties()) * self.regime.stages

    def _candidates(self, uniform: np.ndarray) -> _Candidates:
        properties = self._properties()
        columns = np.split(uniform, len(properties), axis=1)
        drawn = {
            name: _ordered(numbers, *properties[name])
            for name, numbers in zip(properties, columns, strict=True)
        }
        depths, widths, ratios, group_widths = drawn.values()
        widths, group_widths = compatible(widths, group_widths, ratios)
        return _Candidates(drawn, depths, widths, group_widths, ratios)


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

    def size(self) -> int:
        """How many settings of the six numbers can be drawn, also those that are drawn again."""
        return prod(len(values) for values, _ in self._parameters().values())

    def _parameters(self) -> dict[str, tuple]:
        """Values and weights of each parameter, as they are drawn one after the other."""
        one = self.regime
        return {
            "depth": _uniform(tuple(range(1, self._deepest() + 1))),
            "w_0": _log_uniform(one.w_0),
            "w_a": _log_uniform(one.w_a),
            "w_m": _log_uniform(one.w_m),
            "bottleneck_ratio": _uniform(one.bottleneck_ratio),
            "group_width": _uniform(one.group_width),
        }

    def _deepest(self) -> int:
        return self.regime.stages * self.regime.depth.high

    def _columns(self) -> int:
        return len(self._parameters())

    def _candidates(self, uniform: np.ndarray) -> _Candidates:
        parameters = self._parameters()
        drawn = {
            name: _ordered(numbers[:, None], *parameters[name], "equal")[:, 0]
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
        widths, group_widths = compatible(widths, drawn["group_width"][:, None], ratios)
        return _Candidates(drawn, depths, widths, group_widths, ratios)

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


@cache
def _log_uniform(values: Range) -> tuple[tuple, tuple[int, ...]]:
    """The values of a range and their weights, as whole numbers."""
    return values.values, tuple(_log_ratio(max(2, steps)) for steps in values.steps)


def _uniform(values: tuple) -> tuple[tuple, tuple[int, ...]]:
    return values, (1,) * len(values)


def _log_ratio(k: int) -> int:
    """log(k / (k - 1)) in units of 2**-64, by a series over integers: alike on every machine."""
    base = 2 * k - 1
    total, power, odd = 0, 2**65 // base, 1
    while power:
        total += power // odd
        power, odd = power // base**2, odd + 2
    return total


def _arrangements(values: int, stages: int, order: str) -> int:
    if order == "none":
        return values**stages
    return values if order == "equal" else comb(values + stages - 1, stages)


def _ordered(uniform: np.ndarray, values: Sequence, weights: tuple[int, ...], order: str):
    """A value for each stage, (networks, stages), from as many uniform numbers.

    Independent draws by the weights, given that they keep the order: stage by stage, each
    conditioned on the one before. "equal" heeds the first column alone.
    """
    values = np.array(values)
    if order == "equal":
        index = np.searchsorted(_shares(weights, 1, False)[0], uniform[:, 0], side="right")
        return np.broadcast_to(values[index][:, None], uniform.shape)
    if order == "nondecreasing":
        values, weights = values[::-1], weights[::-1]
    falls = order != "none"
    # Now every order reads: no stage's index is above that of the one before.
    index, highest = np.empty(uniform.shape, int), np.full(len(uniform), len(values) - 1)
    for stage, shares in enumerate(_shares(weights, uniform.shape[1], falls)):
        below = uniform[:, stage] * shares[highest]
        index[:, stage] = np.searchsorted(shares, below, side="right")
        highest = index[:, stage] if falls else highest
    return values[index]


@cache
def _shares(weights: tuple[int, ...], stages: int, falls: bool) -> list[np.ndarray]:
    """For each stage the share of all arrangements from there on that starts with index <= i.

    An arrangement counts as the product of its weights; if it `falls`, no index may be above the
    one before. Backward from the last stage: what may follow index i are all arrangements of the
    next stage up to i. Whole numbers until the final division, which Python rounds correctly.
    """
    shares, following = [], [1] * len(weights)
    for _ in range(stages):
        sums = list(accumulate(w * f for w, f in zip(weights, following, strict=True)))
        shares.append(np.array([part / sums[-1] for part in sums]))
        if falls:
            following = sums
    return shares[::-1]


def _rows(drawn: Mapping[str, np.ndarray], kept: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[kept] for name, values in drawn.items()}


def _begins(block_widths: np.ndarray) -> np.ndarray:
    """Where a stage begins: at each block that is wider than the one before."""
    return np.diff(block_widths, axis=1, prepend=0) > 0


def _exact(value) -> Fraction:
    """A number as it is written, which for 0.1 is not the float's own value."""
    return Fraction(str(value))


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _checked_natural(value, name: str, expected: str) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is {value!r}; expected {expected}")
    return int(value)


def _checked_band(band, name: str) -> tuple[float, float]:
    """`band` as a tuple, or a ValueError unless it is two numbers in order."""
    values = tuple(band) if isinstance(band, Iterable) else ()
    numbers = len(values) == 2 and all(_is_number(v) and not isnan(v) for v in values)
    if not numbers or values[0] > values[1]:
        raise ValueError(f"{name} is {band!r}; expected a band (low, high) with low <= high")
    return values


def _checked_range(values, name: str, whole: int | None = None) -> Range:
    """`values` as a Range, of multiples of `whole` where that is given, or a ValueError."""
    try:
        values = values if isinstance(values, Range) else Range(*values)
    except TypeError:
        raise ValueError(f"{name} is {values!r}; expected a Range or (low, high, step)") from None
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    for part, value in vars(values).items():
        if whole and _exact(value) % whole:
            raise ValueError(f"{name}: {part} is {value}; expected a multiple of {whole}")
    return values


def _checked_each(values, name: str, check) -> tuple:
    values = tuple(values) if isinstance(values, Iterable) else ()
    if not values:
        raise ValueError(f"{name} is empty or no list; expected at least one value")
    return tuple(check(value, f"{name}: value {i}") for i, value in enumerate(values, start=1))


def _checked_choices(values, name: str, check) -> tuple:
    values = _checked_each(values, name, check)
    if len(set(values)) < len(values):
        raise ValueError(f"{name} is {values}; expected each value once")
    return values


def _checked_ratio(value, name: str):
    """`value`, or a ValueError unless it is a whole number or one over a whole number."""
    larger = max(value, 1 / value) if _is_number(value) and isfinite(value) and value > 0 else 0.5
    if not isclose(larger, round(larger), rel_tol=1e-9):
        raise ValueError(f"{name} is {value!r}; expected a whole number or one over it")
    return int(value) if float(value).is_integer() else float(value)


BOOK = Regime(
    resolution=28,
    in_channels=1,
    num_classes=10,
    stem_width=16,
    stem_stride=1,
    strides=(2, 2, 2, 2),
    depth=Range(1, 8),
    width=Range(8, 256, 8),
    bottleneck_ratio=(1, 2, 4),
    group_width=(1, 2, 4, 8, 16, 32),
    w_0=Range(8, 256, 8),
    w_a=Range(0.1, 256, 0.1),
    w_m=Range(1.5, 3, 0.001),
    flops=(900_000, 1_100_000),
)
"""The book's regime: Fashion-MNIST at its native size, around a million multiply-adds."""

PAPER = replace(
    BOOK,
    resolution=224,
    in_channels=3,
    num_classes=1000,
    stem_width=32,
    stem_stride=2,
    depth=Range(1, 16),
    width=Range(8, 1024, 8),
    flops=(360_000_000, 400_000_000),
)
"""The paper's regime: ImageNet, 360 to 400 million multiply-adds. The steps of w are pycls's."""


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
