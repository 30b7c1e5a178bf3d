"""What a population says when it is drawn again, with repetition or in another order. Numpy alone.

The intervals are the bootstrap's, by percentiles; seeded, so that they are the same every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designspaces.judging.ranks import AT_ONCE, checked_pair, pearson, rank
from designspaces.judging.statistics import DRAWS, checked_sample

TAIL = (1 - 0.95) / 2
"""The share of draws on either side of an interval."""


def bootstrap(
    values: Sequence[float], statistic, *, draws: int = DRAWS, seed: int | np.random.Generator = 0
) -> np.ndarray:
    """`statistic` of `draws` populations drawn from `values` with repetition; shape (draws,).

    statistic: takes an array of shape (draws, n) and an axis, as np.median does.
    """
    values = checked_sample(values, "values", 1)
    generator = np.random.default_rng(seed)
    return statistic(generator.choice(values, (draws, len(values))), axis=1)


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% bootstrap interval, and the p-value that belongs to it.

    `p` is twice the share of draws on the other side of 0: below 5% just where the interval leaves
    0 out.
    """

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Difference(Estimate):
    """An `Estimate` of a difference, held against a margin that was fixed beforehand.

    `p_equivalent` is below 5% just where the whole interval lies within the margin.
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
    draws: int = DRAWS,
    seed: int = 0,
    names: tuple[str, str] = ("a", "b"),
) -> Difference:
    """By how much `statistic` of population b exceeds that of population a.

    a, b: errors of two populations, drawn independently. statistic: np.median or np.mean, say.
    margin: the size, in the errors' unit, below which a difference does not matter.
    names: what the populations are called in an error.

    The interval is the bootstrap's, by percentiles; `p` and `p_equivalent` (two one-sided tests)
    are read off the same draws. Raises TooFew for fewer than 10 errors on a side, and ValueError
    for a margin that is not above 0.
    """
    if not margin > 0:
        raise ValueError(f"margin is {margin}; expected a number above 0")
    a, b = (checked_sample(side, name, 10) for side, name in zip((a, b), names, strict=True))
    generator = np.random.default_rng(seed)
    drawn = [bootstrap(side, statistic, draws=draws, seed=generator) for side in (a, b)]
    apart = drawn[1] - drawn[0]
    estimate = _estimate(statistic(b) - statistic(a), apart)
    outside = max((apart >= margin).sum(), (apart <= -margin).sum())
    p_equivalent = min(1.0, float(2 * (outside + 1) / (draws + 1)))
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
    a, b = checked_sample(a, "a", 1), checked_sample(b, "b", 1)
    pooled = np.concatenate([a, b])
    order = np.argsort(pooled, kind="stable")
    last_of_ties = np.append(np.diff(pooled[order]) > 0, True)
    # an error of a lifts the one curve, an error of b lowers the other away from it
    steps = np.concatenate([np.full(len(a), len(b)), np.full(len(b), -len(a))])

    def distance(arranged: np.ndarray) -> np.ndarray:
        return np.abs(arranged.cumsum(axis=-1)[..., last_of_ties]).max(axis=-1)

    measured = distance(steps[order])
    generator = np.random.default_rng(seed)
    shuffled = [
        distance(generator.permuted(np.tile(steps, (min(AT_ONCE, draws - start), 1)), axis=1))
        for start in range(0, draws, AT_ONCE)
    ]
    p = ((np.concatenate(shuffled) >= measured).sum() + 1) / (draws + 1)
    return KolmogorovSmirnov(float(measured / (len(a) * len(b))), float(p))


def best_range(
    values: Sequence[float], errors: Sequence[float], *, draws: int = DRAWS
) -> tuple[float, float, float]:
    """Where the best networks have some property: the lower end, the median and the upper end.

    values, errors: the property and the error of each network. `draws` times a quarter of the
    networks is drawn with repetition and the best one's value kept; the ends hold 95% of these.
    Raises TooFew for fewer than 20 networks.
    Source: Radosavovic et al. 2020, section 3.2, footnote 4.
    """
    values, errors = checked_sample(values, "values", 20), checked_sample(errors, "errors", 20)
    if len(values) != len(errors):
        raise ValueError(f"there are {len(values)} values and {len(errors)} errors; expected pairs")
    size = round(len(errors) / 4)
    drawn = np.random.default_rng(0).integers(len(errors), size=(draws, size))
    best = drawn[np.arange(draws), errors[drawn].argmin(axis=1)]
    # a value that a network has, not one between two
    found = np.quantile(values[best], [TAIL, 0.5, 1 - TAIL], method="inverted_cdf")
    return tuple(found.tolist())


def bootstrap_spearman(
    x: Sequence[float], y: Sequence[float], *, draws: int = DRAWS, seed: int = 0
) -> Estimate:
    """Spearman's rank correlation of two properties of the same networks, by the bootstrap.

    The first study's; `ranks.spearman` covers better where networks are few. Raises TooFew for
    fewer than 10 networks, and where a property has but one value.
    """
    x, y = checked_pair(x, y)
    picks = np.random.default_rng(seed).integers(len(x), size=(draws, len(x)))
    drawn = pearson(rank(x)[picks], rank(y)[picks])
    return _estimate(pearson(rank(x), rank(y)), drawn)


def _estimate(value, drawn: np.ndarray) -> Estimate:
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL])
    beyond = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (beyond + 1) / (len(drawn) + 1))
    return Estimate(float(value), float(low), float(high), float(p))
