"""Records as lines: what was written years ago is read, and written again to the byte."""

import base64
import json
from dataclasses import asdict, fields, replace

import numpy as np
import pytest

from designspaces.populations.population import RECORDED, Population, PopulationError
from designspaces.populations.record import Record, Task, pack_mistakes
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
    path = RECORDED / "populations" / "AnyNetX_A.jsonl"
    return path.read_text(encoding="utf-8").splitlines(keepends=True)[0]


def test_a_record_is_its_task_and_what_came_of_it(line):
    record = Record.from_line(line)
    shared = {field.name: getattr(record, field.name) for field in fields(Task)}
    task = Task(**shared)
    assert record.id == task.id == f"{task.space}/{task.sample_seed}/{task.index}/{task.seed}"
    assert record.network == task.network
    names = {field.name for field in fields(Record)}
    assert set(json.loads(line)) - {"digest"} == names - {"val_mistakes", "origin"}


@pytest.mark.parametrize(
    ("device", "told"),
    [
        ("AMD EPYC, 1 threads", "AMD EPYC, 1 thread"),
        ("AMD EPYC, 1 thread", "AMD EPYC, 1 thread"),
        ("AMD EPYC, 11 threads", "AMD EPYC, 11 threads"),
        ("NVIDIA H200", "NVIDIA H200"),
    ],
)
def test_one_thread_is_told_as_one(line, device, told):
    record = replace(Record.from_line(line), device=device)
    assert record.device_told == told
    assert list(Population([record]).to_frame().device) == [told]
    assert json.loads(record.to_line())["device"] == device


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
        with pytest.raises(PopulationError, match="zero_init_residual False and True; give each a"):
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


def test_a_record_from_before_the_mistakes_has_none(line):
    record = Record.from_line(line)
    assert record.schema == 1
    assert record.val_mistakes is record.mistakes is None
    assert "val_mistakes" not in record.to_line()


MISTAKES = np.arange(203) % 7 == 1  # does not fill the last byte


@pytest.fixture
def record(line):
    """As it is written now."""
    old = Record.from_line(line)
    error = float(MISTAKES.mean())
    return replace(old, schema=2, val_error=error, val_mistakes=pack_mistakes(MISTAKES))


def test_the_mistakes_are_kept_a_bit_an_image(record):
    again = Record.from_line(record.to_line())
    assert again == record
    assert again.mistakes.dtype == bool
    assert np.array_equal(again.mistakes, MISTAKES)
    assert list(json.loads(record.to_line()))[-2:] == ["val_mistakes", "digest"]
    whole = replace(record, val_error=0.0, val_mistakes=pack_mistakes(np.zeros(10_000, bool)))
    assert len(whole.val_mistakes["bits"]) == 1668  # 1,250 bytes in base64


def packed(images=203, bits=None, **more):
    content = np.packbits(MISTAKES).tobytes() if bits is None else bits
    return {"images": images, "bits": base64.b64encode(content).decode()} | more


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"val_mistakes": None}, "status is 'trained' and val_mistakes is missing"),
        ({"status": "diverged"}, "status is 'diverged' and val_mistakes is there"),
        ({"val_error": 30 / 203}, r"has 29 of 203 images wrong .* expected 0\.14"),
        ({"val_mistakes": packed(bits=bytes(26))}, "has 0 of 203 images wrong"),
        ({"val_mistakes": packed(images=208)}, "has 29 of 208 images wrong"),
        ({"val_mistakes": packed(images=200)}, "26 bytes for 200 images"),
        ({"val_mistakes": packed(bits=b"\xff" * 26)}, "zeros to fill the last byte"),
        ({"val_mistakes": packed(images=0, bits=b"")}, "0 bytes for 0 images"),
        ({"val_mistakes": packed(images=True)}, "expected a number of images and bits"),
        ({"val_mistakes": packed(labels=10)}, "expected a number of images and bits"),
        ({"val_mistakes": {"images": 203, "bits": "?"}}, "are no base64"),
        ({"val_mistakes": "AAAA"}, "val_mistakes is 'AAAA'; expected dict"),
    ],
)
def test_mistakes_that_cannot_be_are_refused(record, changed, fault):
    with pytest.raises(ValueError, match=fault):
        Record.from_line(replace(record, **changed).to_line())


def test_a_share_is_rounded_by_less_than_an_image(record):
    near = replace(record, val_error=1 - float(np.float32(1 - record.val_error)))
    assert near.val_error != record.val_error
    assert Record.from_line(near.to_line()) == near
