"""The picture of the verdicts shows each that there is, where the rule says so."""

import pytest

from designspaces.figures.verdicts import CLAIMED, PLACES, all_verdicts
from designspaces.judging.intervals import decide
from designspaces.judging.verdicts import (
    CONTRADICTED,
    EQUIVALENT,
    NOT_RESOLVED,
    SUPPORTED,
    decide_alone,
)


@pytest.mark.parametrize("margin", [0.5, 0.25])
@pytest.mark.parametrize("judge", [decide, decide_alone])
def test_every_verdict_that_there_is_stands_above_an_interval(judge, margin):
    picture = all_verdicts(margin, judge)
    ends = [margin * part / 2 for part in range(-5, 6)]
    for (expects, title), panel in zip(CLAIMED.items(), picture.panels, strict=True):
        shown = [judge(expects, margin * low, margin * high, margin) for low, high in PLACES]
        possible = {judge(expects, a, b, margin) for a in ends for b in ends if a <= b}
        assert possible == set(shown)
        assert title in panel
        for verdict in shown:
            assert panel.count(f">{verdict}<") == shown.count(verdict)
            assert verdict in picture.alt


@pytest.mark.parametrize(
    ("expects", "low", "high", "verdict"),
    [
        ("better", -0.4, -0.1, EQUIVALENT),
        ("better", -0.6, -0.1, SUPPORTED),
        ("better", -0.6, 0.1, NOT_RESOLVED),
        ("better", 0.1, 0.6, CONTRADICTED),
        ("same", -0.4, -0.1, SUPPORTED),
        ("same", -0.6, -0.1, NOT_RESOLVED),
        ("same", 0.6, 0.9, CONTRADICTED),
    ],
)
def test_the_first_study_asks_for_the_margin_first(expects, low, high, verdict):
    assert decide_alone(expects, low, high, 0.5) == verdict
