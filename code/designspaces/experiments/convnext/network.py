"""Networks of ConvNeXt blocks as settings, and what they cost in closed form. No torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from designspaces.designs.architecture import strided
from designspaces.designs.checks import (
    checked_choice,
    checked_depth,
    checked_each,
    checked_width,
    positive_integer,
)
from designspaces.designs.complexity import Complexity
from designspaces.spaces.regime import BOOK

STEM = BOOK.stem_width
KIND = "convnext"


def checked_kernel(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError unless it is a positive, odd integer."""
    if not (value := checked_width(value, name)) % 2:
        raise ValueError(f"{name} is {value}; expected an odd number, which keeps the resolution")
    return value


CHECKS = {
    "depths": checked_depth,
    "widths": checked_width,
    "kernels": checked_kernel,
    "expansions": checked_width,
}


@dataclass(frozen=True)
class ConvNeXt:
    """The blocks of each stage: how many, of how many channels, kernel size and expansion.

    The expansion is how many times as wide a block is between its 1x1 convolutions. Each stage
    begins by halving the resolution. Raises ValueError for lists of different lengths, for anything
    but positive integers, and for even kernels.
    """

    depths: tuple[int, ...]
    widths: tuple[int, ...]
    kernels: tuple[int, ...]
    expansions: tuple[int, ...]
    kind: str = KIND

    def __post_init__(self):
        for name, check in CHECKS.items():
            vars(self)[name] = checked_each(getattr(self, name), name, check)
            if len(getattr(self, name)) != len(self.depths):
                raise ValueError(
                    f"{name} has {len(getattr(self, name))} values; expected one a stage, "
                    f"{len(self.depths)} as in depths"
                )
        checked_choice(self.kind, "kind", (KIND,))

    def to_dict(self) -> dict[str, Any]:
        """The settings, ready for JSON."""
        return {name: list(v) if name in CHECKS else v for name, v in asdict(self).items()}

    @property
    def stages(self) -> list[tuple[int, int, int, int]]:
        """Depth, width, kernel and expansion of each stage."""
        return list(zip(*(getattr(self, name) for name in CHECKS), strict=True))

    def cost(self, resolution: int) -> Complexity:
        """Parameters, multiply-adds and activations for one image of so many pixels a side."""
        return cost(self.stages, resolution)

    def build(self, seed: int):
        """The PyTorch module, its weights drawn from `seed`."""
        from designspaces.experiments.convnext.block import build

        return build(self.stages, STEM, seed)


def cost(stages, resolution: int) -> Complexity:
    """What a network of such stages costs, as `designs.complexity` counts.

    stages: (depth, width, kernel, expansion) of each; where these are arrays, an entry a network,
    so are the counts. Raises ValueError where a 1x1 map would be halved.
    """
    resolution = positive_integer(resolution, "resolution")
    total, before = _convolution(9, STEM, resolution, norm=True), STEM
    for number, (depth, width, kernel, expansion) in enumerate(stages, start=1):
        resolution = strided(resolution, 2, f"stage {number}")
        total += Complexity(2 * before, 0, 0) + _convolution(4 * before, width, resolution)
        total += _block(width, kernel, expansion, resolution) * depth
        before = width
    linear = 10 * before + 10
    return total + Complexity(2 * before + linear, linear, 10)


def _block(width, kernel, expansion, resolution: int) -> Complexity:
    inner = expansion * width
    return (
        _convolution(kernel**2, width, resolution)
        + _convolution(width, inner, resolution)
        + _convolution(inner, width, resolution)
        + Complexity(3 * width, 0, 0)  # of layer norm and layer scale
    )


def _convolution(fan_in, width, resolution: int, *, norm: bool = False) -> Complexity:
    """Of `width` filters that read so many numbers, with a bias, or with a batch norm instead."""
    weights, positions = fan_in * width, resolution**2
    if norm:
        return Complexity(weights + 2 * width, weights * positions, width * positions)
    return Complexity(weights + width, (weights + width) * positions, width * positions)
