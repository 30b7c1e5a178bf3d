"""The RegNet explorer: six numbers, the line and the steps they make, and what the network costs.

Its scripts compute by themselves what `regnet.generate` and `complexity` do, in rule.js; a test
holds both equal.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import checked_choice
from designspaces.designs.complexity import complexity
from designspaces.designs.published import PUBLISHED
from designspaces.designs.regnet import W_A_GRID, Line, generate
from designspaces.figures.explorers.frame import Explorer, table_head
from designspaces.figures.explorers.network import COLORS
from designspaces.figures.explorers.records import STUDIES, sort_out
from designspaces.figures.networks import line_to_steps
from designspaces.judging import plan
from designspaces.judging.study import whole as whole_spaces
from designspaces.populations.record import Record
from designspaces.spaces import SPACES

NEEDED = ("index", "seed", "val_error", "drawn")
TASK = ("resolution", "in_channels", "num_classes")
DEFAULTS = {"bottleneck_ratio": 1, "stem_width": 32, "stem_stride": 2, "se_ratio": 0}
"""What `generate` takes where nothing is said."""

_STEMS = [*range(8, 129, 8)]
_PIXELS = [28, 32, 48, 56, 64, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512]
CONTROLS = tuple(
    dict(zip(("field", "symbol", "words", "step", "ticks"), row, strict=True))
    for row in (
        ("depth", "d", "blocks", 1, [*range(1, 65)]),
        ("w_0", "w<sub>0</sub>", "initial width", 8, [*range(8, 513, 8)]),
        ("w_a", "w<sub>a</sub>", "slope", "any", W_A_GRID.tolist()),
        ("w_m", "w<sub>m</sub>", "multiplier", 0.01, [round(1.1 + i / 100, 2) for i in range(291)]),
        ("group_width", "g", "group width", 1, [1, 2, 4, *range(8, 257, 8)]),
        ("bottleneck_ratio", "b", "bottleneck", "any", [0.25, 0.5, 1, 2, 3, 4, 8]),
        ("stem_width", "", "stem width", 8, _STEMS),
        ("resolution", "", "image side", 1, _PIXELS),
    )
)
"""The sliders: what they set, what they are called, where they stop; a field takes any number."""


def settings() -> dict[str, dict]:
    """By name, the textbook's RegNetX32 and the 24 published networks, each at its own images."""
    line = dict(zip(("depth", "w_0", "w_a", "w_m"), (10, 32, 5, 2.5), strict=True))
    found = {"RegNetX32": line | {"group_width": 16} | DEFAULTS | _task(96, 1, 10)}
    for name, one in PUBLISHED.items():
        line = {field: getattr(one, field) for field in ("depth", "w_0", "w_a", "w_m")}
        rest = {"group_width": one.group_width} | DEFAULTS | {"se_ratio": one.se_ratio}
        found[name] = line | rest | _task(224, 3, 1000)
    return found


def build(setting: dict) -> Architecture:
    """The network of a setting, without its images."""
    return generate(**{name: value for name, value in setting.items() if name not in TASK})


def explore(
    name: str, population: Iterable[Record] = (), second: Iterable[Record] | None = None
) -> Explorer:
    """An explorer that begins with the network `name` and knows the networks of both studies.

    population: the first study's. second: the second's; of the spaces that are recorded whole
    unless given, and only of the book's, whose networks are built as this explorer builds them.
    A record that is not whole is left out and named. Raises ValueError for a name that is not in
    `settings`.
    """
    known = settings()
    start = known[checked_choice(name, "name", known)]
    presets = [
        {"name": one, "setting": setting}
        | ({"error": PUBLISHED[one].top1_error} if one in PUBLISHED else {})
        for one, setting in known.items()
    ]
    if second is None:  # one who looks while it grows sees whatever chance has to show
        second = whole_spaces(plan.evidence(), plan.N)
    sides = (list(population), [record for record in second if record.space in SPACES])
    whole, left_out = zip(*(sort_out(side, NEEDED, _read) for side in sides), strict=True)
    data = {
        "key": "regnet",
        "name": name,
        "start": start,
        "presets": presets,
        "defaults": DEFAULTS,
        "controls": CONTROLS,
        "trained": [
            {"study": study} | group
            for study, records in zip(STUDIES, whole, strict=True)
            for group in _trained(records)
        ],
        "left_out": [one for side in left_out for one in side],
        "colors": COLORS,
    }
    line = Line(*(start[field] for field in ("depth", "w_0", "w_a", "w_m")))
    picture = line_to_steps(line, name)
    return Explorer("regnet", picture, data, _table(start), also=("rule", "network"))


def _task(*values: int) -> dict[str, int]:
    return dict(zip(TASK, values, strict=True))


def _trained(population: Iterable[Record]) -> list[dict]:
    """The trained networks, grouped by what many share: rows of index, seed, error, depths, widths.

    The error is in hundredths of a percent, None where the training diverged.
    """
    shared = ("space", "sample_seed")
    key = attrgetter(*shared, "trained_by.name", "trained_by.resolution")
    groups = []
    for values, records in groupby(sorted(population, key=key), key):
        records = sorted(records, key=attrgetter("index"))
        network = records[0].network
        group = dict(zip((*shared, "recipe", "resolution"), values, strict=True))
        group["stem"] = [network.stem_width, network.stem_stride]
        group["rows"] = [_row(record) for record in records]
        if "w_0" in records[0].drawn:
            names = ("w_0", "w_a", "w_m", "bottleneck_ratio", "group_width")
            group["drawn"] = [[record.drawn[name] for name in names] for record in records]
        groups.append(group)
    return groups


def _read(record: Record) -> tuple:
    return _row(record), record.network.stem_width, record.trained_by.resolution, record.drawn


def _row(record: Record) -> list:
    error = round(1e4 * record.val_error) if record.status == "trained" else None
    return [record.index, record.seed, error, *record.network.depths, *record.network.widths]


def _table(setting: dict) -> str:
    """The stages of the network that the explorer begins with, as HTML, and its three counts."""
    network = build(setting)
    cost = complexity(network, *(setting[name] for name in TASK))
    rows = "".join(
        f'<tr><th scope="row">{number}</th><td>{stage.depth}</td><td>{stage.width}</td>'
        f"<td>{stage.groups} × {stage.group_width}</td></tr>"
        for number, stage in enumerate(network.stages, start=1)
    )
    head = table_head(("stage", "blocks", "width", "groups"))
    return (
        f"<table>{head}<tbody>{rows}</tbody></table><p>{cost.params:,} parameters, "
        f"{cost.flops:,} multiply-adds and {cost.activations:,} activations at "
        f"{setting['resolution']} pixels.</p>"
    )
