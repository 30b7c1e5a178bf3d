"""torchvision's weights in our networks: the same logits, and nothing is half loaded."""

import pytest
import torch
from torchvision import models

from designspaces.designs.published import PUBLISHED
from designspaces.networks.anynet import build
from designspaces.networks.tensors import (
    COMPARABLE,
    OTHERWISE,
    published_name,
    torchvision_names,
)
from designspaces.networks.weights import from_torchvision, load_tensors

NAME = "regnet_y_400mf"
STEM, BIAS = "stem.0.weight", "fc.bias"


@pytest.fixture(scope="module")
def theirs():
    return seeded(NAME)


def seeded(name: str, **options):
    """torchvision's network with random weights; torch's own generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return models.get_model(name, weights=None, **options)


def largest_difference(name: str, **options) -> tuple[float, float]:
    """Between the logits of both networks, and the largest of the logits themselves."""
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    theirs = seeded(name, **options)
    with torch.no_grad():
        # Fresh batch norms are all alike, so that an exchange of two would not show.
        theirs.train()(images)
        for index, module in enumerate(theirs.modules()):
            if isinstance(module, torch.nn.BatchNorm2d):
                scale = torch.Generator().manual_seed(index)
                module.weight.uniform_(0.8, 1.2, generator=scale)
                module.bias.uniform_(-0.1, 0.1, generator=scale)
        logits = theirs.eval()(images)
        state = theirs.state_dict()
        del theirs
        ours = from_torchvision(name, state)
        del state
        assert not ours.training
        return (ours(images) - logits).abs().max().item(), logits.abs().max().item()


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPARABLE)
def test_the_same_weights_give_the_same_logits(name):
    difference, size = largest_difference(name)
    assert difference < 1e-4
    assert size > 100 * difference


def test_another_number_of_classes_comes_along():
    difference, _ = largest_difference(NAME, num_classes=7)
    assert difference < 1e-4


def test_every_published_name_is_one_of_the_papers():
    assert set(COMPARABLE.values()) <= set(PUBLISHED)
    assert len(set(COMPARABLE.values())) == len(COMPARABLE) == 11
    assert published_name(NAME) == "RegNetY-400MF"


def test_torchvision_has_no_other_regnet():
    assert set(models.list_models(include="regnet*")) - {"regnet_y_128gf"} == {
        *COMPARABLE,
        *OTHERWISE,
    }


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_network_that_torchvision_builds_otherwise_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} has other widths.*rounds differently.*{NAME}"):
        from_torchvision(name, {})


@pytest.mark.parametrize("name", ["resnet50", "RegNetY-400MF", "", None])
def test_an_unknown_name_is_met_with_those_there_are(name):
    with pytest.raises(ValueError, match=f"name is {name!r}; expected one of regnet_x_800mf, .*"):
        from_torchvision(name, {})


def test_no_two_tensors_get_one_name(theirs):
    ours = build(PUBLISHED["RegNetY-400MF"].architecture, 0, in_channels=3, num_classes=1000)
    names = torchvision_names(ours.state_dict())
    assert sorted(names.values()) == sorted(theirs.state_dict())


def damaged(state: dict) -> dict:
    """A tensor is missing, one is too many, one has another shape."""
    state = dict(state)
    state["fc.extra"] = state.pop(BIAS)
    state[STEM] = state[STEM][:, :1]
    return state


def test_torchvisions_tensors_are_refused_by_their_names(theirs):
    with pytest.raises(ValueError) as caught:
        from_torchvision(NAME, damaged(theirs.state_dict()))
    said = str(caught.value)
    assert f"not the tensors of torchvision's {NAME}" in said
    assert f"missing: {BIAS}" in said
    assert "unknown: fc.extra" in said
    assert f"shape: {STEM} is (32, 1, 3, 3), expected (32, 3, 3, 3)" in said


@pytest.mark.parametrize("name", [STEM, "trunk_output.block3.block3-5.f.se.fc1.bias"])
def test_each_missing_tensor_is_named(theirs, name):
    state = {key: value for key, value in theirs.state_dict().items() if key != name}
    with pytest.raises(ValueError, match=f"missing: {name}$"):
        from_torchvision(NAME, state)


def test_tensors_of_another_network_are_refused(theirs):
    with pytest.raises(ValueError, match=r"not the tensors of torchvision's regnet_x_800mf"):
        from_torchvision("regnet_x_800mf", theirs.state_dict())


def test_load_tensors_takes_all_of_a_state(small):
    first, second = build(small, seed=1), build(small, seed=2)
    load_tensors(second, first.state_dict())
    images = torch.randn(2, 1, 28, 28)
    assert torch.equal(first.eval()(images), second.eval()(images))


def test_load_tensors_changes_nothing_where_it_refuses(small):
    network, other = build(small, seed=1), build(small, seed=2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = dict(other.state_dict())
    state["net.head.2.extra"] = state.pop("net.head.2.bias")
    state["net.stem.0.conv.weight"] = torch.zeros(8, 3, 3, 3)
    with pytest.raises(ValueError) as caught:
        load_tensors(network, state)
    said = str(caught.value)
    assert "not the tensors of this network" in said
    assert "missing: net.head.2.bias" in said
    assert "unknown: net.head.2.extra" in said
    assert "net.stem.0.conv.weight is (8, 3, 3, 3), expected (8, 1, 3, 3)" in said
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name
