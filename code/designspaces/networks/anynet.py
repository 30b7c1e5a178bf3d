"""AnyNet: an `Architecture` as a trainable network, and RegNetX32, the textbook's."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import nn

from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.checks import positive_integer
from designspaces.designs.regnet import REGNETX32
from designspaces.networks.blocks import BasicBlock, Head, Stem, XBlock, initialize
from designspaces.networks.looking import untouched

PLAIN_RESNET = Architecture.from_lists(
    depths=(2, 2), widths=(32, 64), group_widths=(32, 64), block="basic"
)
"""A plain ResNet of RegNetX32's cost: the same stem and two stages of full 3x3 convolutions."""


class AnyNet(nn.Module):
    """A stem, stages of residual blocks and a head (Radosavovic et al. 2020, figure 3).

    architecture: what to build; `Architecture.from_textbook` reads d2l's tuples.
    conv_bias: add a bias to every convolution, as d2l's network has (the paper's has none).

    Maps (n, in_channels, r, r) to (n, num_classes). `net` holds the parts in order.
    Raises ValueError for anything but an Architecture, and for sizes that are no positive integers.
    """

    def __init__(
        self,
        architecture: Architecture,
        num_classes: int = 10,
        *,
        in_channels: int = 1,
        conv_bias: bool = False,
    ):
        super().__init__()
        if not isinstance(architecture, Architecture):
            raise ValueError(
                f"architecture is {architecture!r}; expected an Architecture "
                "(Architecture.from_textbook makes one of the textbook's tuples)"
            )
        self.architecture = architecture
        positive_integer(num_classes, "num_classes")
        positive_integer(in_channels, "in_channels")
        self.net = layers(architecture, num_classes, in_channels=in_channels, conv_bias=conv_bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)

    def layer_summary(self, input_shape: Sequence[int]) -> None:
        """Print each part of the network with the shape it puts out for such an input."""
        print_layer_summary(self.net, input_shape)


class RegNetX32(AnyNet):
    """The textbook's network: (d=10, w_0=32, w_a=5, w_m=2.5, g=16), 177,322 parameters."""

    def __init__(self, num_classes: int = 10, *, in_channels: int = 1, conv_bias: bool = False):
        super().__init__(REGNETX32, num_classes, in_channels=in_channels, conv_bias=conv_bias)


def build(architecture: Architecture, seed: int, **options) -> AnyNet:
    """An AnyNet whose weights depend on `seed` alone; torch's own generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed a GPU's as well
        return AnyNet(architecture, **options)


def layers(
    architecture: Architecture, num_classes: int, *, in_channels: int, conv_bias: bool
) -> nn.Sequential:
    """Stem, stages and head in order, with freshly drawn weights."""
    parts = OrderedDict(
        stem=Stem(in_channels, architecture.stem_width, architecture.stem_stride, bias=conv_bias)
    )
    channels = architecture.stem_width
    for number, stage in enumerate(architecture.stages, start=1):
        parts[f"stage{number}"] = stage_blocks(
            stage,
            channels,
            block=architecture.block,
            se_ratio=architecture.se_ratio,
            bias=conv_bias,
        )
        channels = stage.width
    parts["head"] = Head(channels, num_classes)
    net = nn.Sequential(parts)
    initialize(net)
    return net


def stage_blocks(
    stage: Stage,
    in_channels: int,
    *,
    block: str = "x",
    se_ratio: float = 0.0,
    bias: bool = False,
) -> nn.Sequential:
    """The blocks of a stage; the first takes `in_channels` and carries the stage's stride."""
    blocks = []
    for index in range(stage.depth):
        channels = in_channels if index == 0 else stage.width
        stride = stage.stride if index == 0 else 1
        if block == "basic":
            blocks.append(BasicBlock(channels, stage.width, stride=stride, bias=bias))
            continue
        blocks.append(
            XBlock(
                channels,
                stage.width,
                stride=stride,
                group_width=stage.group_width,
                bottleneck_ratio=stage.bottleneck_ratio,
                se_ratio=se_ratio,
                bias=bias,
            )
        )
    return nn.Sequential(*blocks)


def print_layer_summary(net: nn.Sequential, input_shape: Sequence[int]) -> None:
    """Print name and output shape of each part of `net`, which stays as it was."""
    weight = next(net.parameters())
    x = torch.zeros(*input_shape, dtype=weight.dtype, device=weight.device)
    with untouched(net):
        for name, part in net.named_children():
            x = part(x)
            print(f"{name:<8} output shape: {tuple(x.shape)}")
