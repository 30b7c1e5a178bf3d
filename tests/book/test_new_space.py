"""What new-space writes runs at once: its tests, its notebook, its plan, and each command on it."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import torch

from designspaces.__main__ import main
from designspaces.book.new_space import write_space
from designspaces.book.template import space as template
from designspaces.book.template.block import Network
from designspaces.judging import study
from designspaces.judging.study import NOT_RESOLVED, NOT_YET
from designspaces.populations import executors
from designspaces.populations.population import Population
from designspaces.spaces.draw import NotFound
from faults import RECIPE, Here

FEW = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    files = write_space("my_blocks", tmp_path_factory.mktemp("new"))
    assert [path.name for path in files] == [
        "__init__.py",
        "block.py",
        "notebook.ipynb",
        "plan.py",
        "space.py",
        "test_space.py",
    ]
    return files[0].parent


def test_its_own_tests_pass(folder):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


def test_its_tests_see_a_cost_that_is_wrong(folder, tmp_path):
    other = tmp_path / "wrong"
    other.mkdir()
    for path in folder.glob("*.py"):
        text = path.read_text("utf-8").replace("(depth - 1)", "depth")
        (other / path.name).write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(other)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=other, check=False)
    assert "2 failed, 6 passed" in done.stdout


def code():
    cells = json.loads(Path("notebook.ipynb").read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_notebook(rehearse):
    """All its cells, in order; what they have made."""
    assert sum(source.startswith("REHEARSE = True\n") for source in code()) == 1
    scope = {}
    for source in code():
        exec(source.replace("REHEARSE = True", rehearse), scope)
    return scope


def test_its_notebook_rehearses_and_shows_nothing_of_the_plan(tmp_path, monkeypatch):
    """As it is written it runs at once, on other networks and into another folder."""
    monkeypatch.chdir(write_space("my_blocks", tmp_path)[0].parent)
    monkeypatch.setattr(executors, "Processes", lambda workers: Here())
    load = study.load_plan
    counts = {"my_blocks_free": FEW, "my_blocks_rising": FEW}

    def smaller(where):
        return replace(load(where), recipe=RECIPE, n=counts)

    monkeypatch.setattr(study, "load_plan", smaller)
    scope = run_notebook("REHEARSE = True")
    (answer,) = scope["answers"].values()
    assert (answer.verdict, answer.n) == (NOT_RESOLVED, (2, 2))
    trained = Population.load(*Path("rehearsal").glob("*.jsonl"))
    assert {record.sample_seed for record in trained} == {load("plan.py:PLAN").sample_seed + 1}
    assert not Path("populations").exists()
    sources = [source for source in code() if source.startswith("REHEARSE")]
    for rehearse in ("REHEARSE = True", "REHEARSE = False"):
        exec(sources[0].replace("REHEARSE = True", rehearse), scope)
    planned = load("plan.py:PLAN")
    for name, (seed, n) in {
        "rehearsal": (planned.sample_seed + 1, 2),
        "populations": (planned.sample_seed, FEW),
    }.items():
        trained = Population.load(*Path(name).glob("*.jsonl"))
        assert {record.sample_seed for record in trained} == {seed}, "a cell that is run again"
        assert len(trained) == 2 * n


def test_its_notebook_leads_from_the_question_to_an_answer(folder, monkeypatch, capsys):
    """With the plan's numbers and sample, whatever they are."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(executors, "Processes", lambda workers: Here())
    load = study.load_plan
    counts = {"my_blocks_free": FEW, "my_blocks_rising": FEW + 2}

    def smaller(where):
        return replace(load(where), recipe=RECIPE, n=counts, sample_seed=3)

    monkeypatch.setattr(study, "load_plan", smaller)
    (answer,) = run_notebook("REHEARSE = False")["answers"].values()
    assert answer.verdict != NOT_YET
    assert answer.n == (FEW, FEW + 2)
    assert "widths" in answer.question.text.lower()
    records = Population.load(*Path("populations").glob("*.jsonl"))
    assert {name: len(records.space(name)) for name in counts} == counts
    assert {record.sample_seed for record in records} == {3}
    capsys.readouterr()
    assert main(["verify", "--folder", "populations"]) == 0
    assert main(["status", "--folder", "populations"]) == 0
    told = capsys.readouterr().out
    assert [told.count(f": {n} networks") for n in counts.values()] == [2, 2]


def test_a_plan_of_ones_own_answers_by_a_command(folder, monkeypatch, capsys):
    """Before its networks are there, it says how many are missing, and refuses another recipe."""
    monkeypatch.chdir(folder)
    assert main(["claims", "--plan", "plan.py:PLAN", "--folder", "populations"]) == 2
    assert "the plan's: name 'tiny' and 'population'" in capsys.readouterr().err
    assert main(["claims", "--plan", "plan.py:NONE", "--folder", "populations"]) == 2
    assert "plan.py has no NONE; it has" in capsys.readouterr().err


def test_a_plan_of_ones_own_is_what_a_sweep_trains(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(executors, "Processes", lambda workers: Here())
    load = study.load_plan
    numbers = {"template_free": 2, "template_rising": 1}
    counts = {name.replace("template", "my_blocks"): n for name, n in numbers.items()}

    def smaller(where):
        return replace(load(where), recipe=RECIPE, n=counts, sample_seed=3)

    spaces = ["--space", "space.py:FREE", "--space", "space.py:RISING"]
    sweep = ["sweep", "--folder", str(tmp_path), "--plan", "plan.py:PLAN", *spaces]
    sweep += ["--workers", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(study, "load_plan", smaller)
        assert main(sweep) == 0
    records = Population.load(*tmp_path.glob("*.jsonl"))
    assert {name: len(records.space(name)) for name in counts} == counts
    assert {(record.sample_seed, record.trained_by) for record in records} == {(3, RECIPE)}
    capsys.readouterr()
    assert main([*sweep, "--n", "2"]) == 2
    assert "a plan decides --n itself; leave it out" in capsys.readouterr().err
    assert main([*sweep, "--space", "RegNetX"]) == 2
    assert "plan.py:PLAN has no RegNetX; expected spaces of my_blocks" in capsys.readouterr().err
    assert main([*sweep[:4], "space.py:FREE", *spaces]) == 2
    assert "space.py:FREE is a Space; expected a Plan" in capsys.readouterr().err


def test_lines_end_alike_on_every_system(tmp_path, monkeypatch):
    """Where nothing is said they are written as Windows ends them."""
    write = Path.write_text

    def windows(path, text, encoding=None, errors=None, newline=None):
        return write(path, text, encoding, errors, newline or "\r\n")

    monkeypatch.setattr(Path, "write_text", windows)
    files = write_space("my_blocks", tmp_path)
    assert not [path.name for path in files if b"\r" in path.read_bytes()]


def test_a_search_where_nothing_fits_is_given_up(monkeypatch):
    monkeypatch.setattr(template, "TRIES", 100)
    for space in (template.FREE, template.RISING):
        with pytest.raises(NotFound, match="0 of 2 networks found, and none more in 100 draws"):
            space.draw(2, resolution=96)


def test_a_network_is_built_without_seeding_a_gpu(monkeypatch):
    def refuse(seed):
        raise AssertionError("torch.manual_seed seeds every device")

    monkeypatch.setattr(torch, "manual_seed", refuse)
    first, again, other = (Network((1,), (16,)).build(seed) for seed in (3, 3, 4))
    sides = [next(iter(module.parameters())) for module in (first, again, other)]
    assert sides[0].equal(sides[1])
    assert not sides[0].equal(sides[2])


def test_nothing_is_overwritten_and_names_must_be_names(folder, tmp_path):
    with pytest.raises(ValueError, match="is there already"):
        write_space("my_blocks", folder.parent)
    for name in ("My-Space", "1st", "a b", "../up"):
        with pytest.raises(ValueError, match="expected small letters"):
            write_space(name, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["class", "numpy", "designspaces", "test"])
def test_a_name_that_is_taken_would_break_everything_afterwards(tmp_path, name):
    with pytest.raises(ValueError, match=f"'{name}' is a word or a module of Python's"):
        write_space(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_equal_networks_are_drawn_in_every_process(folder):
    """A space's chance hangs on its name and seed, not on the process."""
    code = (
        "from designspaces.spaces.own import load_space\n"
        f"print([d.drawn for d in load_space({f'{folder}/space.py:FREE'!r}).draw(3, 5)])"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        for _ in range(2)
    }
    (drawn,) = runs
    assert "widths" in drawn


def test_a_sweep_says_before_it_trains_what_would_be_refused_after(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new-space", "asked"]) == 0
    assert str(Path("asked") / "plan.py") in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "asked")
    monkeypatch.setattr(executors, "Processes", lambda workers: Here())
    load, n = study.load_plan, {"asked_free": 1, "asked_rising": 1}

    def sign(moment):
        def signed(where):
            return replace(load(where), recipe=RECIPE, n=n, signed=moment)

        monkeypatch.setattr(study, "load_plan", signed)

    sweep = ["sweep", "--plan", "plan.py:PLAN", "--space", "space.py:FREE", "--workers", "1"]
    sign(None)
    assert main(sweep) == 0
    assert "the plan is not signed: what it says will be exploratory" in capsys.readouterr().err
    n["asked_free"] = 2
    now = datetime.now(UTC) + timedelta(seconds=1)
    time.sleep(1)
    for moment, why in {
        "2999-01-01T00:00:00+00:00": "signed for 2999-01-01T00:00:00+00:00, which is still to come",
        now.isoformat(): f"before the plan was signed on {now.isoformat()}",
    }.items():
        sign(moment)
        assert main(sweep) == 2
        assert why in capsys.readouterr().err
    assert len(Population.load(Path("populations/asked_free.jsonl"))) == 1


def test_a_sweep_looks_at_what_other_spaces_of_the_plan_were_trained_from(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(write_space("my_blocks", tmp_path)[0].parent)
    monkeypatch.setattr(executors, "Processes", lambda workers: Here())
    load, n = study.load_plan, {"my_blocks_free": 1, "my_blocks_rising": 1}
    monkeypatch.setattr(study, "load_plan", lambda where: replace(load(where), recipe=RECIPE, n=n))
    sweep = ["sweep", "--plan", "plan.py:PLAN", "--workers", "1", "--space"]
    assert main([*sweep, "space.py:FREE"]) == 0
    with Path("block.py").open("a") as file:
        file.write("CHANGED = True\n")
    assert main([*sweep, f"{Path('..') / 'my_blocks' / 'space.py'}:RISING"]) == 2
    assert "my_blocks_free/0/0/0 and my_blocks_rising come from two states" in (
        capsys.readouterr().err
    )
    assert not Path("populations/my_blocks_rising.jsonl").exists()
