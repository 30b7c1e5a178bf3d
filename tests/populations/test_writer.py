"""The writer: what its docstrings promise, and folders that cannot be written."""

import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from designspaces.__main__ import main
from designspaces.populations import writer as module
from designspaces.populations.executors import Processes
from designspaces.populations.population import FOLDER, Population, PopulationError
from designspaces.populations.record import OWN_SCHEMA, Record, pack_mistakes
from designspaces.populations.writer import find_holder, merge, open_population

FIRST, SECOND = map(
    Record.from_line, (FOLDER / "AnyNetX_E.jsonl").read_text("utf-8").splitlines()[:2]
)
SWEEP = ["sweep", "--space", "AnyNetX_E", "--n", "1", "--folder"]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "AnyNetX_E.jsonl"
    path.write_text(FIRST.to_line(), encoding="utf-8")
    return path


def test_a_record_of_another_recipe_is_not_appended(path):
    other = asdict(replace(SECOND.trained_by, lr=0.2))
    with open_population(path) as writer:
        with pytest.raises(PopulationError, match="another recipe: lr 0.1 and 0.2; give each a"):
            writer.append(replace(SECOND, recipe=other))
        assert SECOND.id not in writer.population
    assert path.read_text() == FIRST.to_line()


def test_two_states_of_a_source_are_not_merged_even_into_a_new_file(tmp_path):
    sources, into = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"], tmp_path / "new.jsonl"
    for source, record in zip(sources, (FIRST, SECOND), strict=True):
        own = replace(
            record,
            schema=OWN_SCHEMA,
            origin={"space": "mine.py:SPACE", "checksum": 16 * source.stem},
            val_error=0.1,
            val_mistakes=pack_mistakes(np.arange(10) < 1),
        )
        source.write_text(own.to_line(), encoding="utf-8")
    with pytest.raises(PopulationError, match="checksum a+.*checksum b+.*each state of a space"):
        merge(sources, into)
    assert into.read_bytes() == b"", "nothing is written unless all can be merged"


def test_a_record_counts_once_it_is_on_the_disk(path, monkeypatch):
    synced = []

    def fsync(descriptor):
        assert SECOND.id not in writer.population, "it counted before it was on the disk"
        synced.append(os.fstat(descriptor).st_size)

    with open_population(path) as writer:
        monkeypatch.setattr(module.os, "fsync", fsync)
        writer.append(SECOND)
    assert synced == [path.stat().st_size]
    assert path.read_text() == FIRST.to_line() + SECOND.to_line()


def test_what_the_disk_does_not_take_does_not_count(path, monkeypatch):
    def fsync(descriptor):
        raise OSError(5, "Input/output error")

    with open_population(path) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(module.os, "fsync", fsync)
            with pytest.raises(OSError, match=r"could not be written .*Input/output error"):
                writer.append(SECOND)
        assert SECOND.id not in writer.population
        assert path.read_text() == FIRST.to_line()
        writer.append(SECOND)
    assert list(Population.load(path)) == [FIRST, SECOND]


def test_asking_who_writes_leaves_no_trace(path):
    assert find_holder(path) is None
    assert list(path.parent.iterdir()) == [path]
    with open_population(path):
        assert find_holder(path).startswith(f"process {os.getpid()} on ")
    assert find_holder(path) is None


@contextmanager
def read_only(*, written_before: bool):
    """A folder with a population in it, and nobody here may write to it, not even root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.joinpath("AnyNetX_E.jsonl").write_text(FIRST.to_line(), encoding="utf-8")
        if written_before:
            with open_population(folder / "AnyNetX_E.jsonl"):
                pass
        for path in (*folder.iterdir(), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        Processes(1).shutdown()  # imports what only root may read
        root = os.geteuid() == 0
        try:
            if root:
                os.seteuid(65534)
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="its folders have no such mode")
@pytest.mark.parametrize("written_before", [False, True])
def test_a_read_only_folder_can_be_looked_into(written_before, path, capsys):
    commands = ("status", "verify", "claims")

    def look(folder):
        codes = [main([command, "--folder", str(folder)]) for command in commands]
        return codes, capsys.readouterr(), {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}

    look(path.parent)  # imports what only root may read
    with read_only(written_before=written_before) as folder:
        before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
        codes, said, after = look(folder)
    assert codes == [0, 0, 0]
    assert not said.err
    assert "AnyNetX_E: 1 networks" in said.out
    assert ("perhaps: its lock cannot be tried" in said.out) == written_before
    assert before == after


@pytest.mark.skipif(sys.platform == "win32", reason="its folders have no such mode")
def test_a_sweep_into_a_read_only_folder_is_refused_in_a_sentence(capsys):
    with read_only(written_before=False) as folder:
        assert main([*SWEEP, str(folder)]) == 2
        assert main([*SWEEP, str(folder / "below")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "could not be written (Permission denied); choose a folder that you may" in line
        assert ".lock" not in line


def test_a_folder_that_is_a_file_or_missing_is_named(path, tmp_path, capsys):
    assert main([*SWEEP, str(path)]) == 2
    assert "could not be written (File exists); choose a folder" in capsys.readouterr().err
    assert main([*SWEEP, str(path / "below")]) == 2
    assert "could not be written (Not a directory); choose" in capsys.readouterr().err
    (tmp_path / "folder" / "AnyNetX_E.jsonl").mkdir(parents=True)
    assert main([*SWEEP, str(tmp_path / "folder")]) == 2
    assert "could not be written (Is a directory)" in capsys.readouterr().err
    for command in ("status", "verify", "claims"):
        assert main([command, "--folder", str(tmp_path / "folder")]) == 2
        assert "AnyNetX_E.jsonl cannot be read (Is a directory)" in capsys.readouterr().err
        assert main([command, "--folder", str(path)]) == 2
        assert f"the folder {path} cannot be read (Not a directory)" in capsys.readouterr().err
        assert main([command, "--folder", str(tmp_path / "no")]) == 2
        assert "cannot be read (No such file or directory)" in capsys.readouterr().err
