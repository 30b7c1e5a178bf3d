"""What stands beside a contrast, without a verdict: the same step seen in other ways.

A verdict that hangs on one way of measuring is worth little; a reader sees here whether others
agree. Errors are in percent, differences in points, b less a.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from designspaces.judging.effects import Interval, contrast, simultaneous
from designspaces.judging.properties import values
from designspaces.judging.questions import Means, sample_of
from designspaces.judging.ranks import Probability, probability_better
from designspaces.judging.resampling import Difference, Estimate, difference
from designspaces.judging.shift import Shift, lower_tenth, shift
from designspaces.populations.population import ASTRAY, Population
from designspaces.words import with_ends


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
        _contrast(question, evidence, False),
        _contrast(question, evidence, True),
        difference(*sides, statistic=np.median, margin=margin),
        lower_tenth(*sides),
        probability_better(*sides),
        _contrast(question, tame, False),
        shift(*sides),
    )


def _contrast(question: Means, evidence: Population, calibrated: bool) -> Interval:
    samples = (sample_of(evidence, name, calibrated) for name in question.populations)
    return simultaneous([contrast(*samples, question.id, calibrated=calibrated)])[0]


def rows(looks: Iterable[Beside]) -> list[dict[str, str]]:
    """The numbers with their intervals, a row a step."""
    return [
        {
            "step": each.question.id,
            "capped means": _ends(each.plain),
            "calibrated": _ends(each.calibrated),
            "without astray": _ends(each.without_astray),
            "medians": with_ends(each.median.value, each.median.low, each.median.high),
            "lower tenth": with_ends(
                each.lower_tenth.value, each.lower_tenth.low, each.lower_tenth.high
            ),
            "chance of better": f"{each.better.value:.2f} "
            f"({each.better.low:.2f} to {each.better.high:.2f})",
        }
        for each in looks
    ]


def _ends(found: Interval) -> str:
    return with_ends(found.effect.value, found.low, found.high)
