"""What a step costs: its parts are all there, and what is timed is a step that trains."""

from dataclasses import replace

import pytest
import torch

from designspaces.networks.anynet import build
from designspaces.training import profile
from designspaces.training.loop import train

CPU = torch.device("cpu")


def test_a_profile_has_every_part_and_nothing_of_a_gpu(tiny, small):
    data, recipe = tiny
    found = profile.profile_step(build(small, 0), data, recipe, device=CPU, steps=2)
    assert tuple(found["parts_ms"]) == profile.PARTS
    times = [found["step_ms"], found["evaluation_ms"], *found["parts_ms"].values()]
    assert all(time > 0 for time in times)
    convolutions = sum(isinstance(m, torch.nn.Conv2d) for m in build(small, 0).modules())
    assert found["operators"] > 2 * convolutions
    assert found["kernels"] is found["busy_ms"] is found["peak_bytes"] is None


def test_its_steps_are_those_of_a_training(tiny, small):
    """As many steps as an epoch has end with the weights of one epoch."""
    data, recipe = tiny
    recipe = replace(recipe, epochs=1, momentum=0.9, weight_decay=1e-3, precision="float32")
    trained, profiled = build(small, 0), build(small, 0)
    train(trained, data, recipe, device=CPU)
    step = profile._stepper(profiled.to(memory_format=torch.channels_last), data, recipe)
    for _ in range(-(-len(data.train) // recipe.batch_size)):
        step(wait=False)
    for name, value in trained.state_dict().items():
        assert torch.equal(profiled.state_dict()[name], value), name


@pytest.mark.parametrize("steps", [0, 1.5])
def test_steps_are_a_positive_integer(tiny, small, steps):
    with pytest.raises(ValueError, match=f"steps is {steps}; expected a positive integer"):
        profile.profile_step(build(small, 0), *tiny, device=CPU, steps=steps)
