"""Where in a distribution two populations differ: by how much each quantile. Needs numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designspaces.judging.resampling import Estimate, bootstrap, difference
from designspaces.judging.statistics import CONFIDENCE, checked_sample

SHARES = tuple(np.arange(1, 20) / 20)
"""From the best twentieth of a population to its worst."""

DRAWS = 5_000
"""How often both populations are drawn again."""

LEAST = 20
"""Networks on a side: a twentieth of fewer is none."""


@dataclass(frozen=True)
class Shift:
    """The differences of quantiles of b less those of a, with a band that holds all at once.

    Arrays of shape (shares,), in the unit of the errors. n: how many networks on each side.
    """

    shares: np.ndarray
    differences: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: tuple[int, int]


def shift(a: Sequence[float], b: Sequence[float], *, draws: int = DRAWS, seed: int = 0) -> Shift:
    """The shift function from a to b (Doksum 1974), with a simultaneous band.

    a, b: errors of two populations, drawn independently. The band reaches as many bootstrap
    standard errors to either side, everywhere, as the largest deviation of a draw does with
    95% confidence (max-t). Raises TooFew for fewer than `LEAST` errors on a side.
    """
    shares = np.array(SHARES)

    def quantiles(values, axis=-1):
        return np.quantile(values, shares, axis=axis)

    generator = np.random.default_rng(seed)
    differences, drawn = 0.0, 0.0
    for sign, name, side in ((-1, "a", a), (1, "b", b)):
        side = checked_sample(side, name, LEAST)
        differences = differences + sign * quantiles(side)
        drawn = drawn + sign * bootstrap(side, quantiles, draws=draws, seed=generator)
    error = drawn.std(axis=1, ddof=1)
    away = np.abs(drawn - differences[:, None]) / np.where(error > 0, error, np.inf)[:, None]
    size = np.quantile(away.max(axis=0), CONFIDENCE) * error
    return Shift(shares, differences, differences - size, differences + size, (len(a), len(b)))


def lower_tenth(a: Sequence[float], b: Sequence[float], **options) -> Estimate:
    """By how much the error that a tenth of b stays below exceeds that of a.

    options: of `resampling.difference`, whose interval it is. Raises TooFew for fewer than `LEAST`
    errors on a side.
    """
    sides = [checked_sample(side, name, LEAST) for name, side in (("a", a), ("b", b))]
    found = difference(*sides, statistic=_tenth, margin=np.inf, **options)
    return Estimate(found.value, found.low, found.high, found.p)


def _tenth(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    return np.quantile(values, 0.1, axis=axis)
