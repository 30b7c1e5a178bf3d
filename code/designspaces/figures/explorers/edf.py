"""The EDF explorer: every step of a curve is a trained network that can be asked what it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from designspaces.figures.canvas import ACCENT, Picture
from designspaces.figures.explorers import edf_rows
from designspaces.figures.explorers.edf_contrasts import (
    curve_key,
    of_answers,
    of_findings,
)
from designspaces.figures.explorers.frame import Explorer, table_head
from designspaces.figures.explorers.records import FIRST, SECOND, sort_out
from designspaces.figures.populations import edf_panels, short_name
from designspaces.figures.styles import styles_of
from designspaces.judging import plan as plans
from designspaces.judging import study as answering
from designspaces.judging.claims import Finding
from designspaces.populations.checks import by_network
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.words import counted, number

ROWS = 100
"""Networks of the first study's curves that the table lists, the best; the recorded files have
all."""

FEW_ROWS = 20
"""The same of other curves, for there are many on a page."""

_EXPERIMENT = "experiment"
SECOND_WIDTH = 1.8
"""How much wider than the first study's curve of the same hue the second's is."""


@dataclass(frozen=True)
class _Curve:
    """A space of a study with its whole records, the best first.

    there, planned: networks that are trained, and how many are to be before they are drawn.
    """

    space: str
    study: str
    records: Sequence[Record]
    there: int = 0
    planned: int = 0

    @property
    def key(self) -> str:
        return curve_key(self.space, self.study)

    @property
    def rows(self) -> int:
        """How many of its networks the table lists."""
        return ROWS if self.study == FIRST else FEW_ROWS

    @property
    def grows(self) -> bool:
        return self.there < self.planned

    @property
    def still(self) -> str:
        """Why there are none to be drawn, though some may be trained."""
        if self.grows:
            return f"{self.there} of {self.planned} networks; drawn when all are trained"
        return "no networks yet"

    @property
    def errors(self) -> np.ndarray:
        return np.array([100 * record.val_error for record in self.records])


def edf_explorer(
    picture: Picture,
    population: Population,
    spaces: Sequence[str],
    key: str,
    findings: Mapping[str, Finding] | None = None,
    *,
    shown: Sequence[str] | None = None,
    mine: Sequence[float] = (),
    second: Population | None = None,
) -> Explorer:
    """The EDFs of these spaces, to be asked network by network, around their still `picture`.

    population: the first study's networks. key: names the explorer in the page's address, as in
    "#edf-ordered?network=AnyNetX_C/0/12/12"; one of its own for each explorer of a page. findings:
    what `claims.evaluate` says; contrasts among the spaces are told as they stand there.
    shown: the curves drawn at first; all unless given. mine: validation errors of a reader's own
    networks, fractions. second: the second study's networks; what is recorded unless given. A space
    of it is drawn when it has as many networks as planned; while none has, one line tells how many
    there are.

    A record that lacks a field is left out and named. Raises ValueError for a bad key or for spaces
    that do not fit together, PopulationError for records of several recipes.
    """
    shown = tuple(spaces if shown is None else shown)
    _check_key(key)
    if not spaces or len(set(spaces)) < len(spaces) or not set(shown) <= set(spaces) or not shown:
        raise ValueError(
            f"spaces is {list(spaces)} and shown {list(shown)}; expected different spaces, and "
            "some of them to be shown"
        )
    second = plans.evidence() if second is None else second
    first, left_out = _curves(population, {}, spaces, FIRST)
    others, also_left_out = _curves(second, plans.SECOND.n, spaces, SECOND)
    waiting = _waiting(others)
    others = [one for one in others if one.there and not waiting]
    if not any(one.records for one in first) and others:
        first = []
    curves, left_out = [*first, *others], [*left_out, *also_left_out]
    contrasts = [
        *of_findings((findings or {}).values(), spaces),
        *of_answers(second, plans.SECOND, spaces, SECOND),
    ]
    return _explorer(picture, curves, left_out, contrasts, key, shown, mine, waiting=waiting)


def explore(
    evidence: Population,
    planned: Mapping[str, int],
    key: str,
    *,
    plan: answering.Plan | None = None,
) -> Explorer | Picture:
    """The EDFs of an experiment's spaces, of whatever kind their networks are.

    planned: networks by space, which is drawn when all are there. plan: whose answers are told.

    Else as `edf_explorer`. Where no space is complete, a picture with the counts.
    """
    _check_key(key)
    spaces = list(planned)
    curves, left_out = _curves(evidence, planned, spaces, _EXPERIMENT)
    there = Population(record for one in curves for record in one.records)
    if not len(there):
        counts = (f"{space} {len(evidence.space(space))} of {n}" for space, n in planned.items())
        told = f"No curves yet. Networks that are trained: {', '.join(counts)}."
        return Picture((), told, note=told)
    whole = [one.space for one in curves if one.records]
    title = f"{counted(len(there), 'network')} of {counted(len(whole), 'space')}"
    still = edf_panels(there, {title: whole}, key)
    contrasts = of_answers(evidence, plan, spaces, _EXPERIMENT)
    return _explorer(still, curves, left_out, contrasts, key, spaces)


def _waiting(curves: Sequence[_Curve]) -> str:
    """One line in place of a study's curves where all of them still grow, else nothing."""
    planned = [one for one in curves if one.planned]
    if not any(one.there for one in planned) or not all(one.grows for one in planned):
        return ""
    there, n = (_range(getattr(one, name) for one in planned) for name in ("there", "planned"))
    return (
        f"The {planned[0].study}: {there} of {n} networks a space so far; drawn when all are "
        "trained."
    )


def _range(counts: Iterable[int]) -> str:
    """ "94", or "51 to 94" where they differ."""
    ordered = sorted(set(counts))
    return " to ".join(map(str, dict.fromkeys((ordered[0], ordered[-1]))))


def _check_key(key: str) -> None:
    if not re.fullmatch("[a-z][a-z0-9-]*", key):
        raise ValueError(f"key is {key!r}; expected small letters, digits and hyphens")


def _explorer(
    picture: Picture,
    curves: Sequence[_Curve],
    left_out: Sequence[str],
    contrasts: Sequence[dict[str, Any]],
    key: str,
    shown: Sequence[str],
    mine: Sequence[float] = (),
    waiting: str = "",
) -> Explorer:
    hows: dict[str, tuple[int, dict[str, Any]]] = {}
    rows = [_row(record, hows) for one in curves for record in one.records]
    of_both = len({one.study for one in curves}) > 1
    begins = curves[0].study
    styles = styles_of(list(dict.fromkeys(one.space for one in curves)))
    data = {
        "key": key,
        "fields": edf_rows.FIELDS,
        "curves": [
            _curve(one, styles[one.space], shown if one.study == begins else (), of_both)
            for one in curves
        ],
        # by columns, for values that are alike pack well: a fifth less to load than by rows
        "columns": [list(column) for column in zip(*rows, strict=True)],
        "hows": [how for _, how in hows.values()],
        "contrasts": list(contrasts),
        "mine": [round(100 * error, 4) for error in mine],
        "accent": ACCENT,
        "left_out": list(left_out),
        "waiting": waiting,
    }
    return Explorer("edf", picture, data, _table(curves, styles, left_out))


def _curves(
    population: Population, planned: Mapping[str, int], spaces: Sequence[str], study: str
) -> tuple[list[_Curve], list[str]]:
    """A curve a space, of as many networks as planned, and what is wrong with records left out.

    There is nothing to look at before a space is complete: whoever looks again and again while a
    population grows sees, sooner or later, whatever there is to be seen by chance.
    """
    by_network(population)  # one that was trained twice would count as two
    whole, left_out = _sort_out(record for record in population if record.space in spaces)
    curves = []
    for space in spaces:
        there, n = len(population.space(space)), planned.get(space, 0)
        if there < n:
            curves.append(_Curve(space, study, [], there, n))
        else:
            best_first = sorted(whole.space(space), key=lambda record: record.val_error)
            curves.append(_Curve(space, study, best_first, there, n))
    return curves, left_out


def _sort_out(records: Iterable[Record]) -> tuple[Population, list[str]]:
    """The whole records, and of each other one what is wrong with it."""
    whole, left_out = sort_out(
        records, edf_rows.NEEDED, lambda one: (edf_rows.row(one, 0), one.trained_by)
    )
    population = Population(whole)
    population.check_one_recipe()
    return population, left_out


def _row(record: Record, hows: dict[str, tuple[int, dict[str, Any]]]) -> list[Any]:
    """A network as the script reads it; what it shares with others is added to `hows` once."""
    how = edf_rows.how(record)
    place, _ = hows.setdefault(json.dumps(how, sort_keys=True), (len(hows), how))
    return edf_rows.row(record, place)


def _curve(
    curve: _Curve, style: Mapping[str, Any], shown: Sequence[str], of_both: bool
) -> dict[str, Any]:
    """What the script needs to draw it; of_both: whether its name must say which study's it is."""
    second = of_both and curve.study == SECOND
    width = style["lw"] * (SECOND_WIDTH if second else 1)
    on_off = () if style["ls"] == "-" else style["ls"][1]
    return {
        "space": curve.space,
        "key": curve.key,
        "study": curve.study,
        "name": short_name(curve.space) + ", second" * second,
        "color": style["color"],
        "width": round(width, 2),
        "dash": " ".join(f"{width * length:g}" for length in on_off),
        "shown": curve.space in shown,
        "still": curve.still,
        "n": len(curve.records),
    }


def _table(curves: Sequence[_Curve], styles: Mapping[str, dict], left_out: Sequence[str]) -> str:
    """The curves in five numbers each, and below them their networks, a row each."""
    heads = ("space", "networks", "best", "lower quarter", "median", "upper quarter", "worst")
    body = "".join(
        f'<tr><th scope="row" class="of" style="--hue:{styles[curve.space]["color"]}">'
        f"{_named(curve)}</th><td>{len(curve.records)}"
        + "".join(
            f"<td>{number(value)}"
            for value in (np.quantile(curve.errors, np.linspace(0, 1, 5)) if curve.records else ())
        )
        for curve in curves
        if curve.records or curve.study != SECOND
    )
    missing = "".join(f"<li>{escape(one)}</li>" for one in left_out)
    return (
        '<div class="edf-rows" tabindex="0" role="group" aria-label="Curves and their networks">'
        f"<table><caption>Validation errors, %</caption>{table_head(heads)}"
        f"<tbody>{body}</tbody></table>"
        + (f"<p>Left out, since the record is not whole:</p><ul>{missing}</ul>" if missing else "")
        + "".join(
            edf_rows.networks_table(one.records, one.rows, _named(one))
            for one in curves
            if one.records
        )
        + "</div>"
    )


def _named(curve: _Curve) -> str:
    return escape(curve.space) + (", second study" if curve.study == SECOND else "")
