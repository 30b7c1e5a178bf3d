"""Networks trained in threads are the same networks; a sweep ends when it is told to."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import torch

from designspaces.populations import sweep
from designspaces.populations.executors import Threads
from designspaces.populations.sweep import train_population
from faults import RECIPE, SPACES_HERE, Here

CLOCK = {"seconds": 0.0, "finished": "", "versions": {}}


def outcomes(population) -> dict:
    return {record.id: replace(record, **CLOCK) for record in population}


def test_networks_trained_at_once_are_those_trained_one_after_another(tmp_path):
    expected = train_population(SPACES_HERE, 2, RECIPE, Here(), tmp_path / "in turn")
    with Threads(4) as executor:
        found = train_population(SPACES_HERE, 2, RECIPE, executor, tmp_path / "at once", workers=4)
    assert outcomes(found) == outcomes(expected)


def test_cudnn_is_deterministic_until_the_last_thread_is_done():
    before = torch.backends.cudnn.deterministic
    with Threads(2) as executor:
        assert executor.submit(lambda: torch.backends.cudnn.deterministic).result()
        assert executor.submit(lambda: torch.backends.cudnn.enabled).result()
    assert torch.backends.cudnn.deterministic == before
    executor.shutdown()
    assert torch.backends.cudnn.deterministic == before


def test_after_the_moment_given_no_network_is_begun_and_none_is_lost(tmp_path, monkeypatch):
    executor, clock = Here(), itertools.count(1)
    monkeypatch.setattr(sweep, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    population = train_population(SPACES_HERE, 4, RECIPE, executor, tmp_path, until=3)
    begun = [(task.space, task.index) for task in executor.tasks]
    assert begun == [("AnyNetX_C", 0), ("AnyNetX_E", 0), ("AnyNetX_C", 1)]
    assert len(population) == 3
    assert train_population(SPACES_HERE, 4, RECIPE, executor, tmp_path, until=0).errors
    assert len(executor.tasks) == 3
