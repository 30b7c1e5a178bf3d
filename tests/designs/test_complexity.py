"""complexity.py against counting the layers of networks that torch builds and runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrays import complexity_of_arrays
from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.complexity import (
    NOTHING,
    Complexity,
    breakdown,
    complexity,
)
from designspaces.designs.regnet import generate
from refusals import refusal

REGNETX32 = generate(10, 32, 5.0, 2.5, group_width=16)


@st.composite
def architectures(draw):
    """Small X, Y and basic networks, with stages that keep the resolution or the width."""
    block = draw(st.sampled_from(["x", "x", "basic"]))
    stages = []
    for _ in range(draw(st.integers(1, 3))):
        group_width = draw(st.sampled_from([1, 2, 3]))
        ratio = 1 if block == "basic" else draw(st.sampled_from([1, 2, 4, 0.5, 0.25, 1 / 3]))
        width = round(12 * group_width * draw(st.integers(1, 2)) * ratio)
        group_width = width if block == "basic" else group_width
        depth, stride = draw(st.integers(1, 3)), draw(st.sampled_from([1, 2]))
        stages.append(Stage(depth, width, group_width, ratio, stride))
    return Architecture(
        stages,
        stem_width=draw(st.sampled_from([4, 6, 12])),
        stem_stride=draw(st.sampled_from([1, 2])),
        se_ratio=0.0 if block == "basic" else draw(st.sampled_from([0.0, 0.25, 0.3, 0.5])),
        block=block,
    )


def reference_network(architecture, in_channels, num_classes):
    """The network of the paper's figures 3 and 4, written a second time and on its own."""
    from torch import nn

    def conv(a, b, kernel, stride=1, groups=1):
        layer = nn.Conv2d(a, b, kernel, stride, kernel // 2, groups=groups, bias=False)
        return nn.Sequential(layer, nn.BatchNorm2d(b))

    class Squeeze(nn.Module):
        def __init__(self, width, squeezed):
            super().__init__()
            self.pool = nn.AdaptiveAvgPool2d(1)
            self.down, self.up = nn.Conv2d(width, squeezed, 1), nn.Conv2d(squeezed, width, 1)

        def forward(self, x):
            return x * self.up(self.down(self.pool(x)).relu()).sigmoid()

    class Residual(nn.Module):
        def __init__(self, body, shortcut):
            super().__init__()
            self.body, self.shortcut = body, shortcut

        def forward(self, x):
            return (self.body(x) + self.shortcut(x)).relu()

    def block(a, stage, stride):
        b = stage.width
        if architecture.block == "basic":
            body = [conv(a, b, 3, stride), nn.ReLU(), conv(b, b, 3)]
        else:
            v = round(b / stage.bottleneck_ratio)
            squeezed = round(a * architecture.se_ratio)
            se = [Squeeze(v, squeezed)] if architecture.se_ratio else []
            middle = conv(v, v, 3, stride, groups=v // stage.group_width)
            body = [conv(a, v, 1), nn.ReLU(), middle, nn.ReLU(), *se, conv(v, b, 1)]
        same = a == b and stride == 1
        return Residual(nn.Sequential(*body), nn.Identity() if same else conv(a, b, 1, stride))

    width = architecture.stem_width
    parts = [nn.Sequential(conv(in_channels, width, 3, architecture.stem_stride), nn.ReLU())]
    for stage in architecture.stages:
        blocks = []
        for stride in [stage.stride] + [1] * (stage.depth - 1):
            blocks.append(block(width, stage, stride))
            width = stage.width
        parts.append(nn.Sequential(*blocks))
    pool = nn.AdaptiveAvgPool2d(1)
    parts.append(nn.Sequential(pool, nn.Flatten(), nn.Linear(width, num_classes)))
    return nn.Sequential(*parts)


def counted(architecture, resolution, in_channels, num_classes) -> list[Complexity]:
    """Each part's counts from a run of the reference network, on a device that only has shapes."""
    import torch
    from torch import nn

    with torch.device("meta"):
        network = reference_network(architecture, in_channels, num_classes).eval()
        image = torch.zeros(1, in_channels, resolution, resolution)
    counts = {}

    def count(layer, _, output):
        each = layer.weight[0].numel() + (layer.bias is not None)
        counts[layer] = output.numel() * each, output.numel()

    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(count)
    with torch.no_grad():
        network(image)
    parts = []
    for part in network:
        layers = [counts[layer] for layer in part.modules() if layer in counts]
        flops, activations = map(sum, zip(*layers, strict=True))
        parts.append(Complexity(sum(p.numel() for p in part.parameters()), flops, activations))
    return parts


def test_regnetx32_on_one_channel():
    at_96, at_28 = complexity(REGNETX32, 96), complexity(REGNETX32, 28)
    assert at_96 == Complexity(177_322, 40_293_162, 622_090)
    assert at_28 == Complexity(177_322, 3_961_258, 58_330)
    assert {type(count) for count in vars(at_96).values()} == {int}


@settings(deadline=None, max_examples=60)
@given(architectures(), st.integers(9, 24), st.integers(1, 3), st.integers(1, 12))
def test_closed_form_equals_counting(architecture, resolution, in_channels, num_classes):
    pytest.importorskip("torch")
    parts = breakdown(architecture, resolution, in_channels, num_classes)
    assert list(parts.values()) == counted(architecture, resolution, in_channels, num_classes)


@given(architectures(), st.integers(9, 24))
def test_parts_sum_to_the_whole(architecture, resolution):
    parts = breakdown(architecture, resolution, 3, 7)
    stages = [f"stage {number}" for number in range(1, len(architecture.stages) + 1)]
    assert list(parts) == ["stem", *stages, "head"]
    assert sum(parts.values(), start=NOTHING) == complexity(architecture, resolution, 3, 7)


@settings(deadline=None)
@given(st.lists(architectures(), min_size=1, max_size=8), st.integers(9, 24))
def test_arrays_hold_what_each_network_has(candidates, resolution):
    # Equal numbers of stages and shared settings, as a design space has them.
    candidates = [
        Architecture(candidate.stages, 6, 2, candidate.se_ratio, candidate.block)
        for candidate in candidates
        if (len(candidate.stages), candidate.se_ratio, candidate.block)
        == (len(candidates[0].stages), candidates[0].se_ratio, candidates[0].block)
    ]
    counts = complexity_of_arrays(
        [candidate.depths for candidate in candidates],
        [candidate.widths for candidate in candidates],
        [candidate.group_widths for candidate in candidates],
        [candidate.bottleneck_ratios for candidate in candidates],
        resolution=resolution,
        strides=[candidate.strides for candidate in candidates],
        stem_width=6,
        se_ratio=candidates[0].se_ratio,
        block=candidates[0].block,
    )
    each = [complexity(candidate, resolution) for candidate in candidates]
    for name, values in vars(counts).items():
        assert values.dtype == np.int64
        assert values.tolist() == [getattr(candidate, name) for candidate in each]


def test_arrays_broadcast():
    counts = complexity_of_arrays([[4, 6]], [[32, 80], [32, 96]], 16, 1, resolution=96, strides=2)
    assert counts.params[0] == 177_322
    assert counts.flops.shape == (2,)


def test_no_networks_have_no_complexity():
    none = np.zeros((0, 4), int)
    counts = complexity_of_arrays(none, none, none, none, resolution=32, se_ratio=0.25)
    assert counts.flops.shape == counts.params.shape == counts.activations.shape == (0,)


def test_small_integer_types_do_not_wrap_around():
    narrow = [np.array([values], np.int8) for values in ([4, 6], [32, 80], [16, 16], [1, 1])]
    counts = complexity_of_arrays(*narrow, resolution=96, strides=np.array([[2, 2]], np.int8))
    assert counts.flops.tolist() == [40_293_162]


def test_complexities_add_and_multiply():
    cost = Complexity(1, 2, 3)
    assert cost + cost == cost * 2 == Complexity(2, 4, 6)
    assert cost + NOTHING == cost
    with pytest.raises(TypeError):
        cost + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depths": [[1, 1], [1, 0]]}, "row 1, stage 2: depth is 0; expected a positive integer"),
        ({"widths": [[8, -8]]}, "row 0, stage 2: width is -8; expected a positive integer"),
        ({"widths": [[8.0, 8]]}, "row 0, stage 1: width is 8.0; expected a positive integer"),
        ({"group_widths": 0}, "row 0, stage 1: group_width is 0; expected a positive integer"),
        (
            {"group_widths": 3},
            "row 0, stage 1: group_width is 3; expected a divisor of the bottleneck width",
        ),
        (
            {"bottleneck_ratios": 0.0},
            "row 0, stage 1: bottleneck_ratio is 0.0; expected a positive number",
        ),
        (
            {"bottleneck_ratios": [[1, 3]]},
            "row 0, stage 2: bottleneck_ratio is 3; expected one that divides the width",
        ),
        ({"strides": [[2, 3]]}, "row 0, stage 2: stride is 3; expected 1 or 2"),
        ({"stem_stride": 3}, "stem_stride is 3; expected 1 or 2"),
        ({"stem_width": 0}, "stem_width is 0; expected a positive integer"),
        ({"in_channels": 0}, "in_channels is 0; expected a positive integer"),
        ({"num_classes": 1.5}, "num_classes is 1.5; expected a positive integer"),
        ({"resolution": -1}, "resolution is -1; expected a positive integer"),
        ({"se_ratio": 2}, "se_ratio is 2; expected a number from 0 to 1"),
        ({"block": "y"}, "block is 'y'; expected one of x, basic"),
        (
            {"block": "basic", "group_widths": 4},
            "row 0, stage 1: group_width is 4; "
            "expected the width, since a basic block has one group",
        ),
        (
            {"block": "basic", "bottleneck_ratios": [[1, 2]], "group_widths": 4},
            "row 0, stage 2: bottleneck width is 4; "
            "expected the width, since a basic block has none",
        ),
        ({"block": "basic", "se_ratio": 0.5}, "se_ratio is 0.5; expected 0 with basic blocks"),
        (
            {"se_ratio": 0.05},
            "se_ratio is 0.05, which squeezes 8 channels to none; expected at least one",
        ),
        (
            {"resolution": 4},
            "stage 2: cannot halve a resolution of 1x1; "
            "expected a larger input image, fewer stages or a stride of 1",
        ),
        (
            {"depths": [1, 1], "widths": [8, 8]},
            "the arrays broadcast to shape (2,); "
            "expected (networks, stages) with at least one stage",
        ),
        (
            {"widths": [[8, 2**40]]},
            "the width is up to 1099511627776 and the resolution 32; "
            "expected counts that fit 64-bit integers",
        ),
        (
            {"bottleneck_ratios": 2.0**-70},
            "the width is up to 4611686018427387904 and the resolution 32; "
            "expected counts that fit 64-bit integers",
        ),
    ],
)
def test_arrays_refuse(change, message):
    good = {
        "depths": [[1, 1]],
        "widths": [[8, 8]],
        "group_widths": 8,
        "bottleneck_ratios": 1,
        "resolution": 32,
        "strides": 2,
    }
    assert complexity_of_arrays(**good).params.shape == (1,)
    assert refusal(complexity_of_arrays, **(good | change)) == message


def test_too_small_an_image_is_refused():
    message = refusal(complexity, REGNETX32, 4)
    assert message.startswith("stage 2: cannot halve a resolution of 1x1")


def test_hundreds_of_thousands_are_counted_as_each_of_them_is():
    generator = np.random.default_rng(0)
    shape = (400_000, 4)
    depths, widths = generator.integers(1, 17, shape), 32 * generator.integers(1, 33, shape)
    counts = complexity_of_arrays(depths, widths, 16, 2, resolution=224, se_ratio=0.25)
    assert counts.flops.shape == (400_000,)
    for i in (0, 123_456, 399_999):
        one = Architecture.from_lists(depths[i], widths[i], 16, 2, stem_width=32, se_ratio=0.25)
        assert counts.flops[i] == complexity(one, 224).flops
