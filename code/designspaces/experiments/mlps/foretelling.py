"""Foretell the errors of large MLPs from small ones, and judge that by the large ones' errors.

What is foretold takes trained small networks and untrained large ones, so that no large error can
have a part in it; `write_down` keeps it before the large ones are trained.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from designspaces.experiments.mlps.block import MLP
from designspaces.files import atomic
from designspaces.judging.effects import LEAST, Effect, capped, satterthwaite, slope, varying
from designspaces.judging.images import mistakes_of, with_images
from designspaces.judging.properties import values
from designspaces.judging.questions import Question, units_of
from designspaces.judging.ranks import rank
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record
from designspaces.spaces.draw import Draw

QUARTER = 0.25
TIE = 1e-4
"""Points by which what was written may differ from what is foretold now: the last digits do."""


def known(networks: Sequence[MLP]) -> np.ndarray:
    """What is known of MLPs without training, whatever their size: shape (networks, 8).

    A constant; the logarithm of the number of blocks and of the last width over the first, and
    their squares; the logarithm of the expansion; shortcuts, alone and by the depth.
    """
    depth = np.log([sum(network.depths) for network in networks])
    rise = np.log([network.widths[-1] / network.widths[0] for network in networks])
    expansion = np.log([network.expansion for network in networks])
    residual = np.array([network.residual for network in networks], float)
    one = np.ones(len(networks))
    columns = [one, depth, depth**2, rise, rise**2, expansion, residual, residual * depth]
    return np.column_stack(columns)


def foretell(small_records: Sequence[Record], large_networks: Sequence[MLP]) -> np.ndarray:
    """The error of each large network in percent, from the small ones': shape (networks,).

    Least squares of the small ones' capped errors on what is `known`. Right is at best the order,
    since large networks are better. Raises TooFew for fewer than 10 + 8 small networks, and
    ValueError for large ones that are records, which know their errors, or that cost no more than
    the dearest of the small.
    """
    small, large = list(small_records), list(large_networks)
    if wrong := [network for network in large if not isinstance(network, MLP)]:
        raise ValueError(
            f"a large network is a {type(wrong[0]).__name__}; expected an MLP, which knows no error"
        )
    design = known([record.network for record in small]) if small else np.empty((0, 8))
    if len(small) < LEAST + design.shape[1]:
        raise TooFew(f"{len(small)} small networks; this takes {LEAST + design.shape[1]}")
    dearest = max(record.flops for record in small)
    cheapest = min((network.cost(network.resolution).flops for network in large), default=np.inf)
    if cheapest <= dearest:
        raise ValueError(
            f"small networks have up to {dearest:,} multiply-adds and a large one {cheapest:,}; "
            "expected large ones to cost more: what is foretold must not stand on their own errors"
        )
    errors = capped([100 * record.val_error for record in small])
    coefficients, *_ = np.linalg.lstsq(design, errors, rcond=None)
    return known(large) @ coefficients if large else np.empty(0)


def write_down(small_records: Sequence[Record], draws: Sequence[Draw], path: Path) -> None:
    """Write what is foretold of drawn networks to a JSON file: the error in percent by index.

    Commit it before the first of them is trained. Raises ValueError as `foretell`, and where the
    file is there: what was foretold once stays.
    """
    if path.exists():
        raise ValueError(f"{path} is there; expected a new file, for nothing is foretold twice")
    foretold = foretell(small_records, [draw.architecture for draw in draws])
    content = {
        "small": [record.id for record in small_records],
        "foretold": {
            draw.index: round(error, 6)
            for draw, error in zip(draws, foretold.tolist(), strict=True)
        },
    }
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_down(
    path: Path, small_records: Sequence[Record], large_records: Sequence[Record]
) -> np.ndarray:
    """What was written down of large networks: the error in percent of each, shape (networks,).

    Raises PopulationError where there is no file, where it stands on other small records or lacks a
    large network, and where the same small records foretell something else now.
    """
    if not path.exists():
        raise PopulationError(
            f"there is no {path}; what small networks foretell is written before the large are "
            "trained (foretelling.write_down)"
        )
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["small"] != [record.id for record in small_records]:
        raise PopulationError(f"{path} was foretold by other small networks than those recorded")
    foretold = content["foretold"]
    if missing := [r.id for r in large_records if str(r.index) not in foretold]:
        raise PopulationError(f"{path} foretells nothing of {missing[0]}")
    written = np.array([foretold[str(record.index)] for record in large_records])
    now = foretell(small_records, [record.network for record in large_records])
    apart = float(np.max(np.abs(written - now), initial=0))
    if apart > TIE:
        raise PopulationError(
            f"{path} is no longer what the small networks foretell: {apart:.4f} points apart"
        )
    return written


@dataclass(frozen=True, kw_only=True)
class _Foretold(Question):
    """About the networks of a space as those of another, a smaller one, foretell them.

    written: the file of `write_down`, whose numbers are then judged; else what is foretold now.
    Raises PopulationError as `read_down`.
    """

    small: str
    large: str
    written: Path | None = None

    @property
    def populations(self) -> tuple[str, ...]:
        return (self.small, self.large)

    def _foretold(self, evidence: Population) -> tuple[list[Record], np.ndarray]:
        records = list(evidence.space(self.large))
        small = list(evidence.space(self.small))
        if self.written is not None:
            return records, read_down(self.written, small, records)
        return records, foretell(small, [record.network for record in records])


@dataclass(frozen=True, kw_only=True)
class BestQuarter(_Foretold):
    """The mean error of the quarter foretold to be best less that of the others.

    Given the small networks: the interval is over large ones and, where a plan says so, images.
    """

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        records, foretold = self._foretold(evidence)
        return below_the_cut(self.id, units_of(records), foretold, values(records, "error"))

    def over_images(self, effect: Effect, evidence: Population) -> Effect:
        records, foretold = self._foretold(evidence)
        mistakes, best = mistakes_of(records), lowest_quarter(foretold)
        return with_images(effect, mistakes[~best], mistakes[best])


@dataclass(frozen=True, kw_only=True)
class RankAgreement(_Foretold):
    """The rank correlation of foretold and measured errors, as the slope of ranks on ranks."""

    def measure(self, evidence: Population, *, calibrated: bool = False) -> Effect:
        records, foretold = self._foretold(evidence)
        return rank_slope(self.id, units_of(records), foretold, values(records, "error"))


def lowest_quarter(foretold: np.ndarray) -> np.ndarray:
    """Which quarter, rounded down, is foretold to be best: bools; of equals the first."""
    best = np.zeros(len(foretold), bool)
    best[np.argsort(foretold, kind="stable")[: int(QUARTER * len(foretold))]] = True
    return best


def below_the_cut(
    name: str, units: Sequence[Hashable], foretold: np.ndarray, errors: np.ndarray
) -> Effect:
    """The mean capped error of the lowest foretold quarter less that of the others.

    Where the cut lies is estimated too, and moves networks from one side to the other: so errors
    count from the one to be expected at the cut, the mean of the fifth of networks around it.
    Raises TooFew for fewer than four times `LEAST` networks, where all are foretold the same, and
    where the errors do not vary.
    """
    n, errors = len(units), capped(errors)
    if n < LEAST / QUARTER:
        raise TooFew(f"{name} has {n} networks; this takes at least {LEAST / QUARTER:.0f}")
    if np.ptp(foretold) == 0:
        raise TooFew(f"{name}: all {n} networks are foretold the same error")
    best = lowest_quarter(foretold)
    share, cut, around = best.mean(), best.sum(), n // 10
    at_cut = errors[np.argsort(foretold, kind="stable")[cut - around : cut + around]].mean()
    parts = (errors - at_cut) * np.where(best, 1 / share, -1 / (1 - share))
    value = float(parts.mean())
    influence = (parts - value) / np.sqrt(n * (n - 1))
    sides = (int(cut), int(n - cut))
    parts = ((float((influence[side] ** 2).sum()), side.sum() - 1) for side in (best, ~best))
    named = dict(zip(units, influence.tolist(), strict=True))
    return varying(Effect(name, value, named, sides, satterthwaite(*parts)))


def rank_slope(
    name: str, units: Sequence[Hashable], foretold: np.ndarray, errors: np.ndarray
) -> Effect:
    """By how many ranks the capped error rises a rank foretold: Spearman's correlation."""
    x, y = (rank(each) / len(units) for each in (foretold, capped(errors)))
    return slope(name, units, y, x)
