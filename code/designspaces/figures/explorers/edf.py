"""The EDF explorer: every step of a curve is a trained network that can be asked what it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any

import numpy as np

from designspaces.figures.canvas import ACCENT, Picture
from designspaces.figures.explorers.frame import Explorer
from designspaces.figures.explorers.records import STUDIES, sort_out
from designspaces.figures.populations import short_name, style_of
from designspaces.judging import plan as plans
from designspaces.judging import study as answering
from designspaces.judging.claims import Finding
from designspaces.judging.properties import nearest_line
from designspaces.judging.questions import Means
from designspaces.judging.telling import table as tell
from designspaces.judging.verdicts import Contrast
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.populations.study import SAMPLE_SEED
from designspaces.words import number

FIELDS = (
    *("how", "index", "seed", "error_percent", "diverged", "seconds"),
    *("params", "flops", "activations", "digest", "depths", "widths"),
    *("group_widths", "bottleneck_ratios", "drawn_group_widths", "nearest_line"),
)
"""What the data say of each network, in this order. A list has one value a stage, a single number
is that of all stages. nearest_line: w_0, w_a, w_m and by how many percent the widths miss it."""

ROWS = 100
"""Networks of a curve that the table lists, the best; the recorded files have all."""

FIRST, SECOND = STUDIES
SECOND_WIDTH = 1.8
"""How much wider than the first study's curve of the same hue the second's is."""

NEEDED = ("index", "seed", "val_error", "seconds", "params", "flops", "activations", "device")


@dataclass(frozen=True)
class _Curve:
    """A space of a study with its whole records, the best first.

    still: why there are none to be drawn, though some may be trained.
    """

    space: str
    study: str
    records: Sequence[Record]
    still: str = "no networks yet"

    @property
    def key(self) -> str:
        """Names it in an address, where the first study's stand as they always did."""
        return f"{self.space}/{SAMPLE_SEED}" if self.study == SECOND else self.space

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
    plan: answering.Plan | None = None,
) -> Explorer:
    """The EDFs of these spaces, to be asked network by network, around their still `picture`.

    population: the first study's networks. key: names the explorer in the page's address, as in
    "#edf-ordered?network=AnyNetX_C/0/12/12"; one of its own for each explorer of a page. findings:
    what `claims.evaluate` says; contrasts among the spaces are told as they stand there.
    shown: the curves drawn at first; all unless given. mine: validation errors of a reader's own
    networks, fractions. second: the second study's networks, and its plan; what is recorded and
    signed unless given. A space of it is drawn when it has as many networks as planned.

    A record that lacks a field is left out and named. Raises ValueError for a bad key or for spaces
    that do not fit together, PopulationError for records of several recipes.
    """
    shown = tuple(spaces if shown is None else shown)
    if not re.fullmatch("[a-z][a-z0-9-]*", key):
        raise ValueError(f"key is {key!r}; expected small letters, digits and hyphens")
    if not spaces or len(set(spaces)) < len(spaces) or not set(shown) <= set(spaces) or not shown:
        raise ValueError(
            f"spaces is {list(spaces)} and shown {list(shown)}; expected different spaces, and "
            "some of them to be shown"
        )
    second, plan = plans.evidence() if second is None else second, plan or plans.SECOND
    first, left_out = _first_curves(population, spaces)
    others, also_left_out = _second_curves(second, plan, spaces)
    if not any(one.records for one in first) and others:
        first = []
    curves, left_out = [*first, *others], [*left_out, *also_left_out]
    hows: dict[str, dict[str, Any]] = {}
    of_both = len({one.study for one in curves}) > 1
    begins = curves[0].study
    data = {
        "key": key,
        "fields": FIELDS,
        "curves": [
            _curve(one, one.study == begins and one.space in shown, of_both, hows) for one in curves
        ],
        "hows": list(hows.values()),
        "contrasts": [
            *_contrasts((findings or {}).values(), spaces),
            *_answers(second, plan, spaces),
        ],
        "mine": [round(100 * error, 4) for error in mine],
        "accent": ACCENT,
        "left_out": left_out,
    }
    return Explorer("edf", picture, data, _table(curves, left_out))


def _first_curves(population: Population, spaces: Sequence[str]) -> tuple[list[_Curve], list[str]]:
    """A curve a space, and what is wrong with the records that are left out."""
    whole, left_out = _sort_out(record for record in population if record.space in spaces)
    return [_Curve(space, FIRST, _best_first(whole, space)) for space in spaces], left_out


def _second_curves(
    population: Population, plan: answering.Plan | None, spaces: Sequence[str]
) -> tuple[list[_Curve], list[str]]:
    """The same of the second study, for spaces of which it has any.

    There is nothing to look at before a space is complete: whoever looks again and again while a
    population grows sees, sooner or later, whatever there is to be seen by chance.
    """
    whole, left_out = _sort_out(record for record in population if record.space in spaces)
    planned, curves = plan.n if plan else plans.N, []
    for space in spaces:
        there, n = len(population.space(space)), planned.get(space, 0)
        if 0 < there < n:
            still = f"{there} of {n} networks; drawn when all are trained"
            curves.append(_Curve(space, SECOND, [], still))
        elif there:
            curves.append(_Curve(space, SECOND, _best_first(whole, space)))
    return curves, left_out


def _best_first(population: Population, space: str) -> list[Record]:
    return sorted(population.space(space), key=lambda record: record.val_error)


def _sort_out(records: Iterable[Record]) -> tuple[Population, list[str]]:
    """The whole records, and of each other one what is wrong with it."""
    whole, left_out = sort_out(records, NEEDED, lambda one: (_row(one, 0), one.trained_by))
    population = Population(whole)
    population.check_one_recipe()
    return population, left_out


def _curve(
    curve: _Curve, shown: bool, of_both: bool, hows: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """What the script needs to draw it; of_both: whether its name must say which study's it is."""
    style = style_of(curve.space)
    width = style["lw"] * (SECOND_WIDTH if of_both and curve.study == SECOND else 1)
    on_off = () if style["ls"] == "-" else style["ls"][1]
    rows = []
    for record in curve.records:
        how = _how(record)
        text = json.dumps(how, sort_keys=True)
        hows.setdefault(text, how)
        rows.append(_row(record, list(hows).index(text)))
    return {
        "space": curve.space,
        "key": curve.key,
        "study": curve.study,
        "name": short_name(curve.space) + (", second" if of_both and curve.study == SECOND else ""),
        "color": style["color"],
        "width": round(width, 2),
        "dash": " ".join(f"{width * length:g}" for length in on_off),
        "shown": shown,
        "still": curve.still,
        "rows": rows,
    }


def _how(record: Record) -> dict[str, Any]:
    """What many networks share: the sample, how they were trained, and their frame."""
    network = record.network
    frame = {"stem_width": network.stem_width, "stem_stride": network.stem_stride}
    if set(network.strides) != {2}:
        frame = {"strides": list(network.strides)} | frame
    if network.se_ratio:
        frame["se_ratio"] = network.se_ratio
    if network.block != "x":
        frame["block"] = network.block
    return {
        "sample_seed": record.sample_seed,
        "recipe": record.recipe,
        "device": record.device,
        "commit": record.commit,
        "modified": record.modified,
        "recipe_told": _tell_recipe(record.recipe),
        "body": frame,
        "frame": "".join(f", {name}={value!r}" for name, value in frame.items()),
    }


def _tell_recipe(recipe: Mapping[str, Any]) -> str:
    told = (
        f"{name.replace('_', ' ')} {_tell(value)}"
        for name, value in recipe.items()
        if name != "name" and value is not None
    )
    return f"Recipe “{recipe['name']}”: {', '.join(told)}."


def _tell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _row(record: Record, how: int) -> list[Any]:
    """A network as `FIELDS` lists it."""
    network, line = record.network, nearest_line(record)
    drawn = record.drawn.get("group_width", record.drawn.get("group_widths"))
    return [
        how,
        record.index,
        record.seed,
        _plain(100 * record.val_error, 4),
        int(record.status == "diverged"),
        _plain(record.seconds, 1),
        record.params,
        record.flops,
        record.activations,
        json.loads(record.to_line())["digest"],
        list(network.depths),
        list(network.widths),
        _shared(network.group_widths),
        _shared(network.bottleneck_ratios),
        _shared(network.group_widths if drawn is None else np.atleast_1d(drawn).tolist()),
        [line.w_0, _plain(line.w_a, 1), line.w_m, _plain(line.percent, 1)],
    ]


def _shared(values: Sequence[float]) -> float | list[float]:
    return values[0] if len(set(values)) == 1 else list(values)


def _plain(value: float, digits: int) -> float:
    """Rounded; a whole number without its point, which JSON would spell."""
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def _contrasts(findings: Iterable[Finding], spaces: Sequence[str]) -> list[dict[str, Any]]:
    """The claims that compare two of the spaces, in the words of the table of claims."""
    found = []
    for finding in findings:
        rule, estimate = finding.claim.rule, finding.estimate
        if type(rule) is Contrast and {rule.a, rule.b} <= set(spaces):
            (row,) = tell([finding])
            numbers = {} if estimate is None else asdict(estimate)
            numbers = {name: numbers.get(name) for name in ("value", "low", "high", "margin")}
            row = {name: row[name] for name in ("claim", "here", "verdict")}
            kind = {"family": finding.claim.family, "study": FIRST}
            told = {"of": "medians", "ends": "95% interval"}
            found.append({"a": rule.a, "b": rule.b} | kind | told | row | numbers)
    return found


def _answers(
    population: Population, plan: answering.Plan | None, spaces: Sequence[str]
) -> list[dict[str, Any]]:
    """The answers that compare two of the spaces, in the words of the second study's table."""
    if plan is None or not len(population):
        return []
    families = [
        family for family in plan.families if any(_compares(q, spaces) for q in family.questions)
    ]
    found = []
    answers = answering.evaluate(population, replace(plan, families=tuple(families)))
    for name, answer in answers.items():
        if not _compares(answer.question, spaces):
            continue
        (row,) = answering.table({name: answer})
        ends = answer.interval
        numbers = {"value": None, "low": None, "high": None, "margin": plan.margin}
        if ends is not None:
            numbers |= {"value": ends.effect.value, "low": ends.low, "high": ends.high}
        at_once = "95% interval, with the others of its family at once"
        found.append(
            {
                "a": f"{answer.question.a}/{SAMPLE_SEED}",
                "b": f"{answer.question.b}/{SAMPLE_SEED}",
                "family": answer.family.name,
                "study": SECOND,
                "of": "capped means",
                "ends": at_once if answer.family.simultaneous else "95% interval",
                "claim": row["claim"],
                "here": f"{row['number']}; {row['networks']} networks" if ends else row["number"],
                "verdict": row["verdict"],
            }
            | numbers
        )
    return found


def _compares(question: Any, spaces: Sequence[str]) -> bool:
    """Whether a question is about two of the spaces as they are, no strata, no pairs."""
    return type(question) is Means and {question.a, question.b} <= set(spaces)


def _table(curves: Sequence[_Curve], left_out: Sequence[str]) -> str:
    """The curves in five numbers each, and below them their networks, a row each."""
    heads = ("space", "networks", "best", "lower quarter", "median", "upper quarter", "worst")
    body = "".join(
        f'<tr><th scope="row">{_named(curve)}</th><td>{len(curve.records)}'
        + "".join(
            f"<td>{number(value)}"
            for value in (np.quantile(curve.errors, np.linspace(0, 1, 5)) if curve.records else ())
        )
        for curve in curves
    )
    missing = "".join(f"<li>{escape(one)}</li>" for one in left_out)
    return (
        '<div class="edf-rows" tabindex="0" role="group" aria-label="Curves and their networks">'
        f"<table><caption>Validation errors, %</caption>{_head(heads)}"
        f"<tbody>{body}</tbody></table>"
        + (f"<p>Left out, since the record is not whole:</p><ul>{missing}</ul>" if missing else "")
        + "".join(_networks(curve) for curve in curves if curve.records)
        + "</div>"
    )


def _named(curve: _Curve) -> str:
    return escape(curve.space) + (", second study" if curve.study == SECOND else "")


def _networks(curve: _Curve) -> str:
    """A row a network, of cells that HTML lets end by themselves: there are many."""
    heads = ("number", "error, %", "depths", "widths", "<i>g</i>", "<i>b</i>")
    body = "".join(
        f"<tr><td>{record.index}<td>{number(100 * record.val_error, 2)}"
        + "".join(
            f"<td>{_few(values)}"
            for values in (
                record.network.depths,
                record.network.widths,
                _shared(record.network.group_widths),
                _shared(record.network.bottleneck_ratios),
            )
        )
        for record in curve.records[:ROWS]
    )
    n = len(curve.records)
    name = f"{_named(curve)}, the best " + ("first" if n <= ROWS else f"{ROWS} of {n}")
    return f"<table><caption>{name}</caption>{_head(heads)}<tbody>{body}</tbody></table>"


def _few(values: Any) -> str:
    return " ".join(f"{value:g}" for value in np.atleast_1d(values))


def _head(names: Iterable[str]) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f"<thead><tr>{columns}</tr></thead>"
