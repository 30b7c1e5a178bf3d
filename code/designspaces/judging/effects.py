"""Contrasts of capped mean errors, and what each hangs on. Needs numpy alone.

An `Effect` is a number estimated from networks, with what each network adds to it: so effects that
share networks are known to move together, of which `intervals` makes use.

Errors are in percent, differences in points.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import NormalDist

import numpy as np

from designspaces.judging.statistics import TooFew, t_reach, t_tails

CAP = 20.0
"""Percent. A worse error counts as this much: one training astray must not rule a mean."""

LEAST = 10
"""Networks, or pairs, that a mean takes."""

MANY = 1e6
"""Degrees of freedom; with more, Student's t is the normal distribution."""

DUST = 1e-9 * CAP
"""Points. What varies by no more does not vary: a regression rounds."""

_ALIKE = f"{{}}, or at the cap of {CAP:g}%, so that nothing is known of their luck"


@dataclass(frozen=True)
class Effect:
    """A number estimated from networks, and how it hangs on each of them.

    influence: by network, or by pair, what its deviation adds to the number; the sum of squares is
        the variance. n: how many networks, or pairs, on each side. freedom: the degrees of freedom
        of that variance, by which Student's t takes the place of the normal distribution; that has
        infinitely many.
    """

    name: str
    value: float
    influence: Mapping[Hashable, float]
    n: tuple[int, ...]
    freedom: float = inf

    @property
    def error(self) -> float:
        """The standard error."""
        return float(np.sqrt(sum(part**2 for part in self.influence.values())))

    @property
    def p(self) -> float:
        """Two-sided, that the number is 0."""
        return self.p_at(0)

    def p_at(self, truth: float) -> float:
        """Two-sided, that the number is `truth`; by the normal distribution or Student's t."""
        if not self.error:
            return float(self.value == truth)
        away = abs(self.value - truth) / self.error
        return 2 * NormalDist().cdf(-away) if self.freedom > MANY else t_tails(away, self.freedom)

    def reach(self, tails: float) -> float:
        """How far the number is from the truth, at most, but for this chance."""
        if self.freedom > MANY:
            return -NormalDist().inv_cdf(tails / 2) * self.error
        return t_reach(tails, self.freedom) * self.error

    def minus(self, other: Effect, name: str) -> Effect:
        """This number less the other. Networks that both stand on count once.

        Where there are none, the degrees of freedom are Welch's and Satterthwaite's; else the fewer
        of both, which may be too many: what is shared and drops out can have lent them.
        """
        both = dict(self.influence)
        for unit, part in other.influence.items():
            both[unit] = both.get(unit, 0.0) - part
        freedom = min(self.freedom, other.freedom)
        if not self.influence.keys() & other.influence.keys():
            freedom = satterthwaite(*((e.error**2, e.freedom) for e in (self, other)))
        return Effect(name, self.value - other.value, both, (*other.n, *self.n), freedom)


@dataclass(frozen=True)
class Sample:
    """Networks drawn from a space: who they are, their errors in percent and what else is known.

    units: something that names each network. known: properties of shape (networks, k) whose mean
    over the space is known to be `expected`, of shape (k,), up to a covariance `doubt` of shape
    (k, k); none unless given.
    """

    name: str
    units: Sequence[Hashable]
    errors: np.ndarray
    known: np.ndarray | None = None
    expected: np.ndarray | None = None
    doubt: np.ndarray | None = None

    def __post_init__(self):
        n = len(self.units)
        object.__setattr__(self, "errors", _finite(self.errors, f"{self.name}: errors", n))
        if self.known is not None:
            object.__setattr__(self, "known", _columns(self.known, f"{self.name}: known", n))


def satterthwaite(*parts: tuple[float, float]) -> float:
    """Degrees of freedom of a sum of independent variances, each with its own (Satterthwaite 1946).

    parts: variances and their degrees of freedom.
    """
    doubt = sum(variance**2 / freedom for variance, freedom in parts)
    return sum(variance for variance, _ in parts) ** 2 / doubt if doubt else inf


def capped(errors: Sequence[float]) -> np.ndarray:
    """Errors in percent, none above `CAP`."""
    return np.minimum(np.asarray(errors, float), CAP)


def mean_of(sample: Sample, *, calibrated: bool = False) -> Effect:
    """The mean of a space's capped errors.

    calibrated: moved to where the known properties have the mean that they have in the space, by
    least squares within the sample (the regression estimator of surveys; Cochran 1977, chapter 7).
    Raises TooFew for fewer than `LEAST` networks, a property more taking one more.
    """
    errors = capped(sample.errors)
    n = len(errors)
    _enough(n, sample.name)
    if not calibrated:
        parts = (errors - errors.mean()) / np.sqrt(n * (n - 1))
        return Effect(sample.name, float(errors.mean()), _by_unit(sample.units, parts), (n,), n - 1)
    if sample.known is None or sample.expected is None:
        raise ValueError(f"{sample.name} has no known properties to be calibrated by")
    apart = sample.known - np.asarray(sample.expected, float)
    _enough(n, sample.name, LEAST + apart.shape[1])
    design = np.column_stack([np.ones(n), apart])
    coefficients, weights, left = _least_squares(design, errors, 0, sample.name)
    influence = _by_unit(sample.units, weights * left)
    if sample.doubt is not None:
        slopes = coefficients[1:]
        influence[sample.name, "expected"] = float(np.sqrt(slopes @ sample.doubt @ slopes))
    return Effect(sample.name, float(coefficients[0]), influence, (n,), n - len(coefficients))


def contrast(a: Sample, b: Sample, name: str, *, calibrated: bool = False) -> Effect:
    """The capped mean error of b less that of a, drawn independently.

    Raises ValueError for a network in both: units must tell the networks of all spaces apart, and
    TooFew where the errors of neither side vary.
    """
    if both := set(a.units) & set(b.units):
        raise ValueError(
            f"{name}: {len(both)} units are in {a.name} and in {b.name}, such as "
            f"{next(iter(both))!r}; name each network once, or compare pairs by `paired`"
        )
    means = [mean_of(side, calibrated=calibrated) for side in (b, a)]
    return varying(means[0].minus(means[1], name))


def paired(name: str, units: Sequence[Hashable], a: Sequence[float], b: Sequence[float]) -> Effect:
    """The mean of b's capped errors less those of a, which are their partners one by one.

    units: names the pair, by the network that its partner was drawn to. Raises TooFew for fewer
    than `LEAST` pairs, and where all differ alike.
    """
    n = len(units)
    a, b = (_finite(side, f"{name}: {of}", n) for side, of in ((a, "a"), (b, "b")))
    apart = capped(b) - capped(a)
    _enough(n, name)
    parts = (apart - apart.mean()) / np.sqrt(n * (n - 1))
    effect = Effect(name, float(apart.mean()), _by_unit(units, parts), (n,), n - 1)
    return varying(effect, f"all {n} pairs differ alike")


def varying(effect: Effect, else_: str = "errors do not vary on either side") -> Effect:
    """The effect; raises TooFew where nothing tells how it varies: all capped, say, or the same."""
    if effect.error <= DUST:
        raise TooFew(f"{effect.name}: {_ALIKE.format(else_)}")
    return effect


def welch(name: str, b: Sequence, a: Sequence) -> Effect:
    """The mean of b's capped errors less that of a's; a side is its units and its errors.

    Raises TooFew for fewer than three errors on a side, and where neither side varies, and
    ValueError for a unit that is there twice.
    """
    means = []
    for units, errors in (b, a):
        errors, n = capped(_finite(errors, f"{name}: errors", len(units))), len(units)
        if n < 3:
            raise TooFew(f"{name} has {n} trainings on a side; this takes at least 3")
        parts = (errors - errors.mean()) / np.sqrt(n * (n - 1))
        means.append(Effect(name, float(errors.mean()), _by_unit(units, parts), (n,), n - 1))
    if means[0].influence.keys() & means[1].influence.keys():
        raise ValueError(f"{name} has a unit on both sides; name each training once")
    return varying(means[0].minus(means[1], name))


def slope(
    name: str,
    units: Sequence[Hashable],
    errors: Sequence[float],
    x: Sequence[float],
    held: np.ndarray | None = None,
) -> Effect:
    """By how much the capped error changes with x, in points a unit of x, others held equal.

    held: properties of shape (networks, k), each held by a straight line. Least squares; the
    variance may differ among networks (MacKinnon and White 1985, HC3). Raises TooFew for fewer than
    `LEAST` + k networks, where x does not vary beside what is held, where one network alone
    decides, and where the errors do not vary.
    """
    n, errors = len(units), _finite(errors, f"{name}: errors", len(units))
    design = _design(name, n, x, held)
    errors = capped(errors)
    if np.ptp(errors) <= DUST:
        raise TooFew(f"{name}: {_ALIKE.format('all errors are alike')}")
    coefficients, weights, left = _least_squares(design, errors, 1, name)
    influence = _by_unit(units, weights * left)
    return Effect(name, float(coefficients[1]), influence, (n,), n - len(coefficients))


def slope_weights(name: str, x: Sequence[float], held: np.ndarray | None = None) -> np.ndarray:
    """What each network's error counts in `slope`, shape (networks,): it is their weighted sum."""
    n = len(x)
    return _least_squares(_design(name, n, x, held), np.zeros(n), 1, name)[1]


def _design(name: str, n: int, x: Sequence[float], held: np.ndarray | None) -> np.ndarray:
    x = _finite(x, f"{name}: x", n)
    held = np.empty((n, 0)) if held is None else _columns(held, f"{name}: held", n)
    _enough(n, name, LEAST + held.shape[1])
    return np.column_stack([np.ones(n), x, held])


def _least_squares(
    design: np.ndarray, y: np.ndarray, wanted: int, name: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, shape (k,), and of each row, shape (n,), its weight in the wanted one and what
    HC3 takes to be left of it; their product is its influence.
    """
    size = np.linalg.norm(design, axis=0)
    size[size == 0] = 1
    scaled = design / size
    inverse = np.linalg.pinv(scaled, rcond=1e-10)
    if not np.allclose((inverse @ scaled)[wanted], np.eye(len(size))[wanted]):
        raise TooFew(f"{name}: a property does not vary, or not apart from the others")
    leverage = np.einsum("ij,ji->i", scaled, inverse)
    if alone := int((leverage > 1 - 1e-9).sum()):
        raise TooFew(f"{name} has {alone} networks that are alone of their kind; leave them out")
    coefficients = inverse @ y / size
    left = (y - design @ coefficients) / (1 - leverage)
    return coefficients, inverse[wanted] / size[wanted], left


def _by_unit(units: Sequence[Hashable], parts: np.ndarray) -> dict[Hashable, float]:
    named = dict(zip(units, map(float, parts), strict=True))
    if len(named) < len(parts):
        raise ValueError(f"{len(parts) - len(named)} networks are there twice; expected each once")
    return named


def _finite(values: Sequence, name: str, n: int) -> np.ndarray:
    array = np.asarray(values, float)
    if len(array) != n:
        raise ValueError(f"{name} has {len(array)} values; expected one for each of {n} units")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has values that are not finite; a diverged error counts 90")
    return array


def _columns(values: Sequence, name: str, n: int) -> np.ndarray:
    array = _finite(values, name, n)
    return array if array.ndim == 2 else array[:, None]


def _enough(n: int, name: str, least: int = LEAST) -> None:
    if n < least:
        raise TooFew(f"{name} has {n} networks; this takes at least {least}")
