"""MLPs on the pixels of an image: what their blocks are and what they cost."""

from dataclasses import asdict, dataclass, fields

import numpy as np

from designspaces.designs.checks import (
    checked_depth,
    checked_each,
    checked_positive,
    checked_width,
    positive_integer,
)
from designspaces.designs.complexity import Complexity

CLASSES = 10
KIND = "mlp"


@dataclass(frozen=True)
class MLP:
    """A linear layer from the pixels to the first width, blocks, a linear layer to the classes.

    A block is the plain ResNet block (He et al. 2016) without its pixels: linear, batch norm, ReLU,
    linear, batch norm; the shortcut is added before the last ReLU. Its norms come behind the linear
    layers, since a block whose last norm begins at 0 is then the identity and still learns; with
    the norms in front it would get no gradient. Each linear layer but the last has a batch norm
    and no bias.

    depths, widths: blocks and units of each stage, as in AnyNet. expansion: units of a block's
    hidden layer over the block's width. residual: whether blocks have shortcuts; one is the
    identity, or, where the width changes, a linear layer. resolution: pixels along a side.

    Raises ValueError for a value out of range.
    """

    depths: tuple[int, ...]
    widths: tuple[int, ...]
    expansion: float
    residual: bool
    resolution: int = 28
    line_may_fall = True
    """For `judging.properties.nearest_line`: no map shrinks, so either end may be the wide one."""

    def __post_init__(self):
        vars(self).update(
            depths=checked_each(self.depths, "depths", checked_depth),
            widths=checked_each(self.widths, "widths", checked_width),
            expansion=checked_positive(self.expansion, "expansion"),
            resolution=positive_integer(self.resolution, "resolution"),
        )
        if len(self.depths) != len(self.widths):
            raise ValueError(
                f"depths are {self.depths} and widths {self.widths}; expected as many of both"
            )
        if not isinstance(self.residual, bool):
            raise ValueError(f"residual is {self.residual!r}; expected True or False")
        for width in self.widths:
            if width * self.expansion % 1:
                raise ValueError(
                    f"expansion is {self.expansion}; expected whole hidden units for width {width}"
                )

    @property
    def block_widths(self) -> np.ndarray:
        """The width of each block: shape (blocks,)."""
        return np.repeat(self.widths, self.depths)

    def to_dict(self) -> dict:
        """The settings, ready for JSON."""
        lists = {"depths": list(self.depths), "widths": list(self.widths)}
        return {"kind": KIND} | asdict(self) | lists

    @classmethod
    def from_dict(cls, settings: dict) -> "MLP":
        """The MLP with these settings. Raises ValueError for those of anything else."""
        names = {field.name for field in fields(cls)}
        if settings.get("kind") != KIND or settings.keys() != names | {"kind"}:
            raise ValueError(f"settings are {settings!r}; expected those of an MLP's to_dict")
        return cls(**{name: settings[name] for name in names})

    def cost(self, resolution: int) -> Complexity:
        """In closed form. Raises ValueError for images that are not of its own resolution."""
        if resolution != self.resolution:
            raise ValueError(
                f"resolution is {resolution}; expected {self.resolution}, whose pixels it reads"
            )
        before = self.widths[0]
        total = _linear(resolution**2, before)
        for width in self.block_widths.tolist():
            hidden = self._hidden(width)
            total += _linear(before, hidden) + _linear(hidden, width)
            if self.residual and before != width:
                total += _linear(before, width)
            before = width
        head = CLASSES * before + CLASSES
        return total + Complexity(head, head, CLASSES)

    def build(self, seed: int):
        """The PyTorch module, its weights drawn from `seed`."""
        import torch
        from torch import nn

        from designspaces.networks.blocks import Head, ReLU, ResidualBlock, initialize

        def linear(before: int, width: int) -> nn.Module:
            # as a map of one pixel, for the batch norm that `start_as_identity` looks for is of
            # maps; a 1x1 convolution does the same in twice the time
            shape = nn.Unflatten(1, (width, 1, 1))
            weights = nn.Linear(before, width, bias=False)
            return nn.Sequential(nn.Flatten(), weights, shape, nn.BatchNorm2d(width))

        def block(before: int, width: int) -> nn.Module:
            hidden = self._hidden(width)
            body = nn.Sequential(linear(before, hidden), ReLU(), linear(hidden, width))
            if not self.residual:
                return nn.Sequential(body, ReLU())
            whole = ResidualBlock(body, width, width, 1)
            if before != width:
                whole.shortcut = linear(before, width)
            return whole

        widths = [self.widths[0], *self.block_widths.tolist()]
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            blocks = map(block, widths, widths[1:])
            stem = linear(self.resolution**2, widths[0]), ReLU()
            network = nn.Sequential(*stem, *blocks, Head(widths[-1], CLASSES))
            initialize(network)
            for layer in network.modules():
                if isinstance(layer, nn.Linear) and layer.bias is None:  # as the convolutions
                    nn.init.kaiming_normal_(layer.weight, mode="fan_out")
        return network

    def _hidden(self, width: int) -> int:
        return int(width * self.expansion)


def _linear(before: int, width: int) -> Complexity:
    """With its batch norm, without a bias."""
    weights = before * width
    return Complexity(weights + 2 * width, weights, width)
