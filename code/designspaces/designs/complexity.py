"""What a network costs: parameters, multiply-adds and activations, in closed form.

Nothing is built and nothing is run. The formulas take numbers and arrays alike: an Architecture is
counted in Python's integers, and Architectures, an entry a network, so that hundreds of thousands
of candidates of a design space are judged at once.

The three counts, as in pycls (Radosavovic et al. 2020):

params       every learnable number: convolutions, batch norms, the linear layer
flops        multiply-adds of the convolutions and the linear layer, and additions of their biases
activations  numbers that the convolutions and the linear layer put out

Images are square, and the counts are for one image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from designspaces.designs.architecture import Architecture, Stage, squeezed_width, strided
from designspaces.designs.checks import positive_integer
from designspaces.designs.many import Architectures, Stages


@dataclass(frozen=True)
class Complexity:
    """Counts of parameters, flops (multiply-adds) and activations: integers or int64 arrays.

    Two complexities add; a complexity times a number is that many copies.
    """

    params: int | np.ndarray
    flops: int | np.ndarray
    activations: int | np.ndarray

    def __add__(self, other: Complexity) -> Complexity:
        if not isinstance(other, Complexity):
            return NotImplemented
        return Complexity(
            self.params + other.params,
            self.flops + other.flops,
            self.activations + other.activations,
        )

    def __mul__(self, count) -> Complexity:
        return Complexity(self.params * count, self.flops * count, self.activations * count)


NOTHING = Complexity(0, 0, 0)


def complexity(
    architecture: Architecture | Architectures,
    resolution: int,
    in_channels: int = 1,
    num_classes: int = 10,
) -> Complexity:
    """The complexity of one network, or of many, for images of `resolution` x `resolution` pixels.

    Of an Architecture it holds Python integers, of Architectures int64 arrays of shape (networks,).
    Raises ValueError where a network halves a 1x1 map, or counts might not fit 64-bit integers.
    """
    parts = breakdown(architecture, resolution, in_channels, num_classes)
    return sum(parts.values(), start=NOTHING)


def breakdown(
    architecture: Architecture | Architectures,
    resolution: int,
    in_channels: int = 1,
    num_classes: int = 10,
) -> dict[str, Complexity]:
    """The complexity of each part of a network: "stem", "stage 1", "stage 2", ..., "head".

    The parts sum to `complexity` of the same arguments.
    """
    parts = _parts(architecture, resolution, in_channels, num_classes)
    return {part.name: _cost(part.first) + _cost(part.further) * part.count for part in parts}


class Layer(NamedTuple):
    """A convolution with its batch norm, a squeeze-and-excitation or the linear layer.

    It puts out `width` channels of `resolution` x `resolution` pixels.
    """

    name: str
    width: int | np.ndarray
    resolution: int
    cost: Complexity


class Part(NamedTuple):
    """A stem, a stage or a head: the layers of its first block, and of `count` further ones."""

    name: str
    first: tuple[Layer, ...]
    further: tuple[Layer, ...] = ()
    count: int | np.ndarray = 0


def layers(
    architecture: Architecture, resolution: int, in_channels: int = 1, num_classes: int = 10
) -> list[Part]:
    """Every layer that has a cost, part by part. Their costs sum to `breakdown` of the same."""
    return [
        Part(name, *(tuple(one for one in of if one.cost.params) for of in blocks), count)
        for name, *blocks, count in _parts(architecture, resolution, in_channels, num_classes)
    ]


def _parts(
    architecture: Architecture | Architectures, resolution, in_channels, num_classes
) -> Iterator[Part]:
    resolution = positive_integer(resolution, "resolution")
    in_channels = positive_integer(in_channels, "in_channels")
    num_classes = positive_integer(num_classes, "num_classes")
    if isinstance(architecture, Architectures):
        _check_size(architecture, resolution, in_channels, num_classes)
    width = architecture.stem_width
    resolution = strided(resolution, architecture.stem_stride, "stem")
    yield Part("stem", (_with_norm("3x3 convolution", in_channels, width, 3, resolution),))
    for number, stage in enumerate(architecture.stages, start=1):
        name = f"stage {number}"
        after = strided(resolution, stage.stride, name)
        yield _stage(name, stage, width, resolution, after, architecture)
        width, resolution = stage.width, after
    head = Layer("average and linear layer", num_classes, 1, _linear(width, num_classes))
    yield Part("head", (head,))


def _cost(layers: tuple[Layer, ...]) -> Complexity:
    return sum((layer.cost for layer in layers), start=NOTHING)


def _stage(name, stage: Stage | Stages, width_in, resolution_in, resolution, architecture) -> Part:
    """A first block, which strides and changes the width, and depth - 1 like each other."""
    block = {"x": _x_block, "basic": _basic_block}[architecture.block]
    first = block(stage, width_in, resolution_in, resolution, architecture.se_ratio)
    further = block(stage, stage.width, resolution, resolution, architecture.se_ratio)
    # Only where the shape changes does the shortcut need weights; else it is the identity.
    projects = (stage.stride > 1) | (width_in != stage.width)
    shortcut = _with_norm("shortcut, 1x1 convolution", width_in, stage.width, 1, resolution)
    shortcut = shortcut._replace(cost=shortcut.cost * projects)
    return Part(name, (*first, shortcut), further, stage.depth - 1)


def _x_block(stage, width_in, resolution_in, resolution, se_ratio) -> tuple[Layer, ...]:
    """1x1, grouped 3x3, squeeze-and-excitation, 1x1; it is the 3x3 convolution that strides."""
    v = stage.bottleneck_width
    squeeze = _squeeze_excitation(v, width_in, se_ratio)
    return (
        _with_norm("1x1 convolution", width_in, v, 1, resolution_in),
        _with_norm("3x3 convolution in groups", stage.group_width, v, 3, resolution),
        Layer("squeeze-and-excitation", v, resolution, squeeze),
        _with_norm("1x1 convolution", v, stage.width, 1, resolution),
    )


def _basic_block(stage, width_in, resolution_in, resolution, se_ratio) -> tuple[Layer, ...]:
    """Two 3x3 convolutions; it is the first that strides."""
    return (
        _with_norm("3x3 convolution", width_in, stage.width, 3, resolution),
        _with_norm("3x3 convolution", stage.width, stage.width, 3, resolution),
    )


def _with_norm(name, fan_in, width, kernel, resolution) -> Layer:
    cost = _convolution(fan_in, width, kernel, resolution) + _batch_norm(width)
    return Layer(name, width, resolution, cost)


def _squeeze_excitation(width, block_width_in, se_ratio) -> Complexity:
    """Two 1x1 convolutions with biases on the 1x1 map that pooling leaves."""
    if se_ratio == 0:
        return NOTHING
    squeezed = squeezed_width(block_width_in, se_ratio)
    return _linear(width, squeezed) + _linear(squeezed, width)


def _convolution(fan_in, width_out, kernel, resolution) -> Complexity:
    """`fan_in` is the width of a group; `resolution` that of the output."""
    weights = kernel**2 * fan_in * width_out
    return Complexity(weights, weights * resolution**2, width_out * resolution**2)


def _linear(width_in, width_out) -> Complexity:
    """With a bias, an addition for each output; a 1x1 convolution of a 1x1 map is the same."""
    weights = width_in * width_out + width_out
    # The zeros only lend their shape, lest a plain number stand beside two arrays.
    return Complexity(weights, weights, width_out + 0 * width_in)


def _batch_norm(width) -> Complexity:
    """A weight and a bias for each channel; its arithmetic is not counted, as is customary."""
    return Complexity(2 * width, 0, 0)


def _check_size(many: Architectures, resolution: int, in_channels: int, num_classes: int) -> None:
    """Refuse what might wrap around in 64 bits: Python's integers bound every sum from above."""
    widest = max(many.widest, in_channels, num_classes)
    blocks = int(many.depths.max(initial=1)) * len(many.stages) + 1
    # No block does more than two dense 3x3 convolutions and a 1x1 at full width and resolution.
    if 32 * blocks * widest**2 * resolution**2 > np.iinfo(np.int64).max:
        raise ValueError(
            f"the width is up to {widest} and the resolution {resolution}; "
            "expected counts that fit 64-bit integers"
        )
