"""The EDF explorer: every step of a curve is a trained network that can be asked what it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np

from designspaces.figures.canvas import ACCENT, Picture
from designspaces.figures.explorers.frame import Explorer
from designspaces.figures.populations import short_name, style_of
from designspaces.judging.claims import Finding
from designspaces.judging.properties import nearest_line
from designspaces.judging.telling import table as tell
from designspaces.judging.verdicts import Contrast
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.words import number

FIELDS = (
    *("how", "index", "seed", "error_percent", "diverged", "seconds"),
    *("params", "flops", "activations", "digest", "depths", "widths"),
    *("group_widths", "bottleneck_ratios", "drawn_group_widths", "nearest_line"),
)
"""What the data say of each network, in this order. A list has one value a stage, a single number
is that of all stages. nearest_line: w_0, w_a, w_m and by how many percent the widths miss it."""

NEEDED = ("index", "seed", "val_error", "seconds", "params", "flops", "activations", "device")


@dataclass(frozen=True)
class _Curve:
    """A space with its whole records, the best first."""

    space: str
    records: Sequence[Record]

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
    study: str = "",
) -> Explorer:
    """The EDFs of these spaces, to be asked network by network, around their still `picture`.

    key: names it in the page's address, as in "#edf-ordered?network=AnyNetX_C/0/12/12"; one of its
    own for each explorer of a page. findings: what `claims.evaluate` says; contrasts among the
    spaces are told as they stand there. shown: the curves drawn at first; all unless given.
    mine: validation errors of a reader's own networks, fractions. study: which one, in words.

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
    whole, left_out = _sort_out(record for record in population if record.space in spaces)
    whole.check_one_recipe()
    curves = [
        _Curve(space, sorted(whole.space(space), key=lambda record: record.val_error))
        for space in spaces
    ]
    hows: dict[str, dict[str, Any]] = {}
    data = {
        "key": key,
        "study": study,
        "fields": FIELDS,
        "curves": [_curve(one, one.space in shown, hows) for one in curves],
        "hows": list(hows.values()),
        "contrasts": _contrasts((findings or {}).values(), spaces),
        "mine": [round(100 * error, 4) for error in mine],
        "accent": ACCENT,
        "left_out": left_out,
    }
    return Explorer("edf", picture, data, _table(curves, left_out))


def _sort_out(records: Iterable[Record]) -> tuple[Population, list[str]]:
    """The whole records, and of each other one what is wrong with it."""
    whole, left_out = Population(), []
    for record in records:
        try:
            lacks = [name for name in NEEDED if getattr(record, name, None) is None]
            if lacks:
                raise ValueError(f"lacks {', '.join(lacks)}")
            _row(record, 0)
            record.trained_by  # noqa: B018, it raises for a recipe that cannot be read
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            left_out.append(f"{record.id}: {error}")
        else:
            whole.add(record)
    return whole, left_out


def _curve(curve: _Curve, shown: bool, hows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    style = style_of(curve.space)
    on_off = () if style["ls"] == "-" else style["ls"][1]
    rows = []
    for record in curve.records:
        how = _how(record)
        text = json.dumps(how, sort_keys=True)
        hows.setdefault(text, how)
        rows.append(_row(record, list(hows).index(text)))
    return {
        "space": curve.space,
        "name": short_name(curve.space),
        "color": style["color"],
        "width": style["lw"],
        "dash": " ".join(f"{style['lw'] * length:g}" for length in on_off),
        "shown": shown,
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
            family = finding.claim.family
            found.append({"a": rule.a, "b": rule.b, "family": family} | row | numbers)
    return found


def _table(curves: Sequence[_Curve], left_out: Sequence[str]) -> str:
    """The curves in five numbers each, and below them their networks, a row each."""
    heads = ("space", "networks", "best", "lower quarter", "median", "upper quarter", "worst")
    body = "".join(
        f'<tr><th scope="row">{escape(curve.space)}</th><td>{len(curve.records)}</td>'
        + "".join(
            f"<td>{number(value)}</td>"
            for value in (np.quantile(curve.errors, np.linspace(0, 1, 5)) if curve.records else ())
        )
        + "</tr>"
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


def _networks(curve: _Curve) -> str:
    heads = ("number", "error, %", "depths", "widths", "<i>g</i>", "<i>b</i>")
    body = "".join(
        f"<tr><td>{record.index}</td><td>{number(100 * record.val_error, 2)}</td>"
        + "".join(
            f"<td>{_few(values)}</td>"
            for values in (
                record.network.depths,
                record.network.widths,
                _shared(record.network.group_widths),
                _shared(record.network.bottleneck_ratios),
            )
        )
        + "</tr>"
        for record in curve.records
    )
    name = f"{escape(curve.space)}, the best first"
    return f"<table><caption>{name}</caption>{_head(heads)}<tbody>{body}</tbody></table>"


def _few(values: Any) -> str:
    return " ".join(f"{value:g}" for value in np.atleast_1d(values))


def _head(names: Iterable[str]) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f"<thead><tr>{columns}</tr></thead>"
