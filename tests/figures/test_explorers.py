"""The explorers' data and still halves: what the scripts are given is what the package says."""

import json
import re
from dataclasses import replace

import pytest

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import breakdown, complexity, layers
from designspaces.designs.published import PUBLISHED
from designspaces.designs.regnet import REGNETX32
from designspaces.figures import canvas
from designspaces.figures.explorers import frame, network
from designspaces.figures.explorers import regnet as explorers
from designspaces.judging import plan
from designspaces.populations.population import Population
from second import make_second, record_second

pytestmark = pytest.mark.usefixtures("first_study_alone")

BASIC = Architecture.from_lists((1, 2), (8, 8), (8, 8), strides=(1, 2), stem_width=8, block="basic")
NETWORKS = {name: one.architecture for name, one in PUBLISHED.items()} | {
    "RegNetX32": REGNETX32,
    "basic": BASIC,
}
LIMITS = {("regnet",): 25_500, ("network",): 12_000, ("rule",): 12_000}


def summed(rows, which):
    return [
        sum(layer[which] for layer in part["first"])
        + part["count"] * sum(layer[which] for layer in part["further"])
        for part in rows
    ]


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_add_up_to_the_complexity_of_each_part(name):
    built, task = NETWORKS[name], (96, 3, 7)
    rows, parts = network.rows_of(built, *task), breakdown(built, *task)
    assert [part["name"] for part in rows] == list(parts)
    assert summed(rows, 3) == [part.params for part in parts.values()]
    assert summed(rows, 4) == [part.flops for part in parts.values()]
    assert sum(summed(rows, 4)) == complexity(built, *task).flops


def test_layers_have_the_shapes_of_the_network():
    stem, first, second, head = layers(REGNETX32, 96)
    assert [(layer.width, layer.resolution) for layer in stem.first] == [(32, 48)]
    assert [layer.resolution for layer in first.first] == [48, 24, 24, 24]
    assert [layer.name for layer in second.first][-1] == "shortcut, 1x1 convolution"
    assert [layer.width for layer in second.further] == [80, 80, 80]
    assert (first.count, second.count, head.first[0].width) == (3, 5, 10)


def test_a_layer_without_a_cost_is_left_out():
    """The identity of a shortcut, and squeeze-and-excitation where there is none."""
    (_, same, strides, _) = layers(BASIC, 28)
    assert [layer.name for layer in same.first] == ["3x3 convolution"] * 2
    assert len(strides.first) == 3
    names = {
        layer.name
        for part in layers(PUBLISHED["RegNetY-200MF"].architecture, 224)
        for layer in part.first
    }
    assert "squeeze-and-excitation" in names


def test_a_network_that_halves_nothing_is_refused():
    with pytest.raises(ValueError, match="stage 2: cannot halve a resolution of 1x1"):
        network.walk(REGNETX32, 3)


def test_the_walk_stands_without_a_script():
    walk = network.walk(REGNETX32, 96, name="RegNetX32")
    assert "stem of 32 channels and 48 pixels a side" in walk.picture.alt
    assert "6 blocks of 80 channels and 12 pixels" in walk.picture.alt
    flops = 0
    for body in walk.table.split("<tbody>")[1:]:
        last = int(re.search(r"blocks 2 to (\d+), each", body)[1]) if "each" in body else 2
        rows = [re.findall(r"<td>([^<]*)</td>", row) for row in body.split("</tr>")[:-1]]
        flops += (last - 1) * sum(int(row[-1].replace(",", "")) for row in rows)
    assert flops == complexity(REGNETX32, 96).flops


def test_settings_are_the_published_networks():
    for name, setting in explorers.settings().items():
        assert explorers.build(setting) == NETWORKS[name]
        if name in PUBLISHED:
            cost = complexity(NETWORKS[name], *(setting[one] for one in explorers.TASK))
            one = PUBLISHED[name]
            assert (cost.params, cost.flops, cost.activations) == (
                one.params,
                one.flops,
                one.activations,
            )


def test_the_explorer_knows_each_trained_network():
    population = Population.recorded("AnyNetX_D", "RegNetX")
    explorer = explorers.explore("RegNetX32", population)
    told = {}
    for group in explorer.data["trained"]:
        for index, seed, error, *rest in group["rows"]:
            told[f"{group['space']}/{group['sample_seed']}/{index}/{seed}"] = (error, rest)
    assert told.keys() == population.records.keys()
    for record in population:
        error, rest = told[record.id]
        assert error == (round(1e4 * record.val_error) if record.status == "trained" else None)
        assert rest == [*record.network.depths, *record.network.widths]
    (drawn,) = [group["drawn"] for group in explorer.data["trained"] if "drawn" in group]
    assert len(drawn) == len(population.space("RegNetX"))
    json.dumps(explorer.data, allow_nan=False)


def test_the_explorer_knows_the_networks_of_both_studies(tmp_path, monkeypatch):
    population = Population.recorded("AnyNetX_C", "AnyNetX_D")
    networks = [record for record in population if record.index < 30]
    record_second(monkeypatch, tmp_path, make_second(networks))
    groups = explorers.explore("RegNetX32", population).data["trained"]
    monkeypatch.setitem(plan.N, "AnyNetX_D", 31)
    growing = explorers.explore("RegNetX32", population).data["trained"]
    assert growing == groups[:2]
    assert [
        (one["study"], one["space"], one["sample_seed"], len(one["rows"])) for one in groups
    ] == [
        ("first study", "AnyNetX_C", 0, 100),
        ("first study", "AnyNetX_D", 0, 100),
        ("second study", "AnyNetX_C", 1, 30),
        ("second study", "AnyNetX_D", 1, 30),
    ]


@pytest.mark.parametrize(
    ("fault", "words"),
    [({"val_error": None}, "lacks val_error"), ({"architecture": {}}, "missing key 'stages'")],
)
def test_a_record_that_is_not_whole_is_named_and_the_rest_known(fault, words):
    first, *rest = list(Population.recorded("RegNetX"))[:5]
    data = explorers.explore("RegNetX32", [replace(first, **fault), *rest]).data
    (left_out,) = data["left_out"]
    assert left_out.startswith(first.id)
    assert words in left_out
    assert [len(group["rows"]) for group in data["trained"]] == [4]


def test_the_still_half_has_the_numbers():
    explorer = explorers.explore("RegNetX-3.2GF")
    assert "15,296,552 parameters" in explorer.table
    assert "88, 200, 448 and 1000 channels" in explorer.picture.alt
    assert explorer.table in explorer.html()


def test_a_name_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="name is 'RegNetZ'; expected one of RegNetX32, "):
        explorers.explore("RegNetZ")


@pytest.mark.parametrize("names", LIMITS)
def test_scripts_and_styles_are_light_and_take_their_colors_from_the_data(names):
    texts = [frame._text(name, kind) for name in names for kind in ("js", "css")]
    assert sum(len(text.encode()) for text in texts) < LIMITS[names]
    for text in texts:
        assert not re.search(r"#[0-9a-f]{3,8}\b", text), "a color of its own"
        assert not re.search(r"https?://|@import|\burl\(|\bimport\b", text)
    assert network.COLORS["accent"] == canvas.ACCENT
