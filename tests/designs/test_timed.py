"""timed.csv against itself and against what the authors' code says of the same networks."""

from collections import Counter

import pytest

from designspaces.designs.published import PUBLISHED
from designspaces.designs.timed import TIMED, TIMED_AGAIN

BOTH = pytest.mark.parametrize("timed", [TIMED, TIMED_AGAIN], ids=["paper", "code"])
FAMILIES = {"RegNetX": 12, "RegNetY": 12, "ResNet": 3, "ResNeXt": 3, "EfficientNet": 6}
SOURCES = {
    "RegNetX": "figure 15",
    "RegNetY": "figure 16",
    "ResNet": "table 3",
    "ResNeXt": "table 3",
    "EfficientNet": "table 4",
}
COUNTED = {  # multiply-adds and activations, by dev/model_complexity.json of pycls at 5719de6
    "ResNet-50": (4_089_185_256, 11_315_688),
    "ResNet-101": (7_801_406_440, 16_433_640),
    "ResNet-152": (11_513_627_624, 22_755_816),
    "ResNeXt-50": (4_230_480_872, 14_602_216),
    "ResNeXt-101": (7_969_997_800, 21_426_152),
    "ResNeXt-152": (11_709_514_728, 29_855_720),
    "EfficientNet-B0": (385_825_092, 6_748_036),
    "EfficientNet-B1": (686_817_992, 10_884_328),
    "EfficientNet-B2": (993_578_282, 13_832_834),
    "EfficientNet-B3": (1_827_162_472, 23_831_296),
    "EfficientNet-B4": (4_393_801_064, 49_489_032),
    "EfficientNet-B5": (10_266_426_072, 98_857_400),
} | {name: (one.flops, one.activations) for name, one in PUBLISHED.items()}


@BOTH
def test_every_network_stands_there_once(timed):
    assert Counter(one.family for one in timed) == FAMILIES
    assert len({one.network for one in timed}) == len(timed)
    assert all(one.network.startswith(f"{one.family}-") for one in timed)


def test_sources_are_named():
    assert all(one.source == SOURCES[one.family] for one in TIMED)
    assert {one.source for one in TIMED_AGAIN} == {"MODEL_ZOO.md"}


def test_the_code_prints_its_own_counts():
    for one in TIMED_AGAIN:
        flops, activations = COUNTED[one.network]
        assert one.flops == pytest.approx(flops, abs=0.0501e9)
        assert one.activations == pytest.approx(activations, abs=0.0501e6)


def test_the_paper_prints_nearly_the_same():
    """It leaves some shortcuts out of the ResNe(X)ts, and its B4 and B5 are a little smaller."""
    for one in TIMED:
        flops, activations = COUNTED[one.network]
        assert one.flops == pytest.approx(flops, rel=0.05, abs=0.0501e9)
        assert one.activations == pytest.approx(activations, rel=0.025, abs=0.0501e6)


def test_both_tell_of_the_same_networks():
    again = {one.network: one for one in TIMED_AGAIN}
    for one in TIMED:
        other = again[one.network]
        assert one.error == pytest.approx(other.error, abs=0.21)
        assert one.ms == pytest.approx(other.ms, rel=0.25)
        assert one.hours == pytest.approx(other.hours, rel=0.35)


def test_errors_are_those_of_the_published():
    timed = {one.network: one for one in TIMED}
    for name, label in PUBLISHED.items():
        assert timed[name].error == pytest.approx(label.top1_error, abs=0.11)
        assert timed[name].std == label.top1_std


@BOTH
def test_training_takes_about_three_times_the_forward_pass(timed):
    """100 epochs of 1.28 million images on eight: in passes of 64 images."""
    for one in timed:
        forward = 100 * 1_281_167 / 64 / 8 * one.ms / 3_600_000
        assert 2.5 < one.hours / forward < 5.5, one.network


def test_only_others_have_an_error_of_their_own():
    assert all((one.own_error is None) == (one.network in PUBLISHED) for one in TIMED)
    assert all(one.own_error > one.error for one in TIMED if "ResNe" in one.family)
    assert all(one.own_error < one.error for one in TIMED if one.family == "EfficientNet")
    assert all(one.own_error is None and one.std is None for one in TIMED_AGAIN)
    assert all(0.03 <= one.std <= 0.19 for one in TIMED)
