"""torchvision's weights in our networks: the same logits, and nothing is half loaded."""

import numpy as np
import pytest
import torch
from torchvision import models

from designspaces.designs.published import PUBLISHED
from designspaces.frameworks import carrying
from designspaces.networks.anynet import build
from designspaces.networks.tensors import (
    COMPARABLE,
    OTHERWISE,
    check_tensors,
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


WRONG_STATES = [
    (lambda state: {"model": state}, r"a dict with 'model'; .* is it state\['model'\]\?"),
    (lambda state: {"epoch": 3, "state_dict": state}, r"is it state\['state_dict'\]\?"),
    (lambda state: None, "state is None; expected a state dict, tensors by name$"),
    (lambda state: list(state.items()), "state is a list; expected a state dict"),
    (lambda state: "weights.pth", "state is 'weights.pth'; expected a state dict"),
    (lambda state: state | {"epoch": 3}, r"state\['epoch'\] is 3; expected a tensor by its name"),
    (lambda state: {0: torch.zeros(3)}, r"state\[0\] is .*; expected a tensor by its name"),
]
"""What is handed over in place of a state dict, and what is said of it."""


@pytest.mark.parametrize(("change", "words"), WRONG_STATES)
@pytest.mark.parametrize("load", ["from_torchvision", "load_tensors", "carrying"])
def test_what_is_no_state_dict_is_told_what_it_is(theirs, small, load, change, words):
    state = theirs.state_dict() if load == "from_torchvision" else build(small, 0).state_dict()
    with pytest.raises(ValueError, match=words) as caught:
        load_by(load, change(dict(state)), small)
    assert len(str(caught.value)) < 300


def load_by(load: str, state, small):
    if load == "from_torchvision":
        return from_torchvision(NAME, state)
    if load == "load_tensors":
        return load_tensors(build(small, seed=1), state)
    return carrying.checked(state, {name: np.zeros(1) for name in ("a", "b")})


def test_a_network_in_place_of_its_state_is_told_so(theirs, small):
    for load, network in (("from_torchvision", theirs), ("load_tensors", build(small, seed=0))):
        kind = type(network).__name__
        with pytest.raises(ValueError, match=rf"state is a {kind}; .*: call its state_dict\(\)"):
            load_by(load, network, small)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod."])
def test_the_names_of_a_wrapped_network_are_understood(theirs, small, prefix):
    state = {prefix + name: value for name, value in theirs.state_dict().items()}
    ours = from_torchvision(NAME, state)
    assert torch.equal(ours.net.head[2].bias, theirs.fc.bias)
    network, other = build(small, seed=1), build(small, seed=2)
    load_tensors(network, {prefix + name: value for name, value in other.state_dict().items()})
    assert torch.equal(network.net.head[2].weight, other.net.head[2].weight)
    load_tensors(torch.compile(network), build(small, seed=3).state_dict())
    assert torch.equal(network.net.head[2].weight, build(small, seed=3).net.head[2].weight)


def test_two_networks_in_one_state_are_refused(small):
    state = build(small, seed=0).state_dict()
    both = dict(state) | {f"module.{name}": value for name, value in state.items()}
    with pytest.raises(ValueError, match=f"state has {len(both)} tensors, but {len(state)} names"):
        load_tensors(build(small, seed=1), both)


def test_the_weights_are_copies_in_their_own_precision(theirs):
    state = {
        name: value.double() if value.is_floating_point() else value
        for name, value in theirs.state_dict().items()
    }
    generator = torch.get_rng_state()
    ours = from_torchvision(NAME, state)
    assert torch.equal(torch.get_rng_state(), generator)
    assert ours.net.head[2].weight.dtype == torch.float64
    ours.net.head[2].weight.data.zero_()
    assert state["fc.weight"].abs().max() > 0


@pytest.mark.parametrize(("count", "listed"), [(4, 4), (5, 4), (200, 4)])
def test_a_refusal_names_a_few_and_counts_all(count, listed):
    names = {f"layer{number}": np.empty(1) for number in range(count)}
    with pytest.raises(ValueError) as caught:
        check_tensors({"other": np.empty(1)}, names, "a network")
    said = str(caught.value)
    assert said.count("layer") == listed
    assert ("in all" in said) == (count > 4)
    assert f"layer{count - 1}" in said
    assert "no name agrees" in said
