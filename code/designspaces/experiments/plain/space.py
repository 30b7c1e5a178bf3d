"""RegNets of ResNet's basic blocks: each beside the RegNetX whose depths it has.

The n-th network of a `PlainSpace` has the depths and the steps of width of the n-th RegNetX of the
same seed, two plain 3x3 convolutions a block, and all widths scaled to a multiple of its
multiply-adds. That multiple is 1, or the one at which a plain network takes as long as its X
network, in the geometric mean over pairs: `timing` measures it, and writes it down.
"""

from dataclasses import dataclass, replace

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import checked_positive
from designspaces.designs.complexity import complexity
from designspaces.designs.scaling import at_cost
from designspaces.spaces.draw import Draw
from designspaces.spaces.spaces import SPACES

BESIDE = SPACES["RegNetX"]
STEP = 1
"""Of widths, in channels: a basic block has no groups, and wider steps would miss the cost."""


@dataclass(frozen=True)
class PlainSpace:
    """times: multiply-adds of a network over those of the RegNetX beside it.

    Raises ValueError unless that is a positive number.
    """

    name: str
    times: float = 1.0

    def __post_init__(self):
        checked_positive(self.times, "times")

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """The first n of a sample; raises what `DesignSpace.draw` does."""
        beside = BESIDE.draw(n, seed, resolution=resolution)
        pixels = BESIDE.regime.resolution if resolution is None else resolution
        return [self._beside(draw, pixels) for draw in beside]

    def _beside(self, draw: Draw, resolution: int) -> Draw:
        own = draw.architecture
        same = Architecture.from_lists(
            own.depths,
            own.widths,
            own.widths,
            strides=own.strides,
            stem_width=own.stem_width,
            stem_stride=own.stem_stride,
            block="basic",
        )
        goal = self.times * complexity(own, resolution).flops
        plain = at_cost(same, goal, resolution, step=STEP)
        drawn = {"depths": list(plain.depths), "widths": list(plain.widths)}
        return replace(draw, drawn=drawn, architecture=plain)


EQUAL_FLOPS = PlainSpace("ResNet_like_RegNetX")

TIMES = 1.74
"""The multiple that `timing` found on two quiet cores with AVX-512; the times are in `times.csv`.

It stands here since a record's checksum covers this file.
"""

EQUAL_TIME = PlainSpace("ResNet_like_RegNetX_in_time", TIMES)
