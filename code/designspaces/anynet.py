"""AnyNet: an `Architecture` as a trainable network, and RegNetX32, the textbook's."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from numbers import Real

import torch
from torch import nn

from designspaces.architecture import Architecture, Stage, positive_integer
from designspaces.blocks import BasicBlock, Head, Stem, XBlock, initialize
from designspaces.regnet import PUBLISHED, REGNETX32
from designspaces.tensors import check_tensors
from designspaces.torchvision_names import published_name, torchvision_names

PLAIN_RESNET = Architecture.from_lists(
    depths=(2, 2), widths=(32, 64), group_widths=(32, 64), block="basic"
)
"""A plain ResNet of RegNetX32's cost: the same stem and two stages of full 3x3 convolutions."""


class AnyNet(nn.Module):
    """A stem, stages of residual blocks and a head (Radosavovic et al. 2020, figure 3).

    arch: an `Architecture`, or the textbook's ((depth, channels, group_width, bot_mul), ...) with
        `stem_channels`, where bot_mul multiplies the width into the bottleneck's.
    lr: the learning rate that goes with the network, read by d2l's Trainer; `Recipe.lr` rules
        in our own loop.
    conv_bias: add a bias to every convolution, as d2l's network has (the paper's has none).

    Maps (n, in_channels, r, r) to (n, num_classes). `net` holds the parts in order.
    Raises ValueError for an architecture that cannot be built, naming the stage and the value.
    """

    def __init__(
        self,
        arch: Architecture | Sequence[Sequence],
        stem_channels: int | None = None,
        lr: float = 0.1,
        num_classes: int = 10,
        *,
        in_channels: int = 1,
        conv_bias: bool = False,
    ):
        super().__init__()
        self.arch = as_architecture(arch, stem_channels)
        self.lr = lr
        positive_integer(num_classes, "num_classes")
        positive_integer(in_channels, "in_channels")
        self.net = layers(self.arch, num_classes, in_channels=in_channels, conv_bias=conv_bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)

    def layer_summary(self, input_shape: Sequence[int]) -> None:
        """Print each part of the network with the shape it puts out for such an input."""
        print_layer_summary(self.net, input_shape)

    @classmethod
    def from_torchvision(cls, name: str, state: Mapping[str, torch.Tensor]) -> "AnyNet":
        """A published RegNet with the weights of torchvision's, in evaluation mode.

        name: of torchvision's builder, such as "regnet_y_400mf"; one of the eleven networks that
            torchvision builds as the paper does.
        state: that network's `state_dict()`, pretrained or not.

        Raises ValueError for another name, and for tensors that are missing, unknown or of another
        shape, naming each as torchvision does.
        """
        arch = PUBLISHED[published_name(name)].architecture
        classes = state["fc.bias"].shape[0] if "fc.bias" in state else 1000
        network = AnyNet(arch, num_classes=classes, in_channels=3)
        theirs = torchvision_names(network.state_dict())
        check_tensors(
            {key: value.shape for key, value in state.items()},
            {theirs[key]: value.shape for key, value in network.state_dict().items()},
            f"torchvision's {name}",
        )
        network.load_state_dict({ours: state[key] for ours, key in theirs.items()})
        return network.eval()

    def load_tensors(self, state: Mapping[str, torch.Tensor]) -> None:
        """Copy a state dict into the network, all of it or nothing.

        Raises ValueError naming each tensor that is missing, unknown or of another shape.
        """
        check_tensors(
            {name: value.shape for name, value in state.items()},
            {name: value.shape for name, value in self.state_dict().items()},
            "this network",
        )
        self.load_state_dict(state)


class RegNetX32(AnyNet):
    """The textbook's network: (d=10, w_0=32, w_a=5, w_m=2.5, g=16), 177,322 parameters."""

    def __init__(
        self,
        lr: float = 0.1,
        num_classes: int = 10,
        *,
        in_channels: int = 1,
        conv_bias: bool = False,
    ):
        super().__init__(
            REGNETX32, lr=lr, num_classes=num_classes, in_channels=in_channels, conv_bias=conv_bias
        )


def build(architecture: Architecture, seed: int, **options) -> AnyNet:
    """An AnyNet whose weights depend on `seed` alone; torch's own generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AnyNet(architecture, **options)


def as_architecture(
    arch: Architecture | Sequence[Sequence], stem_channels: int | None
) -> Architecture:
    """Read the textbook's ((depth, channels, group_width, bot_mul), ...) where it is given."""
    if isinstance(arch, Architecture):
        if stem_channels is not None and stem_channels != arch.stem_width:
            raise ValueError(
                f"stem_channels is {stem_channels}, but the architecture has stem_width "
                f"{arch.stem_width}; leave stem_channels out"
            )
        return arch
    if stem_channels is None:
        raise ValueError("stem_channels is missing; it goes with a list of stages")
    if not isinstance(arch, Sequence) or not arch:
        raise ValueError(f"arch is {arch!r}; expected an Architecture or a list of stages")
    for number, stage in enumerate(arch, start=1):
        if not _is_textbook_stage(stage):
            raise ValueError(
                f"stage {number}: got {stage!r}; expected (depth, channels, group_width, bot_mul) "
                "with bot_mul > 0"
            )
    depths, widths, group_widths, multipliers = zip(*arch, strict=True)
    ratios = [inverse(multiplier) for multiplier in multipliers]
    return Architecture.from_lists(depths, widths, group_widths, ratios, stem_width=stem_channels)


def layers(
    arch: Architecture, num_classes: int, *, in_channels: int, conv_bias: bool
) -> nn.Sequential:
    """Stem, stages and head in order, with freshly drawn weights."""
    parts = OrderedDict(stem=Stem(in_channels, arch.stem_width, arch.stem_stride, bias=conv_bias))
    channels = arch.stem_width
    for number, stage in enumerate(arch.stages, start=1):
        parts[f"stage{number}"] = stage_blocks(
            stage, channels, block=arch.block, se_ratio=arch.se_ratio, bias=conv_bias
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
    """Print name and output shape of each part of `net`; its batch norms stay as they were."""
    weight = next(net.parameters())
    x = torch.zeros(*input_shape, dtype=weight.dtype, device=weight.device)
    was_training = net.training
    net.eval()
    with torch.no_grad():
        for name, part in net.named_children():
            x = part(x)
            print(f"{name:<8} output shape: {tuple(x.shape)}")
    net.train(was_training)


def _is_textbook_stage(stage: object) -> bool:
    return (
        isinstance(stage, Sequence)
        and len(stage) == 4
        and isinstance(stage[3], Real)
        and 0 < stage[3] < float("inf")
    )


def inverse(multiplier: float) -> float:
    """1 / multiplier, as an integer where it is one (0.25 gives 4)."""
    ratio = 1 / multiplier
    return round(ratio) if abs(ratio - round(ratio)) < 1e-9 and round(ratio) else ratio
