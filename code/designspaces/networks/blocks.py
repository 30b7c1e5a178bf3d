"""The pieces of a network as torch modules: stem, residual blocks, head.

Shapes are (batch, channels, height, width). Every 3x3 convolution pads by one, so stride s turns a
resolution r into ceil(r / s). Convolutions carry no bias unless asked: the batch norm behind each
of them has one.
"""

from collections import OrderedDict

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional


class ReLU(nn.Module):
    """max(x, 0), in place.

    A training in bfloat16 on the CPU goes through `_IntegerReLU`: the same values and gradient in
    less time, but it takes a negative NaN for a negative number. The NaN still shows, since the
    batch norm before it keeps NaN in its running statistics and evaluation uses torch's own ReLU.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dtype == torch.bfloat16 and x.device.type == "cpu" and torch.is_grad_enabled():
            return _IntegerReLU.apply(x)
        return functional.relu_(x)


class _IntegerReLU(torch.autograd.Function):
    """ReLU in integer arithmetic on the bits of a bfloat16.

    Read as int16, a positive bfloat16 is positive and a negative one negative, so max(x, 0) is the
    same for both. The output clamped to [0, 1] is the mask of the gradient, and multiplying the
    gradient's bits by it keeps or clears them. torch's integer kernels stream through memory
    several times as fast as its bfloat16 ones.
    """

    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        ctx.mark_dirty(x)
        x.view(torch.int16).clamp_(min=0)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        (output,) = ctx.saved_tensors
        mask = output.view(torch.int16).clamp(0, 1)
        return mask.mul_(gradient.view(torch.int16)).view(torch.bfloat16)


class Subsampled1x1(nn.Conv2d):
    """A 1x1 convolution with a stride: drops the positions that it skips, then convolves the rest.

    The same values and gradients as without. It is here since torch's CPU library, oneDNN, writes
    past its buffers where such a convolution reads fewer channels than a vector has, channels last
    (https://github.com/uxlfoundation/oneDNN/issues/6035): on processors with AVX2 a training of a
    narrow network would end in a crash.
    """

    VECTOR = 16
    """Numbers in the widest vector, AVX-512's."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        down, right = self.stride
        return functional.conv2d(x[:, :, ::down, ::right], self.weight, self.bias)


def convolution(
    in_channels: int,
    out_channels: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    bias: bool = False,
) -> nn.Sequential:
    """A convolution followed by its batch norm."""
    narrow = kernel == 1 and stride > 1 and in_channels < Subsampled1x1.VECTOR
    conv = (Subsampled1x1 if narrow else nn.Conv2d)(
        in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=bias
    )
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(out_channels)))


class Stem(nn.Sequential):
    """3x3 convolution, batch norm, ReLU: (n, in_channels, r, r) to (n, width, r/stride, r/stride).

    Source: Radosavovic et al. 2020, figure 3.
    """

    def __init__(self, in_channels: int, width: int, stride: int = 2, *, bias: bool = False):
        super().__init__(convolution(in_channels, width, 3, stride=stride, bias=bias), ReLU())


class SqueezeExcitation(nn.Module):
    """Scale each channel by a gate computed from the mean of all channels (Hu et al. 2018)."""

    def __init__(self, channels: int, squeeze_width: int):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, squeeze_width, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(squeeze_width, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


class ResidualBlock(nn.Module):
    """relu(shortcut(x) + body(x)); the shortcut is a 1x1 convolution iff the shape changes."""

    def __init__(
        self, body: nn.Module, in_channels: int, width: int, stride: int, *, bias: bool = False
    ):
        super().__init__()
        self.body = body
        keeps_shape = in_channels == width and stride == 1
        self.shortcut = (
            nn.Identity()
            if keeps_shape
            else convolution(in_channels, width, 1, stride=stride, bias=bias)
        )
        self.relu = ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.body(x) + self.shortcut(x))


class XBlock(ResidualBlock):
    """The paper's X block: 1x1, 3x3 group convolution, 1x1; with `se_ratio` > 0 its Y block.

    The 3x3 convolution is `width / bottleneck_ratio` channels wide, in groups of `group_width`
    channels, and carries the stride. Squeeze-and-excitation comes after it and squeezes to
    `se_ratio` times the block's *input* width, as in the authors' code.
    Source: Radosavovic et al. 2020, figure 4 and section 5.
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        stride: int = 1,
        group_width: int,
        bottleneck_ratio: float = 1,
        se_ratio: float = 0.0,
        bias: bool = False,
    ):
        inner = round(width / bottleneck_ratio)
        groups = inner // group_width
        layers = OrderedDict(
            reduce=convolution(in_channels, inner, 1, bias=bias),
            relu1=ReLU(),
            group=convolution(inner, inner, 3, stride=stride, groups=groups, bias=bias),
            relu2=ReLU(),
        )
        if se_ratio:
            layers["se"] = SqueezeExcitation(inner, round(in_channels * se_ratio))
        layers["expand"] = convolution(inner, width, 1, bias=bias)
        super().__init__(nn.Sequential(layers), in_channels, width, stride, bias=bias)


class BasicBlock(ResidualBlock):
    """The plain ResNet block, two full 3x3 convolutions (He et al. 2016): the baseline's block."""

    def __init__(self, in_channels: int, width: int, *, stride: int = 1, bias: bool = False):
        body = nn.Sequential(
            convolution(in_channels, width, 3, stride=stride, bias=bias),
            ReLU(),
            convolution(width, width, 3, bias=bias),
        )
        super().__init__(body, in_channels, width, stride, bias=bias)


class Head(nn.Sequential):
    """Average over all positions, then one linear layer: (n, channels, h, w) to (n, classes)."""

    def __init__(self, in_channels: int, num_classes: int):
        super().__init__(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(in_channels, num_classes))


def start_as_identity(network: nn.Module) -> None:
    """Let every residual block begin as the identity: its last batch norm's weight becomes 0.

    Raises ValueError for a network without such blocks. Source: Goyal et al. 2017, section 5.1.
    """
    blocks = [module for module in network.modules() if isinstance(module, ResidualBlock)]
    if not blocks:
        raise ValueError("zero_init_residual is True; expected a network of residual blocks")
    for block in blocks:
        norms = [module for module in block.body.modules() if isinstance(module, nn.BatchNorm2d)]
        nn.init.zeros_(norms[-1].weight)


def initialize(network: nn.Module) -> None:
    """Draw fresh weights as the paper's authors do, from torch's current generator.

    Convolutions: normal with variance 2 / (kernel area * out_channels); linear: normal with
    standard deviation 0.01 and no bias; batch norms start as the identity.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
            nn.init.normal_(module.weight, std=(2 / fan_out) ** 0.5)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)
