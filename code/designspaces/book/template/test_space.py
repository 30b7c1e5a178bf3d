"""What must hold of a space before its networks are trained: python -m pytest here."""

from pathlib import Path

import pytest

from designspaces.networks.counting import count
from designspaces.spaces.own import load_space

HERE = Path(__file__).parent


@pytest.fixture(params=["FREE", "RISING"])
def space(request):
    return load_space(f"{HERE / 'space.py'}:{request.param}")


def test_the_cost_in_closed_form_is_that_of_the_built_network(space):
    for draw in space.draw(5, resolution=28):
        network = draw.architecture
        assert network.cost(28) == count(network.build(0), 28)


def test_the_same_seed_draws_the_same_networks(space):
    assert space.draw(6)[:3] == space.draw(3)
    assert space.draw(3, 1) != space.draw(3, 2)


def test_settings_make_the_same_network_again(space):
    for draw in space.draw(3):
        assert space.read(draw.architecture.to_dict()) == draw.architecture


def test_every_network_keeps_the_rule(space):
    for draw in space.draw(20):
        assert space.space.rule(draw.architecture)
