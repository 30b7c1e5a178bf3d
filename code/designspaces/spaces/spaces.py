"""Design spaces as data: which networks there are, under which rules.

A space adds its rules to a `Regime`: AnyNetX_A to AnyNetX_E order and share what the stages hold,
RegNetX lets six numbers decide all of it. Rules hold for the values drawn, whose distributions
`sampling` describes; `compatible` then makes them buildable.

Source: Radosavovic et al. 2020, section 3, for the spaces, ranges and bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from designspaces.designs.checks import checked_choice
from designspaces.designs.many import Architectures
from designspaces.designs.regnet import quantized_line
from designspaces.spaces.draw import DesignSpace
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

MARGIN = 1e-9
"""A RegNetX whose widths change with w_m by this part hangs on a tie, and is drawn again."""


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

    def _candidates(self, uniform: np.ndarray) -> tuple[dict[str, np.ndarray], Architectures]:
        properties = self._properties()
        columns = np.split(uniform, len(properties), axis=1)
        drawn = {
            name: draw_in_order(numbers, *properties[name])
            for name, numbers in zip(properties, columns, strict=True)
        }
        if self.blocks is not None:
            drawn["depths"] = draw_to_sum(columns[0], *properties["depths"], self.blocks)
        depths, widths, ratios, group_widths = drawn.values()
        return drawn, self._built(depths, widths, group_widths, ratios)


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

    def _candidates(self, uniform: np.ndarray) -> tuple[dict[str, np.ndarray], Architectures]:
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
        return drawn, networks

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
