"""How a verdict is read off an interval: all ways there are, judged by the rule itself."""

from collections.abc import Callable

import matplotlib as mpl

from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    PANEL,
    STYLE,
    Picture,
    as_svg,
    mark_margin,
    panel,
)
from designspaces.judging.intervals import decide
from designspaces.words import interval, signed

CLAIMED = {"better": "Q is better than P", "same": "P and Q are the same"}
PLACES = (
    (-2.6, -1.4), (-1.8, -0.4), (-0.8, -0.2), (-0.6, 0.4), (-0.6, 1.6),
    (0.2, 0.8), (0.4, 1.8), (1.4, 2.6),
)  # fmt: skip
"""Intervals in margins: all ways in which one can lie to zero and to the margin."""


@mpl.rc_context(STYLE)
def all_verdicts(
    margin: float,
    judge: Callable[[str, float, float, float], str] = decide,
    name: str = "verdicts",
) -> Picture:
    """What `judge` says of intervals in points: a panel for a claim, the verdict above each.

    judge: takes what is claimed, both ends and the margin, like `decide`. name: of the drawings.

    The margin is shaded and zero a line. Where a claim is supported the interval is thick, where it
    is contradicted dashed, else thin.
    """
    places = [(margin * low, margin * high) for low, high in PLACES]
    left, right = min(min(places)), max(high for _, high in places)
    panels, told = [], []
    for expects, title in CLAIMED.items():
        found = [judge(expects, *place, margin) for place in places]
        figure, axes = panel((PANEL[0], 0.8 + 0.36 * len(places)))
        mark_margin(axes, margin)
        for row, (place, verdict) in enumerate(zip(reversed(places), reversed(found), strict=True)):
            axes.plot(place, [row, row], **_look(verdict))
            axes.text(left, row + 0.16, verdict, fontsize=9, va="bottom")
        axes.set(yticks=[], ylim=(-0.5, len(places) - 0.1), title=f"Claim: {title}")
        axes.set_xlim(left - 0.1 * margin, right + 0.1 * margin)
        axes.set_xticks([-margin, 0, margin], [signed(-margin, 2), "0", signed(margin, 2)])
        axes.set(xlabel="Q less P, points; left is better")
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False)
        panels.append(as_svg(figure, f"{name}-{expects}"))
        rows = [f"{interval(*at)} {what}" for at, what in zip(places, found, strict=True)]
        told.append(f"Claim that {title}: {'; '.join(rows)}.")
    alt = f"Intervals in points, a margin of {margin:g} to either side, and their verdicts."
    return Picture(tuple(panels), " ".join([alt, *told]))


def _look(verdict: str) -> dict:
    if verdict.startswith("supported"):
        return {"color": COOL, "lw": 3.2}
    if verdict.startswith("contradicted"):
        return {"color": ACCENT, "lw": 2.4, "ls": (0, (2.5, 1))}
    return {"color": BASELINE, "lw": 1.4, "marker": "|", "ms": 7}
