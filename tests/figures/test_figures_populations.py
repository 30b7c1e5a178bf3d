"""Figures of populations: described by their data, legible on light and dark, and in gray."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from designspaces.figures import populations as figures
from designspaces.figures import styles
from designspaces.judging.properties import values
from designspaces.judging.statistics import EDF, repeatability
from designspaces.populations.population import Population
from designspaces.spaces import SPACES
from designspaces.spaces.study import STUDY_SPACES

ERRORS = np.round(np.random.default_rng(0).normal(0.145, 0.01, 100), 4)


def luminance(color: str) -> float:
    """Relative luminance, by the Web Content Accessibility Guidelines."""
    values = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(values <= 0.03928, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(first: str, second: str) -> float:
    low, high = sorted(luminance(color) + 0.05 for color in (first, second))
    return high / low


@pytest.mark.parametrize("space", SPACES | STUDY_SPACES)
@pytest.mark.parametrize("page", ["#ffffff", "#16191d"])
def test_every_space_stands_out_on_light_and_dark(space, page):
    assert contrast(styles.style_of(space)["color"], page) >= 3


def test_spaces_grow_darker_and_wider_from_a_to_e():
    ramp = [styles.SPACE_STYLES[f"AnyNetX_{letter}"] for letter in "ABCDE"]
    light = [luminance(style["color"]) for style in ramp]
    assert light == sorted(light, reverse=True)
    widths = [style["lw"] for style in ramp]
    assert widths == sorted(widths)


def test_in_gray_widths_and_dashes_tell_all_spaces_apart():
    drawn = [styles.style_of(space) for space in SPACES | STUDY_SPACES]
    assert len({(style["lw"], str(style["ls"])) for style in drawn}) == len(drawn)


def test_what_is_drawn_from_a_space_otherwise_has_its_hue():
    for space in STUDY_SPACES:
        base = "RegNetX" if "RegNetX_" in space else space.partition("_like_")[0]
        assert styles.style_of(space)["color"] == styles.style_of(base)["color"]
    assert styles.style_of("AnyNetX_Z") == styles.style_of("AnyNetX_C_mine") == styles.UNKNOWN


# What the three kinds of colour blindness make of linear RGB (Machado, Oliveira, Fernandes 2009).
EYES = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def seen(color: str, eyes: str) -> np.ndarray:
    """A colour's place in Oklab, where equal distances look alike (Ottosson 2020)."""
    values = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    ) @ np.clip(np.array(EYES[eyes]) @ linear, 0, 1)
    opponents = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(opponents) @ np.cbrt(cones)


@pytest.mark.parametrize("eyes", EYES)
def test_any_two_spaces_differ_in_hue_for_all_eyes(eyes):
    """0.02 is just noticeable side by side; of the five blues of before two came to 0.028."""
    for some, least in (
        (styles.SPACE_STYLES, 0.09),
        (styles.SPACE_STYLES | styles.MORE_STYLES, 0.06),
    ):
        colors = [style["color"] for style in some.values()]
        for i, first in enumerate(colors):
            for other in colors[:i]:
                assert np.linalg.norm(seen(first, eyes) - seen(other, eyes)) > least, (first, other)


def test_the_curve_and_the_readers_networks_are_described():
    picture = figures.edf_with_mine("AnyNetX_A", EDF(ERRORS), [0.14, 0.151])
    (panel,) = picture.panels
    ElementTree.fromstring(panel)
    for words in (
        "EDF of 100 networks of AnyNetX_A",
        f"median error {100 * np.median(ERRORS):.1f} percent",
        "14 percentage points up and down",
        "2 networks of the reader are marked, at 14.0 percent, 15.1 percent",
    ):
        assert words in picture.alt
    assert f"Half of 100 networks stay below {100 * np.median(ERRORS):.1f}%" in panel


def test_a_failure_far_away_does_not_rule_the_axis():
    wild = np.append(ERRORS, 0.9)
    (panel,) = figures.edf_with_mine("AnyNetX_A", EDF(wild), [0.14]).panels
    ticks = [float(text) for text in re.findall(r">(\d\d)<", panel)]
    assert max(ticks) < 30


def test_the_figure_is_the_same_bytes_every_time():
    assert figures.edf_with_mine("RegNetX", EDF(ERRORS), [0.14]) == figures.edf_with_mine(
        "RegNetX", EDF(ERRORS), [0.14]
    )


RECORDED = Population.recorded()


def test_panels_hold_the_spaces_that_have_networks():
    panels = {"One": ["AnyNetX_A", "AnyNetX_B"], "Two": ["AnyNetX_E", "nothing"]}
    picture = figures.edf_panels(RECORDED, panels, "some")
    first, _ = map(ElementTree.fromstring, picture.panels)
    assert {"One", "median error"} <= set(first.itertext())
    n = len(RECORDED.space("AnyNetX_A"))
    assert f"EDF of {n} networks of AnyNetX_A" in picture.alt
    assert "There are no networks of nothing yet." in picture.alt
    empty = figures.edf_panels(Population(), panels, "none")
    assert len(empty.panels) == 2


def test_a_caption_counts_networks_hours_and_failures():
    some = Population(list(RECORDED.space("AnyNetX_A"))[:5])
    text = figures.describe_populations(some, ["AnyNetX_A"])
    assert text.startswith("5 networks, trained for 1 epoch by the recipe")
    assert f"{some.hours:.1f} hours of a worker" in text
    assert text.endswith("none diverged, none went astray")
    assert "5 networks of A, 0 networks of RegNetX" in figures.describe_populations(
        some, ["AnyNetX_A", "RegNetX"]
    )
    assert figures.describe_populations(Population(), ["RegNetX"]) == "0 networks yet"
    of_two_sizes = ["AnyNetX_D", "AnyNetX_E", "AnyNetX_C_equal_widths"]
    text = figures.describe_populations(RECORDED, of_two_sizes)
    assert text.startswith("100 networks of D and E, 50 networks of C with equal widths, trained")


def test_a_picture_of_populations_says_how_they_were_made():
    spaces = ["AnyNetX_A", "RegNetX"]
    made = figures.describe_populations(RECORDED, spaces)
    assert figures.edf_panels(RECORDED, {"a": spaces[:1], "b": spaces}, "x").made == made
    assert figures.cost_panels(RECORDED, spaces).made == made
    assert figures.trends(RECORDED, [(space, "depth") for space in spaces]).made == made


def test_costs_and_repeats_are_described():
    picture = figures.cost_panels(RECORDED, ["AnyNetX_A", "AnyNetX_E"])
    middle = np.median([record.params for record in RECORDED.space("AnyNetX_E")]) / 1e3
    assert f"E {middle:.0f}" in picture.alt
    a, b = (list(RECORDED.space(name))[:12] for name in ("AnyNetX_A", "AnyNetX_B"))
    again = figures.repeats(a, b)
    assert "12 networks, each trained from two seeds" in again.alt
    noise = repeatability(values(a, "error"), values(b, "error")).noise
    assert f"a noise of {noise:.2f} points" in again.panels[0]
    assert again.made.startswith("12 networks, trained for 1 epoch")


def test_trends_say_where_the_best_lie():
    panels = [("RegNetX", "depth"), ("RegNetX", "w_m"), ("AnyNetX_E", "group_width")]
    picture = figures.trends(RECORDED, panels)
    assert len(picture.panels) == 3
    assert "RegNetX, error against number of blocks" in picture.alt
    few = Population(list(RECORDED.space("RegNetX"))[:5])
    assert "has 5 networks; this takes at least 20" in figures.trends(few, panels[:1]).alt
    assert len(figures.trends(Population(), panels).panels) == 3
    assert "no networks of A yet" in figures.cost_panels(Population(), ["AnyNetX_A"]).alt


def test_block_counts_have_a_strip_a_space_and_its_median():
    spaces = ["AnyNetX_A", "AnyNetX_E", "RegNetX"]
    picture = figures.block_counts(RECORDED, spaces)
    (panel,) = picture.panels
    ElementTree.fromstring(panel)
    blocks = values(RECORDED.space("RegNetX"), "depth")
    assert f"RegNetX {np.median(blocks):g}" in picture.alt
    assert figures.block_counts(Population([]), spaces).panels == ()
