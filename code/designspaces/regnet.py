"""RegNet: block widths that follow a quantized line, so that six numbers make a network.

Source: Radosavovic et al. 2020, section 3.3, appendix D and the authors' code, pycls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from operator import attrgetter

import numpy as np

from designspaces.architecture import (
    Architecture,
    check_positive_integers,
    check_positive_numbers,
    positive_integer,
    refuse_first,
)

WIDTH_STEP = 8
"""Channels: every width is a multiple of this, which suits the hardware."""


def quantized_widths(depth: int, w_0: int, w_a: float, w_m: float) -> np.ndarray:
    """The width of each of `depth` blocks: a line, quantized to powers of `w_m`.

    `w_0` is the first width, in channels and a multiple of 8; `w_a` >= 0 the channels that the
    line gains with each block; `w_m` > 1 the factor between the widths of successive stages.
    Returns an int64 array of shape (depth,). Raises ValueError for a parameter out of range.
    Source: Radosavovic et al. 2020, eq. 2-4.
    """
    depth = positive_integer(depth, "depth")
    w_0 = positive_integer(w_0, "w_0")
    if w_0 % WIDTH_STEP:
        raise ValueError(f"w_0 is {w_0}; expected a multiple of {WIDTH_STEP}")
    if not _is_finite(w_a) or w_a < 0:
        raise ValueError(f"w_a is {w_a}; expected a number of at least 0")
    if not _is_finite(w_m) or w_m <= 1:
        raise ValueError(f"w_m is {w_m}; expected a number above 1")
    return quantized_line(np.arange(depth), w_0, w_a, w_m)


def quantized_line(j, w_0, w_a, w_m):
    """Equations 2-4 for block number j; every argument may be an array."""
    # Eq. 2: the widths lie on a line over the blocks ...
    u_j = w_0 + w_a * j
    # Eq. 3: ... which in powers of w_m, counted from w_0, reads
    s_j = np.log(u_j / w_0) / np.log(w_m)
    # Eq. 4: ... and whole powers let successive blocks share a width: a stage.
    w_j = w_0 * w_m ** np.round(s_j)
    # Not in the equations, but in the authors' code: multiples of 8.
    return np.round(w_j / WIDTH_STEP).astype(np.int64) * WIDTH_STEP


def compatible(widths, group_widths, bottleneck_ratios) -> tuple[np.ndarray, np.ndarray]:
    """The nearest widths and group widths for which every group is full.

    A group wider than the bottleneck shrinks to it; otherwise the bottleneck width is rounded, half
    to even, to a multiple of the group width, and the width follows. All three are arrays of
    channels or ratios, of any shapes that broadcast, with the stages along the last axis; a ratio
    is a whole number or one over a whole number. Returns two int64 arrays of the common shape.

    Raises ValueError naming the first bad value and its stage.
    Source: Radosavovic et al. 2020, appendix D; the common multiple for inverted bottlenecks is
    from pycls, where it keeps the width whole.
    """
    w, g, b = np.broadcast_arrays(widths, group_widths, bottleneck_ratios)
    check_positive_integers(w, "width")
    check_positive_integers(g, "group_width")
    divisor, multiplier = _as_fraction(b)
    w, g = w.astype(np.int64), g.astype(np.int64)

    v = np.maximum(1, w * multiplier // divisor)  # the bottleneck width
    g = np.minimum(g, v)
    step = np.lcm(g, multiplier)
    v = np.maximum(step, np.round(v / step).astype(np.int64) * step)
    return v * divisor // multiplier, g


def generate(
    depth: int,
    w_0: int,
    w_a: float,
    w_m: float,
    *,
    group_width: int,
    bottleneck_ratio: int | float = 1,
    stem_width: int = 32,
    stem_stride: int = 2,
    se_ratio: float = 0.0,
) -> Architecture:
    """The RegNet of these parameters: a stage for each run of equal quantized widths.

    The widths are those of `quantized_widths` made `compatible` with the group width.
    With `se_ratio` above 0 (the paper takes 0.25) it is a RegNetY. Raises ValueError for a
    parameter out of range.
    """
    group_width = positive_integer(group_width, "group_width")
    # The line never falls, so equal widths are neighbors and sorting them keeps their order.
    stage_widths, depths = np.unique(quantized_widths(depth, w_0, w_a, w_m), return_counts=True)
    widths, group_widths = compatible(stage_widths, group_width, bottleneck_ratio)
    return Architecture.from_lists(
        depths,
        widths,
        group_widths,
        bottleneck_ratio,
        stem_width=stem_width,
        stem_stride=stem_stride,
        se_ratio=se_ratio,
    )


@dataclass(frozen=True)
class LinearFit:
    """The quantized line nearest to a network, and how far from it the network lies.

    `error` is the mean over blocks of `|log(predicted width / observed width)|`: 0 says that
    the network's widths follow the rule, 0.1 that they miss it by about a tenth.
    """

    w_0: int
    w_a: float
    w_m: float
    error: float

    @property
    def percent(self) -> float:
        """By how many percent the widths miss the rule's, in the geometric mean."""
        return 100 * float(np.expm1(self.error))


# A slope matters by its ratio to the next, since the widths are quantized by ratios too: equal
# ratios of 4% serve shallow and steep lines alike, where equal steps would favor the steep.
W_A_GRID = np.unique(np.append(0.0, np.round(np.geomspace(0.5, 256, 160), 1)))
"""Channels per block: 0, then from 0.5 to 256, the paper's upper bound, in equal ratios."""

W_M_GRID = np.round(np.arange(1.5, 3.001, 0.01), 2)
"""The paper's range of w_m, 1.5 to 3, in steps of 0.01, to which its networks are published."""


def fit(
    block_widths: Architecture | Sequence[int],
    w_0_grid: Sequence[int] | None = None,
    w_a_grid: Sequence[float] = W_A_GRID,
    w_m_grid: Sequence[float] = W_M_GRID,
) -> LinearFit:
    """The parameters on a grid whose quantized line is nearest to a network's block widths.

    `block_widths` is an Architecture or one width in channels for each block. By default `w_0`
    runs over the multiples of 8 up to 256, the paper's bound, or up to the first block's width
    where that is more. Among equally near lines the one with the smallest w_0 is taken, then with
    the smallest w_a, then w_m. Group widths play no part: the widths are compared as they are.

    Raises ValueError for widths that are not positive integers and for an empty or invalid grid.
    Source: Radosavovic et al. 2020, section 3.3, which gives neither the grid nor the absolute
    value; the latter is the sensible reading, for without it errors of opposite sign would cancel.
    """
    if isinstance(block_widths, Architecture):
        block_widths = block_widths.block_widths
    observed = np.asarray(block_widths)
    if observed.ndim != 1 or not observed.size:
        raise ValueError(f"block_widths is {block_widths!r}; expected one width for each block")
    check_positive_integers(observed, "width", place="block")
    if w_0_grid is None:
        w_0_grid = np.arange(WIDTH_STEP, max(256, observed[0]) + 1, WIDTH_STEP)
    w_0s = _ascending("w_0_grid", w_0_grid, "multiples of 8", lambda w: (w > 0) & (w % 8 == 0))
    w_as = _ascending("w_a_grid", w_a_grid, "numbers of at least 0", lambda w: w >= 0)
    w_ms = _ascending("w_m_grid", w_m_grid, "numbers above 1", lambda w: w > 1)

    # One w_0 at a time keeps the memory to a plane of the grid. No line falls below its w_0, which
    # bounds the error from below, ever higher: once the bound passes the best, the search is over.
    best = LinearFit(0, 0.0, 0.0, np.inf)
    for w_0 in w_0s:
        if np.maximum(0, np.log(w_0 / observed)).mean() > best.error:
            break
        # min() keeps the first of equals and the grids ascend: hence the rule about ties.
        best = min(best, _fit_plane(observed, int(w_0), w_as, w_ms), key=attrgetter("error"))
    return best


def _fit_plane(observed, w_0, w_as, w_ms) -> LinearFit:
    """The best fit with this `w_0`, over all w_a and w_m at once."""
    j = np.arange(len(observed))
    predicted = quantized_line(j, w_0, w_as[:, None, None], w_ms[:, None])
    errors = np.abs(np.log(predicted / observed)).mean(axis=-1)
    # Rounded, so that the last bit of a logarithm does not decide between equals.
    errors = np.round(errors, 12)
    a, m = np.unravel_index(np.argmin(errors), errors.shape)
    return LinearFit(w_0, float(w_as[a]), float(w_ms[m]), float(errors[a, m]))


@dataclass(frozen=True)
class PublishedRegNet:
    """One of the 24 networks of the paper, with what its authors report about it.

    `params`, `flops` (multiply-adds) and `activations` are counts at 224x224 pixels, 3
    channels and 1000 classes; `top1_error` is on ImageNet, in percent.
    Source: Radosavovic et al. 2020, the tables of RegNetX and RegNetY models, with the exact
    numbers of pycls.
    """

    name: str
    depth: int
    w_0: int
    w_a: float
    w_m: float
    group_width: int
    se_ratio: float
    params: int
    flops: int
    activations: int
    top1_error: float

    @property
    def architecture(self) -> Architecture:
        """The network itself, generated from its parameters."""
        return generate(
            self.depth,
            self.w_0,
            self.w_a,
            self.w_m,
            group_width=self.group_width,
            se_ratio=self.se_ratio,
        )


# fmt: off
_REGNET_X = (
    # name          depth  w_0    w_a   w_m    g       params           flops  activations   top1
    ("RegNetX-200MF", 13,  24,  36.44, 2.49,   8,   2_684_792,    199_040_872,  2_164_056, 31.088),
    ("RegNetX-400MF", 22,  24,  24.48, 2.54,  16,   5_157_512,    397_678_568,  3_143_272, 27.382),
    ("RegNetX-600MF", 16,  48,  36.97, 2.24,  24,   6_196_040,    600_891_112,  3_975_096, 25.864),
    ("RegNetX-800MF", 16,  56,  35.73, 2.28,  16,   7_259_656,    799_700_712,  5_148_744, 24.846),
    ("RegNetX-1.6GF", 18,  80,  34.01, 2.25,  24,   9_190_136,  1_602_850_792,  7_933_512, 23.038),
    ("RegNetX-3.2GF", 25,  88,  26.31, 2.25,  48,  15_296_552,  3_176_622_952, 11_367_432, 21.736),
    ("RegNetX-4.0GF", 23,  96,  38.65, 2.43,  40,  22_118_248,  3_964_499_816, 12_201_608, 21.356),
    ("RegNetX-6.4GF", 17, 184,  60.83, 2.07,  56,  26_209_256,  6_460_292_264, 16_369_744, 20.844),
    ("RegNetX-8.0GF", 23,  80,  49.56, 2.88, 120,  39_572_648,  7_995_133_416, 14_059_688, 20.728),
    ("RegNetX-12GF",  19, 168,  73.36, 2.37, 112,  46_106_056, 12_086_679_016, 21_366_568, 20.288),
    ("RegNetX-16GF",  22, 216,  55.59, 2.10, 128,  54_278_536, 15_940_756_456, 25_515_496, 19.956),
    ("RegNetX-32GF",  23, 320,  69.86, 2.00, 168, 107_811_560, 31_735_930_792, 36_302_160, 19.498),
)
_REGNET_Y = (
    # name          depth  w_0    w_a   w_m    g       params           flops  activations   top1
    ("RegNetY-200MF", 13,  24,  36.44, 2.49,   8,   3_162_996,    199_519_076,  2_168_052, 29.658),
    ("RegNetY-400MF", 16,  48,  27.89, 2.09,   8,   4_344_144,    401_849_056,  3_892_496, 25.898),
    ("RegNetY-600MF", 15,  48,  32.54, 2.32,  16,   6_055_160,    601_227_608,  4_334_296, 24.540),
    ("RegNetY-800MF", 14,  56,  38.84, 2.40,  16,   6_263_168,    797_183_328,  5_249_888, 23.684),
    ("RegNetY-1.6GF", 27,  48,  20.71, 2.65,  24,  11_202_430,  1_612_087_326,  8_044_814, 22.066),
    ("RegNetY-3.2GF", 21,  80,  42.63, 2.66,  24,  19_436_338,  3_176_496_162, 11_263_418, 21.074),
    ("RegNetY-4.0GF", 22,  96,  31.41, 2.24,  64,  20_646_656,  3_973_301_344, 12_287_200, 20.640),
    ("RegNetY-6.4GF", 25, 112,  33.22, 2.27,  72,  30_583_252,  6_355_221_876, 16_407_188, 20.110),
    ("RegNetY-8.0GF", 17, 192,  76.82, 2.19,  56,  39_180_068,  7_963_074_196, 17_968_916, 20.052),
    ("RegNetY-12GF",  19, 168,  73.36, 2.37, 112,  51_822_544, 12_092_395_504, 21_384_496, 19.670),
    ("RegNetY-16GF",  18, 200, 106.23, 2.48, 112,  83_590_140, 15_911_534_044, 23_041_228, 19.608),
    ("RegNetY-32GF",  20, 232, 115.89, 2.53, 232, 145_046_770, 32_279_583_362, 30_261_570, 19.066),
)
# fmt: on

PUBLISHED = {
    row[0]: PublishedRegNet(*row[:6], se_ratio, *row[6:])
    for rows, se_ratio in ((_REGNET_X, 0.0), (_REGNET_Y, 0.25))
    for row in rows
}
"""The 24 published networks by name, "RegNetX-200MF" to "RegNetY-32GF"."""


def _is_finite(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def _as_fraction(ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each bottleneck ratio as a fraction of whole numbers, one of which is 1."""
    check_positive_numbers(ratios, "bottleneck_ratio")
    divisor = np.maximum(1, np.round(ratios))
    multiplier = np.maximum(1, np.round(1 / ratios))
    bad = ~np.isclose(divisor / multiplier, ratios, rtol=1e-9, atol=0)
    refuse_first(bad, ratios, "bottleneck_ratio", "a whole number or one over it")
    return divisor.astype(np.int64), multiplier.astype(np.int64)


def _ascending(name, grid, expected, allowed) -> np.ndarray:
    """The grid's values from the smallest up, each once."""
    values = np.unique(grid)
    if not values.size or not np.all(np.isfinite(values) & allowed(values)):
        raise ValueError(f"{name} is {grid!r}; expected at least one value, and only {expected}")
    return values


REGNETX32 = generate(10, 32, 5.0, 2.5, group_width=16)
"""The textbook's: ten blocks in two stages; "32" counts weight layers, a stem, ten blocks of three
and a linear."""
