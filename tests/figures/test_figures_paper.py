"""The figures of the rest of the paper: titles and alt texts follow the data."""

import re
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from designspaces.designs.published import PUBLISHED
from designspaces.designs.timed import TIMED, TIMED_AGAIN
from designspaces.figures import paper as figures
from designspaces.judging.ranks import RankCorrelation

ALL = list(PUBLISHED.values())
COSTS = ("flops", "activations")
DRAWN = {
    1e9 * budget: [
        {"group_width": g, "w_0": 8, "w_a": 1.5 * budget, "depth": 20, "w_m": 2.5}
        for g in (8, 16, 32)
    ]
    for budget in (1, 2, 4)
}
TRENDS = dict.fromkeys(
    figures.NUMBERS,
    (
        RankCorrelation(0.123, -0.3, 0.5, 0.5, 24),
        RankCorrelation(-0.456, -0.6, -0.2, 0.01, 90),
    ),
)


def of(*families):
    return [one for one in TIMED if one.family.startswith(families)]


def test_the_shares_are_those_of_a_correlation_of_logarithms():
    exact = [replace(one, ms=one.flops**0.7) for one in TIMED]
    assert figures.explained(exact, "flops").value == pytest.approx(1)
    shares = [[round(figures.explained(some, cost).value, 2) for cost in COSTS] for some in (
        of("RegNet"), of("RegNet", "ResNe"), TIMED
    )]  # fmt: skip
    assert shares == [[0.99, 0.98], [0.98, 0.98], [0.83, 0.97]]


def test_misses_are_ratios_to_what_regnets_foretell():
    exact = [
        replace(one, ms=one.flops**0.7 * (3 if one.family == "ResNet" else 1)) for one in TIMED
    ]
    assert figures.misses(exact, "flops", "ResNet") == pytest.approx([3, 3, 3])
    assert figures.misses(exact, "flops", "EfficientNet") == pytest.approx(np.ones(6))


def test_times_tell_the_shares_and_the_range():
    picture = figures.times(TIMED)
    for panel, cost in zip(picture.panels, ("flops", "activations"), strict=True):
        assert f"R² = {figures.explained(TIMED, cost)}" in panel
    for family in figures.KINDS:
        assert f">{family}<" in picture.panels[0]
    assert "36 published networks" in picture.alt
    assert "from 10 to 504 ms" in picture.alt
    assert "the median EfficientNet takes 2.6 times as long" in picture.alt


def test_growth_has_a_panel_for_each_number_with_both_trends():
    picture = figures.growth(ALL, DRAWN, TRENDS)
    assert len(picture.panels) == len(figures.NUMBERS)
    for panel, letter in zip(picture.panels, figures.NUMBERS.values(), strict=True):
        assert f">{letter}<" in panel
    assert "24 published RegNets" in picture.alt
    told = "+0.12 (−0.30 to +0.50) for the published, −0.46 (−0.60 to −0.20) for the untrained"
    assert f"w_a {told}" in picture.alt
    assert "whose median goes from 1.5 to 6" in picture.alt


def test_pictures_are_light_and_their_ids_do_not_meet():
    pictures = [figures.times(TIMED), figures.growth(ALL, DRAWN, TRENDS)]
    assert all(sum(map(len, picture.panels)) < 60_000 for picture in pictures)
    ids = [i for p in pictures for one in p.panels for i in re.findall(r'\bid="([^"]+)"', one)]
    assert len(ids) == len(set(ids))


def test_what_the_chapter_says_of_the_times_holds():
    by_flops, by_activations = (figures.misses(TIMED, cost, "EfficientNet") for cost in COSTS)
    assert by_flops.min() > 2, "far longer than RegNets of as many multiply-adds"
    assert by_activations.argmin() == 5, "the largest, B5"
    assert by_activations[5] < 0.7
    again = [figures.explained(TIMED_AGAIN, cost) for cost in COSTS]
    assert again[0].value < again[1].value, "a second time, too"
    slower = {one.network: one.ms for one in TIMED_AGAIN if "ResNe" in one.family}
    assert all(one.ms < slower[one.network] for one in of("ResNe"))
    assert [one.network for one in TIMED if one.activations > 50e6] == ["EfficientNet-B5"]
