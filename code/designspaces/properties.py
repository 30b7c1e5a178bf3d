"""What can be said of a trained network in one number, for trends, claims and figures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, log
from statistics import mean

import numpy as np

from designspaces.population import Record
from designspaces.regnet import fit


@dataclass(frozen=True)
class Property:
    """A number that each network of some spaces has."""

    label: str  # quantity and unit, as an axis says it
    of: Callable[[Record], float]
    logarithmic: bool = False


def _shared(plural: str) -> Callable[[Record], float]:
    """A drawn value that all stages share; RegNetX draws it once, AnyNetX_C to E once a stage."""

    def of(record: Record) -> float:
        drawn = record.drawn
        values = {drawn[plural[:-1]]} if plural[:-1] in drawn else set(drawn[plural])
        if len(values) != 1:
            raise ValueError(f"the stages of {record.id} differ in {plural}; expected one value")
        return float(values.pop())

    return of


def _step(values: tuple[int, ...]) -> float:
    """By which factor the values change from stage to stage: the geometric mean."""
    return exp(mean(log(after / before) for before, after in pairwise(values)))


@cache
def _fit_error(block_widths: tuple[int, ...]) -> float:
    return fit(block_widths).error


PROPERTIES = {
    "depth": Property("blocks", lambda r: float(sum(r.network.depths))),
    "width_step": Property(
        "width from stage to stage, factor", lambda r: _step(r.network.widths), True
    ),
    "w_m": Property("$w_m$", lambda r: float(r.drawn["w_m"])),
    "bottleneck_ratio": Property("bottleneck ratio $b$", _shared("bottleneck_ratios"), True),
    "group_width": Property("group width $g$, channels", _shared("group_widths"), True),
    "fit_error": Property(
        "distance from a quantized line, nats",
        lambda r: _fit_error(tuple(int(width) for width in r.network.block_widths)),
    ),
    "params": Property("parameters", lambda r: float(r.params), True),
    "activations": Property("activations", lambda r: float(r.activations), True),
    "error": Property("validation error, %", lambda r: 100 * r.val_error),
}
"""By name. `fit_error` is the mean |log(predicted width / width)| of `regnet.fit`."""


def values(records: Iterable[Record], name: str) -> np.ndarray:
    """A property of each record; shape (records,).

    Raises ValueError for a property that there is not, and for a network whose stages differ in
    what a space shares.
    """
    if name not in PROPERTIES:
        raise ValueError(f"there is no property {name!r}; expected one of {', '.join(PROPERTIES)}")
    return np.array([PROPERTIES[name].of(record) for record in records])
