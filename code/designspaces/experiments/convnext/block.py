"""ConvNeXt's block as torch modules, and the network around it.

Shapes are (batch, channels, height, width). Convolutions carry a bias, for only the depthwise one
has a norm behind it. Source: Liu et al. 2022, section 2 and figure 4, and their code.
"""

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional

from designspaces.networks.blocks import ResidualBlock, Stem, initialize


class LayerNorm(nn.LayerNorm):
    """Layer norm over the channels of each position.

    Moving the channels to the end copies nothing where they lie last in memory, as in training.
    """

    def __init__(self, channels: int):
        super().__init__(channels, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class LayerScale(nn.BatchNorm2d):
    """A learned factor for each channel of what a block adds (Touvron et al. 2021b, section 2).

    It begins at 1 or, by a recipe with `zero_init_residual`, at 0: the block then begins as the
    identity, as ConvNeXt's own does but for its factor of 1e-6. It is a batch norm of which nothing
    but the weight is left, so that `start_as_identity` finds it where it finds a batch norm.
    """

    def __init__(self, channels: int):
        super().__init__(channels, track_running_stats=False)
        self.bias = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight.view(1, -1, 1, 1)


class ConvNeXtBlock(ResidualBlock):
    """x plus depthwise convolution, layer norm, 1x1 to `expansion` times the width, GELU, 1x1.

    No ReLU comes behind the sum: the shortcuts of a stage are the identity from end to end.
    """

    def __init__(self, width: int, kernel: int, expansion: int):
        inner = expansion * width
        body = nn.Sequential(
            nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width),
            LayerNorm(width),
            nn.Conv2d(width, inner, 1),
            nn.GELU(),
            nn.Conv2d(inner, width, 1),
            LayerScale(width),
        )
        super().__init__(body, width, width, stride=1)
        self.relu = nn.Identity()


class Downsampling(nn.Module):
    """Layer norm, then a 2x2 convolution of stride 2, before the blocks of a stage.

    An odd side gets a row of zeros, so that r turns into ceil(r / 2), as in the book's networks.
    """

    def __init__(self, before: int, width: int):
        super().__init__()
        self.norm = LayerNorm(before)
        self.convolution = nn.Conv2d(before, width, 2, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[2:]
        return self.convolution(functional.pad(self.norm(x), (0, width % 2, 0, height % 2)))


class Head(nn.Sequential):
    """Average over all positions, layer norm, linear: (n, channels, h, w) to (n, classes).

    The norm is ConvNeXt's. An AnyNet needs none, since its last block ends in batch norms; here,
    without it, what the blocks add up to grows until trainings at the book's rates break.
    """

    def __init__(self, channels: int, num_classes: int):
        norm = nn.LayerNorm(channels, eps=1e-6)
        linear = nn.Linear(channels, num_classes)
        super().__init__(nn.AdaptiveAvgPool2d(1), nn.Flatten(), norm, linear)


def build(stages: Iterable[tuple[int, int, int, int]], stem_width: int, seed: int) -> nn.Sequential:
    """A network of stages, each a (depth, width, kernel, expansion), its weights from `seed`.

    The stem is the book's, batch norm included, and weights are drawn as the book does, so that
    before the first block all is as in an AnyNet. torch's own generator is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        parts, before = [Stem(1, stem_width, 1)], stem_width
        for depth, width, kernel, expansion in stages:
            blocks = [ConvNeXtBlock(width, kernel, expansion) for _ in range(depth)]
            parts.append(nn.Sequential(Downsampling(before, width), *blocks))
            before = width
        network = nn.Sequential(*parts, Head(before, 10))
        initialize(network)
    return network
