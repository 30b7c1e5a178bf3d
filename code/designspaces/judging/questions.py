"""What a study asks of its populations: each question becomes a number with an interval.

A question measures an `Effect`; `study` gives effects of a family their intervals and reads the
verdicts off these. Errors are in percent and capped (`effects.CAP`), differences in points.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from designspaces.judging.calibration import expectation, known
from designspaces.judging.effects import (
    LEAST,
    Effect,
    Sample,
    capped,
    contrast,
    decide,
    paired,
    slope,
    slope_weights,
    welch,
)
from designspaces.judging.images import mistakes_of, with_images, with_weighed_images
from designspaces.judging.properties import spoken, values
from designspaces.judging.ranks import rank
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.spaces import SPACES


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """A claim, and how it is measured.

    id: short, for tables and links. text: the claim as a sentence without its period. source: where
    the paper makes it. expects: "better" (the number is below 0), "rises" (it is above 0), "same"
    (it is about 0), or the two ends between which it lies. unit: of the number. margin: in that
    unit, the size below which the number does not matter; the plan's, in points, unless given.
    """

    id: str
    text: str
    source: str
    expects: str | tuple[float, float]
    unit: str = "points"
    margin: float | None = None

    @property
    def holds_if(self) -> str:
        """Where the number of a true claim lies, in words."""
        if not isinstance(self.expects, str):
            return "from {:.2g} to {:.2g}".format(*self.expects)
        return {"better": "below 0", "rises": "above 0", "same": "about 0"}[self.expects]

    @property
    @abstractmethod
    def populations(self) -> tuple[str, ...]:
        """Names of the populations that it takes."""

    @abstractmethod
    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        """Raises TooFew where there are fewer networks than it takes."""

    def over_images(self, effect: Effect, evidence: Population) -> Effect:
        """The effect, standing on the images as well, where it is a weighted sum of errors."""
        return effect

    def unpaired(self, evidence: Population, n: int) -> list[str]:
        """Ids of networks, of the first n, that it leaves out for want of a partner."""
        return []

    def decide(self, low: float, high: float, margin: float) -> str:
        """The verdict that an interval gives; margin: the plan's."""
        margin = self.margin or margin
        if self.expects == "rises":
            return decide("better", -high, -low, margin)
        if isinstance(self.expects, str):
            return decide(self.expects, low, high, margin)
        middle, half = np.mean(self.expects), np.ptp(self.expects) / 2
        return decide("same", low - middle, high - middle, half).partition(":")[0].partition(",")[0]


@dataclass(frozen=True, kw_only=True)
class Between(Question):
    """Population b less population a, drawn or trained independently."""

    a: str
    b: str

    @property
    def populations(self) -> tuple[str, ...]:
        return (self.a, self.b)


@dataclass(frozen=True, kw_only=True)
class Means(Between):
    """The mean error of space b less that of space a.

    This alone heeds `calibrated`; what holds properties equal needs no calibration by them.
    """

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        samples = (sample_of(evidence, name, calibrated) for name in self.populations)
        return contrast(*samples, self.id, calibrated=calibrated)

    def over_images(self, effect: Effect, evidence: Population) -> Effect:
        """By the plain means: calibrated weights differ little from them."""
        return with_images(effect, *(mistakes_of(evidence.space(n)) for n in self.populations))


@dataclass(frozen=True, kw_only=True)
class Strata(Between):
    """The same between networks of equally many blocks: a mean over the depths that both have.

    Each depth counts as its networks tell: by the harmonic mean of their numbers. held: properties
    held besides, by straight lines of their logarithms. The interval is over networks alone,
    without the images' luck, whatever a plan says.
    """

    held: tuple[str, ...] = ()

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        sides = [list(evidence.space(name)) for name in self.populations]
        depths = [values(side, "depth") for side in sides]
        shared = np.intersect1d(*depths)
        kept = [
            record for side in sides for record in side if values([record], "depth")[0] in shared
        ]
        own = np.array([record.space == self.b for record in kept], float)
        levels = values(kept, "depth")[:, None] == shared[None, 1:]
        columns = [levels, *(np.log(values(kept, name)) for name in self.held)]
        return slope(
            self.id,
            units_of(kept),
            values(kept, "error"),
            own,
            np.column_stack(columns).astype(float),
        )


@dataclass(frozen=True, kw_only=True)
class Partners(Question):
    """The mean error of networks less that of the partners that were drawn to them.

    networks: the population that partners were drawn to; partners: theirs, by the same places in
    the sample. A network whose partner is missing is left out; `unpaired` names it. beside: where
    both belong to the networks of a third population, that one: questions that share networks
    through it move together.
    """

    networks: str
    partners: str
    beside: str = ""

    @property
    def populations(self) -> tuple[str, ...]:
        return (self.networks, self.partners)

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        own, theirs = self.pairs(evidence)
        units = [(self.beside or space, *place) for space, *place in units_of(own)]
        return paired(self.id, units, values(theirs, "error"), values(own, "error"))

    def over_images(self, effect: Effect, evidence: Population) -> Effect:
        own, theirs = self.pairs(evidence)
        return with_images(effect, mistakes_of(theirs), mistakes_of(own))

    def pairs(self, evidence: Population) -> tuple[list[Record], list[Record]]:
        """The networks that have their partner, and those partners in the same order."""
        own, theirs = (_by_place(evidence.space(name)) for name in self.populations)
        both = sorted(own.keys() & theirs.keys())
        return [own[place] for place in both], [theirs[place] for place in both]

    def gains(self, evidence: Population) -> np.ndarray:
        """Each network's capped error less its partner's, in points, in the order of `pairs`."""
        own, theirs = (capped(values(side, "error")) for side in self.pairs(evidence))
        return own - theirs

    def unpaired(self, evidence: Population, n: int) -> list[str]:
        """The ids of networks of either side, of the first n, without their other half."""
        own, theirs = (
            {
                place: record
                for place, record in _by_place(evidence.space(name)).items()
                if place[1] < n
            }
            for name in self.populations
        )
        lonely = [own[place] for place in sorted(own.keys() - theirs.keys())]
        lonely += [theirs[place] for place in sorted(theirs.keys() - own.keys())]
        return [record.id for record in lonely]


@dataclass(frozen=True, kw_only=True)
class Seeds(Between):
    """The mean error of network b less that of network a, each trained from a few seeds.

    So few that the normal distribution would be too sure: the interval is Welch's.
    """

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        sides = [list(evidence.space(name)) for name in (self.b, self.a)]
        return welch(self.id, *([units_of(one), values(one, "error")] for one in sides))

    def over_images(self, effect: Effect, evidence: Population) -> Effect:
        return with_images(effect, *(mistakes_of(evidence.space(n)) for n in self.populations))


@dataclass(frozen=True, kw_only=True)
class Slope(Question):
    """By how much the error changes with a property, others held equal.

    values: the property counts as 1 where it has one of these and as 0 elsewhere; its own number
    unless given. among: only networks with one of these values count; all unless given. held:
    properties held by straight lines of their logarithms. levels: whether each space has a level of
    its own. ranked: ranks, from 0 to 1 over all networks, take the place of errors, property and
    what is held; such a slope stands on networks alone, whatever a plan says of images.
    """

    spaces: tuple[str, ...]
    property: str
    values: tuple[float, ...] = ()
    among: tuple[float, ...] = ()
    held: tuple[str, ...] = ("depth",)
    levels: bool = True
    ranked: bool = False

    @property
    def populations(self) -> tuple[str, ...]:
        return self.spaces

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        records, y, x, held = self._regression(evidence)
        return slope(self.id, units_of(records), y, x, held)

    def over_images(self, effect: Effect, evidence: Population) -> Effect:
        if self.ranked:
            return effect
        records, _, x, held = self._regression(evidence)
        return with_weighed_images(effect, mistakes_of(records), slope_weights(self.id, x, held))

    def _regression(self, evidence: Population) -> tuple:
        """Records, their errors, the property and what is held."""
        records = [record for name in self.spaces for record in evidence.space(name)]
        if self.among:
            kept = np.isin(values(records, self.property), self.among)
            records = [record for record, keep in zip(records, kept, strict=True) if keep]
        x = values(records, self.property)
        if self.values:
            x = np.isin(x, self.values).astype(float)
        y, held = values(records, "error"), [np.log(values(records, name)) for name in self.held]
        if self.ranked:
            x, y, *held = (rank(each) / len(each) for each in (x, capped(y), *held))
        if self.levels:
            held += [
                np.array([record.space == name for record in records], float)
                for name in self.spaces[1:]
            ]
        return records, y, x, np.column_stack(held) if held else None


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
        return Effect(self.id, float(value), influence, tuple(n for each in best for n in each.n))


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
    return Effect(name, float(middle + size * place), influence, (len(records),))


def units_of(records: Sequence[Record]) -> list[tuple[str, int, int]]:
    """What names a network, whichever seed it was trained from."""
    return [(record.space, record.sample_seed, record.index) for record in records]


def sample_of(evidence: Population, name: str, calibrated: bool = False) -> Sample:
    """A population as a sample, with what is known of its space where that is asked for."""
    records = list(evidence.space(name))
    errors = values(records, "error")
    if not calibrated or name not in SPACES:
        return Sample(name, units_of(records), errors)
    whole = expectation(name)
    return Sample(name, units_of(records), errors, known(records), whole.mean, whole.doubt)


def _by_place(records: Population) -> dict[tuple[int, int], Record]:
    return {(record.sample_seed, record.index): record for record in records}
