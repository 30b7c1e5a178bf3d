"""What a study asks of its populations: each question becomes a number with an interval.

A question measures an `Effect`; `study` gives effects of a family their intervals and reads the
verdicts off these. Errors are in percent and capped (`effects.CAP`), differences in points.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designspaces.designs.checks import checked_choice, checked_positive
from designspaces.judging.calibration import expectation, known
from designspaces.judging.effects import (
    Effect,
    Sample,
    capped,
    contrast,
    paired,
    slope,
    slope_weights,
    welch,
)
from designspaces.judging.images import mistakes_of, with_images, with_weighed_images
from designspaces.judging.intervals import decide
from designspaces.judging.properties import values
from designspaces.judging.ranks import rank
from designspaces.populations.checks import by_network
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

    def __post_init__(self):
        if isinstance(self.expects, str):
            checked_choice(self.expects, f"what {self.id} expects", ("better", "rises", "same"))
        elif not self.expects[0] < self.expects[1]:
            raise ValueError(
                f"{self.id} expects a number from {self.expects[0]} to {self.expects[1]}; the "
                "first end has to be below the second"
            )
        if self.margin is not None:
            checked_positive(self.margin, f"the margin of {self.id}")

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
        """Ids of networks, of the first n, whose other half of a pair is missing; else none."""
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
        return _over_images(effect, *map(evidence.space, self.populations))


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
        return _over_images(effect, theirs, own)

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

    A side takes three trainings at least, where a mean of networks takes ten.
    """

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        sides = [list(evidence.space(name)) for name in (self.b, self.a)]
        return welch(self.id, *([units_of(one), values(one, "error")] for one in sides))

    def over_images(self, effect: Effect, evidence: Population) -> Effect:
        return _over_images(effect, *map(evidence.space, self.populations))


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


def units_of(records: Sequence[Record]) -> list[tuple[str, int, int]]:
    """What names a network, whichever seed it was trained from."""
    return [(record.space, record.sample_seed, record.index) for record in records]


def sample_of(evidence: Population, name: str, calibrated: bool = False) -> Sample:
    """A population as a sample, with what is known of its space where that is asked for.

    Raises ValueError where that is asked for networks of another resolution than the space's, or of
    a space that is none of the book's.
    """
    records = list(evidence.space(name))
    errors = values(records, "error")
    if not calibrated:
        return Sample(name, units_of(records), errors)
    if name not in SPACES:
        raise ValueError(
            f"nothing is known of {name}, which is none of the book's spaces; take plain means, "
            "in a plan by calibrated=False"
        )
    usual = SPACES[name].regime.resolution
    for record in records:
        if record.trained_by.resolution != usual:
            raise ValueError(
                f"{record.id} has images of {record.trained_by.resolution} pixels; what is known "
                f"of {name} is known of {usual}, so take plain means"
            )
    whole = expectation(name)
    return Sample(name, units_of(records), errors, known(records), whole.mean, whole.doubt)


def _by_place(records: Population) -> dict[tuple[int, int], Record]:
    """By sample seed and place. Raises PopulationError for one that is there twice."""
    return {key[1:]: record for key, record in by_network(records).items()}


def _over_images(effect: Effect, a: Sequence[Record], b: Sequence[Record]) -> Effect:
    """A contrast of b with a, standing on the images that judged both as well."""
    mistakes = mistakes_of([*a, *b])
    return with_images(effect, mistakes[: len(a)], mistakes[len(a) :])
