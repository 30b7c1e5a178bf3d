"""What new-space writes runs at once: its tests, its notebook, its plan, and each command on it."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from designspaces.__main__ import main
from designspaces.book.new_space import write_space
from designspaces.judging import study
from designspaces.judging.study import NOT_YET
from designspaces.populations import executors
from designspaces.populations.population import Population
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


def test_its_notebook_leads_from_the_question_to_an_answer(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(executors, "Processes", lambda workers: Here())
    load = study.load_plan

    def smaller(where):
        plan = load(where)
        return replace(plan, recipe=RECIPE, n=dict.fromkeys(plan.n, FEW))

    monkeypatch.setattr(study, "load_plan", smaller)
    cells = json.loads(Path("notebook.ipynb").read_text("utf-8"))["cells"]
    scope = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), scope)
    (answer,) = scope["answers"].values()
    assert answer.verdict != NOT_YET
    assert answer.n == (FEW, FEW)
    assert "widths" in answer.question.text.lower()
    assert len(list(Path("populations").glob("my_blocks_*.jsonl"))) == 2
    capsys.readouterr()
    assert main(["verify", "--folder", "populations"]) == 0
    assert main(["status", "--folder", "populations"]) == 0
    assert capsys.readouterr().out.count("10 networks") == 4


def test_a_plan_of_ones_own_answers_by_a_command(folder, monkeypatch, capsys):
    """Before its networks are there, it says how many are missing, and refuses another recipe."""
    monkeypatch.chdir(folder)
    assert main(["claims", "--plan", "plan.py:PLAN", "--folder", "populations"]) == 2
    assert "the plan is about 'population'" in capsys.readouterr().err
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
