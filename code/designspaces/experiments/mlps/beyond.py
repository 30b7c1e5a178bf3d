"""What is told of the MLPs beyond the plan: hints that no question asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from designspaces.experiments.mlps.foretelling import rank_slope
from designspaces.judging.effects import CAP, capped
from designspaces.judging.intervals import Interval, simultaneous
from designspaces.populations.record import Record


@dataclass(frozen=True)
class Seen:
    """Of a space's networks: where they begin, how many hardly learned, and both halves' errors.

    first_width: the median width of the first stage. beyond_cap: how many err by more than
    `effects.CAP`. with_shortcuts, without: mean capped errors, in percent.
    """

    first_width: float
    beyond_cap: int
    with_shortcuts: float
    without: float


def look_at(records: Iterable[Record]) -> Seen:
    """Raises ValueError unless there are networks with shortcuts and some without."""
    records = list(records)
    errors = 100 * np.array([record.val_error for record in records])
    has = np.array([record.network.residual for record in records], bool)
    if has.all() or not has.any():
        raise ValueError(f"{has.sum()} of {len(has)} have shortcuts; expected some on either side")
    return Seen(
        float(np.median([record.network.widths[0] for record in records])),
        int((errors > CAP).sum()),
        float(capped(errors[has]).mean()),
        float(capped(errors[~has]).mean()),
    )


def ranks_within(
    foretold: Sequence[float], errors: Sequence[float], sides: Sequence[bool]
) -> dict[bool, Interval]:
    """On each side the rank correlation of what was foretold with the errors, 95% each.

    Raises TooFew where a side has too few networks.
    """
    foretold, errors, sides = np.asarray(foretold), np.asarray(errors), np.asarray(sides, bool)
    found = {}
    for side in (True, False):
        own = sides == side
        effect = rank_slope("ranks", range(own.sum()), foretold[own], errors[own])
        (found[side],) = simultaneous([effect])
    return found
