"""The networks: what their blocks are and what they cost. Here is the place to change a block.

A block is a depthwise convolution of any kernel size, then a 1x1 convolution, with a shortcut. A
stage halves the resolution and repeats its block.
"""

from dataclasses import asdict, dataclass

from designspaces.designs.complexity import Complexity

STEM = 16
"""Channels of the 3x3 convolution before the stages, which keeps the resolution."""


@dataclass(frozen=True)
class Network:
    """depths, widths: blocks and channels of each stage. kernel: pixels along a side, odd."""

    depths: tuple[int, ...]
    widths: tuple[int, ...]
    kernel: int = 3
    kind: str = "template"

    def to_dict(self) -> dict:
        """The settings, ready for JSON."""
        return asdict(self) | {"depths": list(self.depths), "widths": list(self.widths)}

    def cost(self, resolution: int) -> Complexity:
        """Parameters, multiply-adds and activations in closed form."""
        total, before = _convolution(1, STEM, 3, resolution), STEM
        for depth, width in zip(self.depths, self.widths, strict=True):
            resolution = -(-resolution // 2)
            total += self._block(before, width, resolution)
            total += _convolution(before, width, 1, resolution)  # the shortcut where shapes change
            total += self._block(width, width, resolution) * (depth - 1)
            before = width
        linear = 10 * before + 10
        return total + Complexity(linear, linear, 10)

    def _block(self, before: int, width: int, resolution: int) -> Complexity:
        depthwise = _convolution(1, before, self.kernel, resolution)
        return depthwise + _convolution(before, width, 1, resolution)

    def build(self, seed: int):
        """The PyTorch module, its weights drawn from `seed`."""
        import torch
        from torch import nn

        from designspaces.networks.blocks import (
            Head,
            ReLU,
            ResidualBlock,
            Stem,
            convolution,
            initialize,
        )

        def block(before: int, width: int, stride: int) -> nn.Module:
            body = nn.Sequential(
                convolution(before, before, self.kernel, stride=stride, groups=before),
                ReLU(),
                convolution(before, width, 1),
            )
            return ResidualBlock(body, before, width, stride)

        parts, before = [Stem(1, STEM, 1)], STEM
        for depth, width in zip(self.depths, self.widths, strict=True):
            parts += [block(before, width, 2), *(block(width, width, 1) for _ in range(depth - 1))]
            before = width
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # of the CPU: no other is put back
            network = nn.Sequential(*parts, Head(before, 10))
            initialize(network)
        return network


def _convolution(fan_in: int, width: int, kernel: int, resolution: int) -> Complexity:
    """With its batch norm; fan_in: channels that a filter reads."""
    weights = kernel**2 * fan_in * width
    return Complexity(weights + 2 * width, weights * resolution**2, width * resolution**2)
