"""Results are kept by content: found again, and trained again only when what trains changed."""

import ast
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import designspaces
from designspaces.training import results
from designspaces.training.results import key, read_recorded, train_once, write_recorded


def test_the_second_time_nothing_is_trained(tiny, small, tmp_path, monkeypatch):
    _, recipe = tiny
    first = train_once(small, recipe, folder=tmp_path)
    monkeypatch.setattr(results, "train", None)
    second = train_once(small, recipe, folder=tmp_path)
    assert second.history == first.history
    x = torch.rand(2, 1, 28, 28)
    assert torch.equal(first.network()(x), second.network()(x))
    (place,) = tmp_path.iterdir()
    assert sorted(path.name for path in place.iterdir()) == ["history.json", "weights.safetensors"]


def test_an_interrupted_training_goes_on_from_its_last_epoch(tiny, small, tmp_path, monkeypatch):
    _, recipe = tiny
    expected = train_once(small, recipe, folder=tmp_path / "whole")
    original, calls = results.train, []

    def stop_before_the_result_is_written(*args, **options):
        calls.append(original(*args, **options))
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "train", stop_before_the_result_is_written)
    with pytest.raises(KeyboardInterrupt):
        train_once(small, recipe, folder=tmp_path / "interrupted")
    monkeypatch.setattr(results, "train", original)
    resumed = train_once(small, recipe, folder=tmp_path / "interrupted")
    assert resumed.history.epochs == calls[0].epochs, "the epochs were trained again"
    for name, value in expected.weights.items():
        assert torch.equal(resumed.weights[name], value), name


def test_what_decides_a_result_is_in_its_key(tiny, small):
    _, recipe = tiny
    other = designspaces.designs.architecture.Architecture.from_lists(
        (1, 1), (8, 16), 4, stem_width=8
    )
    keys = {
        key(small, recipe, 0),
        key(other, recipe, 0),
        key(small, replace(recipe, lr=0.06), 0),
        key(small, replace(recipe, precision="float32"), 0),
        key(small, recipe, 1),
    }
    assert len(keys) == 5
    for name, value in (("source_checksum", lambda: "another"), ("CHECKSUM", "another")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(results, name, value)
            assert key(small, recipe, 0) not in keys, f"{name} does not decide the key"
    assert key(small, replace(recipe, name="renamed"), 0) == key(small, recipe, 0)


@pytest.fixture
def package(tmp_path):
    """A copy of the package that a test may edit, and the source checksum that the copy reports."""
    shutil.copytree(
        Path(designspaces.__file__).parent,
        tmp_path / "designspaces",
        ignore=shutil.ignore_patterns("__pycache__"),
    )

    def checksum():
        code = "from designspaces.training.results import source_checksum; print(source_checksum())"
        return subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True)

    return tmp_path / "designspaces", checksum


def test_prose_does_not_train_again_and_code_does(package):
    folder, checksum = package
    before = checksum()
    edits = {
        "training/loop.py": (
            '"""Train one network by one recipe.',
            '"""Train a network by a recipe.',
        ),
        "training/fashion_mnist.py": ('"""Fashion-MNIST as', '"""The images as'),
        "figures/canvas.py": ('"""What every', '"""What each'),
        "designs/complexity.py": ('"""', '"""New words. '),
    }
    for name, (old, new) in edits.items():
        path = folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
    assert checksum() == before
    path = folder / "training" / "loop.py"
    path.write_text(path.read_text().replace("div_(255)", "div_(256)"))
    assert checksum() != before


def test_a_recorded_run_keeps_its_history_and_source(tiny, small, tmp_path):
    _, recipe = tiny
    history = train_once(small, recipe, folder=tmp_path).history
    write_recorded(history, tmp_path / "run.json")
    assert read_recorded(tmp_path / "run.json") == (history, results.source_checksum())


def test_a_result_that_cannot_be_read_is_trained_again_with_a_warning(tiny, small, tmp_path):
    _, recipe = tiny
    first = train_once(small, recipe, folder=tmp_path)
    (place,) = tmp_path.iterdir()
    for name in ("weights.safetensors", "history.json"):
        (place / name).write_bytes(b"damaged")
        with pytest.warns(UserWarning, match="cannot be read"):
            again = train_once(small, recipe, folder=tmp_path)
        assert again.history.train_loss_trace == first.history.train_loss_trace


@pytest.mark.parametrize("content", ["", "{}", '{"history": {}, "source": "x"}', "[1]"])
def test_a_file_that_is_no_recorded_run_is_named(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"run\.json is not a recorded|not a training history"):
        read_recorded(path)


def test_the_recorded_baseline_followed_the_textbooks_protocol():
    from designspaces.training.recipe import TEXTBOOK

    history, _ = results.recorded("plain_resnet")
    assert replace(history.recipe, precision="auto") == TEXTBOOK
    assert (history.status, len(history.epochs)) == ("trained", 10)
    assert history.params == 170_922


KEPT_OTHERWISE = {
    "designs": "an architecture is in the key as it is",
    "training.fetch": "the data's checksum is in the key",
    "training.recipe": "a recipe is in the key, field by field",
    "training.history": "holds the outcome",
    "training.checkpoint": "says which training a file belongs to; tested to resume to the digit",
    "training.progress": "prints",
    "networks.looking": "puts modes back",
    "files": "writes",
    "moved": "old names",
}
"""What the modules that train import, and why its source decides no result."""


def source_of(module: str) -> Path:
    return results.PACKAGE / f"{module.replace('.', '/')}.py"


def imported(module: str) -> set[str]:
    """The package's modules that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source_of(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("designspaces."):
            base = node.module.removeprefix("designspaces.")
            inside = [f"{base}.{name.name}" for name in node.names]
            found |= set([each for each in inside if source_of(each).exists()] or [base])
    return found


def test_every_module_that_decides_a_training_is_in_the_key():
    listed = {name.replace("/", ".") for name in results.TRAINING_MODULES}
    reached, waiting = set(), {"training.loop", "networks.anynet", "training.fashion_mnist"}
    while waiting:
        module = waiting.pop()
        reached.add(module)
        if not any(module == known or module.startswith(f"{known}.") for known in KEPT_OTHERWISE):
            waiting |= imported(module) - reached
    excused = {
        module
        for module in reached
        if any(module == known or module.startswith(f"{known}.") for known in KEPT_OTHERWISE)
    }
    assert reached - excused == listed
