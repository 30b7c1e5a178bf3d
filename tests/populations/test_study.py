"""The second study: its groups, in which order they grow, and what of them may be compared."""

from collections import Counter
from dataclasses import replace

import pytest

from designspaces.__main__ import main
from designspaces.judging import plan
from designspaces.populations import study
from designspaces.populations.checks import check_drawn
from designspaces.populations.population import Population
from designspaces.populations.study import (
    GROUPS,
    Group,
    count_complete,
    find_group,
    run_study,
    take_complete,
)
from designspaces.spaces import SPACES, STUDY_SPACES, find_space
from designspaces.training import recipe as recipes
from faults import RECIPE, Here
from refusals import refusal
from second import TWO, make_second, record_second

SOME = Group({"AnyNetX_E_like_RegNetX": 4, "RegNetY": 2})


@pytest.fixture
def some(monkeypatch):
    monkeypatch.setitem(GROUPS, "some", SOME)
    monkeypatch.setitem(GROUPS, "again", replace(SOME, repeat=1))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The records of the group `SOME`, and the order in which they were trained."""
    executor = Here()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(GROUPS, "some", SOME)
        population = run_study("some", RECIPE, executor, tmp_path_factory.mktemp("some"))
    return population, [(task.space, task.index) for task in executor.tasks]


def test_the_groups_are_those_of_the_plan():
    counts = {name: Counter(group.networks.values()) for name, group in GROUPS.items()}
    assert counts == {
        "primary": {300: 6},
        "partners": {200: 3},
        "controls": {150: 4},
        "squeeze": {100: 1},
        "bottlenecks": {120: 1, 80: 1},
        "bands": {120: 3},
        "second-seeds": {10: 6},
        "runner-up": {60: 4},
    }
    assert sum(sum(group.networks.values()) for group in GROUPS.values()) == 3960
    assert {name for name, group in GROUPS.items() if group.repeat} == {"second-seeds"}
    named = {space for group in GROUPS.values() for space in group.networks}
    assert named == SPACES.keys() | STUDY_SPACES.keys()
    assert GROUPS["controls"].networks.keys() == SPACES.keys() - GROUPS["primary"].networks.keys()


def test_every_network_of_the_groups_can_be_drawn():
    for group in GROUPS.values():
        for name, n in group.networks.items():
            assert len(find_space(name).draw(n // 10, study.SAMPLE_SEED)) == n // 10


def test_spaces_advance_in_proportion(trained):
    e, y = "AnyNetX_E_like_RegNetX", "RegNetY"
    assert trained[1] == [(e, 0), (y, 0), (e, 1), (e, 2), (y, 1), (e, 3)]


def test_records_of_the_study_are_what_its_spaces_draw(trained):
    population, _ = trained
    check_drawn(population)
    assert {record.sample_seed for record in population} == {1}
    assert all(record.seed == record.index for record in population)
    first = next(iter(population.space("AnyNetX_E_like_RegNetX")))
    assert first.drawn["like"] == ["blocks", "params"]
    assert Population([type(first).from_line(first.to_line())]).records == {first.id: first}
    swapped = replace(first, drawn=first.drawn | {"like": ["blocks"]})
    assert "not the network that AnyNetX_E_like_RegNetX draws" in refusal(
        check_drawn, Population([swapped])
    )


def test_a_group_grows_in_rounds_and_again_from_other_seeds(some, tmp_path):
    executor = Here()
    assert len(run_study("some", RECIPE, executor, tmp_path, percent=25)) == 2
    assert len(run_study("some", RECIPE, executor, tmp_path, percent=50)) == 3
    assert [(task.space, task.index) for task in executor.tasks] == [
        ("AnyNetX_E_like_RegNetX", 0),
        ("RegNetY", 0),
        ("AnyNetX_E_like_RegNetX", 1),
    ]
    executor = Here()
    again = run_study("again", RECIPE, executor, tmp_path / "again", percent=25)
    assert [task.seed for task in executor.tasks] == [1_000_000, 1_000_000]
    assert count_complete(again, "again") == {"AnyNetX_E_like_RegNetX": 1, "RegNetY": 0}
    assert count_complete(again, "some") == {"AnyNetX_E_like_RegNetX": 0, "RegNetY": 0}


@pytest.mark.parametrize(
    ("missing", "counts"),
    [
        ([], (4, 2)),
        ([("RegNetY", 1)], (2, 1)),
        ([("AnyNetX_E_like_RegNetX", 3)], (3, 1)),
        ([("AnyNetX_E_like_RegNetX", 1)], (1, 0)),
        ([("RegNetY", 0)], (0, 0)),
        ([("RegNetY", 0), ("RegNetY", 1)], (0, 0)),
    ],
)
def test_what_is_complete_is_a_share_of_every_space(some, trained, missing, counts):
    records = [r for r in trained[0] if (r.space, r.index) not in missing]
    first = records[0]
    records += [replace(first, sample_seed=0), replace(first, seed=first.index + 1_000_000)]
    records += [replace(first, space="RegNetX"), replace(first, index=99, seed=99)]
    population = Population(records)
    expected = dict(zip(SOME.networks, counts, strict=True))
    assert count_complete(population, "some") == expected
    taken = take_complete(population, "some")
    assert {(r.space, r.index, r.seed) for r in taken} == {
        (space, index, index) for space, k in expected.items() for index in range(k)
    }


def test_with_equal_numbers_the_largest_k_counts(monkeypatch, trained):
    record = next(iter(trained[0]))
    spaces = ("AnyNetX_A", "AnyNetX_B", "AnyNetX_C")
    monkeypatch.setitem(GROUPS, "equal", Group(dict.fromkeys(spaces, 300)))
    done = {"AnyNetX_A": range(300), "AnyNetX_B": [*range(57), 58, 90], "AnyNetX_C": range(99)}
    population = Population(
        replace(record, space=space, index=index, seed=index)
        for space in spaces
        for index in done[space]
    )
    assert count_complete(population, "equal") == dict.fromkeys(spaces, 57)


def test_what_a_study_does_not_take_is_named(tmp_path):
    assert "group is 'unheard'; expected one of primary, " in refusal(
        run_study, "unheard", RECIPE, Here(), tmp_path
    )
    assert "group is 'unheard'" in refusal(find_group, "unheard")
    for percent, expected in ((0, "a positive"), (12.5, "a positive"), (101, "at most 100 of")):
        assert f"percent is {percent}; expected {expected}" in refusal(
            run_study, "primary", RECIPE, Here(), tmp_path, percent=percent
        )
    assert not list(tmp_path.iterdir())


def test_the_command_trains_a_group(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("designspaces.commands.sweeping._executor", lambda *_: (Here(), None))
    command = ["sweep", "--study", "bottlenecks", "--workers", "1", "--percent", "1"]
    folder = ["--folder", str(tmp_path / "mine")]
    cut = replace(recipes.POPULATION, train_images=64, val_images=50)
    monkeypatch.setattr(plan, "SECOND", replace(plan.SECOND, recipe=cut))
    assert main([*command, *folder]) == 0
    trained = Population.load(*(tmp_path / "mine").glob("*.jsonl"))
    found = sorted((r.space, r.sample_seed, r.index) for r in trained)
    assert found == [
        ("RegNetX_inverted_bottlenecks", 1, 0),
        ("RegNetX_inverted_bottlenecks", 1, 1),
        ("RegNetX_without_bottlenecks", 1, 0),
    ]
    assert main([*command, "--n", "3"]) == 2
    assert "leave it out" in capsys.readouterr().err
    assert main(["sweep", "--study", "none", *folder]) == 2
    assert "group is 'none'" in capsys.readouterr().err
    assert main(["sweep", "--space", "RegNetX", "--n", "1", "--percent", "9", *folder]) == 2
    assert "--percent is 9" in capsys.readouterr().err
    assert main(["sweep", "--study", "none", *folder]) == 2
    assert "group is 'none'" in capsys.readouterr().err


def test_a_group_is_trained_by_its_regime():
    assert plan.recipe_for("primary") == plan.SECOND.recipe == recipes.POPULATION
    assert plan.recipe_for("runner-up").lr == 0.4


def test_evidence_is_what_is_recorded_and_complete(tmp_path, monkeypatch):
    first = [one for one in Population.recorded(*TWO) if one.index < 30]
    lacking = [one for one in make_second(first) if (one.space, one.index) != (TWO[1], 20)]
    record_second(monkeypatch, tmp_path, lacking)
    found = plan.evidence()
    assert Counter(record.space for record in found) == dict.fromkeys(TWO, 20)
    assert all(one.index < 20 and one.sample_seed == study.SAMPLE_SEED for one in found)
