"""Records as lines: what was written years ago is read, and written again to the byte."""

import json
from dataclasses import asdict, fields, replace

import pytest

from designspaces.populations.population import RECORDED, Population, PopulationError
from designspaces.populations.record import Record, Task
from designspaces.populations.writer import open_population
from designspaces.training.recipe import POPULATION

FILES = sorted(RECORDED.rglob("*.jsonl"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_recorded_line_is_read_and_written_to_the_byte(path):
    """`from_line` checks the digest."""
    lines = path.read_bytes().splitlines(keepends=True)
    assert lines
    for line in lines:
        assert Record.from_line(line.decode()).to_line().encode() == line


@pytest.fixture
def line():
    return FILES[0].read_text(encoding="utf-8").splitlines(keepends=True)[0]


def test_a_record_is_its_task_and_what_came_of_it(line):
    record = Record.from_line(line)
    shared = {field.name: getattr(record, field.name) for field in fields(Task)}
    task = Task(**shared)
    assert record.id == task.id == f"{task.space}/{task.sample_seed}/{task.index}/{task.seed}"
    assert record.network == task.network
    assert set(json.loads(line)) - {"digest"} == {field.name for field in fields(Record)}


def test_every_field_is_felt_by_the_digest(line):
    content = json.loads(line)
    for name, value in content.items():
        spoiled = content | {name: [value]}
        with pytest.raises(ValueError, match="edited|schema"):
            Record.from_line(json.dumps(spoiled))


def test_a_recipes_new_field_has_its_default_in_old_records(line, tmp_path):
    """`zero_init_residual` came after these were recorded; a sweep goes on with them."""
    record = Record.from_line(line)
    assert "zero_init_residual" not in record.recipe
    assert record.trained_by.zero_init_residual is False
    assert record.trained_by == replace(POPULATION, name=record.recipe["name"])
    path = tmp_path / "old.jsonl"
    path.write_text(line, encoding="utf-8")
    new = replace(record, index=record.index + 1, recipe=asdict(record.trained_by))
    with open_population(path) as writer:
        writer.append(new)
        identity = asdict(replace(record.trained_by, zero_init_residual=True))
        with pytest.raises(PopulationError, match="give each recipe a folder of its own"):
            writer.append(replace(record, index=record.index + 2, recipe=identity))
    assert list(Population.load(path)) == [record, new]
    assert Population.load(path).recipe == record.trained_by


def test_a_field_from_a_later_version_is_named(line):
    record = Record.from_line(line)
    later = replace(record, recipe=record.recipe | {"mixup": 0.2})
    with pytest.raises(ValueError, match=rf"{record.id} was trained by a recipe with mixup"):
        _ = Record.from_line(later.to_line()).trained_by


def test_what_nests_without_end_is_no_record():
    with pytest.raises(ValueError, match="not JSON"):
        Record.from_line("[" * 200_000)
