"""A network to walk through: boxes to scale, and the layers of a block when it is opened."""

import re

import matplotlib as mpl

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import Layer, Part, layers
from designspaces.figures.canvas import ACCENT, BASELINE, COOL, INK, STYLE, Picture, as_svg, panel
from designspaces.figures.explorers.frame import Explorer, table_head
from designspaces.words import counted, listed

COLORS = {"accent": ACCENT, "cool": COOL, "baseline": BASELINE}

_GAP = 0.35  # between boxes, as a share of the widest


def walk(architecture: Architecture, resolution: int, name: str = "A network") -> Explorer:
    """The network's blocks as boxes, for gray images of `resolution` pixels a side.

    Raises ValueError as `complexity` does.
    """
    parts, rows = layers(architecture, resolution), rows_of(architecture, resolution)
    data = {"image": [1, resolution], "parts": rows, "colors": COLORS}
    return Explorer("network", _still(parts, resolution, name), data, _table(parts))


def rows_of(architecture: Architecture, *task: int) -> list[dict]:
    """The `layers` of a network as JSON: of each name, channels, pixels, parameters, flops."""
    return [
        {
            "name": part.name,
            "first": [_row(layer) for layer in part.first],
            "further": [_row(layer) for layer in part.further] if part.count else [],
            "count": part.count,
        }
        for part in layers(architecture, *task)
    ]


def _row(layer: Layer) -> list:
    return [layer.name, layer.width, layer.resolution, layer.cost.params, layer.cost.flops]


@mpl.rc_context(STYLE)
def _still(parts: list[Part], resolution: int, name: str) -> Picture:
    """Stem and blocks in a row: height by resolution, thickness by channels."""
    body = parts[:-1]
    outs = [(part.first[-1].width, part.first[-1].resolution) for part in body]
    thickness = {width: width / max(width for width, _ in outs) for width, _ in outs}
    figure, axes = panel((6.4, 2.2))
    at = 0.0
    for part, (width, side) in zip(body, outs, strict=True):
        begins = at
        for _ in range(part.count + 1):
            box = mpl.patches.Rectangle((at, -side / 2), thickness[width], side)
            box.set(facecolor=COOL, edgecolor=INK, alpha=0.6, lw=0.8)
            axes.add_patch(box)
            at += thickness[width] + _GAP
        middle = (begins + at - _GAP) / 2
        said = f"{part.name}\n{width} × {side}²"
        axes.text(middle, -0.58 * outs[0][1], said, ha="center", va="top", fontsize=9)
        at += 3 * _GAP
    axes.set(xlim=(-0.5, at), ylim=(-0.95 * outs[0][1], 0.55 * outs[0][1]))
    axes.axis("off")
    stages = [
        f"{counted(p.count + 1, 'block')} of {w} channels and {r} pixels a side"
        for p, (w, r) in zip(body[1:], outs[1:], strict=True)
    ]
    alt = (
        f"{name} at {resolution} pixels, a box for each block, its height the resolution and its "
        f"thickness the channels: a stem of {outs[0][0]} channels and {outs[0][1]} pixels a side, "
        f"then {listed(stages)}."
    )
    return Picture((as_svg(figure, "walk-" + re.sub(r"[^a-z0-9]+", "-", name.lower())),), alt)


def _table(parts: list[Part]) -> str:
    """Every layer as a row of HTML; blocks that are alike are told once."""
    head = ("block", "layer", "channels", "pixels", "parameters", "multiply-adds")
    blocks = [block for part in parts for block in _blocks(part)]
    bodies = "".join(f"<tbody>{_rows(where, of)}</tbody>" for where, of in blocks)
    return f"<table>{table_head(head)}{bodies}</table>"


def _rows(where: str, of: tuple[Layer, ...]) -> str:
    rows = []
    for name, *numbers in map(_row, of):
        cells = "".join(f"<td>{value:,}</td>" for value in numbers)
        rows.append(f'<th scope="row">{name}</th>{cells}')
    first = f'<th scope="rowgroup" rowspan="{len(rows)}">{where}</th>'
    return f"<tr>{first}{'</tr><tr>'.join(rows)}</tr>"


def _blocks(part: Part) -> list[tuple[str, tuple[Layer, ...]]]:
    if not part.name.startswith("stage"):
        return [(part.name, part.first)]
    blocks = [(f"{part.name}, block 1", part.first)]
    if part.count:
        last = part.count + 1
        others = "block 2" if last == 2 else f"blocks 2 to {last}, each"
        blocks.append((f"{part.name}, {others}", part.further))
    return blocks
