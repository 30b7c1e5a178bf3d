"""Figures of contrasts: the forest of a study's answers, two EDFs, and the shift between them."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    STYLE,
    Picture,
    as_file,
    as_svg,
    panel,
)
from designspaces.figures.populations import WIDE
from designspaces.judging.claims import Finding
from designspaces.judging.shift import Shift
from designspaces.judging.statistics import EDF, Difference
from designspaces.judging.study import Answer
from designspaces.words import interval, signed

ROW = 0.42  # a claim and its verdict stand above its interval


@mpl.rc_context(STYLE)
def forest(
    answers: Mapping[str, Answer], margin: float, earlier: Mapping[str, float] | None = None
) -> Picture:
    """Answers in points, a row each: thick the simultaneous interval, thin the 95% one.

    The margin is shaded. Filled: of a family with simultaneous intervals; hollow: of another.
    earlier: what an earlier study measured, by claim; a gray tick.
    """
    shown = [a for a in answers.values() if a.interval is not None and a.question.unit == "points"]
    if not shown:
        return Picture((), "No question has an answer yet: the populations are still growing.")
    ends = [end for a in shown for end in (*a.interval.alone, a.interval.low, a.interval.high)]
    ends += [value for name, value in (earlier or {}).items() if name in answers]
    labels = [f"{_short(a.question.id)}: {a.verdict}" for a in shown]
    figure, axes = _rows(labels, ends, margin, "difference of capped mean errors, points")
    for row, answer in enumerate(reversed(shown)):
        _draw(axes, row, answer, (earlier or {}).get(answer.question.id))
    return Picture((as_svg(figure, "forest"),), _described(shown, margin))


@mpl.rc_context(STYLE)
def claims_forest(findings: Iterable[Finding]) -> Picture:
    """The first study's claims about a difference in points, a row each, with its 95% interval.

    The margin is shaded. Filled: the primary claims; hollow: exploratory ones.
    """
    shown = [one for one in findings if isinstance(one.estimate, Difference)]
    if not shown:
        return Picture((), "No claim has a difference yet: there are too few networks.")
    margin = shown[0].estimate.margin
    ends = [end for one in shown for end in (one.estimate.low, one.estimate.high)]
    labels = [f"{_short(one.claim.id)}: {one.verdict}" for one in shown]
    figure, axes = _rows(labels, ends, margin, "difference of median errors, points")
    rows = []
    for row, one in enumerate(reversed(shown)):
        primary, found = one.claim.family == "primary", one.estimate
        color = ACCENT if primary else COOL
        axes.plot([found.low, found.high], [row, row], color=color, lw=1.6)
        fill = color if primary else "none"
        axes.plot(found.value, row, ls="", marker="o", ms=6, color=color, mfc=fill)
        ends_told = interval(found.low, found.high)
        rows.append(f"{_short(one.claim.id)} {signed(found.value, 2)} ({ends_told}), {one.verdict}")
    alt = (
        f"95% intervals of {len(shown)} differences of medians in points, the margin of {margin:g} "
        f"to either side shaded: {'; '.join(reversed(rows))}."
    )
    return Picture((as_svg(figure, "claims"),), alt)


def _rows(labels: Sequence[str], ends: Sequence[float], margin: float, xlabel: str):
    """A figure with a row a label, the first on top, and its axes, as wide as the `ends` ask."""
    figure, axes = panel((WIDE[0], 0.9 + ROW * len(labels)))
    axes.axvspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
    axes.axvline(0, color=BASELINE, lw=1)
    left, right = min(-1.2 * margin, *ends), max(1.2 * margin, *ends)
    for row, label in enumerate(reversed(labels)):
        axes.text(left, row + 0.24, label, fontsize=9, va="bottom")
    axes.set(yticks=[], ylim=(-0.6, len(labels) - 0.2), xlim=(left, right))
    axes.set(xlabel=f"{xlabel}; left is better")
    axes.grid(visible=False, axis="y")
    return figure, axes


def _draw(axes, row: int, answer: Answer, earlier: float | None) -> None:
    family = answer.family.simultaneous
    color = ACCENT if family else COOL
    axes.plot(answer.interval.alone, [row, row], color=color, lw=1.2)
    if family:
        ends = [answer.interval.low, answer.interval.high]
        axes.plot(ends, [row, row], color=color, lw=3.4, alpha=0.45, solid_capstyle="butt")
    fill = color if family else "none"
    axes.plot(answer.interval.effect.value, row, ls="", marker="o", ms=6, color=color, mfc=fill)
    if earlier is not None:
        axes.plot(earlier, row, ls="", marker="|", ms=12, mew=2, color=BASELINE)


def _short(claim: str) -> str:
    return claim.replace("AnyNetX_", "")


def _described(shown: Sequence[Answer], margin: float) -> str:
    rows = [
        f"{_short(a.question.id)} {signed(a.interval.effect.value, 2)} "
        f"({interval(a.interval.low, a.interval.high)}), {a.verdict}"
        for a in shown
    ]
    return (
        f"Intervals of {len(shown)} differences in points, the margin of {margin:g} to either side "
        f"shaded: {'; '.join(rows)}."
    )


@mpl.rc_context(STYLE)
def shift_file(name: str, found: Shift, margin: float) -> str:
    """The text of an SVG file with one shift."""
    return as_file(_shift(name, found, margin), "shift", _tell_shift(name, found))


@mpl.rc_context(STYLE)
def edfs_file(name: str, sides: Mapping[str, Sequence[float]]) -> str:
    """The text of an SVG file with the EDFs of two sides by their labels, errors in percent."""
    figure, axes = panel(WIDE)
    for (label, errors), color, style in zip(
        sides.items(), (COOL, ACCENT), ("-", (0, (5, 1))), strict=True
    ):
        x, shares = EDF(errors).steps()
        axes.step(x[:-1], shares[:-1], where="pre", color=color, ls=style, lw=1.8, label=label)
    axes.set(title=name, xlabel="error, %", ylabel="share of networks below", ylim=(0, 1.02))
    axes.legend(loc="lower right")
    medians = ", ".join(f"{label} {np.median(errors):.2f}%" for label, errors in sides.items())
    return as_file(figure, "edf", f"EDFs of {name}; medians {medians}.")


def _shift(name: str, found: Shift, margin: float) -> Figure:
    figure, axes = panel(WIDE)
    axes.axhspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
    axes.axhline(0, color=BASELINE, lw=1)
    shares = 100 * found.shares
    axes.fill_between(shares, found.low, found.high, color=ACCENT, alpha=0.18, lw=0)
    axes.plot(shares, found.differences, color=ACCENT, marker="o", ms=3, lw=1.4)
    axes.set(title=name, xlabel="share of networks below, %", ylabel="shift of the error, points")
    return figure


def _tell_shift(name: str, found: Shift) -> str:
    ends = [
        f"at {100 * found.shares[i]:.0f}% {signed(found.differences[i], 2)} "
        f"({interval(found.low[i], found.high[i])})"
        for i in (0, len(found.shares) // 2, -1)
    ]
    return f"Differences of quantiles, {name}, in points: {', '.join(ends)}."
