"""The figure of pairs that share their depth: what each gains, by how deep it is."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np

from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    STYLE,
    TALL,
    Picture,
    as_svg,
    panel,
)
from designspaces.judging.effects import Interval, capped
from designspaces.populations.record import Record
from designspaces.words import signed, with_ends

Pairs = tuple[Sequence[Record], Sequence[Record]]


@mpl.rc_context(STYLE)
def by_depth(
    found: Mapping[str, Pairs],
    intervals: Mapping[str, Interval],
    margin: float,
    hollow: tuple[str, str, Sequence[bool]],
) -> Picture:
    """Each first network's capped error less its partner's, in points, against its blocks.

    found: pairs by what the panel is called; intervals: of their means, by the same. hollow: what
    the filled pairs are called, what the hollow ones, and which those are. The margin is shaded;
    the mean a line in the band of its interval. Raises ValueError where the panels have other
    names, or where it is not said of each pair whether it is hollow.
    """
    if found.keys() != intervals.keys():
        raise ValueError(f"intervals are of {list(intervals)}; expected those of {list(found)}")
    *names, empty = hollow
    empty = np.asarray(empty, bool)
    gains = {name: _gains(name, pairs, len(empty)) for name, pairs in found.items()}
    ends = [end for _, gain in gains.values() for end in (gain.min(), gain.max())]
    panels, told = [], []
    for name, (depths, gain) in gains.items():
        interval = intervals[name]
        figure, axes = panel(TALL)
        axes.axhspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
        axes.axhline(0, color=BASELINE, lw=1)
        axes.axhspan(interval.low, interval.high, color=ACCENT, alpha=0.22, lw=0)
        axes.axhline(interval.effect.value, color=ACCENT, lw=1.6)
        for side, label, fill in ((~empty, names[0], COOL), (empty, names[1], "none")):
            look = {"ls": "", "marker": "o", "ms": 4.5, "color": COOL, "mfc": fill}
            axes.plot(depths[side], gain[side], label=label, **look)
        axes.set(title=name, xlabel="blocks", ylabel="difference, points")
        axes.set(ylim=(min(ends) - 0.3, max(ends) + 0.3))
        if not panels:
            axes.legend(loc="lower left", handletextpad=0.2, borderaxespad=0.1)
        panels.append(as_svg(figure, f"pairs{len(panels)}"))
        told.append(_tell(name, depths, gain, interval))
    return Picture(tuple(panels), " ".join(told))


def _gains(name: str, pairs: Pairs, n: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = pairs
    if not len(first) == len(second) == n:
        raise ValueError(f"{name} has {len(first)} networks and {len(second)} partners of {n}")
    errors, partners = (capped([100 * one.val_error for one in side]) for side in pairs)
    return np.array([sum(one.network.depths) for one in first]), errors - partners


def _tell(name: str, depths: np.ndarray, gain: np.ndarray, interval: Interval) -> str:
    short = depths <= np.median(depths)
    means = [signed(gain[side].mean(), 2) for side in (short, ~short) if side.any()]
    return (
        f"{name}: {len(gain)} pairs differ by "
        f"{with_ends(interval.effect.value, interval.low, interval.high)} points in the mean; the "
        f"shorter and the longer half by {' and '.join(means)}."
    )
