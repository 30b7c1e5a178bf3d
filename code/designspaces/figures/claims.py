"""Figures of the first study's claims: a forest of them, and one of other ways to compare."""

from collections.abc import Iterable, Mapping

import matplotlib as mpl

from designspaces.figures.canvas import (
    ACCENT,
    COOL,
    PANEL,
    STYLE,
    Picture,
    as_svg,
    by_kind,
    mark_margin,
    panel,
    rows,
)
from designspaces.judging.claims import Finding
from designspaces.judging.resampling import Difference
from designspaces.judging.statistics import TooFew
from designspaces.judging.telling import tell_estimate
from designspaces.judging.verdicts import VERDICTS
from designspaces.words import name_space

AT_BUDGET = " at this budget"  # a verdict says it; a row has no room for it


@mpl.rc_context(STYLE)
def forest(findings: Iterable[Finding], margin: float) -> Picture:
    """The first study's differences of medians with their 95% intervals, sorted by verdict.

    The margin is shaded. Filled: a primary claim; hollow: an exploratory one. A claim that is no
    difference in points is left out, and so is one without a number.
    """
    shown = [each for each in findings if isinstance(each.estimate, Difference)]
    shown.sort(key=lambda each: (VERDICTS.index(each.verdict), each.estimate.value))
    if not shown:
        return Picture((), "No claim has a number yet: the populations are still growing.")
    ends = [end for each in shown for end in (each.estimate.low, each.estimate.high)]
    panels = []
    for some in by_kind(shown, _is_primary):
        labels = [f"{_contrast(each)}: {each.verdict.removesuffix(AT_BUDGET)}" for each in some]
        figure, axes = rows(labels, ends, margin, "change of the median error, points")
        for row, each in enumerate(reversed(some)):
            filled = _is_primary(each)
            _draw_difference(axes, row, each.estimate, ACCENT if filled else COOL, filled)
        panels.append(as_svg(figure, f"forest-claims-{len(panels)}"))
    told = "; ".join(f"{_contrast(e)} {tell_estimate(e.estimate)}, {e.verdict}" for e in shown)
    alt = f"Intervals of {len(shown)} differences of medians in points, sorted by verdict: {told}."
    return Picture(tuple(panels), alt)


def _is_primary(finding: Finding) -> bool:
    return finding.claim.family == "primary"


@mpl.rc_context(STYLE)
def ways_forest(ways: Mapping[str, Mapping[str, Difference | TooFew]], margin: float) -> Picture:
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
        mark_margin(axes, margin)
        labels = []
        for row, (way, estimate) in enumerate(reversed(each.items())):
            if isinstance(estimate, TooFew):
                labels.append(f"{way}, too few")
                continue
            labels.append(f"{way}, {min(estimate.n)}")  # the networks of its smaller side
            _draw_difference(axes, row, estimate, COOL, way != "interaction")
        axes.set_yticks(range(len(each)), labels)
        axes.set(title=title, xlabel="change, points", xlim=limits)
        axes.set_ylim(-0.6, len(each) - 0.4)
        axes.grid(visible=False, axis="y")
        drawn.append(as_svg(figure, f"ways-{name}".lower()))
        told = ", ".join(f"{way} {tell_estimate(estimate)}" for way, estimate in each.items())
        sentences.append(f"{title}: {told}")
    alt = f"{len(drawn)} charts of intervals in points, several ways each. {'; '.join(sentences)}."
    return Picture(tuple(drawn), alt)


def _draw_difference(axes, row: int, found: Difference, color: str, filled: bool) -> None:
    fill = color if filled else "none"
    axes.plot([found.low, found.high], [row, row], color=color, lw=1.4)
    axes.plot(found.value, row, ls="", marker="o", ms=5.5, color=color, mfc=fill)


def _contrast(finding: Finding) -> str:
    rule = finding.claim.rule
    text = f"{name_space(rule.a)} to {name_space(rule.b)}"
    return text[0].upper() + text[1:]
