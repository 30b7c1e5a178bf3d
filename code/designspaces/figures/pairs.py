"""The figure of pairs that share their depth: what each differs by, and how deep it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from designspaces.judging.properties import shorter_half
from designspaces.words import signed, with_ends


@dataclass(frozen=True)
class Pairs:
    """Networks and partners of their depth, with the interval of what they differ by in the mean.

    depths: blocks, of shape (pairs,). gains: each network's capped error less its partner's, in
    points. hollow: which pairs to mark; none unless given. Raises ValueError where there is not one
    of each for every pair.
    """

    depths: Sequence[int]
    gains: Sequence[float]
    interval: Interval
    hollow: Sequence[bool] | None = None

    def __post_init__(self):
        hollow = np.zeros(len(self.gains)) if self.hollow is None else self.hollow
        object.__setattr__(self, "hollow", hollow)
        for name, of in (("depths", int), ("gains", float), ("hollow", bool)):
            given = np.asarray(getattr(self, name), of)
            if len(given) != len(self.gains):
                raise ValueError(
                    f"{name} has {len(given)} values; expected one of {len(self.gains)} pairs"
                )
            object.__setattr__(self, name, given)


@mpl.rc_context(STYLE)
def by_depth(
    pairs: Mapping[str, Pairs], margin: float, kinds: tuple[str, str] | None = None
) -> Picture:
    """What each pair differs by, against its blocks: a panel a comparison, by what it is called.

    margin: in points, shaded; the mean is a line in the band of its interval. kinds: what the
    filled pairs are called, and what the hollow ones. Raises ValueError for hollow pairs without.
    """
    for name, each in pairs.items():
        if each.hollow.any() and kinds is None:
            raise ValueError(
                f"{name} has {each.hollow.sum()} hollow pairs; say by kinds what they are"
            )
    ends = np.concatenate([each.gains for each in pairs.values()])
    panels, told = [], []
    for name, each in pairs.items():
        interval = each.interval
        figure, axes = panel(TALL)
        axes.axhspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
        axes.axhline(0, color=BASELINE, lw=1)
        axes.axhspan(interval.low, interval.high, color=ACCENT, alpha=0.22, lw=0)
        axes.axhline(interval.effect.value, color=ACCENT, lw=1.6)
        sides = (~each.hollow, COOL), (each.hollow, "none")
        for (side, fill), label in zip(sides, kinds or ("", ""), strict=True):
            look = {"ls": "", "marker": "o", "ms": 4.5, "color": COOL, "mfc": fill}
            axes.plot(each.depths[side], each.gains[side], label=label, **look)
        axes.set(title=name, xlabel="blocks", ylabel="difference, points")
        axes.set(ylim=(ends.min() - 0.3, ends.max() + 0.3))
        if kinds and not panels:
            axes.legend(loc="lower left", handletextpad=0.2, borderaxespad=0.1)
        panels.append(as_svg(figure, f"pairs{len(panels)}"))
        told.append(_tell(name, each))
    return Picture(tuple(panels), " ".join(told))


def _tell(name: str, pairs: Pairs) -> str:
    short, interval = shorter_half(pairs.depths), pairs.interval
    means = [signed(pairs.gains[side].mean(), 2) for side in (short, ~short) if side.any()]
    return (
        f"{name}: {len(pairs.gains)} pairs differ by "
        f"{with_ends(interval.effect.value, interval.low, interval.high)} points in the mean; the "
        f"shorter and the longer half by {' and '.join(means)}."
    )
