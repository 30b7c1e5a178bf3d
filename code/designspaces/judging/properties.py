"""What can be said of a trained network in one number, for trends, claims and figures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, log
from statistics import mean
from typing import Any

import numpy as np

from designspaces.designs.regnet import COARSE_GRIDS, LinearFit, fit
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


def _with(record: Record, *names: str) -> Any:
    """The network, which has these attributes. Raises ValueError where its kind lacks one."""
    network = record.network
    for name in names:
        if not hasattr(network, name):
            kind = record.architecture.get("kind", type(network).__name__)
            raise ValueError(f"{record.id} is a network of the kind {kind!r}, which has no {name}")
    return network


def shorter_half(depths: Sequence[int]) -> np.ndarray:
    """Which networks have at most the median number of blocks, shape (networks,)."""
    return np.asarray(depths) <= np.median(depths)


def nearest_line(record: Record) -> LinearFit:
    """The quantized line nearest to a network's widths; each line is looked for once.

    Of any network that has depths and widths. Lines rise; the widths of one that says
    `line_may_fall` are read backwards where they are nearer to a line then.
    """
    network = _with(record, "depths", "widths")
    block_widths = tuple(np.repeat(network.widths, network.depths).tolist())
    return _fit(block_widths, getattr(network, "line_may_fall", False))


@cache
def _fit(block_widths: tuple[int, ...], may_fall: bool = False) -> LinearFit:
    if may_fall:  # coarse lines tell which way, in a twentieth of the time
        ways = block_widths, block_widths[::-1]
        block_widths = min(ways, key=lambda widths: fit(widths, **COARSE_GRIDS).error)
    return fit(block_widths)


PROPERTIES = {
    "depth": Property(
        "number of blocks", "blocks", lambda r: float(sum(_with(r, "depths").depths))
    ),
    "width_step": Property(
        "change of width from stage to stage",
        "width from stage to stage, factor",
        lambda r: _step(_with(r, "widths").widths),
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

    name: one of `PROPERTIES`, or a setting of a network of one's own that is a number; True counts
    1. Raises ValueError for a property that a network has not, and for a network whose stages
    differ in what a space shares.
    """
    of = PROPERTIES[name].of if name in PROPERTIES else _setting(name)
    return np.array([of(record) for record in records])


def _setting(name: str) -> Callable[[Record], float]:
    def of(record: Record) -> float:
        numbers = {key: v for key, v in record.architecture.items() if isinstance(v, int | float)}
        if record.origin is None or name not in numbers:
            own = [] if record.origin is None else numbers
            raise ValueError(
                f"{record.id} has no property {name!r}; expected one of "
                f"{', '.join([*PROPERTIES, *own])}"
            )
        return float(numbers[name])

    return of


def spoken(name: str) -> str:
    """A property as a sentence says it; a setting by its own name."""
    return PROPERTIES[name].name if name in PROPERTIES else name


def from_median(population: Population, spaces: Sequence[str], name: str) -> np.ndarray:
    """A property of the networks of several spaces, counted from the median of their own space.

    So differences between the spaces play no part. Shape (networks,), space by space.
    """
    found = [
        values(records, name) for space in spaces if (records := list(population.space(space)))
    ]
    return np.concatenate([one - np.median(one) for one in found if len(one)] or [[]])
