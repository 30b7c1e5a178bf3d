"""Two populations of anybody's, compared as the book compares its own.

Each space of one side is held against the space of the same name on the other; where both sides
have but one space, these two. Networks of one name that stand at the same places of the sample, as
where a block was changed, are taken as pairs. Errors are in percent, differences in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from designspaces.judging.effects import Effect, Sample, contrast, paired
from designspaces.judging.fidelity import SHARE_OF_SPREAD, margin_of, spread_within
from designspaces.judging.intervals import Interval, decide, simultaneous
from designspaces.judging.properties import values
from designspaces.judging.questions import units_of
from designspaces.judging.ranks import Probability, probability_better
from designspaces.judging.resampling import (
    Difference,
    KolmogorovSmirnov,
    difference,
    kolmogorov_smirnov,
)
from designspaces.judging.shift import LEAST, Shift, shift
from designspaces.judging.statistics import TooFew
from designspaces.populations.checks import (
    by_network,
    check_one_source,
    check_trained_alike,
)
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record
from designspaces.words import interval, listed, signed, some, with_ends, within


@dataclass(frozen=True)
class Compared:
    """What two spaces' networks say of each other: b against a, negative where b is better.

    n: networks; in pairs those that have their partner. errors: theirs, in percent, on each side.
    left_out: the ids of networks of each side that have no partner. interval: of capped means,
    simultaneous over all spaces that have enough networks, for other networks (not other images).
    verdict: what it says of "b is better", equal: of "they are the same". paired: whether the
    networks are pairs. medians, better (the chance that a network of b has the smaller error),
    distance and shift take them as two samples, each by itself, and stand beside it without a
    verdict.
    """

    a: str
    b: str
    n: tuple[int, int]
    errors: tuple[np.ndarray, np.ndarray]
    left_out: tuple[tuple[str, ...], tuple[str, ...]]
    failed: tuple[int, int]
    interval: Interval
    verdict: str
    equal: str
    medians: Difference
    better: Probability
    distance: KolmogorovSmirnov
    shift: Shift
    paired: bool


@dataclass(frozen=True)
class Few:
    """Two spaces with too few networks for a verdict.

    n: networks; in pairs those that have their partner, of so many in all. spreads: standard
    deviations of their errors in points, None of a single network.
    """

    a: str
    b: str
    n: tuple[int, int]
    of: tuple[int, int]
    spreads: tuple[float | None, float | None]


@dataclass(frozen=True)
class Comparison:
    """margin: points below which a difference does not matter, and whether it was given.

    alone: spaces that one side has and the other has not. few: those with too few networks.
    """

    margin: float
    given: bool
    spaces: tuple[Compared, ...]
    alone: tuple[str, ...] = ()
    few: tuple[Few, ...] = ()


def compare(
    a: Population,
    b: Population,
    *,
    margin: float | None = None,
    names: tuple[str, str] = ("the first side", "the second"),
) -> Comparison:
    """Compare two populations; margin: in points, by default the book's share of the spread.

    names: of the sides, for errors.

    Raises PopulationError, naming both, for recipes, samples, data or devices that differ between
    or within the sides, for sides without a space in common, and for a network that is there twice
    on one side or two states of one source; TooFew where no space has twenty networks on both sides
    (one that has fewer gets no verdict), and where no error varies, as between a folder and its
    copy.
    """
    for side in (a, b):
        check_one_source(side)
    pairs = _pairs(a, b)
    of_a = set(map(id, a))
    check_trained_alike([*a, *b], lambda record: f"{record.id} of {names[id(record) not in of_a]}")
    taken = {name for names in pairs for name in names}
    alone = sorted({record.space for record in (*a, *b)} - taken)
    every = [(both, _sides(a.space(both[0]), b.space(both[1]))) for both in pairs]
    few = tuple(
        _count(names, both, (len(a.space(names[0])), len(b.space(names[1]))))
        for names, both in every
        if _smallest(both) < LEAST
    )
    every = [each for each in every if _smallest(each[1]) >= LEAST]
    if not every:
        raise TooFew(f"{'; '.join(map(_tell_few, few))}; a verdict takes {LEAST} on each side")
    pairs, sides = zip(*every, strict=True)
    effects = [_effect(name, *both) for (name, _), both in zip(pairs, sides, strict=True)]
    given = margin is not None
    if margin is None:
        records = [record for both in sides for side in both for record in side]
        labels = [
            f"{k}{side}" for k, both in enumerate(sides) for side in (0, 1) for _ in both[side]
        ]
        margin = margin_of(spread_within(values(records, "error"), labels))
    elif not 0 < margin < inf:
        raise ValueError(f"margin is {margin}; expected a number of points above 0")
    lonely = [
        (_without(a.space(mine), kept[0]), _without(b.space(theirs), kept[1]))
        for (mine, theirs), kept in zip(pairs, sides, strict=True)
    ]
    compared = [
        _compare_spaces(*each, margin)
        for each in zip(pairs, sides, lonely, simultaneous(effects), strict=True)
    ]
    return Comparison(margin, given, tuple(compared), tuple(alone), few)


def _pairs(a: Population, b: Population) -> list[tuple[str, str]]:
    names = [sorted({record.space for record in side}) for side in (a, b)]
    shared = [name for name in names[0] if name in names[1]]
    if shared:
        return [(name, name) for name in shared]
    if len(names[0]) == len(names[1]) == 1:
        return [(names[0][0], names[1][0])]
    raise PopulationError(
        f"no space is on both sides: {', '.join(names[0]) or 'none'} and "
        f"{', '.join(names[1]) or 'none'}; give files of one space each, or of the same spaces"
    )


def _sides(a: Population, b: Population) -> tuple[list[Record], list[Record]]:
    """Both sides' networks; where some are pairs, only these, in one order."""
    mine, theirs = (by_network(side) for side in (a, b))
    if both := sorted(mine.keys() & theirs.keys()):
        return [mine[unit] for unit in both], [theirs[unit] for unit in both]
    return list(mine.values()), list(theirs.values())


def _smallest(both: tuple[list[Record], list[Record]]) -> int:
    return min(map(len, both))


def _count(names: tuple[str, str], both: tuple[list[Record], list[Record]], of) -> Few:
    errors = [values(side, "error") for side in both]
    return Few(*names, tuple(map(len, both)), of, tuple(map(_spread, errors)))


def _spread(errors: np.ndarray) -> float | None:
    return float(errors.std(ddof=1)) if len(errors) > 1 else None


def _without(every: Population, kept: Sequence[Record]) -> tuple[str, ...]:
    ids = {record.id for record in kept}
    return tuple(record.id for record in every if record.id not in ids)


def _effect(name: str, a: list[Record], b: list[Record]) -> Effect:
    units, errors = list(map(units_of, (a, b))), [values(side, "error") for side in (a, b)]
    if units[0] == units[1]:
        return paired(name, units[0], *errors)
    sides = (a[0].space, units[0], errors[0]), (b[0].space, units[1], errors[1])
    return contrast(*(Sample(*side) for side in sides), name)


def _compare_spaces(names, both, lonely, interval: Interval, margin: float) -> Compared:
    errors = tuple(values(side, "error") for side in both)
    return Compared(
        *names,
        tuple(map(len, errors)),
        errors,
        lonely,
        tuple(Population(side).diverged + Population(side).astray for side in both),
        interval,
        *(decide(expects, interval.low, interval.high, margin) for expects in ("better", "same")),
        difference(*errors, statistic=np.median, margin=margin),
        probability_better(*errors),
        kolmogorov_smirnov(*errors),
        shift(*errors),
        units_of(both[0]) == units_of(both[1]),
    )


def lines(comparison: Comparison) -> Sequence[str]:
    """The comparison as a terminal shows it, errors in percent and differences in points."""
    source = "as given" if comparison.given else f"{SHARE_OF_SPREAD} of the spread within the sides"
    said = [f"margin {comparison.margin:.2f} points ({source}); negative: the second is better"]
    if comparison.alone:
        said.append(f"left out, on one side alone: {', '.join(comparison.alone)}")
    said += [f"{_tell_few(few)}; too few for a verdict" for few in comparison.few]
    for found in comparison.spaces:
        ends, medians, better = found.interval, found.medians, found.better
        title = _title(found)
        said += [
            f"{title}: the second is better: {found.verdict}; they are the same: {found.equal}",
            f"    {'pairs of ' * found.paired}networks {found.n[0]} and {found.n[1]}, astray or "
            "diverged "
            f"{found.failed[0]} and {found.failed[1]}",
            *(
                f"    left out of the {side}, without a partner: {len(ids)} ({some(ids, 20)})"
                for side, ids in zip(("first", "second"), found.left_out, strict=True)
                if ids
            ),
            f"    capped means {signed(ends.effect.value, 2)} ({interval(ends.low, ends.high)}, "
            f"with the others at once; alone {interval(*ends.alone)})",
            f"    medians {with_ends(medians.value, medians.low, medians.high)}",
            "    chance that one of the second is better "
            f"{within(better.value, better.low, better.high)}",
            f"    Kolmogorov-Smirnov {found.distance.distance:.2f}, p {found.distance.p:.4f}",
        ]
    return said


def _tell_few(few: Few) -> str:
    of = f" with a partner, of {listed(few.of)}" if few.of != few.n else ""
    told = f"{_title(few)}: {listed(few.n)} networks{of}"
    if None in few.spreads:
        return told
    return f"{told}, spreads {listed(f'{spread:.2f}' for spread in few.spreads)} points"


def _title(found: Compared | Few) -> str:
    return found.a if found.a == found.b else f"{found.a} to {found.b}"
