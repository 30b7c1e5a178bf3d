"""What a population says, in numbers that know how sure they are. Needs numpy alone.

Errors are fractions, one for each network; whoever wants percent multiplies at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

DRAWS = 10_000
"""How often populations are drawn again, for intervals and tests."""

CONFIDENCE = 0.95
"""With which a band holds the whole of a curve."""


class TooFew(ValueError):
    """A population has fewer networks, or fewer different ones, than a statistic takes."""


@dataclass(frozen=True)
class EDF:
    """The empirical distribution of errors: which share of a population has a smaller one.

    `errors` come in any order, may repeat and are kept sorted. F(e) = (1/n) sum of 1[e_i < e],
    strict as in the paper: at an error that a network has, that network does not count yet.
    Radosavovic et al. 2020, eq. 1. Raises ValueError for no errors, or one that is not finite.
    """

    errors: np.ndarray

    def __post_init__(self):
        errors = np.sort(np.asarray(self.errors, float).ravel())
        if not len(errors):
            raise ValueError("errors is empty; an EDF takes at least one network")
        if not np.isfinite(errors).all():
            raise ValueError("errors has values that are not finite; a diverged network counts 0.9")
        object.__setattr__(self, "errors", errors)

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
        inside = np.unique(self.errors[(self.errors > left) & (self.errors < right)])
        errors = np.concatenate([[left], inside, [right]])
        return errors, self(errors)

    def half_band(self) -> float:
        """Half the height of the 95% band around the whole curve; see `dkw_half_band`."""
        return dkw_half_band(self.n)


def dkw_half_band(n: int) -> float:
    """With 95% confidence the true distribution lies nowhere further from an EDF of n draws.

    The Dvoretzky-Kiefer-Wolfowitz inequality with Massart's constant: sqrt(log(2 / alpha) / 2 n).
    """
    if not n >= 1:
        raise ValueError(f"n is {n}; expected at least one network")
    return float(np.sqrt(np.log(2 / (1 - CONFIDENCE)) / (2 * n)))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """p-values of one family of tests, corrected by Holm's method; any false finding counts.

    Raises ValueError for what is no probability.
    """
    p = np.asarray(p_values, float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p_values are {p}; expected numbers from 0 to 1")
    order = np.argsort(p, kind="stable")
    corrected = np.empty_like(p)
    corrected[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(corrected, 1)


def best_of(k: int, errors: Sequence[float]) -> float:
    """The mean error of the best of k networks, over all ways to choose k of these.

    The i-th best is the best of k where the other k - 1 come from the n - i behind it. Raises
    TooFew for fewer than k errors, and ValueError for k below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}; expected at least one network")
    errors = np.sort(checked_sample(errors, "errors", k))
    n = len(errors)
    return float(errors @ [comb(n - i, k - 1) / comb(n, k) for i in range(1, n + 1)])


@dataclass(frozen=True)
class Repeatability:
    """What two trainings of the same networks say of one.

    `noise` is the standard deviation among trainings of one network, in the errors' unit; `share`
    the part of the variance of single errors that is due to the networks, with the ends of its 95%
    interval, exact for normal errors. Near 0 or below, training a network again tells nothing about
    it.
    """

    noise: float
    share: float
    low: float
    high: float


def repeatability(first: Sequence[float], second: Sequence[float]) -> Repeatability:
    """How far the errors of networks agree with those of the same networks, trained again.

    first, second: errors of shape (networks,). The share is the intraclass correlation of a one-way
    analysis of variance, ICC(1), with the interval of the F distribution (Shrout and Fleiss 1979).
    Raises TooFew for fewer than 10 networks, and where no error differs from another.
    """
    both = np.stack([checked_sample(first, "first", 10), checked_sample(second, "second", 10)])
    n = both.shape[1]
    within = both.var(axis=0, ddof=1).mean()
    between = 2 * both.mean(axis=0).var(ddof=1)
    if within == between == 0:
        raise TooFew(f"every error is {both[0, 0]}; a share of the variance takes two values")
    by_chance = np.array([1, *f_quantiles([0.975, 0.025], n - 1, n)])
    shares = (between - by_chance * within) / (between + by_chance * within)
    return Repeatability(float(np.sqrt(within)), *map(float, shares))


def or_too_few(statistic, /, *samples, **options):
    """What `statistic` says of the samples, or, where they are too few for it, why it does not."""
    try:
        return statistic(*samples, **options)
    except TooFew as reason:
        return reason


def matched(a: np.ndarray, b: np.ndarray, caliper: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of networks from two populations that are alike, such as in parameters.

    a, b: properties of shape (networks, properties). Each property is measured in pooled standard
    deviations; the nearest two that are left become a pair, until none is closer than `caliper`.
    Returns the rows of a and those of b, pair by pair. Raises ValueError for other shapes, and for
    what is not finite.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if not (a.size and b.size):
        return np.empty(0, int), np.empty(0, int)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(
            f"a and b have shapes {a.shape} and {b.shape}; expected (networks, properties), of the "
            "same properties"
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("a or b has values that are not finite; leave those networks out")
    scale = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2)
    apart = (a[:, None] - b[None]) / np.where(scale > 0, scale, 1)
    distance = np.sqrt((apart**2).sum(axis=-1))
    pairs = []
    while distance.size and distance.min() < caliper:
        pair = np.unravel_index(distance.argmin(), distance.shape)
        pairs.append(pair)
        distance[pair[0]], distance[:, pair[1]] = np.inf, np.inf
    rows = np.array(pairs, int).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def checked_sample(values: Sequence[float], name: str, least: int) -> np.ndarray:
    """A number of each network, as floats of shape (networks,).

    Raises TooFew for fewer than `least`, and ValueError for another shape or what is not finite.
    """
    array = np.asarray(values, float)
    if len(array) < least:
        raise TooFew(f"{name} has {len(array)} networks; this takes at least {least}")
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; expected one number of each network")
    if not np.isfinite(array).all():
        wrong = array[~np.isfinite(array)][0]
        raise ValueError(f"{name} has {wrong}; expected finite numbers, a diverged error being 90%")
    return array


def f_quantiles(shares: Sequence[float], above: float, below: float) -> np.ndarray:
    """Quantiles of the F distribution with these degrees of freedom."""
    z, below_z = _fishers_z(above, below)
    return np.exp(2 * np.interp(shares, below_z, z))


def t_tails(t: float, freedom: float) -> float:
    """The chance that Student's t with these degrees of freedom is further from 0 than this."""
    if not t:
        return 1.0
    z, below_z = _fishers_z(1, freedom)
    return float(1 - np.interp(np.log(abs(t)), z, below_z))


def t_reach(tails: float, freedom: float) -> float:
    """How far from 0 Student's t is with this chance: what `t_tails` says, the other way round."""
    return float(np.sqrt(f_quantiles([1 - tails], 1, freedom)[0]))


def _fishers_z(above: float, below: float) -> tuple[np.ndarray, np.ndarray]:
    """Half the logarithm of an F, and the chance of a smaller one.

    Summed over that, Fisher's z, whose density is smooth and falls off fast.
    """
    z = np.linspace(-12, 12, 20_001) * np.sqrt(1 / above + 1 / below)
    density = above * z - (above + below) / 2 * np.log(above * np.exp(2 * z) + below)
    density = np.exp(density - density.max())
    summed = density.cumsum()
    return z, (summed - density / 2) / summed[-1]  # else rounding could take it beyond 1
