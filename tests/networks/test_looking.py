"""Whatever prints, counts or times leaves networks and torch's generators as they were."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from designspaces.frameworks import pytorch
from designspaces.networks import anynet, run_time
from designspaces.networks.looking import last_outputs, untouched
from designspaces.training import loop
from looking import freeze_norms, remember

PIXELS = np.random.default_rng(0).random((4, 1, 28, 28)).astype(np.float32)
LABELS = np.array([1, 2, 3, 4])


def summary(network, data, recipe):
    network.layer_summary((2, 1, 28, 28))


def predict(network, data, recipe):
    loop.predict(network, data.val, recipe)


def evaluate(network, data, recipe):
    loop.evaluate(network, data.val, replace(recipe, precision="float32"))


def count(network, data, recipe):
    loop.parameter_count(network)


def build(network, data, recipe):
    anynet.build(network.architecture, seed=3)


def time(network, data, recipe):
    run_time.measure([network.architecture], resolution=16, batch_size=2, repeats=1)


def learner_predicts(network, data, recipe):
    pytorch.Learner(network, 0.1).predict(PIXELS)


def learner_finds_gradients(network, data, recipe):
    pytorch.Learner(network, 0.1).gradients(PIXELS, LABELS)


def learner_counts(network, data, recipe):
    pytorch.Learner(network, 0.1).normalized(PIXELS)


@pytest.mark.parametrize(
    "look",
    [
        summary,
        predict,
        evaluate,
        count,
        build,
        time,
        learner_predicts,
        learner_finds_gradients,
        learner_counts,
    ],
)
def test_a_look_changes_nothing(look, tiny, small, capsys):
    data, recipe = tiny
    network = freeze_norms(anynet.build(small, seed=1))
    unchanged = remember(network)
    look(network, data, recipe)
    unchanged()


def test_a_look_that_fails_changes_nothing_either(small):
    network = freeze_norms(anynet.build(small, seed=1))
    unchanged = remember(network)
    with pytest.raises(RuntimeError):
        network.layer_summary((2, 3, 28, 28))
    unchanged()


@pytest.mark.parametrize(
    "touch",
    [
        lambda network: network.train(),
        lambda network: network(torch.zeros(2, 1, 28, 28)),
        lambda network: network(torch.zeros(2, 1, 28, 28)).sum().backward(),
        lambda network: network.requires_grad_(),
        lambda network: torch.rand(1),
    ],
    ids=["mode", "statistics", "gradients", "requires_grad", "generator"],
)
def test_a_touch_would_be_noticed(touch, small):
    network = freeze_norms(anynet.build(small, seed=1))
    unchanged = remember(network)
    touch(network)
    with pytest.raises(AssertionError):
        unchanged()


def test_within_a_look_nothing_is_learned(small):
    network = anynet.build(small, seed=1)
    with untouched(network):
        assert not any(module.training for module in network.modules())
        assert not network(torch.zeros(2, 1, 28, 28)).requires_grad


def test_times_are_measured_without_a_seed_for_gpus(monkeypatch, small):
    """torch.manual_seed would seed those as well."""
    monkeypatch.setattr(torch, "manual_seed", lambda seed: pytest.fail("seeds every device"))
    run_time.measure([small], resolution=16, batch_size=2, repeats=1)


def test_gradients_are_those_of_a_step(small):
    network = anynet.build(small, seed=1)
    learner = pytorch.Learner(network, 0.5)
    found, before = learner.gradients(PIXELS, LABELS), learner.state()
    learner.step(PIXELS, LABELS)
    for name, value in found.items():
        assert np.allclose(before[name] - 0.5 * value, learner.state()[name], atol=1e-6)


def test_the_last_evaluation_after_training_is_kept_and_no_longer_than_asked(small):
    network = anynet.build(small, seed=1)
    images = torch.rand(6, 1, 28, 28)
    with last_outputs(network) as outputs:
        network.eval()(images)
        network.train()(images)
        network.eval()
        expected = [network(batch) for batch in images.split(4)]
    network(images)
    assert [len(output) for output in outputs] == [4, 2]
    assert torch.equal(torch.cat(outputs), torch.cat(expected))
    assert not any(output.requires_grad for output in outputs)


def test_watching_ends_with_an_error(small):
    network = anynet.build(small, seed=1)
    with pytest.raises(RuntimeError), last_outputs(network) as outputs:
        network.eval()(torch.rand(1, 5, 28, 28))
    network(torch.rand(1, 1, 28, 28))
    assert not outputs
