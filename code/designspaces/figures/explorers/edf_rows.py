"""A network in the EDF explorer: its row of the data, what it shares with others, and its table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from html import escape
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.figures.explorers.frame import table_head
from designspaces.judging.properties import nearest_line
from designspaces.populations.record import Record
from designspaces.words import number

FIELDS = (
    *("how", "index", "seed", "error_percent", "diverged", "seconds"),
    *("params", "flops", "activations", "digest", "depths", "widths"),
    *("group_widths", "bottleneck_ratios", "drawn_group_widths", "nearest_line", "settings"),
)
"""What the data say of each network, in this order. A list has one value a stage, a single number
is that of all stages. nearest_line: w_0, w_a, w_m, by how many percent the widths miss it, and 1
where it is read backwards. settings: all that there are of a network of one's own. What a network
has not is None."""

NEEDED = ("index", "seed", "val_error", "seconds", "params", "flops", "activations", "device")
"""Fields without which a record cannot be shown."""


def row(record: Record, how: int) -> list[Any]:
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


def how(record: Record) -> dict[str, Any]:
    """What many networks share: the sample, how they were trained, and their frame or origin."""
    shared = {
        "sample_seed": record.sample_seed,
        "recipe": record.recipe,
        "device": record.device,
        "device_told": record.device_told,
        "commit": record.commit,
        "modified": record.modified,
        "recipe_told": _tell_recipe(record.recipe),
    }
    shared |= {"origin": record.origin} if record.origin else {}
    return shared if _is_own(record) else shared | _frame(record.network)


def networks_table(records: Sequence[Record], most: int, name: str) -> str:
    """HTML of a row a network, the first `most`; its cells end by themselves: there are many."""
    shapes = [_told(record) for record in records[:most]]
    heads = ("number", "error, %", *dict.fromkeys(name for shape in shapes for name in shape))
    body = "".join(
        f"<tr><td>{record.index}<td>{number(100 * record.val_error, 2)}"
        + "".join(f"<td>{shape.get(name, '')}" for name in heads[2:])
        for record, shape in zip(records, shapes, strict=False)
    )
    n = len(records)
    name = f"{name}, the best " + ("first" if n <= most else f"{most} of {n}")
    return f"<table><caption>{name}</caption>{table_head(heads)}<tbody>{body}</tbody></table>"


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
