"""Networks in files: bit for bit what was saved, or a ValueError that says why not."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from designspaces.designs.architecture import Architecture
from designspaces.networks import weights
from designspaces.networks.anynet import build
from looking import freeze_norms, remember

SQUEEZED = Architecture.from_lists((1, 2), (16, 24), 8, stem_width=8, se_ratio=0.25)
PLAIN = Architecture.from_lists((1, 1), (8, 16), (8, 16), block="basic", stem_width=8)


def used(architecture: Architecture, **options):
    """A network whose batch norms have seen something."""
    network = build(architecture, seed=1, **options)
    images = torch.randn(4, options.get("in_channels", 1), 28, 28)
    with torch.no_grad():
        network.train()(images)
    return network, images


@pytest.fixture
def saved(small, tmp_path):
    network, _ = used(small)
    path = tmp_path / "network.safetensors"
    weights.save(network, path)
    return path


def rewrite(path, change):
    """The same file with other tensors or another description: `change` gets both."""
    with safe_open(path, framework="pt") as file:
        metadata = dict(file.metadata())
    tensors = load_file(path)
    tensors, metadata = change(tensors, metadata)
    save_file(tensors, path, metadata=metadata)


@pytest.mark.parametrize(
    "options",
    [{}, {"conv_bias": True}, {"in_channels": 3, "num_classes": 7}],
    ids=["plain", "conv_bias", "channels and classes"],
)
@pytest.mark.parametrize("kind", ["small", "squeezed", "basic"])
def test_what_comes_back_is_bit_for_bit_what_was_saved(kind, options, small, tmp_path):
    architecture = {"small": small, "squeezed": SQUEEZED, "basic": PLAIN}[kind]
    network, images = used(architecture, **options)
    path = tmp_path / "network.safetensors"
    weights.save(network, path)
    again = weights.load(path)
    assert again.architecture == architecture
    assert not any(module.training for module in again.modules())
    state = network.state_dict()
    assert list(again.state_dict()) == list(state)
    for name, value in again.state_dict().items():
        assert value.dtype == state[name].dtype
        assert torch.equal(value, state[name]), name
    assert torch.equal(again(images), network.eval()(images))


def test_a_network_in_another_layout_is_saved_as_well(small, tmp_path):
    network, images = used(small)
    weights.save(network.to(memory_format=torch.channels_last), tmp_path / "a")
    assert torch.allclose(weights.load(tmp_path / "a")(images), network.eval()(images), atol=1e-5)


def test_saving_leaves_the_network_as_it_is(small, tmp_path):
    network, _ = used(small)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    weights.save(network, tmp_path / "a")
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_file_that_stood_there_is_replaced_and_nothing_is_left_beside_it(saved):
    network, _ = used(SQUEEZED)
    weights.save(network, saved)
    assert weights.load(saved).architecture == SQUEEZED
    assert list(saved.parent.iterdir()) == [saved]


def test_no_file_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        weights.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("part", [0, 0.01, 0.5, 0.99])
def test_a_file_that_was_cut_is_refused(saved, part):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(part * len(content))])
    with pytest.raises(ValueError, match=r"network\.safetensors is not a network saved by"):
        weights.load(saved)


def test_a_file_of_another_kind_is_refused(tmp_path, small):
    path = tmp_path / "pickled.pt"
    torch.save(build(small, seed=0).state_dict(), path)
    with pytest.raises(ValueError, match=r"pickled\.pt is not a network saved by"):
        weights.load(path)


def test_tensors_without_an_architecture_are_refused(tmp_path, small):
    path = tmp_path / "bare.safetensors"
    save_file(build(small, seed=0).state_dict(), path)
    with pytest.raises(ValueError, match=r"bare\.safetensors is not a network saved by.*network"):
        weights.load(path)


def test_tensors_of_another_network_are_refused_by_their_names(saved):
    other = build(SQUEEZED, seed=0).state_dict()
    rewrite(saved, lambda tensors, metadata: (other, metadata))
    with pytest.raises(ValueError) as caught:
        weights.load(saved)
    said = str(caught.value)
    assert "not the tensors of this network" in said
    assert "unknown: net.stage1.0.body.se.gate.1.bias" in said
    assert "net.head.2.weight is (10, 24), expected (10, 16)" in said


def test_a_missing_tensor_is_named(saved):
    def drop(tensors, metadata):
        del tensors["net.head.2.bias"]
        return tensors, metadata

    rewrite(saved, drop)
    with pytest.raises(ValueError, match=r"missing: net\.head\.2\.bias$"):
        weights.load(saved)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not JSON", "is not a network saved by"),
        ("[]", "is not a network saved by"),
        ("{}", "is not a network saved by"),
        ('{"architecture": {}}', "missing key"),
        ('{"architecture": 3}', "expected a dict"),
    ],
)
def test_a_description_that_is_none_is_refused(saved, text, said):
    rewrite(saved, lambda tensors, metadata: (tensors, {"network": text}))
    with pytest.raises(ValueError, match=said):
        weights.load(saved)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"num_classes": 0}, "num_classes is 0"),
        ({"num_classes": 11}, "expected \\(11, 16\\)"),
        ({"colors": 3}, "is not a network saved by"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(saved, change, said):
    def edit(tensors, metadata):
        return tensors, {"network": json.dumps(json.loads(metadata["network"]) | change)}

    rewrite(saved, edit)
    with pytest.raises(ValueError, match=said):
        weights.load(saved)


def wrapped(kind: str, network):
    if kind == "compiled":
        return torch.compile(network)
    if kind == "parallel":
        return torch.nn.DataParallel(network)
    if kind == "both":
        return torch.compile(torch.nn.DataParallel(torch.compile(network)))
    network.net = torch.compile(network.net)
    network.net.stage1 = torch.compile(network.net.stage1)
    return network


@pytest.mark.parametrize("kind", ["compiled", "parallel", "both", "inside"])
def test_a_wrapped_network_comes_back_as_the_network_in_it(kind, small, tmp_path):
    network, images = used(small)
    expected, state = network.eval()(images), list(network.state_dict())
    weights.save(wrapped(kind, network), tmp_path / "a")
    again = weights.load(tmp_path / "a")
    assert list(again.state_dict()) == state
    assert torch.equal(again(images), expected)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_the_precision_is_kept(dtype, small, tmp_path):
    network = used(small)[0].to(dtype)
    weights.save(network, tmp_path / "a")
    again = weights.load(tmp_path / "a").state_dict()
    for name, value in network.state_dict().items():
        assert again[name].dtype == value.dtype
        assert torch.equal(again[name], value)


def test_a_head_of_other_classes_is_no_change(small, tmp_path):
    network, images = used(small)
    network.net.head[2] = torch.nn.Linear(16, 3)
    weights.save(network, tmp_path / "a")
    assert torch.equal(weights.load(tmp_path / "a")(images), network.eval()(images))


def another_head(network):
    network.net.head[2] = torch.nn.Sequential(torch.nn.Linear(16, 8), torch.nn.Linear(8, 10))


def a_bare_head(network):
    network.net.head[2] = torch.nn.Linear(16, 10, bias=False)


def a_wider_head(network):
    network.net.head[2] = torch.nn.Linear(17, 10)


def no_stage(network):
    del network.net.stage2


def another_stride(network):
    network.net.stage2[0].body.group.conv.stride = (1, 1)


def another_pool(network):
    network.net.head[0] = torch.nn.AdaptiveMaxPool2d(1)


def one_more(network):
    network.net.append(torch.nn.Softmax(1))


def kept_less(network):
    network.net.stem[0].norm.momentum = 0.5


def no_shortcut(network):
    network.net.stage1[0].shortcut = torch.nn.Identity()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (another_head, "its stem or its head has another layer"),
        (a_bare_head, "missing: net.head.2.bias"),
        (a_wider_head, r"net.head.2.weight is \(10, 17\), expected \(10, 16\)"),
        (no_stage, r"missing: .* in all\)"),
        (another_stride, r"net.stage2.0.body.group.conv is Conv2d\(.*stride=\(1, 1\)"),
        (another_pool, "net.head.0 is AdaptiveMaxPool2d.*expected AdaptiveAvgPool2d"),
        (one_more, r"Softmax\(dim=1\), expected nothing there"),
        (kept_less, "net.stem.0.norm is .*momentum=0.5"),
        (no_shortcut, "missing: net.stage1.0.shortcut.conv.weight"),
    ],
)
def test_a_network_that_could_not_be_loaded_leaves_the_good_file(saved, small, change, words):
    network, content = build(small, seed=2), saved.read_bytes()
    change(network)
    with pytest.raises(ValueError, match=rf"layers were changed; .*{words}") as caught:
        weights.save(network, saved)
    assert len(str(caught.value)) < 700
    assert saved.read_bytes() == content
    assert list(saved.parent.iterdir()) == [saved]


@pytest.mark.parametrize("thing", [torch.nn.Linear(2, 2), None, {}, torch.zeros(3)])
def test_what_is_no_network_is_refused(saved, thing):
    content = saved.read_bytes()
    with pytest.raises(ValueError, match=f"network is a {type(thing).__name__}; expected an AnyN"):
        weights.save(thing, saved)
    assert saved.read_bytes() == content


def test_a_refusal_is_short_however_many_tensors_there_are(saved):
    large = Architecture.from_lists((9, 9), (16, 24), 8, stem_width=8, se_ratio=0.25)
    rewrite(saved, lambda tensors, metadata: (build(large, seed=0).state_dict(), metadata))
    with pytest.raises(ValueError, match=r"unknown: .*, \.\.\., .* \(\d\d\d in all\)") as caught:
        weights.load(saved)
    assert len(str(caught.value)) < 900


def test_integers_are_no_weights(saved):
    def round_all(tensors, metadata):
        return {name: value.long() for name, value in tensors.items()}, metadata

    rewrite(saved, round_all)
    with pytest.raises(ValueError, match="not the tensors of this network"):
        weights.load(saved)


@pytest.mark.parametrize("kind", ["save", "load"])
def test_a_look_at_a_file_or_a_network_leaves_no_trace(kind, saved, small):
    network = freeze_norms(used(small)[0])
    unchanged = remember(network)
    weights.save(network, saved.parent / "b") if kind == "save" else weights.load(saved)
    unchanged()
