"""The command line: a sentence and exit status 2 for input that cannot be used."""

import importlib
import json

import pytest

from designspaces import __main__, recipes
from designspaces.__main__ import main


@pytest.fixture
def tiny_protocol(monkeypatch, tmp_path):
    """The textbook's recipe cut down to seconds, and a results folder of its own."""
    from dataclasses import replace

    cut = replace(recipes.QUICK, epochs=2, resolution=32, train_images=256, val_images=100)
    monkeypatch.setattr(recipes, "QUICK", cut)
    monkeypatch.setenv("DESIGNSPACES_RESULTS", str(tmp_path / "results"))
    return tmp_path


def test_train_trains_once_and_records(tiny_protocol, capsys):
    record = tiny_protocol / "run.json"
    command = ["train", "--profile", "quick", "--network", "plain_resnet", "--record", str(record)]
    assert main(command) == 0
    first = capsys.readouterr()
    assert "epoch  2/2: training loss" in first.out + first.err
    assert "minutes left" in first.out + first.err
    assert "test accuracy" in first.out
    history = json.loads(record.read_text())["history"]
    assert (history["status"], len(history["epochs"])) == ("trained", 2)
    assert main(command) == 0
    second = capsys.readouterr()
    assert "epoch " not in second.err, "it trained again"
    assert second.out.splitlines()[1] == first.out.splitlines()[-2]


def test_fresh_keeps_nothing(tiny_protocol, capsys):
    assert main(["train", "--profile", "quick", "--epochs", "1", "--fresh"]) == 0
    assert not (tiny_protocol / "results").exists()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["train", "--profile", "fast"], "expected full or quick"),
        (["train", "--profile", "quick", "--epochs", "0"], "epochs is 0"),
        (["train", "--profile", "quick", "--precision", "int8"], "precision is 'int8'"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(command, message, capsys):
    assert main(command) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("designspaces: ")


def test_an_interrupt_says_how_to_go_on(monkeypatch, capsys):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "_data", interrupt)
    assert main(["data"]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_figures_are_written(tmp_path):
    assert main(["figures", "--folder", str(tmp_path)]) == 0
    assert (tmp_path / "staircase.svg").read_text().startswith("<svg")


def test_importing_the_command_line_is_light():
    import subprocess
    import sys

    code = "import sys, designspaces.__main__; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    importlib.reload(__main__)
