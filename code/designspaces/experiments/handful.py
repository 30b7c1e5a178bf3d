"""A handful of pairs, trained by a reader in a minute: what they differ by, and how surely."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from designspaces.designs.checks import checked_positive
from designspaces.judging.statistics import TooFew, t_reach
from designspaces.populations.sweep import build_to_train
from designspaces.training.recipe import POPULATION, Recipe

HANDFUL = replace(
    POPULATION,
    name="handful",
    batch_size=32,
    lr=0.05,
    val_images=2_000,
    zero_init_residual=True,
)
"""The populations' recipe in small batches, so that few images make many steps; judged by fewer
images. Blocks with shortcuts begin as the identity."""


@dataclass(frozen=True)
class Handful:
    """Errors in percent, shape (pairs, 2), and the second of each pair less the first in points.

    spread: standard deviation of the differences. interval: 95%, of their mean, by Student's t.
    Raises TooFew for fewer than two pairs.
    """

    errors: np.ndarray

    def __post_init__(self):
        if len(self.errors) < 2:
            raise TooFew(f"{len(self.errors)} pairs; a spread takes at least two")

    @property
    def differences(self) -> np.ndarray:
        return self.errors[:, 1] - self.errors[:, 0]

    @property
    def mean(self) -> float:
        return float(self.differences.mean())

    @property
    def spread(self) -> float:
        return float(self.differences.std(ddof=1))

    @property
    def interval(self) -> tuple[float, float]:
        n = len(self.errors)
        reach = t_reach(0.05, n - 1) * self.spread / np.sqrt(n)
        return float(self.mean - reach), float(self.mean + reach)

    def pairs_for(self, reach: float) -> int:
        """How many pairs of this spread a 95% interval of +-reach points takes."""
        return max(2, int(np.ceil((1.96 * self.spread / checked_positive(reach, "reach")) ** 2)))

    def sum_up(self, reach: float) -> dict[str, float]:
        """The mean difference, how pairs vary, and what an interval of +-reach points takes."""
        low, high = self.interval
        told = {"mean": self.mean, "spread": self.spread, "95% from": low, "95% to": high}
        return told | {f"pairs for {reach:g}": self.pairs_for(reach)}


def train_pairs(
    first: Sequence, second: Sequence, images: int, recipe: Recipe = HANDFUL
) -> Handful:
    """Train both networks of each pair on the first so many images, from one seed a pair.

    Raises TooFew, before it trains, for fewer than two pairs.
    """
    from designspaces.training.loop import train
    from designspaces.training.results import load_for

    pairs = list(zip(first, second, strict=True))
    Handful(np.zeros((len(pairs), 2)))
    recipe = replace(recipe, train_images=images)
    data = load_for(recipe)

    def error(network, seed: int) -> float:
        module, heeded = build_to_train(network, recipe, seed)
        return 100 * (1 - train(module, data, heeded, seed=seed).val_accuracy)

    return Handful(
        np.array([[error(one, seed) for one in pair] for seed, pair in enumerate(pairs)])
    )
