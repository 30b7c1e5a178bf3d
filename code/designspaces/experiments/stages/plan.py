"""The plan: whether four stages are better than two, and whether deeper helps.

First `PICKED_FROM` networks of `space.FOUR_STAGES` are trained, for one epoch by the second study's
recipe at 96 pixels, and the rule picks the contestants. These are then trained from `SEEDS` seeds
each, by the textbook's protocol and by the second study's recipe for ten epochs. Both plans are
signed when that recipe has been chosen: until then they are None.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from designspaces.judging.effects import Effect, capped
from designspaces.judging.properties import values
from designspaces.judging.questions import Question, units_of
from designspaces.judging.statistics import TooFew, _f_quantiles
from designspaces.judging.study import LEVEL, Family, Plan
from designspaces.populations.population import Population
from designspaces.training.recipe import TEXTBOOK

PICKED_FROM = 24
SEEDS = 5
PROTOCOL = replace(TEXTBOOK, name="textbook in float32", precision="float32")
N = dict.fromkeys(("RegNetX32", "four_best", "four_deeper", "four_alike"), SEEDS)


@dataclass(frozen=True, kw_only=True)
class Seeds(Question):
    """The mean error of network b less that of network a, each trained from a few seeds.

    So few that the normal distribution would be too sure: the standard error is widened until the
    95% interval of this question alone is Welch's.
    """

    a: str
    b: str

    @property
    def populations(self) -> tuple[str, ...]:
        return (self.a, self.b)

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        sides = [list(evidence.space(name)) for name in (self.b, self.a)]
        return welch(self.id, *([units_of(one), values(one, "error")] for one in sides))


def welch(name: str, b: Sequence, a: Sequence) -> Effect:
    """The mean of b's capped errors less that of a's; a side is its units and its errors.

    Raises TooFew for fewer than three errors on a side, and where neither side varies.
    """
    means, influence, parts, sizes = [], {}, [], []
    for sign, (units, errors) in ((1, b), (-1, a)):
        errors, n = capped(errors), len(units)
        if n < 3:
            raise TooFew(f"{name} has {n} trainings on a side; this takes at least 3")
        means.append(sign * errors.mean())
        own = sign * (errors - errors.mean()) / np.sqrt(n * (n - 1))
        influence |= dict(zip(units, own.tolist(), strict=True))
        parts.append((own**2).sum())
        sizes.append(n)
    if not sum(parts):
        raise TooFew(f"{name}: the errors of neither side vary, so their noise is not known")
    # Welch and Satterthwaite
    freedom = sum(parts) ** 2 / sum(p**2 / (n - 1) for p, n in zip(parts, sizes, strict=True))
    t = float(np.sqrt(_f_quantiles([1 - LEVEL], 1, freedom)[0]))
    wider = t / NormalDist().inv_cdf(1 - LEVEL / 2)
    influence = {unit: wider * part for unit, part in influence.items()}
    return Effect(name, float(sum(means)), influence, tuple(sizes[::-1]))


def _beside(name: str, text: str) -> Seeds:
    return Seeds(
        id=f"{name.replace('_', '-')}",
        text=text,
        source="exercise 1 of the textbook",
        expects="better",
        a="RegNetX32",
        b=name,
    )


QUESTIONS = (
    _beside("four_best", "The best of four stages is better than RegNetX32 at equal multiply-adds"),
    _beside("four_deeper", "A deeper one is better than RegNetX32 at equal multiply-adds"),
    _beside("four_alike", "A deeper one is better than RegNetX32 at equal activations"),
)

FAMILIES = (Family("contestants", True, QUESTIONS),)

PLAN: Plan | None = None
"""By `PROTOCOL`."""

LONG_PLAN: Plan | None = None
"""By the second study's recipe, ten epochs at 96 pixels."""


def evidence(by: str = "textbook") -> Population:
    """What is recorded of the contestants, by the textbook's protocol or, "long", the other."""
    return Population.experiment(f"stages-{by}")
