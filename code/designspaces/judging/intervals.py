"""Intervals of effects, which hold all at once, and the verdicts that they give. Needs numpy alone.

`simultaneous` gives a family of effects intervals that all hold the truth with one confidence
(Hothorn, Bretz and Westfall 2008, with the covariance of the networks' influences). `decide` reads
a verdict off an interval and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from designspaces.judging.effects import Effect

DRAWS = 100_000
"""Of the largest of a family's errors, for its simultaneous intervals."""

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
NO_MATTER = "no difference that matters"
NOT_RESOLVED = "not resolved"


@dataclass(frozen=True)
class Interval:
    """An effect's interval: simultaneous over its family, and the narrower one of it alone."""

    effect: Effect
    low: float
    high: float
    alone: tuple[float, float]

    @property
    def width(self) -> float:
        return self.high - self.low


def simultaneous(
    effects: Sequence[Effect], *, confidence: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> list[Interval]:
    """Intervals of a family of effects, which hold all of them with this confidence.

    How much wider than alone they have to be is that of a normal family; an effect with few degrees
    of freedom reaches as far as Student's t does with the same chance.
    """
    if not effects:
        return []
    sizes = np.array([effect.error for effect in effects])
    units = {
        unit: row for row, unit in enumerate(dict.fromkeys(u for e in effects for u in e.influence))
    }
    influence = np.zeros((len(units), len(effects)))
    for column, effect in enumerate(effects):
        for unit, part in effect.influence.items():
            influence[units[unit], column] = part
    tails = 1 - confidence
    if len(effects) > 1:
        scaled = influence / np.where(sizes > 0, sizes, 1)
        values, vectors = np.linalg.eigh(scaled.T @ scaled)
        root = vectors * np.sqrt(np.maximum(values, 0))
        normal = np.random.default_rng(seed).standard_normal((draws, len(effects)))
        critical = float(np.quantile(np.abs(normal @ root.T).max(axis=1), confidence))
        tails = 2 * NormalDist().cdf(-critical)
    return [_interval(effect, tails, 1 - confidence) for effect in effects]


def _interval(effect: Effect, tails: float, alone: float) -> Interval:
    ends = [
        (effect.value - reach, effect.value + reach) for reach in map(effect.reach, (tails, alone))
    ]
    return Interval(effect, *ends[0], ends[1])


def decide(expects: str, low: float, high: float, margin: float) -> str:
    """The verdict that an interval of a difference gives on a claim, "better" or "same".

    "better": below 0 supported, above 0 contradicted, each by less than the margin, by more, or
    unsaid where the interval holds the margin; around 0 and within the margin no difference that
    matters. "same": within the margin supported, beyond it contradicted. Else not resolved; a
    claim of equality then says in which direction, if 0 is out. Raises ValueError for another.
    """
    if expects not in ("better", "same"):
        raise ValueError(f"expects is {expects!r}; expected 'better' or 'same'")
    if not (low <= high and margin > 0):
        raise ValueError(f"from {low} to {high}, margin {margin}; expected low <= high, margin > 0")
    within, beyond = -margin <= low and high <= margin, low > margin or high < -margin
    size = "by less than the margin" if within else "by more than the margin" if beyond else ""
    direction = "better" if high < 0 else "worse" if low > 0 else ""
    if expects == "same":
        if within:
            return SUPPORTED
        if beyond:
            return f"{CONTRADICTED}: {direction} by more than the margin"
        return f"{NOT_RESOLVED}, but {direction}" if direction else NOT_RESOLVED
    if direction:
        verdict = SUPPORTED if direction == "better" else CONTRADICTED
        return f"{verdict} {size}".strip()
    return NO_MATTER if within else NOT_RESOLVED


def benjamini_hochberg(p_values: Sequence[float]) -> np.ndarray:
    """p-values corrected so that of what is found at a level at most that share is false.

    Benjamini and Hochberg 1995. Raises ValueError for what is no probability.
    """
    p = np.asarray(p_values, float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p_values are {p}; expected numbers from 0 to 1")
    order = np.argsort(-p, kind="stable")
    corrected = np.empty_like(p)
    ranks = np.arange(len(p), 0, -1)
    corrected[order] = np.minimum.accumulate(p[order] * len(p) / ranks)
    return np.minimum(corrected, 1)
