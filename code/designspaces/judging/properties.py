"""What can be said of a trained network in one number, for trends, claims and figures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, log
from statistics import mean

import numpy as np

from designspaces.designs.regnet import LinearFit, fit
from designspaces.populations.population import Population
from designspaces.populations.record import Record


@dataclass(frozen=True)
class Property:
    """A number that each network of some spaces has."""

    name: str  # as a sentence says it
    label: str  # quantity and unit, as an axis says it
    of: Callable[[Record], float]
    logarithmic: bool = False


def _drawn(singular: str, plural: str) -> Callable[[Record], float]:
    """A value drawn once for a network: RegNetX has it so, AnyNetX_C to E once for each stage."""

    def of(record: Record) -> float:
        drawn = record.drawn
        found = {drawn[singular]} if singular in drawn else set(drawn.get(plural, ()))
        if len(found) != 1:
            raise ValueError(
                f"{record.id} has {len(found)} values of {singular}; expected one for all stages"
            )
        return float(found.pop())

    return of


def _step(values: tuple[int, ...]) -> float:
    """By which factor the values change from stage to stage: the geometric mean."""
    return exp(mean(log(after / before) for before, after in pairwise(values)))


def nearest_line(record: Record) -> LinearFit:
    """The quantized line nearest to a network's widths; each line is looked for once."""
    return _fit(tuple(int(width) for width in record.network.block_widths))


@cache
def _fit(block_widths: tuple[int, ...]) -> LinearFit:
    return fit(block_widths)


PROPERTIES = {
    "depth": Property("number of blocks", "blocks", lambda r: float(sum(r.network.depths))),
    "width_step": Property(
        "change of width from stage to stage",
        "width from stage to stage, factor",
        lambda r: _step(r.network.widths),
    ),
    "w_m": Property("w_m", "$w_m$", _drawn("w_m", "w_ms")),
    "bottleneck_ratio": Property(
        "bottleneck ratio",
        "bottleneck ratio $b$",
        _drawn("bottleneck_ratio", "bottleneck_ratios"),
        True,
    ),
    "group_width": Property(
        "group width", "group width $g$, channels", _drawn("group_width", "group_widths"), True
    ),
    "fit_error": Property(
        "distance from a line",
        "distance from a quantized line, %",
        lambda r: nearest_line(r).percent,
    ),
    "params": Property("number of parameters", "parameters", lambda r: float(r.params), True),
    "activations": Property(
        "number of activations", "activations", lambda r: float(r.activations), True
    ),
    "error": Property("validation error", "validation error, %", lambda r: 100 * r.val_error),
}
"""By name. `fit_error` is by how many percent `regnet.fit` misses the widths."""


def values(records: Iterable[Record], name: str) -> np.ndarray:
    """A property of each record; shape (records,).

    Raises ValueError for a property that there is not, and for a network whose stages differ in
    what a space shares.
    """
    if name not in PROPERTIES:
        raise ValueError(f"there is no property {name!r}; expected one of {', '.join(PROPERTIES)}")
    return np.array([PROPERTIES[name].of(record) for record in records])


def from_median(population: Population, spaces: Sequence[str], name: str) -> np.ndarray:
    """A property of the networks of several spaces, counted from the median of their own space.

    So differences between the spaces play no part. Shape (networks,), space by space.
    """
    found = [
        values(records, name) for space in spaces if (records := list(population.space(space)))
    ]
    return np.concatenate([one - np.median(one) for one in found if len(one)] or [[]])
