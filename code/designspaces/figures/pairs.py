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
from designspaces.judging.intervals import Interval
from designspaces.words import signed, with_ends


@mpl.rc_context(STYLE)
def by_depth(
    depths: Sequence[int],
    gains: Mapping[str, Sequence[float]],
    intervals: Mapping[str, Interval],
    margin: float,
    hollow: tuple[str, str, Sequence[bool]],
) -> Picture:
    """Each network's capped error less its partner's, in points, against its blocks.

    depths: blocks, of shape (pairs,); gains: of that shape, by what the panel is called; intervals:
    of their means, by the same. hollow: what the filled pairs are called, what the hollow ones, and
    which those are. The margin is shaded; the mean a line in the band of its interval. Raises
    ValueError where the panels have other names, or where there is not one number for each pair.
    """
    if gains.keys() != intervals.keys():
        raise ValueError(f"intervals are of {list(intervals)}; expected those of {list(gains)}")
    *names, empty = hollow
    empty, depths = np.asarray(empty, bool), np.asarray(depths)
    for name, given in (("hollow", empty), *gains.items()):
        if len(given) != len(depths):
            raise ValueError(f"{name} has {len(given)} values; expected one of {len(depths)} pairs")
    ends = [end for gain in gains.values() for end in (min(gain), max(gain))]
    panels, told = [], []
    for name, gain in gains.items():
        gain, interval = np.asarray(gain, float), intervals[name]
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


def _tell(name: str, depths: np.ndarray, gain: np.ndarray, interval: Interval) -> str:
    short = depths <= np.median(depths)
    means = [signed(gain[side].mean(), 2) for side in (short, ~short) if side.any()]
    return (
        f"{name}: {len(gain)} pairs differ by "
        f"{with_ends(interval.effect.value, interval.low, interval.high)} points in the mean; the "
        f"shorter and the longer half by {' and '.join(means)}."
    )
