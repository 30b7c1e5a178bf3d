"""The figures of the chapter on the rest of the paper."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np

from designspaces.designs.published import PublishedRegNet
from designspaces.designs.timed import Timed
from designspaces.figures.canvas import (
    BASELINE,
    COOL,
    STYLE,
    TALL,
    Picture,
    as_svg,
    panel,
    plain_log,
    set_log_log,
)
from designspaces.figures.family import COSTS, FAMILY, of_letter
from designspaces.judging import shares
from designspaces.judging.ranks import RankCorrelation
from designspaces.judging.shares import Share
from designspaces.words import listed, with_ends

KINDS = {f"RegNet{letter}": style | {"ls": ""} for letter, style in FAMILY.items()} | {
    "ResNet": {"color": COOL, "ls": "", "marker": "^"},
    "ResNeXt": {"color": COOL, "ls": "", "marker": "v", "mfc": "none", "mew": 1.4},
    "EfficientNet": {"color": "#2f9e8f", "ls": "", "marker": "D"},
}
"""How a family of timed networks is drawn."""

NUMBERS = {"group_width": "g", "w_0": "w_0", "w_a": "w_a", "depth": "d", "w_m": "w_m"}
"""What a published RegNet is made of, and the paper's letter for it."""

SMALL = (2.1, 1.9)  # inches: three of these stand side by side


def explained(timed: Sequence[Timed], cost: str) -> Share:
    """R squared of log time and the logarithm of "flops" or "activations".

    Raises TooFew for fewer than four networks.
    """
    x, ms = np.log([(getattr(one, cost), one.ms) for one in timed]).T
    return shares.explained(x, ms)


def misses(timed: Sequence[Timed], cost: str, family: str) -> np.ndarray:
    """How many times as long each network of a family takes as foretold from the RegNets.

    A power of the cost ("flops" or "activations") is fitted to their times, in logarithms.
    """
    power, start = _fit(timed, cost)
    own = [(getattr(one, cost), one.ms) for one in timed if one.family == family]
    x, ms = np.log(own).T
    return np.exp(ms - start - power * x)


@mpl.rc_context(STYLE)
def times(timed: Sequence[Timed]) -> Picture:
    """Published run time against multiply-adds and against activations, on logarithmic axes.

    The line is a power of the cost, fitted to the RegNets alone.
    """
    ms = np.array([one.ms for one in timed])
    panels, sentences = [], []
    for cost in ("flops", "activations"):
        words, unit, one_unit = COSTS[cost]
        figure, axes = panel(TALL)
        power, start = _fit(timed, cost)
        range_ = np.geomspace(*np.quantile([getattr(one, cost) for one in timed], [0, 1]), 2)
        axes.plot(range_ / one_unit, np.exp(start) * range_**power, color=BASELINE, lw=1.2)
        for family, style in KINDS.items():
            own = [(getattr(one, cost), one.ms) for one in timed if one.family == family]
            x, y = np.array(own).T
            axes.plot(x / one_unit, y, ms=4.5, label=family, **style)
        share = explained(timed, cost)
        title = f"{words.capitalize()}:\nR² = {share}"
        set_log_log(axes, title, f"{words}, {unit}", "ms for 64 images")
        if cost == "flops":
            axes.legend(handlelength=1, labelspacing=0.3)
        panels.append(as_svg(figure, f"paper-times-{cost}"))
        off = np.median(misses(timed, cost, "EfficientNet"))
        sentences.append(
            f"{words} explain the share {share} of the variance of log time; the median "
            f"EfficientNet takes {off:.1f} times as long as RegNets with as many foretell"
        )
    alt = (
        f"Two scatter plots on logarithmic axes of the time that {len(timed)} published networks "
        f"of the families {listed(KINDS)} take for 64 images, from {ms.min():.0f} to "
        f"{ms.max():.0f} ms: {'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


@mpl.rc_context(STYLE)
def growth(
    published: Sequence[PublishedRegNet],
    untrained: Mapping[float, Sequence[Mapping[str, float]]],
    trends: Mapping[str, tuple[RankCorrelation, RankCorrelation]],
) -> Picture:
    """The numbers of published RegNets against their multiply-adds, a panel for each number.

    untrained: by multiply-adds, what was drawn of networks that nobody trained; the middle 80% of
        them are shaded, their medians joined.
    trends: by number the rank correlations with multiply-adds, of the published in the range of
        the untrained and of these.
    """
    budgets = np.array(sorted(untrained))
    panels, sentences = [], []
    for field, letter in NUMBERS.items():
        figure, axes = panel(SMALL)
        drawn = [[one[field] for one in untrained[budget]] for budget in budgets]
        low, middle, high = np.array([np.quantile(some, [0.1, 0.5, 0.9]) for some in drawn]).T
        axes.fill_between(budgets / 1e9, low, high, color=BASELINE, alpha=0.22, lw=0)
        axes.plot(budgets / 1e9, middle, color=BASELINE, lw=1.2, label="untrained")
        for kind, style in FAMILY.items():
            x, y = np.array(
                [(one.flops, getattr(one, field)) for one in of_letter(published, kind)]
            ).T
            axes.plot(x / 1e9, y, ms=3.5, label=kind, **(style | {"ls": ""}))
        found, by_itself = (with_ends(one.value, one.low, one.high) for one in trends[field])
        axes.set(title=letter, xscale="log")
        plain_log(axes.xaxis)
        if not panels:
            axes.set(xlabel="multiply-adds, billions")
            axes.legend(handlelength=1, labelspacing=0.2, borderpad=0.1)
        panels.append(as_svg(figure, f"paper-growth-{letter.replace('_', '-')}"))
        sentences.append(
            f"{letter} {found} for the published, {by_itself} for the untrained, whose median goes "
            f"from {middle[0]:.3g} to {middle[-1]:.3g}"
        )
    alt = (
        f"Five small charts over multiply-adds of the numbers of {len(published)} published "
        "RegNets, points before a shaded range of untrained ones. Rank correlations with "
        "multiply-adds, as far as these go: "
        f"{'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


def _fit(timed: Sequence[Timed], cost: str) -> tuple[float, float]:
    """The power and the start, in logarithms, of the RegNets' times over a cost."""
    regnets = [(getattr(one, cost), one.ms) for one in timed if "RegNet" in one.family]
    x, ms = np.log(regnets).T
    power, start = np.polyfit(x, ms, 1)
    return power, start
