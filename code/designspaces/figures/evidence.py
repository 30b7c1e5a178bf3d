"""The forest of a study's answers: every claim an interval on one axis."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl

from designspaces.figures.canvas import ACCENT, BASELINE, COOL, STYLE, Picture, as_svg, panel
from designspaces.judging.study import Answer
from designspaces.words import interval, signed

WIDTH = 6.4  # inches
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
    figure, axes = panel((WIDTH, 0.9 + ROW * len(shown)))
    axes.axvspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
    axes.axvline(0, color=BASELINE, lw=1)
    ends = [end for a in shown for end in (*a.interval.alone, a.interval.low, a.interval.high)]
    left, right = min(-1.2 * margin, *ends), max(1.2 * margin, *ends)
    for row, answer in enumerate(reversed(shown)):
        _draw(axes, row, answer, (earlier or {}).get(answer.question.id))
        axes.text(left, row + 0.24, f"{_short(answer)}: {answer.verdict}", fontsize=9, va="bottom")
    axes.set(yticks=[], ylim=(-0.6, len(shown) - 0.2), xlim=(left, right))
    axes.set(xlabel="difference of capped mean errors, points; left is better")
    axes.grid(visible=False, axis="y")
    return Picture((as_svg(figure, "forest"),), _described(shown, margin))


def _draw(axes, row: int, answer: Answer, earlier: float | None) -> None:
    family = answer.interval.low < answer.interval.alone[0]
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
