"""The torch modules: shapes, initial weights, and the gradient of the fast ReLU."""

import pytest
import torch
from torch.nn import functional

from designspaces.networks.blocks import Head, ReLU, Stem, XBlock, initialize


@pytest.mark.parametrize(("stride", "expected"), [(1, 13), (2, 7)])
def test_blocks_divide_the_resolution_and_round_up(stride, expected):
    x = torch.zeros(2, 6, 13, 13)
    block = XBlock(6, 12, stride=stride, group_width=3, bottleneck_ratio=2, se_ratio=0.25)
    assert block(x).shape == (2, 12, expected, expected)
    assert Stem(6, 8, stride)(x).shape == (2, 8, expected, expected)
    assert Head(6, 10)(x).shape == (2, 10)


def test_group_width_counts_channels_in_a_group_and_the_ratio_divides():
    group = XBlock(8, 32, group_width=4, bottleneck_ratio=2).body.group.conv
    assert group.weight.shape == (16, 4, 3, 3)
    assert group.groups == 4


def test_squeeze_width_follows_the_input_of_the_block():
    block = XBlock(20, 64, group_width=8, se_ratio=0.25)
    assert block.body.se.gate[1].weight.shape == (5, 64, 1, 1)


def test_the_shortcut_is_a_convolution_only_where_the_shape_changes():
    def shortcut(*args, **options):
        return type(XBlock(*args, group_width=8, **options).shortcut).__name__

    assert shortcut(8, 8) == "Identity"
    assert shortcut(8, 16) == shortcut(8, 8, stride=2) == "Sequential"


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_bfloat16_relu_has_torchs_values_and_gradient_to_the_bit(layout):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 8, 5, 5, generator=generator).bfloat16().to(memory_format=layout)
    x[0, 0, 0, :3] = torch.tensor([0.0, -0.0, 1e-30])
    weight = torch.randn(4, 8, 5, 5, generator=generator).bfloat16()
    gradients = []
    for relu in (ReLU(), functional.relu):
        leaf = x.clone().requires_grad_()
        output = relu(leaf * 1)
        assert output.stride() == x.stride()
        (output * weight).sum().backward()
        gradients.append(leaf.grad)
        assert torch.equal(output, x.clamp(min=0))
    assert torch.equal(*gradients)


def test_relu_keeps_an_expanded_gradient_right():
    x = torch.randn(2, 3, 4, 4).bfloat16().requires_grad_()
    ReLU()(x * 1).mean((2, 3)).sum().backward()
    assert torch.equal(x.grad != 0, x > 0)


def test_initial_weights_have_the_papers_spread():
    torch.manual_seed(0)
    block = XBlock(64, 128, group_width=16, bias=True)
    initialize(block)
    group = block.body.group.conv
    assert group.weight.std().item() == pytest.approx((2 / (9 * 128)) ** 0.5, rel=0.05)
    assert not group.bias.any()
    head = Head(500, 10)
    initialize(head)
    assert head[2].weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert not head[2].bias.any()
