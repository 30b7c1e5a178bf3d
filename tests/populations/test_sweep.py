"""What a sweep refuses before it trains, keeps when a training fails, and puts into a record."""

import shutil
import subprocess
from concurrent.futures import Executor, Future
from dataclasses import asdict, replace

import pytest
import torch
from torch import nn

from designspaces.designs.complexity import Complexity
from designspaces.networks import anynet
from designspaces.populations import sweep
from designspaces.populations.executors import TrainingFailed
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.sweep import train_population, train_task
from designspaces.training.results import load_for
from faults import RECIPE, SPACES_HERE, Here

C, E = SPACES_HERE


@pytest.mark.parametrize(
    ("n", "only", "fault"),
    [
        ({"AnyNetX_C": 1}, None, "^n does not name 'AnyNetX_E'; expected each of the spaces"),
        (2, {"AnyNetX_C": [0]}, "^only does not name 'AnyNetX_E'"),
        (2, {"AnyNetX_C": [0], "AnyNetX_E": [1, 2]}, "^only has 2 of AnyNetX_E; expected places"),
    ],
)
def test_what_does_not_go_with_the_spaces_is_refused_before_a_file_is_made(
    n, only, fault, tmp_path
):
    with pytest.raises(ValueError, match=fault):
        train_population([C, E], n, RECIPE, Here(), tmp_path, only=only)
    assert not list(tmp_path.iterdir())


def test_networks_of_another_space_are_not_added_to(tmp_path):
    other = replace(next(iter(Population.recorded("AnyNetX_E"))), recipe=asdict(RECIPE))
    path = tmp_path / "AnyNetX_C.jsonl"
    path.write_text(other.to_line(), encoding="utf-8")
    with pytest.raises(PopulationError, match="holds AnyNetX_E/0/0/0; expected networks of Any"):
        train_population([C], 1, RECIPE, Here(), tmp_path)
    assert path.read_text(encoding="utf-8") == other.to_line()


def test_images_of_another_split_are_refused(tmp_path):
    data = replace(load_for(RECIPE), split="test")
    with pytest.raises(ValueError, match="images of 'test'; the recipe says 'validation'"):
        train_population([C], 1, RECIPE, Here(), tmp_path, data=data)


def test_layers_that_draw_while_they_train_draw_the_same_again(tmp_path, monkeypatch):
    build = anynet.build
    monkeypatch.setattr(anynet, "build", lambda *given: nn.Sequential(build(*given), nn.Dropout()))
    executor = Here()
    (record,) = train_population([C], 1, RECIPE, executor, tmp_path)
    torch.rand(1)
    assert train_task(executor.tasks[0]).train_loss == record.train_loss


def test_what_could_not_be_read_again_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "cost_of", lambda *_: Complexity(1.5, 1, 1))
    with pytest.raises(ValueError, match=r"params is 1\.5; expected"):
        train_population([C], 1, RECIPE, Here(), tmp_path)
    assert not (tmp_path / "AnyNetX_C.jsonl").read_bytes()


class Placed(Future):
    """Of those done at once, the one of the first place is looked at first."""

    def __init__(self, place):
        super().__init__()
        self.place = place

    def __hash__(self):
        return self.place


class FailsFirst(Executor):
    """Trains in this process all but the network of place 0."""

    def submit(self, fn, task, data):
        future = Placed(task.index)
        if task.index:
            future.set_result(fn(task, data))
        else:
            future.set_exception(KeyError("five"))
        return future


def test_what_is_done_beside_a_failure_is_recorded(tmp_path):
    with pytest.raises(TrainingFailed, match="AnyNetX_E/0/0/0 cannot be trained: KeyError"):
        train_population([E], 2, RECIPE, FailsFirst(), tmp_path, workers=2)
    assert [record.index for record in Population.load(tmp_path / "AnyNetX_E.jsonl")] == [1]


@pytest.mark.skipif(not shutil.which("git"), reason="asks git")
def test_a_package_within_somebody_elses_repository_has_no_commit(tmp_path, monkeypatch):
    module = tmp_path / "site-packages" / "designspaces" / "populations" / "sweep.py"
    module.parent.mkdir(parents=True)
    module.touch()
    me = ["-c", "user.name=me", "-c", "user.email=me@here", "-c", "commit.gpgsign=false"]
    for words in (["init"], [*me, "commit", "--allow-empty", "-m", "Theirs"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], capture_output=True, check=True)
    monkeypatch.setattr(sweep, "__file__", str(module))
    assert sweep._provenance() == (None, None)
