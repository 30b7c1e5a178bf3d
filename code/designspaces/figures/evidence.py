"""Figures of contrasts: the forest of a study's answers, two EDFs, and the shift between them."""

from collections.abc import Iterable, Mapping, Sequence

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
    panel,
)
from designspaces.figures.populations import WIDE
from designspaces.judging.claims import Finding
from designspaces.judging.shift import Shift
from designspaces.judging.statistics import EDF, Difference, TooFew
from designspaces.judging.study import Answer
from designspaces.judging.verdicts import VERDICTS
from designspaces.words import interval, name_space, signed

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
    figure, axes = panel((WIDE[0], 0.9 + ROW * len(shown)))
    _mark_margin(axes, margin)
    ends = [end for a in shown for end in (*a.interval.alone, a.interval.low, a.interval.high)]
    ends += [value for name, value in (earlier or {}).items() if name in answers]
    left, right = min(-1.2 * margin, *ends), max(1.2 * margin, *ends)
    for row, answer in enumerate(reversed(shown)):
        _draw(axes, row, answer, (earlier or {}).get(answer.question.id))
        axes.text(left, row + 0.24, f"{_short(answer)}: {answer.verdict}", fontsize=9, va="bottom")
    axes.set(yticks=[], ylim=(-0.6, len(shown) - 0.2), xlim=(left, right))
    axes.set(xlabel="difference of capped mean errors, points; left is better")
    axes.grid(visible=False, axis="y")
    return Picture((as_svg(figure, "forest"),), _described(shown, margin))


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


def _short(answer: Answer) -> str:
    return answer.question.id.replace("AnyNetX_", "")


def _described(shown: Sequence[Answer], margin: float) -> str:
    rows = [
        f"{_short(a)} {signed(a.interval.effect.value, 2)} "
        f"({interval(a.interval.low, a.interval.high)}), {a.verdict}"
        for a in shown
    ]
    return (
        f"Intervals of {len(shown)} differences in points, the margin of {margin:g} to either side "
        f"shaded: {'; '.join(rows)}."
    )


@mpl.rc_context(STYLE)
def forest_of_claims(findings: Iterable[Finding], margin: float) -> Picture:
    """The first study's differences of medians with their 95% intervals, sorted by verdict.

    The margin is shaded. Filled: a primary claim; hollow: an exploratory one. A claim that is no
    difference in points is left out, and so is one without a number.
    """
    shown = [each for each in findings if isinstance(each.estimate, Difference)]
    shown.sort(key=lambda each: (VERDICTS.index(each.verdict), each.estimate.value))
    if not shown:
        return Picture((), "No claim has a number yet: the populations are still growing.")
    figure, axes = panel((WIDE[0], 0.8 + ROW * len(shown)))
    _mark_margin(axes, margin)
    left = min(-1.2 * margin, *(each.estimate.low for each in shown))
    for row, each in enumerate(reversed(shown)):
        filled = each.claim.family == "primary"
        _draw_difference(axes, row, each.estimate, ACCENT if filled else COOL, filled)
        said = f"{_contrast(each)}: {each.verdict}"
        axes.text(left, row + 0.24, said, fontsize=9, va="bottom")
    axes.set(yticks=[], ylim=(-0.6, len(shown) - 0.2))
    axes.set(xlabel="change of the median error, points; left is better")
    axes.grid(visible=False, axis="y")
    rows = "; ".join(f"{_contrast(e)} {_tell(e.estimate)}, {e.verdict}" for e in shown)
    alt = f"Intervals of {len(shown)} differences of medians in points, sorted by verdict: {rows}."
    return Picture((as_svg(figure, "forest-claims"),), alt)


@mpl.rc_context(STYLE)
def forest_of_ways(ways: Mapping[str, Mapping[str, Difference | TooFew]], margin: float) -> Picture:
    """What `sensitivity` found, a panel a contrast and a row a way, all on one axis in points.

    Hollow: the interaction, which is no difference of two spaces but of two differences. A way
    with too few networks has a row without a mark.
    """
    found = [e for each in ways.values() for e in each.values() if isinstance(e, Difference)]
    ends = [end for estimate in found for end in (estimate.low, estimate.high)]
    limits = min([-1.2 * margin, *ends]) - 0.1, max([1.2 * margin, *ends]) + 0.1
    drawn, sentences = [], []
    for name, each in ways.items():
        title = name.replace("-", " to ")
        figure, axes = panel((PANEL[0], 2.3))
        _mark_margin(axes, margin)
        for row, (way, estimate) in enumerate(reversed(each.items())):
            if isinstance(estimate, Difference):
                _draw_difference(axes, row, estimate, COOL, way != "interaction")
        axes.set_yticks(range(len(each)), [_label(*one) for one in reversed(each.items())])
        axes.set(title=title, xlabel="change, points", xlim=limits)
        axes.set_ylim(-0.6, len(each) - 0.4)
        axes.grid(visible=False, axis="y")
        drawn.append(as_svg(figure, f"ways-{name}".lower()))
        told = ", ".join(f"{way} {_tell(estimate)}" for way, estimate in each.items())
        sentences.append(f"{title}: {told}")
    alt = f"{len(drawn)} charts of intervals in points, several ways each. {'; '.join(sentences)}."
    return Picture(tuple(drawn), alt)


def _mark_margin(axes, margin: float) -> None:
    axes.axvspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
    axes.axvline(0, color=BASELINE, lw=1)


def _draw_difference(axes, row: int, found: Difference, color: str, filled: bool) -> None:
    fill = color if filled else "none"
    axes.plot([found.low, found.high], [row, row], color=color, lw=1.4)
    axes.plot(found.value, row, ls="", marker="o", ms=5.5, color=color, mfc=fill)


def _contrast(finding: Finding) -> str:
    rule = finding.claim.rule
    text = f"{name_space(rule.a)} to {name_space(rule.b)}"
    return text[0].upper() + text[1:]


def _label(way: str, found: Difference | TooFew) -> str:
    """A way with the networks of its smaller side."""
    return f"{way}, {min(found.n)}" if isinstance(found, Difference) else f"{way}, too few"


def _tell(found: Difference | TooFew) -> str:
    if isinstance(found, TooFew):
        return "too few networks"
    return f"{signed(found.value, 2)} ({interval(found.low, found.high)})"


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
