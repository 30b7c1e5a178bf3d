"""Which share of a variance one quantity explains of another, with its interval; numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from designspaces.judging.ranks import Z, checked_pair
from designspaces.words import within

LEAST = 4
"""Networks that an interval of Fisher's takes."""


@dataclass(frozen=True)
class Share:
    """A share of a variance, from 0 to 1, with its 95% interval. Its text has all three."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return within(self.value, self.low, self.high)


def explained(x: Sequence[float], y: Sequence[float]) -> Share:
    """R squared: the share of the variance of y that a straight line over x explains.

    The interval is that of Fisher's z for the correlation, squared; where that holds 0, it begins
    there. Raises TooFew for fewer than `LEAST` networks, and where a side has but one value.
    """
    x, y = checked_pair(x, y, LEAST)
    most = 1 - 1e-12  # beyond, z has no end
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -most, most))
    ends = np.tanh(np.arctanh(r) + np.array([-Z, Z]) / sqrt(len(x) - 3))
    low, high = sorted(ends**2)
    return Share(r * r, 0.0 if ends[0] < 0 < ends[1] else float(low), float(high))
