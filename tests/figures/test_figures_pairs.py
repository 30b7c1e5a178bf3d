"""The figure of pairs: who is hollow, which mean it draws, and what it refuses."""

from xml.etree import ElementTree

import pytest

from designspaces.figures.pairs import by_depth
from designspaces.judging.effects import Effect
from designspaces.judging.intervals import simultaneous
from refusals import refusal

WAYS = ("at equal cost", "at equal time")


def arguments(**changed):
    interval = simultaneous([Effect("mean", 0.5, {1: 0.1}, (3,))])[0]
    usual = {
        "depths": [2, 3, 4],
        "gains": dict.fromkeys(WAYS, (0.0, 1.0, -5.0)),
        "intervals": dict.fromkeys(WAYS, interval),
        "margin": 0.5,
        "hollow": ("groups", "depthwise", [False, True, False]),
    }
    return usual | changed


def test_each_pair_is_a_circle_and_each_comparison_a_panel():
    picture = by_depth(**arguments())
    assert len(picture.panels) == 2
    for panel in picture.panels:
        ElementTree.fromstring(panel)
    assert "depthwise" in picture.panels[0]
    assert "depthwise" not in picture.panels[1], "one legend serves both"
    assert picture.alt.count("3 pairs differ by +0.50 (+0.30 to +0.70) points in the mean") == 2
    # up to the median of three blocks
    assert "the shorter and the longer half by +0.50 and −5.00" in picture.alt


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"intervals": {}}, "intervals are of []; expected those of ['at equal cost'"),
        ({"hollow": ("a", "b", [True])}, "hollow has 1 values; expected one of 3 pairs"),
        ({"depths": [2, 3]}, "hollow has 3 values; expected one of 2 pairs"),
        ({"gains": dict.fromkeys(WAYS, (1.0,))}, "at equal cost has 1 values; expected one of 3"),
    ],
)
def test_what_does_not_belong_together_is_refused(changed, told):
    assert told in refusal(by_depth, **arguments(**changed))
