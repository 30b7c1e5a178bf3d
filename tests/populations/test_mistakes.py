"""The images that a new record names wrongly are those that its network names wrongly."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from designspaces.networks import anynet
from designspaces.populations import sweep
from designspaces.populations.sweep import train_population, train_task
from designspaces.training import loop
from designspaces.training.results import load_for
from faults import RECIPE, SPACES_HERE, Here

# more than one batch of evaluation, the last one not full; more than one evaluation
MANY = replace(RECIPE, epochs=2, train_images=256, val_images=loop.VAL_BATCH * 2 + 3)


@pytest.fixture
def networks(monkeypatch):
    """Those that are built while the test runs."""
    built, build = [], anynet.build

    def remember(*arguments):
        built.append(build(*arguments))
        return built[-1]

    monkeypatch.setattr(anynet, "build", remember)
    return built


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_bits_are_the_trained_networks_mistakes(precision, networks, tmp_path):
    recipe = replace(MANY, precision=precision)
    (record,) = train_population(SPACES_HERE[:1], 1, recipe, Here(), tmp_path)
    (network,) = networks
    images = load_for(recipe).val
    wrong = loop.predict(network, images, recipe).argmax(1) != images.labels
    assert np.array_equal(record.mistakes, wrong.numpy())
    assert 0 < record.mistakes.sum() < len(images)
    assert record.mistakes.mean() == pytest.approx(record.val_error, abs=1e-6)
    assert not network._forward_hooks


def test_training_is_the_same_as_if_nobody_watched(networks, tmp_path):
    executor = Here()
    (record,) = train_population(SPACES_HERE[:1], 1, MANY, executor, tmp_path)
    (task,) = executor.tasks
    alone = anynet.build(task.network, task.seed)
    history = loop.train(alone, load_for(MANY), MANY, seed=task.seed)
    assert record.val_error == 1 - history.val_accuracy
    assert record.train_loss == [epoch.train_loss for epoch in history.epochs]
    weights = networks[0].state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in alone.state_dict().items())


@pytest.mark.parametrize("where", ["outputs", "count"])
def test_other_outputs_or_missing_batches_are_refused(where, monkeypatch, tmp_path):
    executor = Here()
    train_population(SPACES_HERE[:1], 1, MANY, executor, tmp_path)
    # not in another order: of a network that names one class for all images that changes nothing
    spoil = {
        "outputs": lambda batches: [-batch for batch in batches],
        "count": lambda batches: batches[1:],
    }[where]
    mistakes = sweep._mistakes
    monkeypatch.setattr(
        sweep, "_mistakes", lambda outputs, images: mistakes(spoil(outputs), images)
    )
    fault = {"outputs": "expected 0", "count": "503 images were judged; expected 1003"}[where]
    with pytest.raises(ValueError, match=fault):
        train_task(executor.tasks[0])
