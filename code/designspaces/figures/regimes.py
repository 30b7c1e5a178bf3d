"""The figures of the chapter on choosing a regime."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np

from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    ROWS,
    STYLE,
    TALL,
    Picture,
    as_svg,
    mark_margin,
    panel,
)
from designspaces.figures.styles import style_of
from designspaces.judging.fidelity import SCREENED, Assessment
from designspaces.judging.ranks import RankCorrelation
from designspaces.populations.population import Population
from designspaces.words import minus, name_space, signed, with_ends

MARKERS = dict(zip(SCREENED, "v^D", strict=True))
"""How the bias of each contrast is marked."""


@mpl.rc_context(STYLE)
def fidelity(choice: Sequence[Assessment], margin: float, ceiling: RankCorrelation) -> Picture:
    """What candidates foretell, against what they cost, and the bias that each hides.

    choice: as `fidelity.choose` gives it, the chosen one first. margin: the screen's, in points of
    the long training. ceiling: how networks that were trained long twice agree with themselves,
    a band.
    """
    told = (
        f"{_described(choice)} A band: {ceiling.n} networks, trained long twice, agree with "
        f"themselves in rank by {with_ends(ceiling.value, ceiling.low, ceiling.high)}."
    )
    return Picture((_information(choice, ceiling), _biases(choice, margin)), told)


@mpl.rc_context(STYLE)
def rates(tried: Mapping[float, Population]) -> Picture:
    """The mean error of each space against the learning rate, and its worst network as a cross.

    tried: by learning rate, the same networks of several spaces, trained at that rate.
    """
    spaces = list(dict.fromkeys(record.space for record in next(iter(tried.values()))))
    figure, axes = panel((ROWS, 3.4))
    sentences = []
    for space in spaces:
        errors = [100 * np.array(population.space(space).errors) for population in tried.values()]
        means = [side.mean() for side in errors]
        axes.plot(list(tried), means, label=name_space(space), **style_of(space))
        worst = [side.max() for side in errors]
        axes.plot(list(tried), worst, marker="x", ms=6, **style_of(space) | {"lw": 0.6})
        told = ", ".join(
            f"at {rate:g} {mean:.1f} and {most:.1f}"
            for rate, mean, most in zip(tried, means, worst, strict=True)
        )
        sentences.append(f"{name_space(space)} {told}")
    axes.set(xscale="log", yscale="log", xlabel="learning rate at its peak")
    axes.set(ylabel="error, %: mean and worst")
    axes.set_xticks(list(tried), [f"{rate:g}" for rate in tried])
    axes.set_yticks(ticks := [12, 15, 20, 30], ticks)
    axes.set_ylim(top=1.15 * axes.get_ylim()[1])
    axes.minorticks_off()
    axes.legend(loc="upper left", ncols=2)
    alt = f"Mean and worst error in percent against the learning rate. {'; '.join(sentences)}."
    return Picture((as_svg(figure, "rates"),), alt)


def _information(choice: Sequence[Assessment], ceiling: RankCorrelation) -> str:
    figure, axes = panel((TALL[0], 3.4))
    axes.axhspan(ceiling.low, ceiling.high, color=BASELINE, alpha=0.12, lw=0)
    axes.axhline(ceiling.value, color=BASELINE, lw=1, ls=":")
    costs = [each.candidate.cost for each in choice]
    best = max(each.information for each in choice if each.ratio is not None)
    line = np.geomspace(min(costs) / 1.6, max(costs) * 1.6, 50)
    for share in (1, 0.5, 0.25):  # of the most informative one's
        axes.plot(line, np.sqrt(share * best * line), color=BASELINE, lw=share, ls="--")
    # candidates of one cost stand side by side
    for cost in sorted(set(costs)):
        group = sorted((e for e in choice if e.candidate.cost == cost), key=lambda e: e.correlation)
        for place, each in enumerate(group):
            x = cost * 1.07 ** (place - (len(group) - 1) / 2)
            style = _style(each, chosen=each is choice[0])
            axes.plot([x, x], [each.low, each.high], color=style["color"], lw=1.4)
            axes.plot(x, each.correlation, ls="", ms=6, **style)
    axes.set(xscale="log", xlabel="cost, times the first study's", ylabel="rank correlation")
    axes.set(title=f"{choice[0].candidate.name} is chosen", ylim=(min(0, axes.get_ylim()[0]), 1))
    axes.set_xticks(sorted(set(costs)), [f"{cost:g}" for cost in sorted(set(costs))])
    axes.minorticks_off()
    return as_svg(figure, "fidelity-information")


def _biases(choice: Sequence[Assessment], margin: float) -> str:
    figure, axes = panel((TALL[0], 4.2))
    mark_margin(axes, margin)
    for row, each in enumerate(reversed(choice)):
        style = _style(each, chosen=each is choice[0])
        for place, (contrast, marker) in enumerate(MARKERS.items()):
            if contrast in each.biases:
                value, low, high = each.biases[contrast]
                y = row + 0.25 * (1 - place)
                axes.plot([low, high], [y, y], color=style["color"], lw=1.2)
                axes.plot(value, y, ls="", ms=5, **style | {"marker": marker})
    for (a, b), marker in MARKERS.items():
        step = f"{name_space(a)} to {name_space(b)}"
        axes.plot([], [], ls="", marker=marker, ms=5, color=COOL, label=step)
    names = [each.candidate.name for each in reversed(choice)]
    axes.set_yticks(range(len(names)), names)
    axes.set(title="What each would hide", xlabel="bias, points")
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside lower center", ncols=2)
    return as_svg(figure, "fidelity-bias")


def _style(each: Assessment, *, chosen: bool) -> dict:
    """Chosen, tied with it (filled), left behind (hollow) or out (a cross)."""
    color = ACCENT if chosen else COOL
    if each.reasons:
        return {"color": color if chosen else BASELINE, "marker": "x"}
    return {"color": color, "marker": "o", "mfc": color if each.tied else "none"}


def _described(choice: Sequence[Assessment]) -> str:
    sentences = []
    for each in choice:
        biases = ", ".join(
            f"{name_space(a)} to {name_space(b)} {signed(value, 2)}"
            for (a, b), (value, _, _) in each.biases.items()
        )
        sentences.append(
            f"{each.candidate.name}: cost {each.candidate.cost:g}, rank correlation "
            f"{each.correlation:.2f} ({each.low:.2f} to {each.high:.2f}), biases in points {biases}"
            + ("; out" if each.reasons else "; tied with the best" if each.tied else "")
        )
    return minus(f"Two charts of {len(choice)} candidates. {'. '.join(sentences)}.")
