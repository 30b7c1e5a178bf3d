"""The network: its counts, its agreement with the closed form and with d2l's own network."""

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.networks.anynet import PLAIN_RESNET, REGNETX32, AnyNet, RegNetX32, build


def count(network, resolution, in_channels=1):
    """Parameters, multiply-adds with biases, and outputs of convolutions and linear layers."""
    flops = activations = 0

    def hook(module, inputs, output):
        nonlocal flops, activations
        bias = output.numel() if module.bias is not None else 0
        flops += output.numel() * module.weight[0].numel() + bias
        activations += output.numel()

    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            module.register_forward_hook(hook)
    network.eval()
    network(torch.zeros(1, in_channels, resolution, resolution))
    return sum(p.numel() for p in network.parameters()), flops, activations


@st.composite
def architectures(draw):
    block = draw(st.sampled_from(["x", "x", "basic"]))
    stages = draw(st.integers(1, 3))
    depths = draw(st.lists(st.integers(1, 3), min_size=stages, max_size=stages))
    strides = draw(st.lists(st.sampled_from([1, 2]), min_size=stages, max_size=stages))
    stem = {"stem_width": draw(st.integers(1, 12)), "stem_stride": draw(st.sampled_from([1, 2]))}
    if block == "basic":
        widths = draw(st.lists(st.integers(1, 12), min_size=stages, max_size=stages))
        return Architecture.from_lists(depths, widths, widths, 1, strides, block="basic", **stem)
    group_width, ratio = draw(st.sampled_from([1, 2, 3])), draw(st.sampled_from([1, 2, 0.5]))
    unit = group_width * 2
    widths = [unit * k for k in draw(st.lists(st.integers(1, 4), min_size=stages, max_size=stages))]
    se_ratio = draw(st.sampled_from([0.0, 0.25]))
    if se_ratio:
        stem["stem_width"] += 3  # so that no block squeezes to nothing
        widths = [max(width, 4 * unit) for width in widths]
    return Architecture.from_lists(
        depths, widths, group_width, ratio, strides, se_ratio=se_ratio, **stem
    )


@settings(max_examples=60, deadline=None)
@given(architectures(), st.integers(17, 40))
def test_closed_form_complexity_is_what_the_built_network_counts(architecture, resolution):
    expected = complexity(architecture, resolution)
    assert count(AnyNet(architecture), resolution) == (
        expected.params,
        expected.flops,
        expected.activations,
    )


def test_regnetx32_is_the_textbooks_network():
    assert (REGNETX32.widths, REGNETX32.depths) == ((32, 80), (4, 6))
    assert count(RegNetX32(), 96) == (177_322, 40_293_162, 622_090)
    assert count(RegNetX32(conv_bias=True), 96)[0] == 179_290


def test_the_baseline_costs_what_regnetx32_costs():
    ours, theirs = complexity(REGNETX32, 96), complexity(PLAIN_RESNET, 96)
    assert theirs.flops == pytest.approx(ours.flops, rel=0.05)
    assert theirs.params == pytest.approx(ours.params, rel=0.05)


def test_the_textbooks_list_and_an_architecture_build_the_same_network():
    listed = Architecture.from_textbook(((4, 32, 16, 1), (6, 80, 16, 1)), stem_channels=32)
    assert listed == REGNETX32
    halved = Architecture.from_textbook([(1, 32, 4, 0.25)], stem_channels=8)
    assert halved.bottleneck_ratios == (4,)
    with pytest.raises(ValueError, match="from_textbook"):
        AnyNet([(1, 32, 4, 0.25)])


@pytest.mark.parametrize(
    ("arch", "stem", "words"),
    [
        (((4, 32, 16, 1), (6, 80, 24, 1)), 32, ["stage 2", "24", "80"]),
        (((0, 32, 16, 1),), 32, ["stage 1", "depth", "0"]),
        (((1, -32, 16, 1),), 32, ["stage 1", "width", "-32"]),
        (((1, 32, 16),), 32, ["stage 1", "bot_mul"]),
        (((1, 32, 16, 0),), 32, ["stage 1", "bot_mul"]),
        (((1, 32, 16, 1),), None, ["stem_width is None"]),
        (REGNETX32, 16, ["expected a list"]),
    ],
)
def test_what_cannot_be_built_says_why(arch, stem, words):
    with pytest.raises(ValueError) as error:
        Architecture.from_textbook(arch, stem)
    assert all(word in str(error.value) for word in words), error.value


def test_the_seed_decides_the_weights_and_leaves_torchs_generator_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, again, other = build(REGNETX32, 0), build(REGNETX32, 0), build(REGNETX32, 1)
    assert torch.equal(torch.get_rng_state(), before)
    weights = [next(network.parameters()) for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_layer_summary_prints_shapes_and_changes_nothing(capsys):
    network = RegNetX32()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.layer_summary((1, 1, 96, 96))
    shapes = [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()]
    assert shapes == ["(1, 32, 48, 48)", "(1, 32, 24, 24)", "(1, 80, 12, 12)", "(1, 10)"]
    assert network.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
