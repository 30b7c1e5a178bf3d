"""Population files: nothing lost, nothing twice, nothing altered, whatever kills the process."""

import json
import os
import re
import sys
from dataclasses import asdict, replace

import pytest

import faults
from designspaces.populations.checks import check_drawn
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record
from designspaces.populations.sweep import train_population, train_task
from designspaces.populations.writer import merge, open_population
from faults import RECIPE, Here

C, E = faults.SPACES_HERE


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three networks of two spaces, trained once."""
    folder = tmp_path_factory.mktemp("populations")
    train_population([C, E], 3, RECIPE, Here(), folder)
    return folder


@pytest.fixture
def path(folder, tmp_path):
    """A copy of a population file that a test may spoil."""
    copy = tmp_path / "AnyNetX_E.jsonl"
    copy.write_bytes((folder / "AnyNetX_E.jsonl").read_bytes())
    return copy


def test_records_hold_what_was_drawn_built_and_trained(folder):
    population = Population.load(folder / "AnyNetX_E.jsonl")
    draws = E.draw(3, 0)
    for record, draw in zip(population, draws, strict=True):
        assert record.network == draw.architecture
        assert json.loads(json.dumps(draw.drawn)) == record.drawn
        assert record.recipe == asdict(RECIPE)
        assert record.status == "trained"
        assert 0 <= record.val_error <= 1
        assert len(record.train_loss) == 1
    frame = population.to_frame()
    assert list(frame.widths) == [list(draw.architecture.widths) for draw in draws]
    assert "val_mistakes" not in frame


def test_spaces_take_turns_in_draw_order(tmp_path):
    executor = Here()
    train_population([C, E], 2, RECIPE, executor, tmp_path)
    order = [(task.space, task.index) for task in executor.tasks]
    assert order == [("AnyNetX_C", 0), ("AnyNetX_E", 0), ("AnyNetX_C", 1), ("AnyNetX_E", 1)]


def test_chosen_networks_alone_are_trained(tmp_path):
    executor = Here()
    chosen = {"AnyNetX_C": [2], "AnyNetX_E": {1, 2}}
    train_population([C, E], 3, RECIPE, executor, tmp_path, only=chosen)
    order = [(task.space, task.index) for task in executor.tasks]
    assert order == [("AnyNetX_E", 1), ("AnyNetX_C", 2), ("AnyNetX_E", 2)]


def test_running_again_trains_what_is_missing_and_nothing_else(folder, path):
    executor = Here()
    before = path.read_bytes()
    result = train_population([E], 4, RECIPE, executor, path.parent)
    assert [task.index for task in executor.tasks] == [3]
    assert path.read_bytes().startswith(before)
    assert len(result) == len(path.read_text().splitlines()) == 4
    assert train_population([E], 4, RECIPE, Here(), path.parent).records == result.records


def test_a_torn_last_line_is_dropped_with_a_warning_and_trained_again(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    with pytest.warns(UserWarning, match="torn"):
        assert len(Population.load(path)) == 2
    assert path.read_bytes() == whole[:-40], "reading must not write"
    executor = Here()
    with pytest.warns(UserWarning, match="torn"):
        train_population([E], 3, RECIPE, executor, path.parent)
    assert [task.index for task in executor.tasks] == [2]
    assert path.read_bytes().startswith(b"".join(whole.splitlines(keepends=True)[:2]))


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda line: line.replace('"params": ', '"params": 1'), "edited"),
        (lambda line: "hello", "not JSON"),
        (lambda line: "[]", "not a record"),
        (
            lambda line: '{"a": 1}',
            r"not a record of schema 2: missing .*'architecture'.* has \['a'\]",
        ),
        (lambda line: line.replace('"schema": 2', '"schema": 4'), "schema 4; this version"),
        (lambda line: line.replace('"schema": 2', '"schema": 3'), "not a record of schema 3"),
        (lambda line: line.replace('"schema": 2', '"schema": 1'), "not a record of schema 1"),
        (lambda line: "", "not JSON"),
    ],
)
def test_a_spoiled_line_is_named_and_nothing_is_lost(path, spoil, fault):
    lines = path.read_text().split("\n")
    lines[1] = spoil(lines[1])
    path.write_text("\n".join(lines))
    spoiled = path.read_bytes()
    for read in (
        lambda: Population.load(path),
        lambda: train_population([E], 3, RECIPE, Here(), path.parent),
    ):
        with pytest.raises(
            PopulationError, match=rf"AnyNetX_E\.jsonl has 1 (?s:.*)line 2: {fault}"
        ):
            read()
    assert path.read_bytes() == spoiled


def test_bit_flips_and_cuts_never_pass(path):
    outcome = faults.damage(path, moments=300)
    assert outcome.harmless, outcome
    assert len(outcome.refusals) > 100


def test_two_files_merge_by_id_and_a_conflict_is_an_error(folder, path):
    merged = Population.load(folder / "AnyNetX_C.jsonl", folder / "AnyNetX_E.jsonl", path)
    assert len(merged) == 6
    record = next(iter(Population.load(path)))
    path.write_text(replace(record, seconds=0.5).to_line())
    message = (
        f"{folder / 'AnyNetX_E.jsonl'} and {path}: two different records have the id {record.id}; "
    )
    with pytest.raises(PopulationError, match=re.escape(f"{message}remove the line of one")):
        Population.load(folder / "AnyNetX_E.jsonl", path)
    path.write_text(replace(record, recipe=record.recipe | {"lr": 0.7}).to_line())
    with pytest.raises(PopulationError, match=re.escape(f"{message}they are of two recipes, ")):
        Population.load(folder / "AnyNetX_E.jsonl", path)


def test_files_are_merged_into_one_or_left_as_they_are(folder, path, tmp_path):
    records = list(Population.load(path))
    into = tmp_path / "all.jsonl"
    into.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert merge([path], into) == len(records) - 1
    assert merge([path, path], into) == 0
    assert into.read_bytes() == path.read_bytes()
    other = tmp_path / "other.jsonl"
    new = replace(records[0], index=99)
    other.write_text(new.to_line() + replace(records[1], seconds=0.5).to_line())
    with pytest.raises(PopulationError, match=r"all\.jsonl and what is to be merged: two differen"):
        merge([other], into)
    other.write_text(replace(new, recipe=new.recipe | {"name": "foreign"}).to_line())
    with pytest.raises(PopulationError, match="foreign"):
        merge([other], into)
    assert into.read_bytes() == path.read_bytes()


def test_recipes_are_not_mixed(folder, path):
    other = replace(RECIPE, name="other", lr=0.1)
    apart = "name 'tiny' and 'other', lr 0.05 and 0.1"
    with pytest.raises(PopulationError, match=f"E.jsonl holds .* another recipe: {apart}; give"):
        train_population([E], 4, other, Here(), path.parent)
    assert len(Population.load(path)) == 3
    record = next(iter(Population.load(path)))
    mixed = Population([record, replace(record, index=9, recipe=asdict(other))])
    with pytest.raises(PopulationError, match=f"records of 2 recipes .* such as {apart}; load"):
        _ = mixed.recipe
    assert Population.load(folder / "AnyNetX_C.jsonl", path).recipe == RECIPE


def test_a_recipe_without_a_precision_is_refused(tmp_path):
    with pytest.raises(ValueError, match="precision is 'auto'"):
        train_population([E], 1, replace(RECIPE, precision="auto"), Here(), tmp_path)


def test_a_second_writer_is_told_who_holds_the_file(path):
    with (
        open_population(path),
        pytest.raises(PopulationError, match=f"being written by process {os.getpid()} on "),
        open_population(path),
    ):
        pass
    with open_population(path) as writer:
        assert len(writer.population) == 3


def test_a_record_is_written_once(path):
    with open_population(path) as writer:
        record = next(iter(writer.population))
        with pytest.raises(PopulationError, match="already recorded"):
            writer.append(record)
    assert len(Population.load(path)) == 3


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PopulationError, match=r"no population file .*nothing\.jsonl"):
        Population.load(tmp_path / "nothing.jsonl")


def test_what_is_recorded_is_whole_and_of_one_recipe():
    population = Population.recorded()
    assert population.recipe.name == "population"
    for name in {record.space for record in population}:
        mine = Population.recorded(name)
        check_drawn(mine)
        assert [record.index for record in mine.space(name)] == list(range(len(mine)))
        assert not any(record.modified for record in mine)
        assert mine.hours > 0
        assert mine.diverged == sum(error == 0.9 for error in mine.errors)


def test_a_record_of_another_network_is_found(folder):
    first, second, _ = Population.load(folder / "AnyNetX_E.jsonl")
    check_drawn(Population([first, second]))
    swapped = replace(first, architecture=second.architecture, drawn=second.drawn)
    with pytest.raises(PopulationError, match=r"E/0/0/0 is not the network that AnyNetX_E draws"):
        check_drawn(Population([swapped]))
    with pytest.raises(PopulationError, match=r"E/0/0/0 does not cost what is recorded"):
        check_drawn(Population([replace(first, flops=first.flops + 1)]))
    with pytest.raises(PopulationError, match="space is 'AnyNetX_F'"):
        check_drawn(Population([replace(first, space="AnyNetX_F")]))


def test_a_population_that_was_not_recorded_is_named():
    with pytest.raises(PopulationError, match="no population of 'AnyNetX_F'.*AnyNetX_A"):
        Population.recorded("AnyNetX_F")
    with pytest.raises(PopulationError, match="no populations in .*unheard"):
        Population.trial("unheard")


def test_a_name_that_nothing_bears_is_no_population_that_is_still_to_be_trained():
    with pytest.raises(ValueError, match="group is 'primry'; expected one of primary, "):
        Population.study("primry")
    with pytest.raises(PopulationError, match="there is no experiment 'nothing' in designspaces"):
        Population.experiment("nothing")
    assert not len(Population.experiment("stages-to-be-trained"))


def test_the_same_networks_can_be_trained_again_from_other_seeds(tmp_path):
    executor = Here()
    train_population([E], 2, RECIPE, executor, tmp_path)
    result = train_population([E], 2, RECIPE, executor, tmp_path, repeat=1)
    assert [task.seed for task in executor.tasks] == [0, 1, 1_000_000, 1_000_001]
    assert [task.index for task in executor.tasks] == [0, 1, 0, 1]
    assert len(result) == len(Population.load(tmp_path / "AnyNetX_E.jsonl")) == 4


def test_divergence_is_recorded_at_chance_level(tmp_path):
    recipe = replace(RECIPE, lr=1e30)
    (record,) = train_population([E], 1, recipe, Here(), tmp_path)
    assert (record.status, record.val_error) == ("diverged", 0.9)
    assert record.val_mistakes is record.mistakes is None
    assert Record.from_line(record.to_line()) == record


def test_a_population_becomes_a_csv_file(folder, tmp_path):
    import pandas as pd

    population = Population.load(folder / "AnyNetX_E.jsonl")
    population.to_csv(tmp_path / "e.csv")
    assert list(pd.read_csv(tmp_path / "e.csv").flops) == [record.flops for record in population]


@pytest.mark.skipif(sys.platform != "linux", reason="kills processes found through /proc")
def test_killed_drivers_and_workers_lose_nothing(tmp_path):
    outcome = faults.kills(tmp_path, moments=6, n=8)
    assert outcome.harmless, outcome
    assert outcome.records == 16


def test_two_drivers_do_not_share_a_file(tmp_path):
    outcome = faults.races(tmp_path, moments=1, n=2)
    assert outcome.harmless, outcome


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files, as POSIX can")
def test_a_full_disk_loses_nothing_and_says_what_to_do(folder, path):
    """A limit on the size of files stands for the disk; `make soak` fills a real one."""
    import resource

    records = list(Population.load(path))
    before = path.read_bytes()
    new = [replace(record, index=record.index + 10) for record in records]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_population(path) as writer:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 700, limits[1]))
        try:
            with pytest.raises(OSError, match=r"could not be written .* Make room") as caught:
                writer.append(new[0])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert new[0].id in str(caught.value)
        assert path.read_bytes() == before
        writer.append(new[0])
    assert len(Population.load(path)) == len(records) + 1


def test_the_same_task_gives_the_same_record(folder):
    executor = Here()
    record = next(iter(Population.load(folder / "AnyNetX_E.jsonl")))
    train_population([E], 1, RECIPE, executor, folder / "again")
    again = train_task(executor.tasks[0])
    assert (again.val_error, again.train_loss) == (record.val_error, record.train_loss)
