"""RegNet: block widths that follow a quantized line, so that six numbers make a network.

Source: Radosavovic et al. 2020, section 3.3, appendix D and the authors' code, pycls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import (
    DEEPEST,
    WIDEST,
    ascending,
    at_most,
    check_positive_numbers,
    check_range,
    checked_depth,
    checked_nonnegative,
    checked_width,
    is_finite,
    plain,
    positive_integers,
    refuse_first,
)

WIDTH_STEP = 8
"""Channels: every width is a multiple of this, which suits the hardware."""

MOST_COMPARED = 2**30
"""Widths that a fit compares at the most, which takes a minute or two."""

_PLANE = 2**22  # widths compared at once


@dataclass(frozen=True)
class Line:
    """A line over `depth` blocks, quantized to powers of `w_m`: the four numbers of a RegNet.

    `w_0` is the first width, in channels and a multiple of 8; `w_a` >= 0 the channels that the
    line gains with each block; `w_m` > 1 the factor between the widths of successive stages.
    Raises ValueError for a number out of range, and where a width passes `WIDEST`.
    Source: Radosavovic et al. 2020, eq. 2-4.
    """

    depth: int
    w_0: int
    w_a: float
    w_m: float

    def __post_init__(self):
        vars(self).update(
            depth=checked_depth(self.depth, "depth"), w_0=checked_width(self.w_0, "w_0")
        )
        if self.w_0 % WIDTH_STEP:
            raise ValueError(f"w_0 is {self.w_0}; expected a multiple of {WIDTH_STEP}")
        w_a, w_m = checked_nonnegative(self.w_a, "w_a"), plain(self.w_m)
        if not is_finite(w_m) or w_m <= 1:
            raise ValueError(f"w_m is {w_m}; expected a number above 1")
        at_most(w_a, "w_a", WIDEST, "channels a block")
        at_most(w_m, "w_m", WIDEST, "times as wide")
        vars(self).update(w_a=float(w_a), w_m=float(w_m))
        if self.widths[-1] > WIDEST:
            raise ValueError(
                f"w_a is {w_a} and w_m is {w_m}: block {self.depth} is {self.widths[-1]} wide; "
                f"expected at most {WIDEST} channels"
            )

    def __iter__(self) -> Iterator[int | float]:
        """The four numbers, as in `generate(*line, group_width=16)`."""
        return iter((self.depth, self.w_0, self.w_a, self.w_m))

    @property
    def widths(self) -> np.ndarray:
        """The width of each block: int64 of shape (depth,)."""
        return quantized_line(np.arange(self.depth), self.w_0, self.w_a, self.w_m)


def quantized_widths(depth: int, w_0: int, w_a: float, w_m: float) -> np.ndarray:
    """The width of each of `depth` blocks, as `Line(depth, w_0, w_a, w_m).widths`."""
    return Line(depth, w_0, w_a, w_m).widths


def quantized_line(j, w_0, w_a, w_m):
    """Equations 2-4 for block number j; every argument may be an array.

    Raises ValueError for numbers so large that the widths might not fit 64-bit integers.
    """
    check_range(j, "j", 0, DEEPEST)
    check_range(w_0, "w_0", 1, WIDEST)
    check_range(w_a, "w_a", 0, WIDEST)
    check_range(w_m, "w_m", np.nextafter(1, 2), WIDEST)
    # Eq. 2: the widths lie on a line over the blocks ...
    u_j = w_0 + w_a * j
    # Eq. 3: ... which in powers of w_m, counted from w_0, reads
    s_j = np.log(u_j / w_0) / np.log(w_m)
    # Eq. 4: ... and whole powers let successive blocks share a width: a stage.
    w_j = w_0 * w_m ** _half_to_even(s_j)
    # Not in the equations, but in the authors' code: multiples of 8.
    return _half_to_even(w_j / WIDTH_STEP).astype(np.int64) * WIDTH_STEP


def _half_to_even(values):
    """Rounded. What lies halfway but for the last digits of a logarithm, which differ between
    processors, counts as halfway.
    """
    return np.round(np.round(values, 9))


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
    w, g = positive_integers(w, "width"), positive_integers(g, "group_width")
    divisor, multiplier = _as_fraction(b)

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

    The widths are those of a `Line` made `compatible` with the group width.
    With `se_ratio` above 0 (the paper takes 0.25) it is a RegNetY. Raises ValueError for a
    parameter out of range.
    """
    group_width = checked_width(group_width, "group_width")
    # The line never falls, so equal widths are neighbors and sorting them keeps their order.
    stage_widths, depths = np.unique(Line(depth, w_0, w_a, w_m).widths, return_counts=True)
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
class LinearFit(Line):
    """The quantized line nearest to a network, and how far from it the network lies.

    `error` is the mean over blocks of `|log(predicted width / observed width)|`: 0 says that
    the network's widths follow the rule, 0.1 that they miss it by about a tenth.
    """

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

COARSE_GRIDS = {"w_a_grid": W_A_GRID[::8], "w_m_grid": W_M_GRID[::15]}
"""A hundredth of the lines: `fit(network, **COARSE_GRIDS)`, for a first look, errs upward only."""


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

    Raises ValueError for widths that are not positive integers, for an empty or invalid grid, and
    where grids and blocks are so many that the search would not end.
    Source: Radosavovic et al. 2020, section 3.3, which gives neither the grid nor the absolute
    value; the latter is the sensible reading, for without it errors of opposite sign would cancel.
    """
    if isinstance(block_widths, Architecture):
        block_widths = block_widths.block_widths
    observed = np.asarray(block_widths)
    if observed.ndim != 1 or not observed.size:
        raise ValueError(f"block_widths is {block_widths!r}; expected one width for each block")
    observed = positive_integers(observed, "width", place="block")
    if w_0_grid is None:
        w_0_grid = np.arange(WIDTH_STEP, max(256, observed[0]) + 1, WIDTH_STEP)
    w_0s, w_as, w_ms = _grids(w_0_grid, w_a_grid, w_m_grid)
    checked_depth(len(observed), "the number of blocks")
    compared = len(observed) * len(w_0s) * len(w_as) * len(w_ms)
    at_most(compared, "blocks times lines", MOST_COMPARED, "widths; give coarser grids")

    # No line falls below its w_0, which bounds the error from below, ever higher: once the bound
    # passes the best, the search is over.
    error, line = np.inf, ()
    for w_0 in w_0s:
        if error == 0 or np.maximum(0, np.log(w_0 / observed)).mean() > error:
            break
        for some_w_as, some_w_ms in _planes(w_as, w_ms, len(observed)):
            found = _fit_plane(observed, w_0, some_w_as, some_w_ms)
            # The first of equals stays and the grids ascend: hence the rule about ties.
            error, line = min((error, line), found, key=itemgetter(0))
    return LinearFit(len(observed), *line, error)


def _grids(w_0_grid, w_a_grid, w_m_grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        ascending("w_0_grid", w_0_grid, "multiples of 8", lambda w: 0 < w <= WIDEST and w % 8 == 0),
        ascending("w_a_grid", w_a_grid, "numbers of at least 0", lambda w: 0 <= w <= WIDEST),
        ascending("w_m_grid", w_m_grid, "numbers above 1", lambda w: 1 < w <= WIDEST),
    )


def _planes(w_as, w_ms, blocks: int):
    """Parts of both grids, in order, of which the lines' widths take a few dozen megabytes."""
    columns = max(1, _PLANE // blocks)
    rows = max(1, columns // len(w_ms))
    for a in range(0, len(w_as), rows):
        for m in range(0, len(w_ms), columns):
            yield w_as[a : a + rows], w_ms[m : m + columns]


def _fit_plane(observed, w_0, w_as, w_ms) -> tuple[float, tuple]:
    """The least error with this `w_0`, over all w_a and w_m at once, and its line."""
    errors = _errors_by_power(observed, w_0, w_as, w_ms)
    if errors is None:
        j = np.arange(len(observed))
        predicted = quantized_line(j, w_0, w_as[:, None, None], w_ms[:, None])
        errors = np.abs(np.log(predicted / observed)).mean(axis=-1)
    # Rounded, so that the last bit of a logarithm does not decide between equals.
    errors = np.round(errors, 12)
    a, m = np.unravel_index(np.argmin(errors), errors.shape)
    return float(errors[a, m]), (int(w_0), float(w_as[a]), float(w_ms[m]))


def _errors_by_power(observed, w_0, w_as, w_ms) -> np.ndarray | None:
    """Mean errors, (w_a, w_m), in half the time: few powers of w_m serve all the slopes.

    None where there are more powers than slopes, as for a w_m near 1.
    """
    j = np.arange(len(observed))
    s_j = np.log((w_0 + w_as[:, None, None] * j) / w_0) / np.log(w_ms)[:, None]
    powers = _half_to_even(s_j).astype(np.int64)
    if powers.max() >= len(w_as):
        return None
    reached = w_0 * w_ms[:, None] ** np.arange(powers.max() + 1)
    widths = _half_to_even(reached / WIDTH_STEP) * WIDTH_STEP
    apart = np.abs(np.log(widths[:, :, None] / observed))
    return apart[np.arange(len(w_ms))[:, None], powers, j].mean(axis=-1)


def _as_fraction(ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each bottleneck ratio as a fraction of whole numbers, one of which is 1."""
    check_positive_numbers(ratios, "bottleneck_ratio")
    bad = (ratios > WIDEST) | (ratios < 1 / WIDEST)
    refuse_first(bad, ratios, "bottleneck_ratio", f"at most {WIDEST}, or one over that")
    divisor = np.maximum(1, np.round(ratios))
    multiplier = np.maximum(1, np.round(1 / ratios))
    bad = ~np.isclose(divisor / multiplier, ratios, rtol=1e-9, atol=0)
    refuse_first(bad, ratios, "bottleneck_ratio", "a whole number or one over it")
    return divisor.astype(np.int64), multiplier.astype(np.int64)


REGNETX32 = generate(10, 32, 5.0, 2.5, group_width=16)
"""The textbook's: ten blocks in two stages; "32" counts weight layers, a stem, ten blocks of three
and a linear."""
