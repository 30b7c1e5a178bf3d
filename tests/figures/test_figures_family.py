"""The figures of the published family: titles and alt texts follow the data."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("torch")

from designspaces.designs.published import PUBLISHED
from designspaces.figures import family as figures
from designspaces.judging.shares import Share

ALL = list(PUBLISHED.values())
FEW = [one for one in ALL if figures.size(one) in ("200MF", "3.2GF")]


def line(letter: str, *points: tuple[int, float]):
    """Networks of one kind with these multiply-adds and errors."""
    pattern = PUBLISHED[f"RegNet{letter}-200MF"]
    return [replace(pattern, flops=flops, top1_error=error) for flops, error in points]


def test_a_name_has_its_letter_and_size():
    assert figures.letter_of(PUBLISHED["RegNetY-8.0GF"]) == "Y"
    assert figures.letter_of(PUBLISHED["RegNetX-8.0GF"]) == "X"
    assert figures.size(PUBLISHED["RegNetY-8.0GF"]) == "8.0GF"
    assert len({figures.size(one) for one in ALL}) == 12


def test_gaps_are_read_between_neighbors_on_a_logarithmic_axis():
    x = line("X", (100, 30.0), (10_000, 20.0))
    assert figures.gaps(x + line("Y", (1_000, 24.0)), "flops") == pytest.approx([1.0])
    assert figures.gaps(x + line("Y", (100, 31.0)), "flops") == pytest.approx([-1.0])


def test_gaps_leave_out_what_has_no_x_to_both_sides():
    x = line("X", (100, 30.0), (10_000, 20.0))
    y = line("Y", (99, 1.0), (100, 29.0), (10_000, 18.0), (10_001, 1.0))
    assert figures.gaps(x + y, "flops") == pytest.approx([1.0, 2.0])


def test_gaps_do_not_depend_on_the_order():
    for cost in figures.COSTS:
        assert figures.gaps(ALL[::-1], cost) == pytest.approx(figures.gaps(ALL, cost))


def test_errors_tell_the_gap_over_each_cost():
    picture = figures.errors(ALL)
    assert len(picture.panels) == 3
    for panel, (cost, (words, *_)) in zip(picture.panels, figures.COSTS.items(), strict=True):
        gap = np.median(figures.gaps(ALL, cost))
        assert f"Equal {words}: Y −{gap:.2f} points" in panel
        assert f"over {words}, the median Y lies {gap:.2f} points below" in picture.alt
    assert "RegNetX from 31.1 to 19.5 percent and RegNetY from 29.7 to 19.1" in picture.alt


def test_a_y_that_is_worse_gets_a_plus():
    both = [replace(one, top1_error=one.top1_error + 9 * (one.se_ratio > 0)) for one in ALL]
    assert re.search(r"Equal parameters: Y \+\d\.\d\d points", figures.errors(both).panels[2])


def test_widths_have_a_panel_for_each_size_and_name_every_stage():
    picture = figures.widths(FEW)
    assert len(picture.panels) == 2
    assert ">200MF<" in picture.panels[0]
    assert ">3.2GF<" in picture.panels[1]
    for one in FEW:
        *rest, last = map(str, one.architecture.widths)
        assert f"{one.name} {', '.join(rest)} and {last}" in picture.alt


def test_bounds_count_what_stays_below():
    most = {"params": lambda f: 3e6 + 5.5e-3 * f, "activations": lambda f: 0 * f + 5e6}
    picture = figures.bounds(ALL, most)
    below = sum(one.activations < 5e6 for one in ALL)
    assert "Parameters: 24 of 24 below" in picture.panels[0]
    assert f"Activations: {below} of 24 below" in picture.panels[1]
    slope = np.polyfit(np.log([n.flops for n in ALL]), np.log([n.params for n in ALL]), 1)[0]
    assert f"parameters grow with the power {slope:.2f}, 24 networks" in picture.alt


def test_bounds_take_the_multiply_adds_of_the_label():
    """They are a ceiling: RegNetY-6.4GF has a few less, and only with those is it above."""
    most = {"activations": lambda f: 6.5e6 * (f / 1e9) ** 0.5}
    over = [one.name for one in ALL if one.activations >= most["activations"](one.flops)]
    assert over == ["RegNetY-6.4GF"]
    assert "Activations: 24 of 24 below" in figures.bounds(ALL, most).panels[0]


def test_run_times_tell_the_shares_and_the_range():
    flops = np.array([1e8, 1e9])
    group = {"flops": flops, "activations": flops / 100, "seconds": flops * 1e-10}
    shares = {"flops": Share(0.987, 0.9, 0.99), "activations": Share(0.654, 0.2, 0.9)}
    groups = {"X": group, "drawn": group}
    picture = figures.run_times(groups, shares, (1e-10, 1e-7), 224)
    assert "R² = 0.99 (0.90 to 0.99)" in picture.panels[0]
    assert "R² = 0.65 (0.20 to 0.90)" in picture.panels[1]
    assert "RegNetX" in picture.panels[0]
    assert "drawn" in picture.panels[0]
    assert "4 networks, from 10.0 to 100 ms an image" in picture.alt
    assert "activations explain the share 0.65 (0.20 to 0.90)" in picture.alt
    assert not picture.note
    quick = figures.run_times(groups, shares, (1e-10, 1e-7), 112, quick=True)
    assert quick.note.startswith("Quick profile: 112 pixels")


def test_pictures_are_light_and_their_ids_do_not_meet():
    most = {"params": lambda f: f, "activations": lambda f: f}
    pictures = [figures.errors(ALL), figures.widths(FEW), figures.bounds(ALL, most)]
    for picture in pictures:
        assert sum(map(len, picture.panels)) < 60_000
    ids = [i for p in pictures for one in p.panels for i in re.findall(r'\bid="([^"]+)"', one)]
    assert len(ids) == len(set(ids))


def test_what_the_chapter_says_of_the_published_networks_holds():
    x, y = ([one for one in ALL if figures.letter_of(one) == letter] for letter in "XY")
    assert all(b.top1_error < a.top1_error for a, b in zip(x, y, strict=True)), "in all pairs"
    gaps = {cost: np.median(figures.gaps(ALL, cost)) for cost in figures.COSTS}
    assert min(gaps, key=gaps.get) == "params", "closest over parameters"

    turns = [(a, b) for a, b in pairwise(x) if b.activations < a.activations]
    ((before, behind),) = turns
    assert behind.flops > before.flops
    assert behind.group_width > before.group_width, "its groups are wider"

    (over,) = (one for one in ALL if one.activations >= 6.5e6 * (one.flops / 1e9) ** 0.5)
    label = 1e9 * float(figures.size(over).removesuffix("GF"))
    assert over.flops < label, "not a few less"
    assert over.activations < 6.5e6 * (label / 1e9) ** 0.5, "it would obey"
