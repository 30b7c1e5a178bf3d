"""The figures of the chapter on what carries over."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np

from designspaces.figures.canvas import (
    BASELINE,
    COOL,
    PANEL,
    STYLE,
    Picture,
    as_svg,
    panel,
    plain_log,
)
from designspaces.judging.statistics import EDF
from designspaces.judging.verdicts import MARGIN

COUNTS = ("activations", "params")
LINES = (
    {"color": COOL, "ls": "-", "lw": 2.2, "marker": "o"},
    {"color": "#8a6fb5", "ls": "--", "lw": 1.8, "marker": "s"},
    {"color": "#2f9e8f", "ls": "-.", "lw": 1.8, "marker": "D"},
    {"color": "#b8863b", "ls": "-", "lw": 1.4, "marker": "^"},
    {"color": BASELINE, "ls": ":", "lw": 2.2, "marker": "v"},
)


@mpl.rc_context(STYLE)
def scaling(growth: Mapping[str, Mapping[str, np.ndarray]]) -> Picture:
    """How activations and parameters grow with multiply-adds, a line a rule.

    growth: for each rule "flops", "activations" and "params", relative to the network that is
        scaled, all of one length and beginning with 1.
    """
    slopes = {
        count: {
            rule: float(np.polyfit(np.log(g["flops"]), np.log(g[count]), 1)[0])
            for rule, g in growth.items()
        }
        for count in COUNTS
    }
    panels, sentences = [], []
    names = {"activations": "activations", "params": "parameters"}
    for count, title in zip(COUNTS, _scaling_titles(slopes), strict=True):
        figure, axes = panel((PANEL[0], 3.2))
        for (rule, g), line in zip(growth.items(), LINES, strict=False):
            axes.plot(g["flops"], g[count], ms=3.5, label=rule, **line)
        axes.set(xscale="log", yscale="log", title=title)
        axes.set(xlabel="multiply-adds, times", ylabel=f"{names[count]}, times")
        top = max(g[count].max() for g in growth.values())
        for axis, last in ((axes.xaxis, 64), (axes.yaxis, top)):
            plain_log(axis, [4**k for k in range(6) if 4**k <= 1.05 * last])
        axes.legend(loc="upper left", handlelength=2.6, reverse=True)
        axes.set_ylim(0.85, 4.5 * top)
        panels.append(as_svg(figure, f"scaling-{count}"))
        exponents = ", ".join(f"{rule} {slope:.2f}" for rule, slope in slopes[count].items())
        sentences.append(f"Exponents of the {names[count]}: {exponents}.")
    alt = (
        f"Two line charts on logarithmic axes for {len(growth)} ways of scaling, over "
        f"multiply-adds. {' '.join(sentences)}"
    )
    return Picture(tuple(panels), alt)


@mpl.rc_context(STYLE)
def budgets(
    errors: Mapping[int, Mapping[str, np.ndarray]],
    intervals: Mapping[int, tuple[float, float]],
    planned: int = 0,
) -> Picture:
    """The error distributions of two populations, a panel for each training budget.

    errors: by epochs, then by population, validation errors in percent.
    intervals: by epochs, of the first population's median less the second's, in points.
    planned: how many networks a population should have; with fewer, the figure says so.
    """
    styles = ({"color": COOL, "lw": 2.2}, {"color": BASELINE, "lw": 1.8, "ls": "--"})
    panels, sentences = [], []
    for epochs, populations in errors.items():
        figure, axes = panel()
        for (name, values), style in zip(populations.items(), styles, strict=True):
            curve = EDF(values)
            lowest, highest = curve.errors[[0, -1]]
            axes.step(*curve.between(lowest - 1, highest + 1), where="pre", label=name, **style)
            sentences.append(
                f"{name} after {epochs} epochs: median {curve.median:.1f}, "
                f"from {lowest:.1f} to {highest:.1f} percent"
            )
        axes.set(
            title=f"{epochs} epochs: {leader_of(intervals[epochs], tuple(populations))}",
            xlabel="validation error, %",
            ylabel="share of networks",
            ylim=(0, 1.03),
        )
        axes.legend(loc="lower right")
        panels.append(as_svg(figure, f"budget-{epochs}"))
    alt = f"Error distributions in {len(errors)} panels. {'; '.join(sentences)}."
    n = min(len(values) for populations in errors.values() for values in populations.values())
    note = f"Quick profile: {n} networks each, not the result." if n < planned else ""
    return Picture(tuple(panels), alt, note)


def leader_of(interval: tuple[float, float], names: tuple[str, str]) -> str:
    """Which of two populations has the smaller errors, by at least `MARGIN`, if any.

    interval: of the first population's median error less the second's, in points.
    """
    low, high = interval
    if high < -MARGIN:
        return f"{names[0]} ahead"
    return f"{names[1]} ahead" if low > MARGIN else "neither ahead"


def _scaling_titles(slopes: Mapping[str, Mapping[str, float]]) -> tuple[str, str]:
    least = min(slopes["activations"], key=slopes["activations"].get)
    still = min(slopes["params"], key=slopes["params"].get)
    return f"Fewest activations: {least}", f"Fewest parameters: {still}"
