"""Anybody's populations: what is compared, and what is refused with both names."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.__main__ import main
from designspaces.judging.comparison import compare, lines
from designspaces.judging.effects import capped
from designspaces.judging.intervals import decide
from designspaces.judging.properties import values
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population, PopulationError
from designspaces.words import listed

E, X, C = (Population.recorded(name) for name in ("AnyNetX_E", "RegNetX", "AnyNetX_C"))
GAINS = np.random.default_rng(0).normal(1, 0.2, len(E))
GAINED = [replace(r, val_error=r.val_error - g / 100) for r, g in zip(E, GAINS, strict=True)]
"""E's networks, each better by about a point."""


def better(population, points):
    return Population(replace(r, val_error=r.val_error - points / 100) for r in population)


def write(tmp_path, *sides):
    """A folder of population files for each side, as the command takes them."""
    folders = [tmp_path / name for name in "ab"]
    for folder, side in zip(folders, sides, strict=True):
        folder.mkdir()
        lines_ = "".join(record.to_line() for record in side)
        (folder / f"{next(iter(side)).space}.jsonl").write_text(lines_, "utf-8")
    return [str(folder) for folder in folders]


def test_one_space_a_side_is_compared_whatever_its_name():
    comparison = compare(E, X, margin=0.5)
    (found,) = comparison.spaces
    means = [capped(values(side, "error")).mean() for side in (E, X)]
    assert found.interval.effect.value == pytest.approx(means[1] - means[0])
    assert (found.a, found.b, found.n) == ("AnyNetX_E", "RegNetX", (100, 100))
    assert (found.left_out, comparison.alone) == (((), ()), ())
    assert found.failed == (E.astray + E.diverged, X.astray + X.diverged)
    assert found.verdict == "contradicted"
    assert found.equal == decide("same", found.interval.low, found.interval.high, 0.5)
    assert found.better.value < 0.5 < found.medians.value + 0.5
    text = "\n".join(lines(comparison))
    for words in (
        "margin 0.50 points (as given)",
        "AnyNetX_E to RegNetX: the second is better: contradicted; they are the same: ",
        "+0.79",
    ):
        assert words in text
    assert "left out" not in text


def test_spaces_of_both_sides_are_compared_at_once():
    first = Population(r for r in [*E, *C] if r.index < 50)
    comparison = compare(first, better(Population(r for r in [*E, *C, *X] if r.index > 49), 1.6))
    assert [(found.a, found.b) for found in comparison.spaces] == [
        ("AnyNetX_C", "AnyNetX_C"),
        ("AnyNetX_E", "AnyNetX_E"),
    ]
    for found in comparison.spaces:
        assert found.interval.effect.value == pytest.approx(-1.6, abs=0.8)
        assert found.n == (50, 50)
        assert found.interval.low < found.interval.alone[0]
    assert not comparison.given
    assert comparison.alone == ("RegNetX",)
    assert "left out, on one side alone: RegNetX" in lines(comparison)


def test_networks_at_the_same_places_are_pairs():
    """As where a block was changed: what a pair shares cancels, in any order of the files."""
    (found,) = compare(E, Population(GAINED[:0:-1]), margin=0.5).spaces
    assert found.n == (99, 99), "one has no partner"
    assert found.paired
    kept = GAINS[1:]
    assert found.interval.effect.value == pytest.approx(-kept.mean(), abs=0.02)
    assert found.interval.effect.error == pytest.approx(kept.std(ddof=1) / 99**0.5, rel=0.05)
    told = lines(compare(E, Population(GAINED), margin=0.5))
    assert any(line.startswith("    pairs of networks 100 and 100") for line in told)


def test_networks_without_a_partner_are_counted_told_and_not_drawn(tmp_path, monkeypatch, capsys):
    comparison = compare(E, Population(GAINED[3:]), margin=0.5)
    (found,) = comparison.spaces
    assert found.left_out == (tuple(record.id for record in list(E)[:3]), ())
    for errors, side in zip(found.errors, (list(E), GAINED), strict=True):
        assert np.array_equal(errors, values(side[3:], "error"))
    said = lines(comparison)
    assert any(line.startswith("    pairs of networks 97 and 97, ") for line in said)
    lonely = f"left out of the first, without a partner: 3 ({listed(found.left_out[0])})"
    assert f"    {lonely}" in said
    assert not any("of the second, without" in line for line in said)
    drawn = []
    monkeypatch.setattr(
        "designspaces.figures.evidence.edfs_file",
        lambda name, spaces, sides: drawn.extend(map(len, sides.values())) or "",
    )
    folders = write(tmp_path, E, GAINED[3:])
    assert main(["compare", *folders, "--out", str(tmp_path / "out")]) == 0
    assert lonely in capsys.readouterr().out
    assert drawn == [97, 97]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipe": dict(next(iter(X)).recipe) | {"lr": 0.4}}, "recipe.*lr 0.1 and 0.4"),
        ({"data_checksum": "0" * 16}, "data"),
        ({"device": "H100"}, "kind of device.*CPU.*H100"),
        ({"sample_seed": 1}, "sample: 0 and 1"),
    ],
)
def test_what_was_trained_otherwise_is_refused(change, words):
    other = Population(replace(record, **change) for record in X)
    with pytest.raises(PopulationError, match=words):
        compare(E, other)
    mixed = Population([*list(X)[:50], *list(other)[50:]])
    with pytest.raises(PopulationError, match=words):
        compare(E, mixed)


def test_a_recipe_by_another_name_is_the_same_recipe():
    other = Population(replace(r, recipe=r.recipe | {"name": "mine"}) for r in X)
    found, expected = (compare(E, side).spaces[0].interval for side in (other, X))
    assert found == expected


def test_sides_without_a_common_space_and_a_bad_margin_are_refused():
    with pytest.raises(PopulationError, match="AnyNetX_C, AnyNetX_E and RegNetX"):
        compare(Population([*E, *C]), X)
    for margin in (-1, 0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=f"margin is {margin}"):
            compare(E, X, margin=margin)
    with pytest.raises(TooFew, match="AnyNetX_E: all 100 pairs differ alike"):
        compare(E, E)
    again = [replace(record, seed=record.seed + 1_000_000) for record in X]
    with pytest.raises(PopulationError, match="X/0/0/0 and RegNetX/0/0/1000000 are one network"):
        compare(E, Population([*X, *again]))


@pytest.mark.parametrize(
    ("a", "b"),
    [(E, GAINED[:1]), (list(E)[:1], list(X)[:1])],
    ids=["one shared place", "one network a side"],
)
def test_one_network_is_too_few_to_tell_a_spread(a, b):
    with pytest.raises(TooFew, match=r"1 and 1 networks.*; a verdict takes 20 on each side"):
        compare(Population(a), Population(b))


def test_a_space_with_few_networks_is_counted_and_the_others_are_compared():
    sides = Population([*E, *list(C)[:19]]), Population([*GAINED, *better(C, 1)])
    comparison = compare(*sides, margin=0.5)
    (found,), (few,) = comparison.spaces, comparison.few
    assert (found.a, found.n) == ("AnyNetX_E", (100, 100))
    assert found.interval.low == found.interval.alone[0], "alone, so nothing to correct for"
    assert (few.a, few.n, few.of) == ("AnyNetX_C", (19, 19), (19, 100))
    spread = np.std([100 * record.val_error for record in list(C)[:19]], ddof=1)
    assert few.spreads == pytest.approx((spread, spread))
    counted = "AnyNetX_C: 19 and 19 networks with a partner, of 19 and 100"
    told = f"{counted}, spreads {spread:.2f} and {spread:.2f} points"
    assert f"{told}; too few for a verdict" in lines(comparison)
    assert compare(E, Population(GAINED), margin=0.5).few == ()


def test_the_command_prints_and_draws(tmp_path, capsys):
    folders = write(tmp_path, E, X)
    assert main(["compare", *folders, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "capped means +0.79" in said
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["edf-AnyNetX_E-to-RegNetX.svg", "shift-AnyNetX_E-to-RegNetX.svg"]
    for path in (tmp_path / "out").iterdir():
        assert "<title>" in path.read_text("utf-8")
    assert main(["compare", folders[0], str(tmp_path / "none")]) != 0
    assert "none" in capsys.readouterr().err


def test_sides_that_do_not_fit_are_told_apart_though_their_networks_have_one_name(tmp_path):
    other = Population(
        replace(record, recipe=record.recipe | {"lr": 0.4}) for record in list(E)[:30]
    )
    folders = write(tmp_path, E, other)
    with pytest.raises(PopulationError) as refused:
        compare(E, other, names=tuple(folders))
    for folder, side in zip(folders, (E, other), strict=True):
        assert f"{next(iter(side)).id} of {folder}" in str(refused.value)
    assert "differ in their recipe" in str(refused.value)
