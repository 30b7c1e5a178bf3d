"""What a population says, in numbers that know how sure they are. Needs numpy alone.

Errors are fractions, one for each network; whoever wants percent multiplies at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EDF:
    """The empirical distribution of errors: which share of a population has a smaller one.

    `errors` are sorted and may repeat. F(e) = (1/n) sum of 1[e_i < e], strict as in the paper: at
    an error that a network has, that network does not count yet. Radosavovic et al. 2020, eq. 1.
    """

    errors: np.ndarray

    def __call__(self, error):
        """The share of networks whose error is smaller than `error`; numbers and arrays alike."""
        return np.searchsorted(self.errors, error, side="left") / len(self.errors)

    @property
    def n(self) -> int:
        """How many networks the curve stands on."""
        return len(self.errors)

    @property
    def median(self) -> float:
        return float(np.median(self.errors))

    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners of the curve as a step: it is shares[i] up to and including errors[i].

        Starts at a share of 0 and ends, behind the largest error, at 1: n + 1 values each, the last
        error being infinity.
        """
        return np.append(self.errors, np.inf), np.arange(self.n + 1) / self.n

    def between(self, left: float, right: float) -> tuple[np.ndarray, np.ndarray]:
        """The corners from `left` to `right`, for a step whose shares reach back ("pre")."""
        errors, shares = self.steps()
        return np.insert(np.minimum(errors, right), 0, left), np.insert(shares, 0, 0)

    def half_band(self, confidence: float = 0.95) -> float:
        """Half the height of the band around the whole curve; see `dkw_half_band`."""
        return dkw_half_band(self.n, confidence)


def edf(errors: Sequence[float]) -> EDF:
    """The EDF of a population's errors. Raises ValueError for none, or one that is not finite."""
    values = np.sort(np.asarray(errors, float).ravel())
    if not len(values):
        raise ValueError("errors is empty; an EDF takes at least one network")
    if not np.isfinite(values).all():
        raise ValueError("errors has values that are not finite; a diverged network counts 0.9")
    return EDF(values)


def dkw_half_band(n: int, confidence: float = 0.95) -> float:
    """With this confidence the true distribution lies nowhere further from an EDF of n draws.

    The Dvoretzky-Kiefer-Wolfowitz inequality with Massart's constant: sqrt(log(2 / alpha) / 2 n).
    """
    if n < 1:
        raise ValueError(f"n is {n}; expected at least one network")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1")
    return float(np.sqrt(np.log(2 / (1 - confidence)) / (2 * n)))


def bootstrap(
    values: Sequence[float], statistic, *, draws: int = 10_000, seed: int = 0
) -> np.ndarray:
    """`statistic` of `draws` populations drawn from `values` with repetition; shape (draws,).

    statistic: takes an array of shape (draws, n) and an axis, as np.median does.
    """
    values = np.asarray(values, float)
    if not len(values):
        raise ValueError("values is empty; a bootstrap takes at least one")
    generator = np.random.default_rng(seed)
    return statistic(generator.choice(values, (draws, len(values))), axis=1)
