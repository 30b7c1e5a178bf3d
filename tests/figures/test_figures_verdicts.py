"""The picture of the verdicts shows each that there is, where the rule says so."""

import pytest

from designspaces.figures.verdicts import CLAIMED, PLACES, all_verdicts
from designspaces.judging.effects import decide


@pytest.mark.parametrize("margin", [0.5, 0.25])
def test_every_verdict_that_there_is_stands_above_an_interval(margin):
    picture = all_verdicts(margin)
    ends = [margin * part / 2 for part in range(-5, 6)]
    for (expects, title), panel in zip(CLAIMED.items(), picture.panels, strict=True):
        shown = [decide(expects, margin * low, margin * high, margin) for low, high in PLACES]
        possible = {decide(expects, a, b, margin) for a in ends for b in ends if a <= b}
        assert possible == set(shown)
        assert title in panel
        for verdict in shown:
            assert panel.count(f">{verdict}<") == shown.count(verdict)
            assert verdict in picture.alt
