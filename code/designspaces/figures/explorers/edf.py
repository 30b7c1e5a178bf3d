"""The EDF explorer: every step of a curve is a trained network that can be asked what it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.figures.canvas import ACCENT, Picture
from designspaces.figures.explorers.frame import Explorer
from designspaces.figures.explorers.records import STUDIES, sort_out
from designspaces.figures.populations import edf_panels, short_name, styles_of
from designspaces.judging import plan as plans
from designspaces.judging import study as answering
from designspaces.judging.claims import Finding
from designspaces.judging.properties import nearest_line
from designspaces.judging.questions import Means, Partners
from designspaces.judging.telling import table as tell
from designspaces.judging.verdicts import Contrast
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.populations.study import SAMPLE_SEED
from designspaces.words import counted, number

FIELDS = (
    *("how", "index", "seed", "error_percent", "diverged", "seconds"),
    *("params", "flops", "activations", "digest", "depths", "widths"),
    *("group_widths", "bottleneck_ratios", "drawn_group_widths", "nearest_line", "settings"),
)
"""What the data say of each network, in this order. A list has one value a stage, a single number
is that of all stages. nearest_line: w_0, w_a, w_m, by how many percent the widths miss it, and 1
where it is read backwards. settings: all that there are of a network of one's own. What a network
has not is None."""

ROWS = 100
"""Networks of a curve that the table lists, the best; the recorded files have all."""

_FEW_ROWS = 20
"""The same of an experiment's curves, for there are many on a page."""

FIRST, SECOND = STUDIES
_EXPERIMENT = "experiment"
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
        return _key(self.space, self.study)

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
    _check_key(key)
    if not spaces or len(set(spaces)) < len(spaces) or not set(shown) <= set(spaces) or not shown:
        raise ValueError(
            f"spaces is {list(spaces)} and shown {list(shown)}; expected different spaces, and "
            "some of them to be shown"
        )
    second, plan = plans.evidence() if second is None else second, plan or plans.SECOND
    first, left_out = _first_curves(population, spaces)
    planned = plan.n if plan else plans.N
    others, also_left_out = _curves_of_plan(second, planned, spaces, SECOND)
    others = [one for one in others if len(second.space(one.space))]
    if not any(one.records for one in first) and others:
        first = []
    curves, left_out = [*first, *others], [*left_out, *also_left_out]
    contrasts = [
        *_contrasts((findings or {}).values(), spaces),
        *_answers(second, plan, spaces, SECOND),
    ]
    return _explorer(picture, curves, left_out, contrasts, key, shown, mine)


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
    curves, left_out = _curves_of_plan(evidence, planned, spaces, _EXPERIMENT)
    there = Population(record for one in curves for record in one.records)
    if not len(there):
        counts = (f"{space} {len(evidence.space(space))} of {n}" for space, n in planned.items())
        told = f"No curves yet. Networks that are trained: {', '.join(counts)}."
        return Picture((), told, note=told)
    whole = [one.space for one in curves if one.records]
    title = f"{counted(len(there), 'network')} of {counted(len(whole), 'space')}"
    still = edf_panels(there, {title: whole}, key)
    contrasts = _answers(evidence, plan, spaces, _EXPERIMENT)
    return _explorer(still, curves, left_out, contrasts, key, spaces, rows=_FEW_ROWS)


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
    rows: int | None = None,
) -> Explorer:
    hows: dict[str, dict[str, Any]] = {}
    of_both = len({one.study for one in curves}) > 1
    begins = curves[0].study
    styles = styles_of(list(dict.fromkeys(one.space for one in curves)))
    data = {
        "key": key,
        "fields": FIELDS,
        "curves": [
            _curve(
                one, styles[one.space], one.study == begins and one.space in shown, of_both, hows
            )
            for one in curves
        ],
        "hows": list(hows.values()),
        "contrasts": list(contrasts),
        "mine": [round(100 * error, 4) for error in mine],
        "accent": ACCENT,
        "left_out": list(left_out),
    }
    return Explorer("edf", picture, data, _table(curves, left_out, rows or ROWS))


def _key(space: str, study: str) -> str:
    return f"{space}/{SAMPLE_SEED}" if study == SECOND else space


def _first_curves(population: Population, spaces: Sequence[str]) -> tuple[list[_Curve], list[str]]:
    """A curve a space, and what is wrong with the records that are left out."""
    whole, left_out = _sort_out(record for record in population if record.space in spaces)
    return [_Curve(space, FIRST, _best_first(whole, space)) for space in spaces], left_out


def _curves_of_plan(
    population: Population, planned: Mapping[str, int], spaces: Sequence[str], study: str
) -> tuple[list[_Curve], list[str]]:
    """The same of a study with a plan.

    There is nothing to look at before a space is complete: whoever looks again and again while a
    population grows sees, sooner or later, whatever there is to be seen by chance.
    """
    whole, left_out = _sort_out(record for record in population if record.space in spaces)
    curves = []
    for space in spaces:
        there, n = len(population.space(space)), planned.get(space, 0)
        if there < n:
            still = f"{there} of {n} networks; drawn when all are trained"
            curves.append(_Curve(space, study, [], still))
        else:
            curves.append(_Curve(space, study, _best_first(whole, space)))
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
    curve: _Curve,
    style: Mapping[str, Any],
    shown: bool,
    of_both: bool,
    hows: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """What the script needs to draw it; of_both: whether its name must say which study's it is."""
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
    """What many networks share: the sample, how they were trained, and their frame or origin."""
    how = {
        "sample_seed": record.sample_seed,
        "recipe": record.recipe,
        "device": record.device,
        "commit": record.commit,
        "modified": record.modified,
        "recipe_told": _tell_recipe(record.recipe),
    }
    how |= {"origin": record.origin} if record.origin else {}
    return how if _is_own(record) else how | _frame(record.network)


def _is_own(record: Record) -> bool:
    """Whether the network is of a kind of its own, not an AnyNet."""
    return "kind" in record.architecture


def _frame(network: Architecture) -> dict[str, Any]:
    """What a network has beside its stages."""
    frame = {"stem_width": network.stem_width, "stem_stride": network.stem_stride}
    if set(network.strides) != {2}:
        frame = {"strides": list(network.strides)} | frame
    if network.se_ratio:
        frame["se_ratio"] = network.se_ratio
    if network.block != "x":
        frame["block"] = network.block
    return {
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
        *(_own_stages(record) if _is_own(record) else _stages(record)),
    ]


def _stages(record: Record) -> list[Any]:
    network, line = record.network, nearest_line(record)
    drawn = record.drawn.get("group_width", record.drawn.get("group_widths"))
    return [
        list(network.depths),
        list(network.widths),
        _shared(network.group_widths),
        _shared(network.bottleneck_ratios),
        _shared(network.group_widths if drawn is None else np.atleast_1d(drawn).tolist()),
        [line.w_0, _plain(line.w_a, 1), line.w_m, _plain(line.percent, 1)],
        None,
    ]


def _own_stages(record: Record) -> list[Any]:
    """The same of a network of a kind of its own, as far as it has depths and widths."""
    if record.origin is None:
        raise ValueError("lacks origin, which says where its space is")
    network = record.network
    depths, widths = (_counts(getattr(network, name, None)) for name in ("depths", "widths"))
    if widths is None or (depths is not None and len(depths) != len(widths)):
        depths = widths = None
    line = None
    with suppress(ValueError):  # widths of which no line comes near, or none at all
        line = _own_line(record, depths, widths)
    return [depths, widths, None, None, None, line, record.architecture]


def _counts(values: Any) -> list[int] | None:
    """As a list of positive integers, if they are that."""
    try:
        found = [int(value) for value in values]
    except (TypeError, ValueError):
        return None
    return found if found and min(found) > 0 and found == list(values) else None


def _own_line(record: Record, depths: Sequence[int], widths: Sequence[int]) -> list[Any] | None:
    """The nearest line of a network with depths, and whether it is read backwards."""
    if not depths:
        return None
    line, blocks = nearest_line(record), np.repeat(widths, depths)
    ways = [np.abs(np.log(line.widths[::step] / blocks)).mean() for step in (1, -1)]
    falls = int(getattr(record.network, "line_may_fall", False) and ways[1] < ways[0])
    return [line.w_0, _plain(line.w_a, 1), line.w_m, _plain(line.percent, 1), falls]


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
    population: Population, plan: answering.Plan | None, spaces: Sequence[str], study: str
) -> list[dict[str, Any]]:
    """The answers that compare two of the spaces, in the words of the study's table."""
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
        a, b = _sides(answer.question)
        ends = answer.interval
        numbers = {"value": None, "low": None, "high": None, "margin": plan.margin}
        if ends is not None:
            numbers |= {"value": ends.effect.value, "low": ends.low, "high": ends.high}
        at_once = "95% interval, with the others of its family at once"
        found.append(
            {
                "a": _key(a, study),
                "b": _key(b, study),
                "family": answer.family.name,
                "study": study,
                "of": "capped means" + ", pair by pair" * isinstance(answer.question, Partners),
                "ends": at_once if answer.family.simultaneous else "95% interval",
                "claim": row["claim"],
                "here": f"{row['number']}; {row['networks']} networks" if ends else row["number"],
                "verdict": row["verdict"],
            }
            | numbers
        )
    return found


def _compares(question: Any, spaces: Sequence[str]) -> bool:
    """Whether a question is about two of the spaces as they are, drawn apart or as partners."""
    return type(question) in (Means, Partners) and set(question.populations) <= set(spaces)


def _sides(question: Means | Partners) -> tuple[str, str]:
    """The two spaces; below 0 the second is better."""
    if isinstance(question, Partners):
        return question.partners, question.networks
    return question.a, question.b


def _table(curves: Sequence[_Curve], left_out: Sequence[str], rows: int) -> str:
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
        + "".join(_networks(curve, rows) for curve in curves if curve.records)
        + "</div>"
    )


def _named(curve: _Curve) -> str:
    return escape(curve.space) + (", second study" if curve.study == SECOND else "")


def _networks(curve: _Curve, rows: int) -> str:
    """A row a network, of cells that HTML lets end by themselves: there are many."""
    shapes = [_told(record) for record in curve.records[:rows]]
    heads = ("number", "error, %", *dict.fromkeys(name for shape in shapes for name in shape))
    body = "".join(
        f"<tr><td>{record.index}<td>{number(100 * record.val_error, 2)}"
        + "".join(f"<td>{shape.get(name, '')}" for name in heads[2:])
        for record, shape in zip(curve.records, shapes, strict=False)
    )
    n = len(curve.records)
    name = f"{_named(curve)}, the best " + ("first" if n <= rows else f"{rows} of {n}")
    return f"<table><caption>{name}</caption>{_head(heads)}<tbody>{body}</tbody></table>"


def _told(record: Record) -> dict[str, str]:
    """What the table says of a network's shape, by column; of one's own kind all its settings."""
    if _is_own(record):
        settings = {name: v for name, v in record.architecture.items() if name != "kind"}
        return {escape(name): escape(_few(value)) for name, value in settings.items()}
    network = record.network
    ratios = {"<i>g</i>": network.group_widths, "<i>b</i>": network.bottleneck_ratios}
    shape = {"depths": list(network.depths), "widths": list(network.widths)}
    shape |= {name: _shared(values) for name, values in ratios.items()}
    return {name: _few(values) for name, values in shape.items()}


def _few(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(_few, value))
    return _tell(value) if isinstance(value, bool) or not isinstance(value, float) else f"{value:g}"


def _head(names: Iterable[str]) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f"<thead><tr>{columns}</tr></thead>"
