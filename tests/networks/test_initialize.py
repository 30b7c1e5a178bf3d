"""Fresh weights are spread as the formula says: measured, for layers whose fans differ."""

import pytest
import torch

from designspaces.designs.architecture import Architecture
from designspaces.networks.anynet import build

WIDE = Architecture.from_lists((2,), (256,), 32, bottleneck_ratios=2, stem_width=64, se_ratio=0.25)


@pytest.fixture(scope="module")
def network():
    return build(WIDE, 0)


def test_convolutions_have_variance_two_over_the_fan_out(network):
    seen = set()
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            height, width = module.kernel_size
            expected = (2 / (height * width * module.out_channels)) ** 0.5
            weight = module.weight
            slack = 5 / (2 * weight.numel()) ** 0.5  # five standard errors of a deviation
            assert weight.std().item() == pytest.approx(expected, rel=slack), name
            assert abs(weight.mean().item()) < 5 * expected / weight.numel() ** 0.5, name
            seen.add((module.in_channels // module.groups, module.out_channels))
            assert module.bias is None or not module.bias.any()
    assert any(fan_in != fan_out for fan_in, fan_out in seen)


def test_the_linear_layer_is_small_and_batch_norms_are_the_identity(network):
    linear = network.net.head[2]
    slack = 5 / (2 * linear.weight.numel()) ** 0.5
    assert linear.weight.std().item() == pytest.approx(0.01, rel=slack)
    assert not linear.bias.any()
    norms = [one for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    assert norms
    for norm in norms:
        assert torch.equal(norm.weight, torch.ones_like(norm.weight))
        assert not norm.bias.any()
