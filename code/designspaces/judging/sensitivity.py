"""Whether the verdicts on the primary claims hang on how the populations are compared."""

from collections.abc import Sequence

import numpy as np

from designspaces.judging.claims import CLAIMS, Claim
from designspaces.judging.properties import values
from designspaces.judging.resampling import Difference, difference
from designspaces.judging.statistics import TooFew, matched, or_too_few
from designspaces.judging.verdicts import MARGIN, Contrast
from designspaces.populations.population import Population
from designspaces.populations.record import Record


def sensitivity(
    population: Population, longer: Population, claims: Sequence[Claim] = CLAIMS
) -> dict[str, dict[str, Difference | TooFew]]:
    """The primary contrasts in other ways, by claim and by way.

    Ways: "medians" is the primary one; "means"; "like cost", the medians of those networks that
    have a partner in the other space, near in parameters and activations; "like blocks", the same
    for the number of blocks (asked after the data were seen); "without diverged"; "longer", the
    medians of the networks in `longer`; "interaction", by how much the mean change from here
    to there differs, of the networks that trained in both.
    """
    return {
        claim.id: _ways(claim.rule, population, longer)
        for claim in claims
        if claim.family == "primary"
    }


def _ways(rule: Contrast, population: Population, longer: Population):
    sides = [list(population.space(name)) for name in (rule.a, rule.b)]
    long = [list(longer.space(name)) for name in (rule.a, rule.b)]
    costs = [
        np.log([[record.params, record.activations] for record in side] or np.ones((0, 2)))
        for side in sides
    ]
    blocks = [values(side, "depth")[:, None] for side in sides]
    trained = [[record for record in side if record.status == "trained"] for side in sides]
    return {
        "medians": _compare(*sides),
        "means": _compare(*sides, statistic=np.mean),
        "like cost": _compare(*_alike(sides, matched(*costs))),
        "like blocks": _compare(*_alike(sides, matched(*blocks, caliper=0.2))),
        "without diverged": _compare(*trained),
        "longer": _compare(*long),
        "interaction": _differ(
            *(_changes(*both) for both in zip(sides, long, strict=True)), statistic=np.mean
        ),
    }


def _alike(sides, rows) -> list[list[Record]]:
    """Of each side the networks that have a partner."""
    return [[side[row] for row in mine] for side, mine in zip(sides, rows, strict=True)]


def _changes(short: Sequence[Record], long: Sequence[Record]) -> np.ndarray:
    """By how many points the error of each network changes with the longer training."""
    before = {r.id: 100 * r.val_error for r in short if r.status == "trained"}
    both = (r for r in long if r.id in before and r.status == "trained")
    return np.array([100 * r.val_error - before[r.id] for r in both])


def _compare(a: Sequence[Record], b: Sequence[Record], statistic=np.median):
    return _differ(values(a, "error"), values(b, "error"), statistic=statistic)


def _differ(a: np.ndarray, b: np.ndarray, statistic) -> Difference | TooFew:
    return or_too_few(difference, a, b, statistic=statistic, margin=MARGIN)
