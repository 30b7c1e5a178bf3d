"""What goes with what, and which of two is better, by ranks alone. Needs numpy alone.

Nothing here hangs on the unit of a property or an error, nor on how far astray a training went.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import atanh, exp, log, sqrt, tanh
from statistics import NormalDist

import numpy as np

from designspaces.judging.statistics import DRAWS, TooFew, checked_sample

LEAST = 10
"""Networks that a correlation, or a side of a comparison, takes."""

AT_ONCE = 500
"""Permutations, so that thousands of networks need no gigabytes."""

Z = NormalDist().inv_cdf(0.975)
"""Standard errors to either side of an interval of 95%."""


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's correlation with its interval, and how often chance brings one as large.

    n: how many networks. held: how many groups' means were taken out, all but one.
    """

    value: float
    low: float
    high: float
    p: float
    n: int
    held: int = 0


@dataclass(frozen=True)
class Probability:
    """A probability with its interval. n: how many networks on each side."""

    value: float
    low: float
    high: float
    n: tuple[int, int]


def rank(values: np.ndarray) -> np.ndarray:
    """Ranks along the last axis, from 0; those of equal values are averaged."""

    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(np.asarray(values), order, axis=-1)
    places = np.arange(ordered.shape[-1])
    begins = np.ones(ordered.shape, bool)  # a run of equal values
    begins[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    ends = np.ones(ordered.shape, bool)
    ends[..., :-1] = begins[..., 1:]
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=-1)
    last = np.where(ends, places, len(places))[..., ::-1]
    last = np.minimum.accumulate(last, axis=-1)[..., ::-1]
    ranks = np.empty(ordered.shape)
    np.put_along_axis(ranks, order, (first + last) / 2, axis=-1)
    return ranks


def checked_pair(
    x: Sequence[float], y: Sequence[float], least: int = LEAST, *others: Sequence
) -> tuple[np.ndarray, np.ndarray]:
    """x and y as arrays, if they and the others are of one length, which suffices, and vary."""
    lengths = [len(each) for each in (x, y, *others)]
    if len(set(lengths)) > 1:
        raise ValueError(f"lengths are {lengths}; expected one value of each network")
    x, y = checked_sample(x, "x", least), checked_sample(y, "y", least)
    for name, values in (("x", x), ("y", y)):
        if np.ptp(values) == 0:
            raise TooFew(f"{name} is {values[0]} throughout; a correlation takes two values")
    return x, y


def pearson(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pearson's correlation along the last axis; 0 where a side does not vary."""
    x, y = (side - side.mean(axis=-1, keepdims=True) for side in (x, y))
    size = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return (x * y).sum(axis=-1) / np.where(size > 0, size, np.inf)


def spearman(
    x: Sequence[float], y: Sequence[float], *, draws: int = DRAWS, seed: int = 0
) -> RankCorrelation:
    """Spearman's rank correlation of two properties of the same networks.

    The 95% interval is that of Fisher's z with the standard error sqrt((1 + r^2 / 2) / (n - 3))
    (Bonett and Wright 2000); p is two-sided, by random permutation. Raises TooFew for fewer than
    `LEAST` networks, and where a property has but one value.
    """
    x, y = checked_pair(x, y)
    return _spearman([rank(x), rank(y)], [np.arange(len(x))], 0, draws, seed)


def centred_spearman(
    x: Sequence[float],
    y: Sequence[float],
    groups: Sequence[Hashable],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> RankCorrelation:
    """Spearman's correlation within groups, such as spaces: of values less their group's mean.

    groups: of each network. Ranks are pooled; each mean but one counts as a network less; y is
    permuted within groups. Raises TooFew as `spearman`, and for a group of one network.
    """
    names = list(dict.fromkeys(groups))
    rows = [np.flatnonzero([group == name for group in groups]) for name in names]
    x, y = checked_pair(x, y, LEAST + max(0, len(names) - 1), groups)
    if alone := [str(name) for name, own in zip(names, rows, strict=True) if len(own) < 2]:
        raise TooFew(f"{', '.join(alone)} has 1 network; a group takes at least 2")
    sides = [rank(_centred(values, rows)) for values in (x, y)]
    return _spearman(sides, rows, len(names) - 1, draws, seed)


def probability_better(a: Sequence[float], b: Sequence[float]) -> Probability:
    """How probably a network of b has a smaller error than one of a; ties count half.

    a, b: errors of two populations, drawn independently. The value is Mann and Whitney's U over the
    number of pairs; the 95% interval has the variance of DeLong et al. 1988 on the scale of log
    odds, or, where the populations do not overlap, is Wilson's of as many networks as the smaller
    one has. Raises TooFew for fewer than `LEAST` on a side.
    """
    a, b = checked_sample(a, "a", LEAST), checked_sample(b, "b", LEAST)
    beaten_by_b, beats_a = _share_below(a, b), 1 - _share_below(b, a)
    value = float(beaten_by_b.mean())
    error = sqrt(beaten_by_b.var(ddof=1) / len(a) + beats_a.var(ddof=1) / len(b))
    n = min(len(a), len(b))
    if error == 0 and 0 < value < 1:
        raise TooFew(f"every error is {a[0]}; a comparison takes two values")
    if error == 0:
        far = n / (n + Z * Z)
        low, high = (far, 1.0) if value else (0.0, 1 - far)
    else:
        odds, size = log(value / (1 - value)), Z * error / (value * (1 - value))
        low, high = (1 / (1 + exp(-end)) for end in (odds - size, odds + size))
    return Probability(value, low, high, (len(a), len(b)))


def _share_below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each value, which share of the others is smaller, ties counted half."""
    others = np.sort(others)
    ends = [np.searchsorted(others, values, side) for side in ("left", "right")]
    return (ends[0] + ends[1]) / (2 * len(others))


def _centred(values: np.ndarray, rows: Sequence[np.ndarray]) -> np.ndarray:
    """Values less the mean of their group, rounded so that equal ones stay equal."""
    moved = values / (np.abs(values).max() or 1)
    for own in rows:
        moved[own] -= moved[own].mean()
    return np.round(moved, 10)


def _spearman(sides, rows, lost: int, draws: int, seed: int) -> RankCorrelation:
    """Of the ranks on both sides; those of y are permuted within `rows`.

    lost: how many networks' worth of knowledge went into what was taken out.
    """
    left = [ranks - ranks.mean() for ranks in sides]
    for name, rest in zip("xy", left, strict=True):
        if not rest.any():
            raise TooFew(f"{name} does not vary within its groups")
    x, y = (rest / sqrt(rest @ rest) for rest in left)
    n, value = len(x), float(np.clip(x @ y, -1, 1))
    chance = _permuted(x, y, rows, draws, np.random.default_rng(seed))
    p = ((np.abs(chance) >= abs(value) - 1e-12).sum() + 1) / (draws + 1)
    # a correlation of 1 would be sure of itself; half a step below it, ranks could differ
    inside = float(np.clip(value, -1 + 6 / (n * (n * n - 1)), 1 - 6 / (n * (n * n - 1))))
    size = Z * sqrt((1 + inside**2 / 2) / (n - 3 - lost))
    low, high = (tanh(atanh(inside) + end) for end in (-size, size))
    return RankCorrelation(value, min(low, value), max(high, value), float(p), n, lost)


def _permuted(x, y, rows, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Correlations of x with y in random order."""
    found = []
    for start in range(0, draws, AT_ONCE):
        shuffled = np.tile(y, (min(AT_ONCE, draws - start), 1))
        for own in rows:
            shuffled[:, own] = generator.permuted(shuffled[:, own], axis=1)
        found.append(shuffled @ x)
    return np.concatenate(found)
