"""Many architectures at once, as arrays: a design space judges thousands of them in a batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from designspaces.designs.architecture import Architecture, checked_shared, squeezed_width
from designspaces.designs.checks import check_positive_numbers, positive_integers, refuse_first

LISTS = ("depths", "widths", "group_widths", "bottleneck_ratios", "strides")
SHARED = ("stem_width", "stem_stride", "se_ratio", "block")

_MOST = 2**62  # survives a cast to 64 bits; whether the costs do, complexity.py looks


class Stages(NamedTuple):
    """One stage of many networks, with the names of a Stage: int64 arrays of shape (networks,)."""

    depth: np.ndarray
    width: np.ndarray
    group_width: np.ndarray
    bottleneck_width: np.ndarray
    stride: np.ndarray


@dataclass(frozen=True, eq=False)
class Architectures:
    """Many architectures with equally many stages; `many[row]` is one of them.

    The first five are what a Stage holds, as arrays of shape (networks, stages) or of shapes that
    broadcast to it; the others are an Architecture's, shared by all.

    Raises ValueError naming the row, counted from 0 as in the arrays, and the stage, counted from
    1, for values of which no network can be built.
    """

    depths: np.ndarray
    widths: np.ndarray
    group_widths: np.ndarray
    bottleneck_ratios: np.ndarray
    strides: np.ndarray | int = 2
    stem_width: int = 32
    stem_stride: int = 2
    se_ratio: float = 0.0
    block: str = "x"

    def __post_init__(self):
        vars(self).update(
            zip(LISTS, np.broadcast_arrays(*(vars(self)[name] for name in LISTS)), strict=True),
            **checked_shared(*(vars(self)[name] for name in SHARED)),
        )
        self._check_stages()
        if self.block == "basic":
            self._check_basic_blocks()
        elif self.se_ratio:
            self._check_squeeze_widths()

    def __len__(self) -> int:
        return len(self.depths)

    def __getitem__(self, row: int) -> Architecture:
        lists = {name: vars(self)[name][row].tolist() for name in LISTS}
        return Architecture.from_lists(**lists, **{name: vars(self)[name] for name in SHARED})

    @cached_property
    def bottleneck_widths(self) -> np.ndarray:
        """Channels of the 3x3 convolutions, as int64."""
        return np.rint(self._exact_bottleneck_widths()).astype(np.int64)

    @cached_property
    def stages(self) -> tuple[Stages, ...]:
        """The stages, from the first to the last."""
        names = ("depths", "widths", "group_widths", "bottleneck_widths", "strides")
        # A row a stage, so that the arithmetic runs along memory.
        columns = [np.ascontiguousarray(getattr(self, name).T, np.int64) for name in names]
        return tuple(Stages(*rows) for rows in zip(*columns, strict=True))

    @property
    def widest(self) -> int:
        """The largest of all widths, bottleneck widths and group widths, the stem's among them."""
        columns = (self.widths, self.bottleneck_widths, self.group_widths)
        return max(self.stem_width, *(int(values.max(initial=1)) for values in columns))

    def _check_stages(self):
        if self.depths.ndim != 2 or not self.depths.shape[1]:
            raise ValueError(
                f"the arrays broadcast to shape {self.depths.shape}; "
                "expected (networks, stages) with at least one stage"
            )
        for name in ("depths", "widths", "group_widths"):
            vars(self)[name] = positive_integers(vars(self)[name], name[:-1], most=_MOST)
        refuse_first(~np.isin(self.strides, (1, 2)), self.strides, "stride", "1 or 2")
        ratios = self.bottleneck_ratios
        check_positive_numbers(ratios, "bottleneck_ratio")
        exact = self._exact_bottleneck_widths()
        uneven = ~np.isclose(exact, self.bottleneck_widths, rtol=1e-9, atol=0)
        refuse_first(uneven, ratios, "bottleneck_ratio", "one that divides the width")
        uneven = self.bottleneck_widths % self.group_widths != 0
        expected = "a divisor of the bottleneck width"
        refuse_first(uneven, self.group_widths, "group_width", expected)

    def _exact_bottleneck_widths(self) -> np.ndarray:
        ratios = np.maximum(self.bottleneck_ratios.astype(float), 1 / _MOST)
        return np.minimum(self.widths / ratios, _MOST)

    def _check_basic_blocks(self):
        w, v, g = self.widths, self.bottleneck_widths, self.group_widths
        refuse_first(v != w, v, "bottleneck width", "the width, since a basic block has none")
        refuse_first(g != w, g, "group_width", "the width, since a basic block has one group")

    def _check_squeeze_widths(self):
        narrowest = int(self.widths[:, :-1].min(initial=self.stem_width))
        if squeezed_width(narrowest, self.se_ratio) < 1:
            raise ValueError(
                f"se_ratio is {self.se_ratio}, which squeezes {narrowest} channels to none; "
                "expected at least one"
            )
