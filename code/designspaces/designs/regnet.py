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

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import (
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
