"""Homework: each student has a task of their own, and its truth is found here by other ways."""

import re
from collections import defaultdict
from dataclasses import replace
from functools import cache
from math import inf
from pathlib import Path

import numpy as np
import pytest

from designspaces import check
from designspaces.book import homework
from designspaces.designs import regnet
from designspaces.designs.complexity import complexity
from designspaces.populations.population import Population
from designspaces.spaces import SPACES

NAMES = list(homework.ASSIGNMENTS)
SEEDS = (0, 4711)
recorded = cache(Population.recorded)
each_name = pytest.mark.parametrize("name", NAMES)
each_seed = pytest.mark.parametrize("seed", SEEDS)


# --- right answers, not by the package's ways -----------------------------------------------------


def stem(image, layers):
    """By laying the windows, one after the other: (first, last) pixel of each position."""
    sides = []
    for side in image:
        seen = [(i, i) for i in range(side)]
        for kernel, stride in layers:
            pad = [(inf, -inf)] * (kernel // 2)
            seen = [*pad, *seen, *pad]
            windows = [seen[i : i + kernel] for i in range(0, len(seen) - kernel + 1, stride)]
            seen = [(min(a for a, _ in w), max(b for _, b in w)) for w in windows]
        sides.append(seen)
    (low, high), (after, _) = sides[0][len(sides[0]) // 2 : len(sides[0]) // 2 + 2]
    return (*map(len, sides), high - low + 1, after - low)


def stage(entering, width, depth, bottleneck_ratio, group_width, resolution):
    middle, half = width // bottleneck_ratio, resolution // 2
    params = flops = 0
    for block in range(depth):
        before, side = (entering, resolution) if block == 0 else (width, half)
        convolutions = [
            (before * middle, middle, side),
            (9 * group_width * middle, middle, half),
            (middle * width, width, half),
        ]
        if block == 0:
            convolutions.append((entering * width, width, half))
        params += sum(weights + 2 * channels for weights, channels, _ in convolutions)
        flops += sum(weights * at**2 for weights, _, at in convolutions)
    return params, flops


def count(stages, depths, widths, ratios, group_widths):
    def rising(values):
        """Lists by their last value: each goes on with one that is not smaller."""
        ending = [1] * values
        for _ in range(stages - 1):
            ending = [sum(ending[: last + 1]) for last in range(values)]
        return sum(ending)

    return rising(depths) * rising(widths) * ratios * group_widths


def edf(a, b, place):
    def below(errors, e):
        return sum(error < e for error in errors) / len(errors)

    grid = [e / 100 for e in range(500, 2500)]
    return below(a, place), below(b, place), max(abs(below(a, e) - below(b, e)) for e in grid)


def matched(**places):
    errors = {space: defaultdict(list) for space in places}
    for space, chosen in places.items():
        for record in recorded(space):
            if record.index in chosen:
                errors[space][sum(record.network.depths)].append(record.val_error)
    c, d = errors["AnyNetX_C"], errors["AnyNetX_D"]
    gaps = [error - np.mean(c[n]) for n, those in d.items() if n in c for error in those]
    return 100 * np.mean(gaps)


def verdicts(margin, intervals):
    said = []
    for low, high in intervals:
        zero_inside, larger = low <= 0 <= high, max(-low, high) > margin
        all_larger = low > margin or high < -margin
        if zero_inside:
            said.append("not resolved" if larger else "no difference that matters")
            continue
        verdict = "supported" if high < 0 else "contradicted"
        more = " by more than the margin" if all_larger else " by less than the margin"
        said.append(verdict + more * (all_larger or not larger))
    return said


def line(w_0, depths, widths):
    slopes, wanted = np.arange(6, 24.1, 0.1), np.repeat(widths, depths)
    lines = np.log1p(slopes[:, None] * np.arange(sum(depths)) / w_0)
    for w_m in np.arange(1.9, 2.81, 0.01):
        steps = 8 * np.round(w_0 * w_m ** np.round(lines / np.log(w_m)) / 8)
        for w_a in slopes[(steps == wanted).all(axis=1)]:
            return w_a, w_m
    raise AssertionError("no line of the grid makes these stages")


def budget(flops, params):
    space = SPACES["AnyNetX_E"]
    for network in space.sample(400, seed=1):
        cost = complexity(network, space.regime.resolution)
        if abs(cost.flops - flops) < 0.009 * flops and cost.params <= params:
            return network
    raise AssertionError("no draw is near enough")


OTHERWISE = {
    f"hw-{way.__name__}": way for way in (stem, stage, count, edf, matched, verdicts, line, budget)
}


@each_name
@each_seed
def test_a_right_answer_is_right(name, seed, capsys):
    check(name, OTHERWISE[name](**homework.given(name, seed)), seed=seed)
    assert capsys.readouterr().out == "Right.\n"


@each_name
def test_two_students_have_two_tasks_and_one_student_one(name):
    assert homework.given(name, 1) != homework.given(name, 2)
    assert homework.given(name, 1) == homework.given(name, np.int64(1))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("hw-line", "hw-budget")])
def test_the_answer_of_another_student_is_wrong(name):
    theirs = OTHERWISE[name](**homework.given(name, SEEDS[0]))
    assert homework.hint(name, theirs, SEEDS[1]) is not None


def raw(right, task):
    means = [
        np.mean([r.val_error for r in recorded(space) if r.index in places])
        for space, places in task.items()
    ]
    return 100 * (means[1] - means[0])


def other(network, **settings):
    """The network with other settings in each of its stages, stage by stage."""
    rows = [dict(zip(settings, row, strict=True)) for row in zip(*settings.values(), strict=True)]
    stages = (replace(stage, **row) for stage, row in zip(network.stages, rows, strict=True))
    return replace(network, stages=tuple(stages))


WRONG = [
    ("hw-stem", lambda r, t: (r[0] + 1, *r[1:]), "layer by layer"),
    ("hw-stem", lambda r, t: (*r[:3], 2 * r[3]), "product of all strides"),
    ("hw-stem", lambda r, t: (*r[:2], r[2] + 2, r[3]), "order of the layers"),
    ("hw-stage", lambda r, t: (r[0] - 1, r[1]), "parameters are too few"),
    ("hw-stage", lambda r, t: (r[0], r[1] + 1), "multiply-adds are too many"),
    ("hw-count", lambda r, t: r // (t["ratios"] * t["group_widths"]), "are free"),
    ("hw-count", lambda r, t: r + 1, "by hand"),
    ("hw-edf", lambda r, t: (r[0] + 1 / 12, *r[1:]), "strictly below"),
    ("hw-edf", lambda r, t: (*r[:2], abs(r[0] - r[1]) / 2), "anywhere else"),
    ("hw-edf", lambda r, t: [100 * one for one in r], "from 0 to 1"),
    ("hw-matched", lambda r, t: -r, "where D is better"),
    ("hw-matched", lambda r, t: r / 100, "is a point"),
    ("hw-matched", raw, "unlike lengths"),
    ("hw-matched", lambda r, t: r + 3, "then weigh"),
    ("hw-verdicts", lambda r, t: [*r[:4], "perhaps"], "look again at interval 5"),
    ("hw-line", lambda r, t: (0.0, 2.0), "they make stages of"),
    ("hw-line", lambda r, t: (5.0, 1.0), "the rule refuses them"),
    ("hw-budget", lambda r, t: SPACES["AnyNetX_A"].sample(1, 3)[0], "shares one"),
    ("hw-budget", lambda r, t: SPACES["RegNetX"].sample(1, 2)[0], ""),
    ("hw-budget", lambda r, t: other(r, stride=(1, 2, 2, 2)), "strides have 1"),
    ("hw-budget", lambda r, t: other(r, depth=(9, 9, 9, 9)), "depths have 9, and in the space"),
    ("hw-budget", lambda r, t: other(r, bottleneck_ratio=(0.5,) * 4), "ratios have 0.5"),
    ("hw-budget", lambda r, t: regnet.generate(13, 24, 36, 2.5, group_width=8), "has stems of 16"),
]


@pytest.mark.parametrize(("name", "wrong", "said"), WRONG)
def test_a_wrong_answer_gets_its_hint(name, wrong, said, capsys):
    task = homework.given(name, 7)
    right = OTHERWISE[name](**task)
    check(name, wrong(right, task), seed=7)
    out = capsys.readouterr().out
    assert out.startswith("Not yet: ")
    assert said in out
    assert str(right) not in out, "a hint gives no answer away"


@each_name
@pytest.mark.parametrize("bad", [None, "many", True, (), [None] * 4, float("nan"), {"a": 1}])
def test_an_answer_of_another_type_is_told_what_was_expected(name, bad, capsys):
    check(name, bad, seed=7)
    assert re.match(r"Not yet: expected .+; got .+\.\n", capsys.readouterr().out)


@pytest.mark.parametrize("seed", [None, -1, 1.5, "Ada", True])
def test_a_seed_that_is_none(seed):
    with pytest.raises(ValueError, match="seed is .*; expected your own number, a whole one"):
        check("hw-stem", (1, 2, 3, 4), seed=seed)


def test_names_and_seeds_that_do_not_go_together():
    with pytest.raises(ValueError, match="homework is 'hw-steam'; expected one of hw-stem, "):
        check("hw-steam", 1, seed=1)
    with pytest.raises(ValueError, match="seed is 3; expected none"):
        check("stem-shape", (1,), seed=3)


def test_the_page_gives_every_assignment():
    page = (Path(__file__).parents[2] / "chapters" / "lecturers.md").read_text("utf-8")
    assert set(re.findall(r"`(hw-\w+)`", page)) == set(NAMES)
