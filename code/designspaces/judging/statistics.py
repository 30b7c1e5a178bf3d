"""What a population says, in numbers that know how sure they are. Needs numpy alone.

Errors are fractions, one for each network; whoever wants percent multiplies at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from designspaces.moved import names

__getattr__ = names(__package__, {"edf": "statistics:EDF"})

DRAWS = 10_000
"""How often populations are drawn again, for intervals and tests."""


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

    def half_band(self, confidence: float = 0.95) -> float:
        """Half the height of the band around the whole curve; see `dkw_half_band`."""
        return dkw_half_band(self.n, confidence)


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
    values: Sequence[float], statistic, *, draws: int = DRAWS, seed: int | np.random.Generator = 0
) -> np.ndarray:
    """`statistic` of `draws` populations drawn from `values` with repetition; shape (draws,).

    statistic: takes an array of shape (draws, n) and an axis, as np.median does.
    """
    values = _enough(values, "values", 1)
    generator = np.random.default_rng(seed)
    return statistic(generator.choice(values, (draws, len(values))), axis=1)


@dataclass(frozen=True)
class Estimate:
    """A number with its bootstrap interval, and the p-value that belongs to it.

    `p` is twice the share of draws on the other side of 0: below 1 - confidence just where the
    interval leaves 0 out.
    """

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Difference(Estimate):
    """An `Estimate` of a difference, held against a margin that was fixed beforehand.

    `p_equivalent` is below 1 - confidence just where the whole interval lies within the margin.
    `n` are the sizes of the two populations.
    """

    margin: float
    p_equivalent: float
    n: tuple[int, int]


def difference(
    a: Sequence[float],
    b: Sequence[float],
    *,
    statistic=np.median,
    margin: float,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
    names: tuple[str, str] = ("a", "b"),
) -> Difference:
    """By how much `statistic` of population b exceeds that of population a.

    a, b: errors of two populations, drawn independently. statistic: np.median or np.mean, say.
    margin: the size, in the errors' unit, below which a difference does not matter.
    names: what the populations are called in an error.

    The interval is the bootstrap's, by percentiles; `p` and `p_equivalent` (two one-sided tests)
    are read off the same draws. Raises TooFew for fewer than 10 errors on a side.
    """
    a, b = (_enough(side, name, 10) for side, name in zip((a, b), names, strict=True))
    generator = np.random.default_rng(seed)
    drawn = [bootstrap(side, statistic, draws=draws, seed=generator) for side in (a, b)]
    estimate = _estimate(statistic(b) - statistic(a), drawn[1] - drawn[0], confidence)
    outside = [(drawn[1] - drawn[0] >= margin).sum(), (drawn[1] - drawn[0] <= -margin).sum()]
    p_equivalent = min(1.0, float(2 * (max(outside) + 1) / (draws + 1)))
    return Difference(
        **vars(estimate), margin=margin, p_equivalent=p_equivalent, n=(len(a), len(b))
    )


@dataclass(frozen=True)
class KolmogorovSmirnov:
    """The largest vertical distance between two EDFs, and how likely chance brings that much."""

    distance: float
    p: float


def kolmogorov_smirnov(
    a: Sequence[float], b: Sequence[float], *, draws: int = DRAWS, seed: int = 0
) -> KolmogorovSmirnov:
    """The two-sample test of Kolmogorov and Smirnov; `p` by random permutation, so ties may occur.

    Raises TooFew for an empty side.
    """
    a, b = _enough(a, "a", 1), _enough(b, "b", 1)
    pooled = np.concatenate([a, b])
    order = np.argsort(pooled, kind="stable")
    last_of_ties = np.append(np.diff(pooled[order]) > 0, True)
    # an error of a lifts the one curve, an error of b lowers the other away from it
    steps = np.concatenate([np.full(len(a), len(b)), np.full(len(b), -len(a))])

    def distance(arranged: np.ndarray) -> np.ndarray:
        return np.abs(arranged.cumsum(axis=-1)[..., last_of_ties]).max(axis=-1)

    measured = distance(steps[order])
    generator = np.random.default_rng(seed)
    shuffled = distance(generator.permuted(np.tile(steps, (draws, 1)), axis=1))
    p = ((shuffled >= measured).sum() + 1) / (draws + 1)
    return KolmogorovSmirnov(float(measured / (len(a) * len(b))), float(p))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """p-values of one family of tests, corrected by Holm's method; any false finding counts."""
    p = np.asarray(p_values, float)
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
    errors = np.sort(_enough(errors, "errors", k))
    n = len(errors)
    return float(errors @ [comb(n - i, k - 1) / comb(n, k) for i in range(1, n + 1)])


def best_range(
    values: Sequence[float],
    errors: Sequence[float],
    *,
    share: float = 0.25,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Where the best networks have some property: the lower end, the median and the upper end.

    values, errors: the property and the error of each network. `draws` times a `share` of the
    networks is drawn with repetition and the best one's value kept; the ends hold `confidence` of
    these. Raises TooFew for fewer than 20 networks.
    Source: Radosavovic et al. 2020, section 3.2, footnote 4.
    """
    values, errors = _enough(values, "values", 20), _enough(errors, "errors", 20)
    size = max(1, round(share * len(errors)))
    drawn = np.random.default_rng(seed).integers(len(errors), size=(draws, size))
    best = drawn[np.arange(draws), errors[drawn].argmin(axis=1)]
    tail = (1 - confidence) / 2
    # a value that a network has, not one between two
    low, median, high = np.quantile(values[best], [tail, 0.5, 1 - tail], method="inverted_cdf")
    return float(low), float(median), float(high)


def spearman(
    x: Sequence[float],
    y: Sequence[float],
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Spearman's rank correlation of two properties of the same networks, with its interval.

    Raises TooFew for fewer than 10 networks, and where a property has but one value.
    """
    x, y = _enough(x, "x", 10), _enough(y, "y", 10)
    for name, values in (("x", x), ("y", y)):
        if np.ptp(values) == 0:
            raise TooFew(f"{name} is {values[0]} throughout; a correlation takes two values")
    picks = np.random.default_rng(seed).integers(len(x), size=(draws, len(x)))
    drawn = _correlation(_ranks(x)[picks], _ranks(y)[picks])
    return _estimate(_correlation(_ranks(x), _ranks(y)), drawn, confidence)


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
    both = np.stack([_enough(first, "first", 10), _enough(second, "second", 10)])
    n = both.shape[1]
    within = both.var(axis=0, ddof=1).mean()
    between = 2 * both.mean(axis=0).var(ddof=1)
    if within == between == 0:
        raise TooFew(f"every error is {both[0, 0]}; a share of the variance takes two values")
    by_chance = np.array([1, *_f_quantiles([0.975, 0.025], n - 1, n)])
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
    Returns the rows of a and those of b, pair by pair.
    """
    a, b = np.atleast_2d(np.asarray(a, float)), np.atleast_2d(np.asarray(b, float))
    if not (a.size and b.size):
        return np.empty(0, int), np.empty(0, int)
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


def _estimate(value, drawn: np.ndarray, confidence: float) -> Estimate:
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    beyond = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (beyond + 1) / (len(drawn) + 1))
    return Estimate(float(value), float(low), float(high), float(p))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0; those of equal values are averaged."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    return (ends - (counts + 1) / 2)[inverse]


def _correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pearson's correlation along the last axis; 0 where one side does not vary."""
    x, y = (side - side.mean(axis=-1, keepdims=True) for side in (x, y))
    size = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return (x * y).sum(axis=-1) / np.where(size > 0, size, np.inf)


def _enough(values: Sequence[float], name: str, least: int) -> np.ndarray:
    array = np.asarray(values, float)
    if len(array) < least:
        raise TooFew(f"{name} has {len(array)} networks; this takes at least {least}")
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; expected one number of each network")
    if not np.isfinite(array).all():
        wrong = array[~np.isfinite(array)][0]
        raise ValueError(f"{name} has {wrong}; expected finite numbers, a diverged error being 90%")
    return array


def _f_quantiles(shares: Sequence[float], above: int, below: int) -> np.ndarray:
    """Quantiles of the F distribution with these degrees of freedom.

    Summed over half its logarithm, Fisher's z, whose density is smooth and falls off fast.
    """
    z = np.linspace(-12, 12, 20_001) * np.sqrt(1 / above + 1 / below)
    density = above * z - (above + below) / 2 * np.log(above * np.exp(2 * z) + below)
    density = np.exp(density - density.max())
    total = density.cumsum() - density / 2
    return np.exp(2 * np.interp(np.asarray(shares) * density.sum(), total, z))
