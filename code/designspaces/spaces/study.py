"""The spaces of the second study beside the book's: partners, squeezed, other ratios and sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from designspaces.designs.checks import checked_choice
from designspaces.spaces.draw import DesignSpace, Draw
from designspaces.spaces.partners import PartnerSpace
from designspaces.spaces.spaces import SPACES

SE_RATIO = 0.25
"""RegNetY's (Radosavovic et al. 2020, section 4): a share of the width that enters a block."""


@dataclass(frozen=True)
class SqueezedSpace:
    """The networks of a space with squeeze-and-excitation: the n-th of them is the n-th there.

    The band of multiply-adds is that of the networks without.
    """

    name: str
    space: DesignSpace
    se_ratio: float = SE_RATIO

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """What `DesignSpace.draw` draws, squeezed; raises what that does."""
        return [
            replace(draw, architecture=replace(draw.architecture, se_ratio=self.se_ratio))
            for draw in self.space.draw(n, seed, resolution=resolution)
        ]


def _study_spaces() -> dict[str, DesignSpace | PartnerSpace | SqueezedSpace]:
    regnet = SPACES["RegNetX"]
    low, high = regnet.regime.flops
    # the wider space is drawn to the narrower one's values, which it is sure to have
    pairs = [("AnyNetX_E", "RegNetX"), ("AnyNetX_D", "AnyNetX_E"), ("AnyNetX_C", "AnyNetX_D")]
    spaces = [
        *(PartnerSpace(SPACES[wider], SPACES[narrower]) for wider, narrower in pairs),
        SqueezedSpace("RegNetY", regnet),
        regnet.with_(name="RegNetX_inverted_bottlenecks", bottleneck_ratio=(0.5,)),
        regnet.with_(name="RegNetX_without_bottlenecks", bottleneck_ratio=(1,)),
        regnet.with_(name="RegNetX_half_flops", flops=(low / 2, high / 2)),
        regnet.with_(name="RegNetX_double_flops", flops=(2 * low, 2 * high)),
        regnet.with_(name="RegNetX_fourfold_flops", flops=(4 * low, 4 * high)),
    ]
    return {space.name: space for space in spaces}


STUDY_SPACES = _study_spaces()
"""By name. Like a `DesignSpace` each has a name and draws."""


def find_space(name: str) -> DesignSpace | PartnerSpace | SqueezedSpace:
    """A space of the book or of the second study. Raises ValueError for a name of neither."""
    known = SPACES | STUDY_SPACES
    return known[checked_choice(name, "space", known)]
