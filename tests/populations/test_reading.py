"""No valid record is lost, however its file ends or was edited, by whatever reads or writes it."""

import warnings
from dataclasses import replace

import pytest

from designspaces.__main__ import main
from designspaces.populations.checks import check_drawn
from designspaces.populations.population import FOLDER, Population, PopulationError
from designspaces.populations.record import Record
from designspaces.populations.writer import merge, open_population

LINES = (FOLDER / "AnyNetX_E.jsonl").read_bytes().splitlines(keepends=True)[:4]
WHOLE = b"".join(LINES)
REGNETX = (FOLDER / "RegNetX.jsonl").read_bytes().splitlines(keepends=True)[0]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "theirs" / "AnyNetX_E.jsonl"
    path.parent.mkdir()
    return path


READABLE = {
    "no line end": WHOLE[:-1],
    "spaces in place of it": WHOLE[:-1] + b"  ",
    "Windows' line ends": WHOLE.replace(b"\n", b"\r\n"),
    "Windows' line ends but for the last": WHOLE.replace(b"\n", b"\r\n")[:-2],
    "half of a Windows' line end": WHOLE.replace(b"\n", b"\r\n")[:-1],
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "a byte order mark between two files": b"\xef\xbb\xbf".join(LINES),
    "blank lines at the end": WHOLE + b"\n \r\n\n",
    "a blank line without an end": WHOLE + b"\n  ",
}


@pytest.mark.parametrize("content", READABLE.values(), ids=READABLE)
def test_every_record_is_read_merged_and_kept_by_a_sweep(content, path, tmp_path, capsys):
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        population = Population.load(path)
        assert "".join(record.to_line() for record in population).encode() == WHOLE
        check_drawn(population)
        assert path.read_bytes() == content, "reading must not write"
        assert merge([path], tmp_path / "ours" / path.name) == 4
        assert main(["status", "--folder", str(path.parent)]) == 0
        assert "AnyNetX_E: 4 networks" in capsys.readouterr().out
        assert main(["verify", "--folder", str(path.parent)]) == 0
        assert "4 networks, whole" in capsys.readouterr().out
        new = replace(next(iter(population)), index=77)
        with open_population(path) as writer:
            writer.append(new)
            writer.append(replace(new, index=78))
        again = list(Population.load(path))
    assert again[:4] == list(population)
    assert [record.index for record in again[4:]] == [77, 78]
    assert path.read_bytes().startswith(content.rstrip())


def test_nothing_is_written_by_who_opens_a_file_and_adds_nothing(path):
    path.write_bytes(READABLE["no line end"])
    with open_population(path):
        pass
    assert path.read_bytes() == READABLE["no line end"]


TORN = {
    "cut in the middle": WHOLE[:-40],
    "cut after a byte": WHOLE[: len(WHOLE) - len(LINES[-1]) + 1],
    "cut before its last": WHOLE[:-2],
    "zeros after a loss of power": WHOLE[: -len(LINES[-1])] + bytes(300),
}


@pytest.mark.parametrize("content", TORN.values(), ids=TORN)
def test_what_is_torn_is_dropped_and_everyone_says_so(content, path, tmp_path, capsys):
    path.write_bytes(content)
    folder = ["--folder", str(path.parent)]
    for read in (
        lambda: Population.load(path),
        lambda: merge([path], tmp_path / "ours" / path.name),
    ):
        with pytest.warns(UserWarning, match="torn"):
            read()
    assert main(["status", *folder]) == 0
    assert "the last line is torn and passed over" in capsys.readouterr().err
    assert main(["verify", *folder]) == 2
    assert "AnyNetX_E.jsonl: line 4, the last one, is torn" in capsys.readouterr().err
    assert path.read_bytes() == content, "reading must not write"
    with pytest.warns(UserWarning, match="dropped a torn last line"), open_population(path):
        pass
    assert path.read_bytes() == b"".join(LINES[:3])
    assert main(["verify", *folder]) == 0


REFUSED = {
    "two records in the last line": (WHOLE[:-1] + LINES[0][:-1], "line 4: not JSON"),
    "a record behind a torn one": (b"".join(LINES[:2]) + LINES[2][:50] + LINES[3][:-1], "line 3"),
    "an edited last line": (WHOLE[:-1].replace(b'"index": 3', b'"index": 9'), "line 4: edited"),
    "words behind the last record": (WHOLE[:-1] + b" and more", "line 4: not JSON"),
    "a blank line between records": (LINES[0] + b"\n" + LINES[1], "line 2: not JSON"),
    "line ends of an old Mac": (WHOLE.replace(b"\n", b"\r"), "line 1: not JSON"),
}


@pytest.mark.parametrize(("content", "fault"), REFUSED.values(), ids=REFUSED)
def test_what_may_hold_a_record_is_never_dropped(content, fault, path, tmp_path, capsys):
    path.write_bytes(content)
    for use in (
        lambda: Population.load(path),
        lambda: merge([path], tmp_path / "ours" / path.name),
        lambda: open_population(path).__enter__(),
    ):
        with pytest.raises(PopulationError, match=fault):
            use()
    for command in ("status", "verify", "claims"):
        assert main([command, "--folder", str(path.parent)]) == 2
        assert fault in capsys.readouterr().err
    assert path.read_bytes() == content


def test_verify_names_every_file_with_a_fault(path, capsys):
    path.write_bytes(WHOLE[:-2])
    path.with_name("B.jsonl").write_bytes(b"hello\n")
    path.with_name("C.jsonl").write_bytes(LINES[0])
    path.with_name("RegNetX.jsonl").write_bytes(REGNETX)
    assert main(["verify", "--folder", str(path.parent)]) == 2
    said = capsys.readouterr()
    assert "AnyNetX_E.jsonl: line 4" in said.err
    assert "B.jsonl has 1 line that no record can be read from" in said.err
    assert "C.jsonl holds AnyNetX_E/0/0/0; expected networks of C alone" in said.err
    assert "RegNetX.jsonl: 1 networks, whole" in said.out


def test_a_population_of_nothing_has_no_recipe():
    with pytest.raises(PopulationError, match="no records here, so no recipe"):
        _ = Population().recipe
    Population().check_one_recipe()


@pytest.mark.parametrize("name", ["params", "flops", "activations"])
def test_each_cost_is_counted_again(name, path):
    path.write_bytes(WHOLE)
    record = next(iter(Population.load(path)))
    wrong = replace(record, **{name: getattr(record, name) + 1})
    with pytest.raises(PopulationError, match=f"{record.id} does not cost what is recorded"):
        check_drawn(Population([wrong]))


def test_files_of_two_recipes_are_not_merged_even_into_a_new_one(path, tmp_path):
    first, second, *_ = map(Record.from_line, WHOLE.decode().splitlines())
    other = replace(second, recipe=second.recipe | {"lr": 0.2})
    path.write_text(first.to_line() + other.to_line(), encoding="utf-8")
    with pytest.raises(PopulationError, match="records of 2 recipes"):
        merge([path], tmp_path / "new.jsonl")
    assert not list(tmp_path.glob("*.jsonl")), "nothing is written unless all can be merged"
