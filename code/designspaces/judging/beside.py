"""What stands beside a contrast, without a verdict: the same step seen in other ways.

A verdict that hangs on one way of measuring is worth little; a reader sees here whether others
agree. Errors are in percent, differences in points, b less a.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from designspaces.judging.effects import paired
from designspaces.judging.intervals import Interval, simultaneous
from designspaces.judging.properties import values
from designspaces.judging.questions import Means, Question, Strata, units_of
from designspaces.judging.ranks import Probability, probability_better
from designspaces.judging.resampling import Difference, Estimate, difference
from designspaces.judging.shift import Shift, lower_tenth, shift
from designspaces.populations.population import ASTRAY, Population
from designspaces.words import with_ends, within


@dataclass(frozen=True)
class Beside:
    """One step in other ways, each interval of 95% by itself.

    plain, calibrated: of capped means. median, lower_tenth: differences of these quantiles. better:
    the chance that a network of b has the smaller error. without_astray: of capped means, over the
    networks whose training did not go astray.
    """

    question: Means
    plain: Interval
    calibrated: Interval
    median: Difference
    lower_tenth: Estimate
    better: Probability
    without_astray: Interval
    shift: Shift


def look(question: Means, evidence: Population, margin: float) -> Beside:
    """Measure a step in all ways. Raises TooFew for fewer than twenty networks of a space."""
    sides = [values(list(evidence.space(name)), "error") for name in question.populations]
    tame = Population(record for record in evidence if record.val_error <= ASTRAY)
    return Beside(
        question,
        _alone(question, evidence),
        _alone(question, evidence, calibrated=True),
        difference(*sides, statistic=np.median, margin=margin),
        lower_tenth(*sides),
        probability_better(*sides),
        _alone(question, tame),
        shift(*sides),
    )


def by_regime(question: Means, trained: Mapping[str, Population]) -> dict[str, Interval]:
    """A step by each regime: as drawn, at equal depth, and at equal depth and parameters.

    trained: populations by what their regime is called; one that lacks a side is left out. Each
    interval is over networks alone.
    """
    a, b = question.populations
    told = {"text": question.text, "source": question.source, "expects": question.expects}
    ways = {
        "as drawn": question,
        "at equal depth": Strata(id=question.id, a=a, b=b, **told),
        "at equal depth, parameters": Strata(id=question.id, a=a, b=b, held=("params",), **told),
    }
    return {
        f"{way}, {name}": _alone(asked, evidence)
        for way, asked in ways.items()
        for name, evidence in trained.items()
        if all(evidence.space(side) for side in (a, b))
    }


def also_in(others: Population, evidence: Population) -> Population:
    """The records of `evidence` whose networks `others` has as well, whatever trained those."""
    there = set(units_of(list(others)))
    return Population(record for record in evidence if units_of([record])[0] in there)


def between_trainings(
    question: Means, one: Population, other: Population
) -> tuple[Interval, Interval, Interval]:
    """A step by one training, by another, and the second less the first.

    Over the networks of both, each of which is held against itself in the change. Intervals of 95%,
    over networks alone. Raises TooFew as `effects.paired` does.
    """
    first, again = also_in(other, one), also_in(one, other)
    changes = []
    for space in (question.b, question.a):
        sides = [list(some.space(space)) for some in (first, again)]  # both in draw order
        errors = (values(side, "error") for side in sides)
        changes.append(paired(f"{question.id}, {space}", units_of(sides[0]), *errors))
    (change,) = simultaneous([changes[0].minus(changes[1], question.id)])
    return _alone(question, first), _alone(question, again), change


def _alone(question: Question, evidence: Population, **options: bool) -> Interval:
    return simultaneous([question.measure(evidence, **options)])[0]


def rows(looks: Iterable[Beside]) -> list[dict[str, str]]:
    """The numbers with their intervals, a row a step."""
    return [
        {
            "step": each.question.id,
            "capped means": _ends(each.plain),
            "calibrated": _ends(each.calibrated),
            "without astray": _ends(each.without_astray),
            "medians": _ends(each.median),
            "lower tenth": _ends(each.lower_tenth),
            "chance of better": within(each.better.value, each.better.low, each.better.high),
        }
        for each in looks
    ]


def _ends(found: Interval | Estimate) -> str:
    value = found.effect.value if isinstance(found, Interval) else found.value
    return with_ends(value, found.low, found.high)
