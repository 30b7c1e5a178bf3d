"""The figure of pairs: who is hollow, which mean it draws, and what it refuses."""

from xml.etree import ElementTree

import pytest

from designspaces.figures.pairs import Pairs, by_depth
from designspaces.judging.effects import Effect
from designspaces.judging.intervals import simultaneous
from refusals import refusal

WAYS = ("at equal cost", "at equal time")
INTERVAL = simultaneous([Effect("mean", 0.5, {1: 0.1}, (3,))])[0]
THREE = {
    "depths": [2, 3, 4],
    "gains": (0.0, 1.0, -5.0),
    "interval": INTERVAL,
    "hollow": [False, True, False],
}


def test_each_pair_is_a_circle_and_each_comparison_a_panel():
    picture = by_depth(dict.fromkeys(WAYS, Pairs(**THREE)), 0.5, ("groups", "depthwise"))
    assert len(picture.panels) == 2
    for panel in picture.panels:
        ElementTree.fromstring(panel)
    assert "depthwise" in picture.panels[0]
    assert "depthwise" not in picture.panels[1], "one legend serves both"
    assert picture.alt.count("3 pairs differ by +0.50 (+0.30 to +0.70) points in the mean") == 2
    # up to the median of three blocks
    assert "the shorter and the longer half by +0.50 and −5.00" in picture.alt


def test_where_all_are_alike_no_legend_says_so():
    pair = Pairs([2, 3], [0.0, 1.0], INTERVAL)
    for kinds in (None, ("short", "long")):
        (panel,) = by_depth({"alike": pair}, 0.5, kinds).panels
        assert (">short<" in panel) == (kinds is not None)


def test_hollow_pairs_are_named():
    told = refusal(by_depth, {"at equal cost": Pairs(**THREE)}, 0.5)
    assert "at equal cost has 1 hollow pairs; say by kinds" in told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"hollow": [True]}, "hollow has 1 values; expected one of 3 pairs"),
        ({"depths": [2, 3]}, "depths has 2 values; expected one of 3 pairs"),
        ({"gains": (1.0,)}, "depths has 3 values; expected one of 1 pairs"),
    ],
)
def test_what_does_not_belong_together_is_refused(changed, told):
    assert told in refusal(Pairs, **(THREE | changed))
