"""Every field of a recipe is felt, and the optimizer's steps are those written by hand."""

import json
from dataclasses import asdict, fields, replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from designspaces.networks.anynet import build
from designspaces.networks.blocks import ResidualBlock, start_as_identity
from designspaces.training.history import History
from designspaces.training.loop import shuffled, train
from designspaces.training.recipe import Recipe, tell_differences
from designspaces.training.results import load_for
from designspaces.training.schedule import learning_rate

BASE = Recipe(
    "base",
    epochs=2,
    batch_size=64,
    lr=0.1,
    momentum=0.9,
    weight_decay=1e-3,
    precision="float32",
    train_images=256,
    val_images=200,
)
CHANGED = {
    "epochs": 3,
    "batch_size": 32,
    "lr": 0.11,
    "momentum": 0.8,
    "nesterov": True,
    "weight_decay": 2e-3,
    "schedule": "one_cycle",
    "precision": "bfloat16",
    "split": "validation",
    "resolution": 32,
    "train_images": 192,
    "val_images": 100,
    "zero_init_residual": True,
}


def outcome(recipe: Recipe, architecture) -> list:
    """All numbers of a training but its seconds."""
    history = train(build(architecture, 0), load_for(recipe), recipe)
    return [replace(epoch, seconds=0) for epoch in history.epochs] + history.train_loss_trace


def test_every_field_is_changed_here():
    assert set(CHANGED) == {field.name for field in fields(Recipe)} - {"name"}
    assert all(getattr(BASE, name) != value for name, value in CHANGED.items())


@pytest.mark.parametrize("name", CHANGED)
def test_a_training_differs_when_a_field_of_its_recipe_changes(name, small):
    assert outcome(replace(BASE, **{name: CHANGED[name]}), small) != outcome(BASE, small)


def test_the_name_decides_nothing(small):
    assert outcome(replace(BASE, name="another"), small) == outcome(BASE, small)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle"])
def test_the_steps_are_those_written_by_hand(small, nesterov, schedule):
    recipe = replace(BASE, nesterov=nesterov, schedule=schedule, weight_decay=0.01, lr=0.02)
    data = load_for(recipe)
    trained, network = build(small, 0), build(small, 0).train()
    train(trained, data, recipe, seed=4)

    parameters = list(network.parameters())
    velocities = [torch.zeros_like(value) for value in parameters]
    step, steps = 0, 8
    for epoch in range(recipe.epochs):
        for batch in shuffled(len(data.train), 4, epoch).split(recipe.batch_size):
            pixels = data.train.pixels[batch].float() / 255
            loss = functional.cross_entropy(network(pixels), data.train.labels[batch])
            gradients = torch.autograd.grad(loss, parameters)
            rate = learning_rate(recipe, step, steps)
            step += 1
            with torch.no_grad():
                for value, velocity, gradient in zip(
                    parameters, velocities, gradients, strict=True
                ):
                    gradient = gradient + recipe.weight_decay * value
                    velocity.mul_(recipe.momentum).add_(gradient)
                    move = gradient + recipe.momentum * velocity if nesterov else velocity
                    value.sub_(rate * move)
    assert step == steps
    for name, value in network.state_dict().items():
        assert torch.allclose(trained.state_dict()[name], value, rtol=1e-3, atol=5e-4), name


def test_blocks_that_start_as_the_identity_pass_their_shortcut_on(small):
    network = build(small, 0).train()
    start_as_identity(network)
    x = torch.randn(4, 8, 14, 14)
    for block in (one for one in network.modules() if isinstance(one, ResidualBlock)):
        expected = functional.relu(block.shortcut(x))
        x = block(x)
        assert torch.equal(x, expected)
    loss = network(torch.rand(4, 1, 28, 28)).square().sum()
    loss.backward()
    first = next(one for one in network.modules() if isinstance(one, ResidualBlock))
    assert first.body.expand.norm.weight.grad.abs().sum() > 0, "it could never leave 0"


def test_only_the_recipe_that_says_so_starts_blocks_as_the_identity(small):
    data = load_for(BASE)
    for zero, expected in ((False, 1.0), (True, 0.0)):
        network = build(small, 0)
        recipe = replace(BASE, epochs=1, lr=0.0, zero_init_residual=zero)
        train(network, data, recipe)
        last = network.net.stage1[0].body.expand.norm.weight
        assert torch.equal(last, torch.full_like(last, expected))


def test_a_network_without_residual_blocks_cannot_start_them():
    with pytest.raises(ValueError, match="zero_init_residual is True.*residual blocks"):
        start_as_identity(torch.nn.Conv2d(1, 1, 1))


@pytest.mark.parametrize("name", ["nesterov", "zero_init_residual"])
def test_a_switch_is_true_or_false(name):
    with pytest.raises(ValueError, match=f"{name} is 1; expected True or False"):
        Recipe("bad", **{name: 1})


def test_nesterov_needs_a_momentum():
    with pytest.raises(ValueError, match="nesterov is True and momentum 0"):
        Recipe("bad", nesterov=True)


def test_a_history_from_before_a_field_reads_as_its_default(tiny, small):
    data, recipe = tiny
    known = train(build(small, 0), data, replace(recipe, epochs=1)).to_dict()
    older = {name: value for name, value in known["recipe"].items() if name in asdict(recipe)}
    del older["zero_init_residual"]
    history = History.from_dict(known | {"recipe": older})
    assert history.recipe.zero_init_residual is False
    assert history.to_dict() == known


def test_numbers_of_numpy_become_plain_since_a_record_keeps_them():
    recipe = replace(Recipe("x"), train_images=np.int64(256), lr=np.float32(0.5))
    assert json.dumps(asdict(recipe))
    assert recipe == Recipe("x", train_images=256, lr=0.5)


def test_two_recipes_are_told_apart_by_the_fields_that_differ():
    other = replace(BASE, name="other", lr=0.2, nesterov=True, val_images=None)
    assert tell_differences(BASE, other) == (
        "name 'base' and 'other', lr 0.1 and 0.2, nesterov False and True, val_images 200 and None"
    )
    assert tell_differences(BASE, BASE) == ""


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_recipe_has_a_name(name):
    with pytest.raises(ValueError, match="name is .*expected what the recipe is called"):
        Recipe(name)
