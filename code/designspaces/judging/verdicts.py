"""The rules by which claims are judged: what is measured, and which verdict follows.

Errors are in percent here, differences in points.

A contrast compares two spaces by the difference of their median errors. In this order it is

- equivalent within the margin, if the difference is surely smaller in size than the margin (two
  one-sided tests of 2.5%, so p below 5%); a claim that both are equal is then supported;
- not resolved at this budget, if p is 5% or more;
- supported, if the claim says better and it is better;
- contradicted, if it is worse; for a claim of equality, if the interval lies beyond the margin.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from designspaces.designs.checks import checked_choice
from designspaces.judging.properties import PROPERTIES, from_median, values
from designspaces.judging.resampling import (
    Estimate,
    best_range,
    bootstrap_spearman,
    difference,
)
from designspaces.populations.population import Population
from designspaces.words import interval, name_space, signed, with_ends

MARGIN = 0.5
"""Points of error below which a difference between populations does not matter here."""

LEVEL = 0.05
SHUFFLES = 500
"""Of a population's errors, to see how often chance finds the same of its best networks."""

SUPPORTED = "supported"
EQUIVALENT = "equivalent within the margin"
NOT_RESOLVED = "not resolved at this budget"
CONTRADICTED = "contradicted"
NOT_TESTABLE = "not testable here"
VERDICTS = (SUPPORTED, EQUIVALENT, NOT_RESOLVED, CONTRADICTED, NOT_TESTABLE)


class BestRange(NamedTuple):
    """Where the best networks lie, and how often chance decides the same, if that decides."""

    low: float
    median: float
    high: float
    p: float | None


@dataclass(frozen=True)
class Judgement:
    """What a rule finds in a population.

    measured: a sentence without its period. n: sizes of the samples, none where nothing was
    measured. p, p_equivalent: None where nothing was tested; the second only of differences.
    """

    verdict: str
    measured: str
    n: tuple[int, ...] = ()
    estimate: Estimate | BestRange | None = None
    p: float | None = None
    p_equivalent: float | None = None


class Rule(ABC):
    """What is measured for a claim, and how it is judged."""

    @abstractmethod
    def judge(self, population: Population) -> Judgement:
        """Raises TooFew where the population has fewer networks than the rule takes."""


@dataclass(frozen=True)
class Contrast(Rule):
    """The median error of space `b` against that of space `a`: expects "better" or "same"."""

    a: str
    b: str
    expects: str

    def __post_init__(self):
        checked_choice(self.expects, "expects", ("better", "same"))

    def judge(self, population: Population) -> Judgement:
        sides = (values(population.space(name), "error") for name in (self.a, self.b))
        return self.compare_sides(*sides, name_space(self.a), name_space(self.b))

    def compare_sides(self, a: np.ndarray, b: np.ndarray, name_a: str, name_b: str) -> Judgement:
        """a, b: the errors on either side, in percent; names as a sentence has them."""
        found = difference(a, b, margin=MARGIN, names=(name_a, name_b))
        text = (
            f"From {name_a} to {name_b} the median error changes by "
            f"{signed(found.value, 2)} points "
            f"(95% interval {interval(found.low, found.high)})"
        )
        verdict = self.decide_verdict(found, found.p, found.p_equivalent)
        return Judgement(verdict, text, found.n, found, found.p, found.p_equivalent)

    def decide_verdict(
        self, found: Estimate, p: float, p_equivalent: float, margin: float = MARGIN
    ) -> str:
        """By p-values that may have been corrected."""
        if p_equivalent < LEVEL:
            return SUPPORTED if self.expects == "same" else EQUIVALENT
        if p >= LEVEL:
            return NOT_RESOLVED
        if self.expects == "same":
            beyond = found.low > margin or found.high < -margin
            return CONTRADICTED if beyond else NOT_RESOLVED
        return SUPPORTED if found.value < 0 else CONTRADICTED


def decide_alone(expects: str, low: float, high: float, margin: float = MARGIN) -> str:
    """A contrast's verdict on one question alone, where p-values say what the interval says."""
    found = Estimate((low + high) / 2, low, high, p=float(low <= 0 <= high))
    p_equivalent = float(max(-low, high) >= margin)
    return Contrast("", "", expects).decide_verdict(found, found.p, p_equivalent, margin)


@dataclass(frozen=True)
class Without(Contrast):
    """Networks without a value of a property (b) against those with it (a).

    They come from several spaces; errors count from the median of their own space, so that
    differences between the spaces play no part.
    """

    spaces: tuple[str, ...]
    property: str
    value: float

    def judge(self, population: Population) -> Judgement:
        spaces = [population.space(name) for name in self.spaces]
        has = np.concatenate([values(space, self.property) for space in spaces]) == self.value
        errors = from_median(population, self.spaces, "error")
        return self.compare_sides(errors[has], errors[~has], self.a, self.b)


@dataclass(frozen=True)
class BestWithin(Rule):
    """The best networks of a space have a property between `low` and `high`.

    Supported where the whole bootstrap range of the best lies there, contradicted where none does,
    if that is rare (p below 5%) among populations whose errors were shuffled: a value that most
    networks have, the best ones have, too.
    """

    space: str
    property: str
    low: float
    high: float

    def judge(self, population: Population) -> Judgement:
        records = population.space(self.space)
        x, errors = values(records, self.property), values(records, "error")
        low, median, high = best_range(x, errors)
        verdict, p = self.place_range(low, high), None
        if verdict != NOT_RESOLVED:
            p = self.estimate_chance(verdict, x, errors)
            if p >= LEVEL:
                verdict = NOT_RESOLVED
        text = (
            f"The best of {name_space(self.space)} have a {PROPERTIES[self.property].name} of "
            f"{low:.3g} to {high:.3g}, median {median:.3g}"
        )
        return Judgement(verdict, text, (len(records),), BestRange(low, median, high, p), p)

    def estimate_chance(self, verdict: str, x: np.ndarray, errors: np.ndarray) -> float:
        """How often shuffled errors lead to the same verdict."""
        shuffle = np.random.default_rng(0).permuted
        ranges = (best_range(x, shuffle(errors), draws=1000) for _ in range(SHUFFLES))
        same = sum(self.place_range(low, high) == verdict for low, _, high in ranges)
        return (same + 1) / (SHUFFLES + 1)

    def place_range(self, low: float, high: float) -> str:
        """The verdict on a range, were it not for chance."""
        if self.low <= low and high <= self.high:
            return SUPPORTED
        return CONTRADICTED if high < self.low or low > self.high else NOT_RESOLVED


@dataclass(frozen=True)
class Rises(Rule):
    """The error of a space's networks rises with a property (Spearman's rank correlation)."""

    space: str
    property: str

    def judge(self, population: Population) -> Judgement:
        records = population.space(self.space)
        found = bootstrap_spearman(values(records, self.property), values(records, "error"))
        if found.p >= LEVEL:
            verdict = NOT_RESOLVED
        else:
            verdict = SUPPORTED if found.value > 0 else CONTRADICTED
        text = (
            f"In {name_space(self.space)} the rank correlation of the error with the "
            f"{PROPERTIES[self.property].name} is {with_ends(found.value, found.low, found.high)}"
        )
        return Judgement(verdict, text, (len(records),), found, found.p)


@dataclass(frozen=True)
class Untestable(Rule):
    """A claim that these populations cannot speak to, and why."""

    why: str

    def judge(self, population: Population) -> Judgement:
        return Judgement(NOT_TESTABLE, self.why)
