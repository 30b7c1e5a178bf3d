"""Questions about a best value: where it lies, and whether it grows with cost."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from designspaces.judging.effects import LEAST, Effect, satterthwaite, slope
from designspaces.judging.properties import spoken, values
from designspaces.judging.questions import Question, units_of
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population
from designspaces.populations.record import Record


@dataclass(frozen=True, kw_only=True)
class Best(Question):
    """Where a parabola through a space's errors has its lowest point.

    Where the errors rise more steeply on one side, that point lies off the best value, towards the
    other side, and the interval is one of the point. logarithmic: in the property's logarithm.
    `lowest` says when there is no such point.
    """

    space: str
    property: str
    logarithmic: bool = False

    @property
    def populations(self) -> tuple[str, ...]:
        return (self.space,)

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        return lowest(self.id, list(evidence.space(self.space)), self.property, self.logarithmic)


@dataclass(frozen=True, kw_only=True)
class Grows(Question):
    """How the best value of a property goes with cost: the slope in logarithms.

    spaces: populations of one space in several bands of multiply-adds. A band whose best value
    `lowest` cannot tell is left out; fewer than three others are too few.
    """

    spaces: tuple[str, ...]
    property: str
    unit: str = field(default="of logarithms")

    @property
    def populations(self) -> tuple[str, ...]:
        return self.spaces

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        best, cost = [], []
        for name in self.spaces:
            records = list(evidence.space(name))
            with suppress(TooFew):
                best.append(lowest(name, records, self.property, logarithmic=True))
                cost.append(np.log(np.mean([record.flops for record in records])))
        if len(best) < 3:
            raise TooFew(f"{self.id}: of {len(self.spaces)} bands {len(best)} have a best value")
        cost = np.array(cost)
        weights = (cost - cost.mean()) / ((cost - cost.mean()) ** 2).sum()
        influence = {
            unit: weight * part
            for weight, each in zip(weights, best, strict=True)
            for unit, part in each.influence.items()
        }
        value = sum(w * each.value for w, each in zip(weights, best, strict=True))
        parts = ((w**2 * e.error**2, e.freedom) for w, e in zip(weights, best, strict=True))
        n = tuple(n for each in best for n in each.n)
        return Effect(self.id, float(value), influence, n, satterthwaite(*parts))


def lowest(name: str, records: Sequence[Record], of: str, logarithmic: bool = False) -> Effect:
    """Where the parabola of the errors over a property is lowest; by the delta method.

    Raises TooFew where the errors do not surely bend upwards, by twice the standard error, or where
    the lowest point lies outside the middle nine tenths of the networks: a best value at the edge
    is none that was seen from both sides. (So only surely bent populations are told.)
    """
    x, errors = values(records, of), values(records, "error")
    if len(x) < LEAST:
        raise TooFew(f"{name} has {len(x)} networks; this takes at least {LEAST}")
    x = np.log(x) if logarithmic else x
    middle, size = x.mean(), x.std() or 1.0
    x = (x - middle) / size  # else a square and its root could not be told apart
    units = units_of(records)
    bend = slope(name, units, errors, x**2, x[:, None])
    tilt = slope(name, units, errors, x, (x**2)[:, None])
    if bend.value < 2 * bend.error:
        raise TooFew(
            f"{name}: the errors of {len(records)} networks do not surely bend upwards over "
            f"{spoken(of)}, so no best value can be told"
        )
    place = -tilt.value / (2 * bend.value)
    low, high = np.quantile(x, [0.05, 0.95])
    if not low <= place <= high:
        raise TooFew(
            f"{name}: the parabola is lowest at the edge of the networks' {spoken(of)} or "
            "beyond, so no best value can be told"
        )
    influence = {
        unit: -size * (tilt.influence[unit] + 2 * place * part) / (2 * bend.value)
        for unit, part in bend.influence.items()
    }
    n = (len(records),)
    return Effect(name, float(middle + size * place), influence, n, bend.freedom)
