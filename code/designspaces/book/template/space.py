"""The spaces: which networks there are and how one is drawn. Here is the place to change a rule."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from designspaces.book.template.block import Network
from designspaces.spaces.draw import Draw, NotFound

STAGES = 3
DEPTHS = range(1, 5)
WIDTHS = range(16, 129, 8)
FLOPS = (1_000_000, 2_000_000)
"""Only networks with so many multiply-adds are kept, so that none is better by costing more."""

TRIES = 5_000
"""Draws without a network that fits, before a search is given up."""


@dataclass(frozen=True)
class Space:
    """Networks whose depths and widths are drawn uniformly and kept if the rule allows them."""

    name: str
    rule: Callable[[Network], bool]
    kernel: int = 3

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """The first n networks of a sample; the first k of them are those of draw(k)."""
        chance = np.random.default_rng([seed, *self.name.encode()])
        found: list[Draw] = []
        tried = 0
        while len(found) < n:
            if tried == TRIES:
                raise NotFound(
                    f"{self.name}: {len(found)} of {n} networks found, and none more in {tried:,} "
                    "draws; expected another rule, or other FLOPS"
                )
            tried += 1
            depths = tuple(int(d) for d in chance.choice(DEPTHS, STAGES))
            widths = tuple(int(w) for w in chance.choice(WIDTHS, STAGES))
            network = Network(depths, widths, self.kernel)
            low, high = FLOPS
            if self.rule(network) and low <= network.cost(resolution or 28).flops <= high:
                drawn = {"depths": list(depths), "widths": list(widths)}
                found.append(Draw(len(found), drawn, network))
                tried = 0
        return found

    def read(self, settings: dict) -> Network:
        """The network that has these settings."""
        depths, widths = tuple(settings["depths"]), tuple(settings["widths"])
        return Network(depths, widths, settings["kernel"], settings["kind"])


def anything(network: Network) -> bool:
    """No rule."""
    return True


def widths_never_fall(network: Network) -> bool:
    """The paper's step from C to D (Radosavovic et al. 2020, section 3.2)."""
    return list(network.widths) == sorted(network.widths)


FREE = Space("template_free", anything)
RISING = Space("template_rising", widths_never_fall)
