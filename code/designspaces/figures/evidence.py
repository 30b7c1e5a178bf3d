"""Figures of contrasts: the forest of a study's answers, two EDFs, and the shifts between them."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    PANEL,
    STYLE,
    Picture,
    as_file,
    as_svg,
    by_kind,
    panel,
    rows,
)
from designspaces.figures.populations import WIDE
from designspaces.figures.styles import styles_of
from designspaces.judging.answer_tables import tell_verdict
from designspaces.judging.intervals import Interval
from designspaces.judging.shift import Shift
from designspaces.judging.statistics import EDF
from designspaces.judging.study import Answer
from designspaces.words import with_ends


@mpl.rc_context(STYLE)
def forest(
    answers: Mapping[str, Answer], margin: float, earlier: Mapping[str, float] | None = None
) -> Picture:
    """Answers in points, a row each: thick the simultaneous interval, thin the 95% one.

    The margin is shaded. Filled: of a family with simultaneous intervals; hollow: of another. A
    star: the verdict, or its size, does not stay once the whole family is corrected.
    earlier: what an earlier study measured, by claim; a gray tick.
    """
    shown = [a for a in answers.values() if a.interval is not None and a.question.unit == "points"]
    if not shown:
        return Picture((), "No question has an answer yet: the populations are still growing.")
    ends = [end for a in shown for end in (*a.interval.alone, a.interval.low, a.interval.high)]
    told = {a.question.id for a in shown}
    ends += [value for name, value in (earlier or {}).items() if name in told]
    panels, alt = [], _described(shown, margin)
    mark = f"forest-{crc32(alt.encode()):08x}"  # a page may have several, whose ids must not meet
    for some in by_kind(shown, lambda answer: answer.family.simultaneous):
        labels = [f"{_short(a.question.id)}: {a.verdict}{_star(a)}" for a in some]
        figure, axes = rows(labels, ends, margin, "difference of capped mean errors, points")
        for row, answer in enumerate(reversed(some)):
            _draw(axes, row, answer, (earlier or {}).get(answer.question.id))
        panels.append(as_svg(figure, f"{mark}-{len(panels)}"))
    return Picture(tuple(panels), alt)


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


def _star(answer: Answer) -> str:
    return "*" * (tell_verdict(answer) != answer.verdict)


def _short(claim: str) -> str:
    return claim.replace("AnyNetX_", "")


def _described(shown: Sequence[Answer], margin: float) -> str:
    told = [
        f"{_short(a.question.id)} "
        f"{with_ends(a.interval.effect.value, a.interval.low, a.interval.high)}, {tell_verdict(a)}"
        for a in shown
    ]
    return (
        f"Intervals of {len(shown)} differences in points, the margin of {margin:g} to either side "
        f"shaded: {'; '.join(told)}."
    )


@mpl.rc_context(STYLE)
def one_step(seen: Mapping[str, Interval], margin: float) -> Picture:
    """One difference, measured in several ways: a row each by what it is called, the margin shaded.

    Thin: 95% of each alone.
    """
    ends = [end for each in seen.values() for end in each.alone]
    figure, axes = rows(list(seen), ends, margin, "difference of capped mean errors, points")
    for row, each in enumerate(reversed(seen.values())):
        axes.plot(each.alone, [row, row], color=COOL, lw=1.6)
        axes.plot(each.effect.value, row, ls="", marker="o", ms=6, color=COOL)
    told = [f"{name} {with_ends(each.effect.value, *each.alone)}" for name, each in seen.items()]
    return Picture(
        (as_svg(figure, "onestep"),), f"One step in {len(seen)} ways: {'; '.join(told)}."
    )


@mpl.rc_context(STYLE)
def shifts(found: Mapping[str, Shift], margin: float) -> Picture:
    """By how much each quantile shifts in a step, a panel a step; each band holds at once."""
    # all of each curve, and of the bands what is not far out
    ends = np.concatenate([end for each in found.values() for end in (each.low, each.high)])
    curves = np.concatenate([each.differences for each in found.values()])
    low = min(-1.2 * margin, np.quantile(ends, 0.03), 1.1 * curves.min())
    high = max(1.2 * margin, np.quantile(ends, 0.97), 1.1 * curves.max())
    panels, told = [], []
    for name, each in found.items():
        figure = _shift(name, each, margin, PANEL)
        figure.axes[0].set(ylim=(low, high))
        panels.append(as_svg(figure, f"shift{len(panels)}"))
        told.append(_tell_shift(name, each))
    return Picture(tuple(panels), " ".join(told))


@mpl.rc_context(STYLE)
def shift_file(name: str, found: Shift, margin: float) -> str:
    """The text of an SVG file with one shift."""
    return as_file(_shift(name, found, margin), "shift", _tell_shift(name, found))


@mpl.rc_context(STYLE)
def edfs_file(name: str, spaces: tuple[str, str], sides: Mapping[str, Sequence[float]]) -> str:
    """The text of an SVG file with the EDFs of two sides by their labels, errors in percent.

    spaces: of the sides. Each has its hue; of one space the first side is a plain line, and the
    second a thick, dotted one.
    """
    figure, axes = panel(WIDE)
    styles = styles_of(list(dict.fromkeys(spaces)))
    both = {}, {}
    if len(styles) == 1:
        both = {"lw": 1.6, "ls": "-"}, {"lw": 3, "ls": (0, (1, 1))}
    for (label, errors), space, other in zip(sides.items(), spaces, both, strict=True):
        x, shares = EDF(errors).steps()
        axes.step(x[:-1], shares[:-1], where="pre", label=label, **styles[space] | other)
    axes.set(title=name, xlabel="error, %", ylabel="share of networks below", ylim=(0, 1.02))
    axes.legend(loc="lower right")
    medians = ", ".join(f"{label} {np.median(errors):.2f}%" for label, errors in sides.items())
    return as_file(figure, "edf", f"EDFs of {name}; medians {medians}.")


def _shift(name: str, found: Shift, margin: float, size: tuple[float, float] = WIDE) -> Figure:
    figure, axes = panel(size)
    axes.axhspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
    axes.axhline(0, color=BASELINE, lw=1)
    shares = 100 * found.shares
    axes.fill_between(shares, found.low, found.high, color=ACCENT, alpha=0.18, lw=0)
    axes.plot(shares, found.differences, color=ACCENT, marker="o", ms=3, lw=1.4)
    axes.set(title=name, xlabel="share of networks below, %", ylabel="shift of the error, points")
    return figure


def _tell_shift(name: str, found: Shift) -> str:
    ends = [
        f"at {100 * found.shares[i]:.0f}% "
        + with_ends(found.differences[i], found.low[i], found.high[i])
        for i in (0, len(found.shares) // 2, -1)
    ]
    return f"Differences of quantiles, {name}, in points: {', '.join(ends)}."
