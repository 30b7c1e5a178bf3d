"""What a network costs: parameters, multiply-adds and activations, in closed form.

Nothing is built and nothing is run. The formulas are array arithmetic, one entry a network, so
that hundreds of thousands of candidates of a design space are judged at once; a single network is
an array of one.

The three counts, as in pycls (Radosavovic et al. 2020):

params       every learnable number: convolutions, batch norms, the linear layer
flops        multiply-adds of the convolutions and the linear layer, and additions of their biases
activations  numbers that the convolutions and the linear layer put out

Images are square, and the counts are for one image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from designspaces.designs.architecture import Architecture, strided
from designspaces.designs.checks import (
    check_positive_integers,
    check_positive_numbers,
    checked_block,
    checked_se_ratio,
    checked_stride,
    positive_integer,
    refuse_first,
)


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
    architecture: Architecture, resolution: int, in_channels: int = 1, num_classes: int = 10
) -> Complexity:
    """The complexity of one network for images of `resolution` x `resolution` pixels.

    Returns Python integers. Raises ValueError where the network halves a 1x1 map.
    """
    return _total(breakdown(architecture, resolution, in_channels, num_classes))


def breakdown(
    architecture: Architecture, resolution: int, in_channels: int = 1, num_classes: int = 10
) -> dict[str, Complexity]:
    """The complexity of each part of one network: "stem", "stage 1", "stage 2", ..., "head".

    The parts sum to `complexity` of the same arguments.
    """
    parts = _parts(
        np.array([architecture.depths]),
        np.array([architecture.widths]),
        np.array([architecture.group_widths]),
        np.array([architecture.bottleneck_ratios]),
        np.array([architecture.strides]),
        resolution=resolution,
        stem_width=architecture.stem_width,
        stem_stride=architecture.stem_stride,
        se_ratio=architecture.se_ratio,
        block=architecture.block,
        in_channels=in_channels,
        num_classes=num_classes,
    )
    return {
        name: Complexity(part.params.item(), part.flops.item(), part.activations.item())
        for name, part in parts.items()
    }


def complexity_of_arrays(
    depths,
    widths,
    group_widths,
    bottleneck_ratios,
    *,
    resolution: int,
    strides=2,
    stem_width: int = 32,
    stem_stride: int = 2,
    se_ratio: float = 0.0,
    block: str = "x",
    in_channels: int = 1,
    num_classes: int = 10,
) -> Complexity:
    """The complexity of many networks with equally many stages.

    The first four arguments and `strides` are what a Stage holds, as arrays of shape (networks,
    stages) or of a shape that broadcasts to it; the others are shared by all networks. Returns
    int64 arrays of shape (networks,).

    Raises ValueError naming the row, counted from 0 as in the arrays, and the stage, counted from
    1, for values of which no network can be built.
    """
    return _total(
        _parts(
            depths,
            widths,
            group_widths,
            bottleneck_ratios,
            strides,
            resolution=resolution,
            stem_width=stem_width,
            stem_stride=stem_stride,
            se_ratio=se_ratio,
            block=block,
            in_channels=in_channels,
            num_classes=num_classes,
        )
    )


def _total(parts: dict[str, Complexity]) -> Complexity:
    return sum(parts.values(), start=NOTHING)


def _parts(
    depths,
    widths,
    group_widths,
    bottleneck_ratios,
    strides,
    *,
    resolution,
    stem_width,
    stem_stride,
    se_ratio,
    block,
    in_channels,
    num_classes,
) -> dict[str, Complexity]:
    """The complexity of each part of many networks, by name; the one place that adds layers up."""
    resolution = positive_integer(resolution, "resolution")
    stem_width = positive_integer(stem_width, "stem_width")
    stem_stride = checked_stride(stem_stride, "stem_stride")
    in_channels = positive_integer(in_channels, "in_channels")
    num_classes = positive_integer(num_classes, "num_classes")
    se_ratio, block = checked_se_ratio(se_ratio), checked_block(block)
    stages = _columns(depths, widths, group_widths, bottleneck_ratios, strides)
    _check_block(stages, stem_width, se_ratio, block)
    _check_size(stages, max(stem_width, in_channels, num_classes), resolution)

    networks = stages.depth.shape[1]
    width = np.full(networks, stem_width, np.int64)
    resolution = np.full(networks, strided(resolution, stem_stride, "stem"), np.int64)
    parts = {"stem": _convolution(in_channels, width, 3, resolution) + _batch_norm(width)}
    for number, columns in enumerate(zip(*stages, strict=True), start=1):
        stage, name = _Stages(*columns), f"stage {number}"
        after = strided(resolution, stage.stride, name)
        parts[name] = _stage(stage, width, resolution, after, se_ratio, block)
        width, resolution = stage.width, after
    parts["head"] = _linear(width, num_classes)
    return parts


class _Stages(NamedTuple):
    """What many networks hold: int64 arrays of shape (stages, networks), or of one stage."""

    depth: np.ndarray
    width: np.ndarray
    bottleneck_width: np.ndarray
    group_width: np.ndarray
    stride: np.ndarray


def _stage(stage, width_in, resolution_in, resolution, se_ratio, block) -> Complexity:
    """A first block, which strides and changes the width, and depth - 1 like each other."""
    count = {"x": _x_block, "basic": _basic_block}[block]
    first = count(stage, width_in, resolution_in, resolution, se_ratio)
    further = count(stage, stage.width, resolution, resolution, se_ratio)
    # Only where the shape changes does the shortcut need weights; else it is the identity.
    projects = (stage.stride > 1) | (width_in != stage.width)
    shortcut = _convolution(width_in, stage.width, 1, resolution) + _batch_norm(stage.width)
    return first + shortcut * projects + further * (stage.depth - 1)


def _x_block(stage, width_in, resolution_in, resolution, se_ratio) -> Complexity:
    """1x1, grouped 3x3, squeeze-and-excitation, 1x1; it is the 3x3 convolution that strides."""
    v = stage.bottleneck_width
    return (
        _convolution(width_in, v, 1, resolution_in)
        + _batch_norm(v)
        + _convolution(stage.group_width, v, 3, resolution)
        + _batch_norm(v)
        + _squeeze_excitation(v, width_in, se_ratio)
        + _convolution(v, stage.width, 1, resolution)
        + _batch_norm(stage.width)
    )


def _basic_block(stage, width_in, resolution_in, resolution, se_ratio) -> Complexity:
    """Two 3x3 convolutions; it is the first that strides."""
    return (
        _convolution(width_in, stage.width, 3, resolution)
        + _convolution(stage.width, stage.width, 3, resolution)
        + _batch_norm(stage.width) * 2
    )


def _squeeze_excitation(width, block_width_in, se_ratio) -> Complexity:
    """Two 1x1 convolutions with biases on the 1x1 map that pooling leaves."""
    if se_ratio == 0:
        return NOTHING
    squeezed = _squeezed(block_width_in, se_ratio)
    return _linear(width, squeezed) + _linear(squeezed, width)


def _squeezed(block_width_in, se_ratio):
    # As in pycls: a share of the width that enters the block, not of the width that is squeezed.
    return np.rint(block_width_in * se_ratio).astype(np.int64)


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


def _columns(depths, widths, group_widths, bottleneck_ratios, strides) -> _Stages:
    """The checked arrays, a row for each stage so that the arithmetic runs along memory."""
    depths, widths, group_widths, ratios, strides = np.broadcast_arrays(
        depths, widths, group_widths, bottleneck_ratios, strides
    )
    if depths.ndim != 2 or not depths.shape[1]:
        raise ValueError(
            f"the arrays broadcast to shape {depths.shape}; "
            "expected (networks, stages) with at least one stage"
        )
    for name, values in (("depth", depths), ("width", widths), ("group_width", group_widths)):
        check_positive_integers(values, name)
    refuse_first(~np.isin(strides, (1, 2)), strides, "stride", "1 or 2")
    check_positive_numbers(ratios, "bottleneck_ratio")
    # The cast to integers below must not wrap around before _check_size has looked.
    exact = np.minimum(widths / ratios, 2.0**62)
    bottleneck_widths = np.rint(exact)
    uneven = ~np.isclose(exact, bottleneck_widths, rtol=1e-9, atol=0)
    refuse_first(uneven, ratios, "bottleneck_ratio", "one that divides the width")
    uneven = bottleneck_widths % group_widths != 0
    refuse_first(uneven, group_widths, "group_width", "a divisor of the bottleneck width")
    columns = (depths, widths, bottleneck_widths, group_widths, strides)
    return _Stages(*(np.ascontiguousarray(column.T, dtype=np.int64) for column in columns))


def _check_block(stages: _Stages, stem_width, se_ratio, block):
    """What Architecture checks about the kind of block."""
    if block == "basic":
        if se_ratio:
            raise ValueError(f"se_ratio is {se_ratio}; expected 0 with basic blocks")
        w, v, g = stages.width.T, stages.bottleneck_width.T, stages.group_width.T
        refuse_first(v != w, v, "bottleneck width", "the width, since a basic block has none")
        refuse_first(g != w, g, "group_width", "the width, since a basic block has one group")
    elif se_ratio:
        narrowest = min(stem_width, stages.width[:-1].min(initial=stem_width))
        if _squeezed(narrowest, se_ratio) < 1:
            raise ValueError(
                f"se_ratio is {se_ratio}, which squeezes {narrowest} channels to none; "
                "expected at least one"
            )


def _check_size(stages: _Stages, widest_outside, resolution):
    """Refuse what might wrap around in 64 bits: Python's integers bound every sum from above."""
    widest = max(widest_outside, *(int(a.max(initial=1)) for a in stages[1:4]))
    blocks = int(stages.depth.max(initial=1)) * len(stages.depth) + 1
    # No block does more than two dense 3x3 convolutions and a 1x1 at full width and resolution.
    if 32 * blocks * widest**2 * resolution**2 > np.iinfo(np.int64).max:
        raise ValueError(
            f"the width is up to {widest} and the resolution {resolution}; "
            "expected counts that fit 64-bit integers"
        )
