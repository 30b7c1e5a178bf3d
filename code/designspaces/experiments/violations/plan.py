"""The plan: which principle matters most when it alone is broken. By the second study's regime.

Ranked by means of capped errors, like all plans here; `beyond` has the medians beside them, which
no cap touches.
"""

from dataclasses import replace
from itertools import combinations

from designspaces.experiments.violations.space import KEPT, VIOLATIONS
from designspaces.judging.questions import Partners
from designspaces.judging.study import Family, draft
from designspaces.populations.population import Population

N = dict.fromkeys([KEPT.name, *VIOLATIONS], 100)

BROKEN = {
    "VioNet_falling_widths": ("falling widths", "section 3.2, figure 7"),
    "VioNet_falling_depths": ("falling depths", "section 3.2, figure 7"),
    "VioNet_depthwise": ("groups of one channel", "section 4, figure 14"),
    "VioNet_bottlenecks": ("bottlenecks of a quarter of the width", "section 4, figure 11"),
    "VioNet_mixed_bottlenecks": (
        "bottleneck ratios that differ among stages",
        "section 4, figure 11; that they differ costs nothing by section 3.2, figure 5",
    ),
    "VioNet_no_line": ("widths that follow no line", "section 3.3, figure 9"),
}
"""What is broken, in words, and where the paper says that it matters."""

RANKED = (
    "VioNet_falling_widths",
    "VioNet_falling_depths",
    "VioNet_depthwise",
    "VioNet_bottlenecks",
)
"""One violation each of the four things that a stage has: width, depth, groups and bottleneck."""


def _short(family: str) -> str:
    return family.removeprefix("VioNet_").replace("_", "-")


def _breach(family: str, text: str, source: str, expects: str) -> Partners:
    return Partners(
        id=_short(family),
        text=f"At equal depth and multiply-adds, {text}",
        source=source,
        expects=expects,
        networks=KEPT.name,
        partners=family,
        beside=KEPT.name,
    )


BREACHES = (
    *(
        _breach(family, f"{words} make a RegNet worse", source, "better")
        for family, (words, source) in BROKEN.items()
    ),
    _breach(
        "VioNet_mixed_groups",
        "group widths that differ among stages make a RegNet neither worse nor better",
        "section 3.2, figure 5",
        "same",
    ),
)
"""The networks that keep all principles less each family: below 0, the breach does harm."""

RANKS = tuple(
    Partners(
        id=f"{_short(one)}-or-{_short(other)}",
        text=f"{BROKEN[one][0].capitalize()} do as much harm as {BROKEN[other][0]}",
        source="exercise 3 of the textbook",
        expects="same",
        networks=one,
        partners=other,
        beside=KEPT.name,
    )
    for one, other in combinations(RANKED, 2)
)
"""Below 0: the first does less harm."""

FAMILIES = (Family("breaches", True, BREACHES), Family("ranks", True, RANKS))

PLAN = replace(draft(FAMILIES, N), signed="2026-11-30T16:42:00+00:00")


def evidence() -> Population:
    """What is recorded of all families; nothing where none is trained yet."""
    return Population.experiment("violations")
