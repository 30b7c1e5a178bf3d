"""Design spaces of ConvNeXt blocks: the paper's steps from A to E, and widths on a line.

They draw as AnyNetX and RegNetX of the book do, from the same ranges and for the same band of
multiply-adds; kernel size and expansion take the places of group width and bottleneck ratio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from designspaces.designs.complexity import Complexity
from designspaces.experiments.convnext.network import CHECKS, ConvNeXt, cost
from designspaces.spaces.regime import BOOK
from designspaces.spaces.spaces import AnyNetSpace, RegNetSpace

KERNELS = (3, 5, 7)
"""Pixels along a side. ConvNeXt's is 7, which on the 2 x 2 positions of the last stage reads no
more of the image than 3 does."""

EXPANSIONS = (1, 2, 4)
"""ConvNeXt's is 4."""

REGIME = replace(BOOK, group_width=KERNELS, bottleneck_ratio=EXPANSIONS)
"""The book's. A regime has no fields for kernels and expansions, so they stand where they do."""

NAMES = {
    "group_widths": "kernels",
    "group_width": "kernel",
    "bottleneck_ratios": "expansions",
    "bottleneck_ratio": "expansion",
}
"""What a record calls the numbers drawn in these places."""

FIXED = ("in_channels", "num_classes", "stem_width", "stem_stride", "se_ratio")
"""Fields of the regime in which a network of these blocks has the book's values alone."""


@dataclass(frozen=True, eq=False)
class _Networks:
    """Many networks: arrays of shape (networks, stages)."""

    depths: np.ndarray
    widths: np.ndarray
    kernels: np.ndarray
    expansions: np.ndarray

    def __len__(self) -> int:
        return len(self.depths)

    def __getitem__(self, row: int) -> ConvNeXt:
        return ConvNeXt(*(getattr(self, name)[row].tolist() for name in CHECKS))

    def cost(self, resolution: int) -> Complexity:
        """Counts of shape (networks,)."""
        return cost(zip(*(getattr(self, name).T for name in CHECKS), strict=True), resolution)


class _OfConvNeXtBlocks:
    """What makes a design space of the book one of ConvNeXt blocks.

    Raises ValueError for a regime whose stem, strides or task these networks do not have.
    """

    def __post_init__(self):
        super().__post_init__()
        for name in FIXED:
            if getattr(self.regime, name) != getattr(BOOK, name):
                raise ValueError(
                    f"{name} is {getattr(self.regime, name)}; {self.name} has networks with "
                    f"{getattr(BOOK, name)} alone"
                )
        if set(self.regime.strides) != {2}:
            raise ValueError(f"strides is {self.regime.strides}; expected a 2 for each stage")

    def read(self, settings: Mapping[str, Any]) -> ConvNeXt:
        """The network that has these settings."""
        return ConvNeXt(**settings)

    def _candidates(self, uniform: np.ndarray):
        drawn, networks = super()._candidates(uniform)
        return {NAMES.get(name, name): values for name, values in drawn.items()}, networks

    def _built(self, depths, widths, kernels, expansions) -> _Networks:
        return _Networks(*np.broadcast_arrays(depths, widths, kernels, expansions))

    def _costs(self, networks: _Networks) -> Complexity:
        return networks.cost(self.regime.resolution)


class ConvNeXtSpace(_OfConvNeXtBlocks, AnyNetSpace):
    """Networks whose stages are drawn; the orders of `AnyNetSpace`, by the regime's names."""


class ConvNeXtLineSpace(_OfConvNeXtBlocks, RegNetSpace):
    """Networks whose widths lie on RegNet's quantized line, with one kernel and one expansion."""


A = ConvNeXtSpace("ConvNeXt_A", REGIME)
B = replace(A, name="ConvNeXt_B", bottleneck_ratios="equal")
C = replace(B, name="ConvNeXt_C", group_widths="equal")
D = replace(C, name="ConvNeXt_D", widths="nondecreasing")
E = replace(D, name="ConvNeXt_E", depths="nondecreasing")
LINE = ConvNeXtLineSpace("ConvNeXt_line", REGIME)
