"""The EDF explorer's data: what the records say, compact, and what is done with bad ones."""

import json
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from designspaces.designs.architecture import Architecture
from designspaces.designs.regnet import Line, fit
from designspaces.figures.canvas import Picture
from designspaces.figures.explorers import edf, edf_rows
from designspaces.figures.explorers.edf import edf_explorer
from designspaces.judging import plan
from designspaces.judging import study as answering
from designspaces.judging.claims import CONTROLS, PRIMARY, evaluate
from designspaces.populations.population import Population, PopulationError
from refusals import refusal
from second import EVER, make_second, record_second
from unpacked import networks_of

pytestmark = pytest.mark.usefixtures("first_study_alone")

STILL = Picture(("<svg></svg>",), "A chart.", made="as recorded")
TWO = ("AnyNetX_C", "AnyNetX_D")


@pytest.fixture(scope="module", autouse=True)
def quick_fits():
    """A coarse grid of lines; that the usual one is used, `test_properties` holds."""

    @cache
    def near(widths):
        return fit(widths, w_0_grid=(8, 16), w_a_grid=(0.0, 8.0), w_m_grid=(2.0,))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edf_rows, "nearest_line", lambda record: near(record.network.block_widths))
        yield


@pytest.fixture(scope="module")
def recorded():
    return Population.recorded()


@pytest.fixture(scope="module")
def every(recorded, quick_fits):
    spaces = list(dict.fromkeys(record.space for record in recorded))
    return edf_explorer(STILL, recorded, spaces, "all")


def few(population, n=12, spaces=TWO):
    return Population(r for space in spaces for r in list(population.space(space))[:n])


def rows(explorer, space):
    (place,) = (i for i, one in enumerate(explorer.data["curves"]) if one["space"] == space)
    return networks_of(explorer, place)


def per_stage(value, stages):
    return tuple(value) if isinstance(value, list) else (value,) * stages


def test_every_record_is_there_with_what_it_says(recorded, every):
    explorer, found = every, {}
    for space in {record.space for record in recorded}:
        listed = rows(explorer, space)
        errors = [row["error_percent"] for row in listed]
        assert errors == sorted(errors)
        for row in listed:
            how = explorer.data["hows"][row["how"]]
            found[f"{space}/{how['sample_seed']}/{row['index']}/{row['seed']}"] = row | {"how": how}
    assert found.keys() == recorded.records.keys()
    for record in recorded:
        row, network = found[record.id], record.network
        assert row["digest"] == json.loads(record.to_line())["digest"]
        assert row["error_percent"] == pytest.approx(100 * record.val_error, abs=1e-4)
        counts = (row["params"], row["flops"], row["activations"])
        assert counts == (record.params, record.flops, record.activations)
        assert (tuple(row["depths"]), tuple(row["widths"])) == (network.depths, network.widths)
        groups, ratios = (
            per_stage(row[name], len(network.depths))
            for name in ("group_widths", "bottleneck_ratios")
        )
        frame = eval(f"dict({row['how']['frame'].removeprefix(', ')})")  # as a call would have it
        made = Architecture.from_lists(network.depths, network.widths, groups, ratios, **frame)
        assert made == network
        assert frame == row["how"]["body"]
        how = row["how"]
        assert (how["recipe"], how["device"], how["commit"]) == (
            record.recipe,
            record.device,
            record.commit,
        )


def test_800_networks_take_about_100_kilobytes(recorded, every):
    size = len(json.dumps(every.data, separators=(",", ":")))
    assert size < 130 * len(recorded)


def test_the_nearest_line_is_that_of_the_fit(recorded):
    record = next(iter(recorded.space("RegNetX")))
    (row,) = rows(edf_explorer(STILL, Population([record]), ["RegNetX"], "x"), "RegNetX")
    *line, percent = row["nearest_line"]
    found = edf_rows.nearest_line(record)
    assert tuple(line) == (found.w_0, found.w_a, found.w_m)
    assert percent == round(found.percent, 1)
    assert list(Line(sum(row["depths"]), *line).widths) == list(found.widths)


def test_claims_are_told_as_in_their_table(recorded):
    from designspaces.judging.telling import table

    findings = evaluate(recorded, (*PRIMARY, *CONTROLS))
    spaces = list(dict.fromkeys(record.space for record in recorded))
    told = {
        (c["a"], c["b"]): c
        for c in edf_explorer(STILL, Population(), spaces, "x", findings).data["contrasts"]
    }
    assert len(told) == len(findings) == 9
    for finding in findings.values():
        one, rule = told[finding.claim.rule.a, finding.claim.rule.b], finding.claim.rule
        (row,) = table([finding])
        assert {name: one[name] for name in ("claim", "here", "verdict")} == {
            name: row[name] for name in ("claim", "here", "verdict")
        }
        assert (one["value"], one["low"], one["high"]) == (
            finding.estimate.value,
            finding.estimate.low,
            finding.estimate.high,
        )
        assert rule.a != rule.b


def test_a_contrast_with_a_space_that_is_not_shown_is_left_out(recorded):
    findings = evaluate(few(recorded), PRIMARY)
    (only,) = edf_explorer(STILL, few(recorded), TWO, "x", findings).data["contrasts"]
    assert (only["a"], only["b"]) == TWO


def test_too_few_networks_are_said_where_the_interval_would_stand(recorded):
    small = few(recorded, 3)
    (only,) = edf_explorer(STILL, small, TWO, "x", evaluate(small, PRIMARY)).data["contrasts"]
    assert only["value"] is None
    assert "Too few networks" in only["here"]


@pytest.mark.parametrize("n", [0, 1])
def test_a_space_with_no_or_one_network_is_shown_as_it_is(n, recorded):
    population = Population([*few(recorded, 4, TWO[:1]), *few(recorded, n, TWO[1:])])
    explorer = edf_explorer(STILL, population, TWO, "x")
    assert [len(rows(explorer, space)) for space in TWO] == [4, n]
    assert re.findall(r'<th scope="row"[^>]*>\w+</th><td>(\d)(?=<)', explorer.table) == [
        "4",
        str(n),
    ]


def test_a_network_that_diverged_counts_ninety_percent_and_says_so(recorded):
    first, *rest = few(recorded, 4, TWO[:1])
    failed = replace(first, status="diverged", val_error=0.9)
    found = rows(edf_explorer(STILL, Population([failed, *rest]), TWO[:1], "x"), TWO[0])
    assert [(row["error_percent"], row["diverged"]) for row in found][-1] == (90, 1)
    assert sum(row["diverged"] for row in found) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"device": None}, "lacks device"),
        ({"seconds": None, "params": None}, "lacks seconds, params"),
        ({"val_error": float("nan")}, "AnyNetX_C/0/0/0"),
        ({"architecture": {}}, "missing key 'stages'"),
        ({"recipe": {"name": "old", "cutout": 16}}, "cutout"),
        ({"drawn": None}, "AnyNetX_C/0/0/0"),
    ],
)
def test_a_record_that_is_not_whole_is_named_and_the_rest_drawn(fault, words, recorded):
    first, *rest = few(recorded, 4, TWO[:1])
    explorer = edf_explorer(STILL, Population([replace(first, **fault), *rest]), TWO[:1], "x")
    (left_out,) = explorer.data["left_out"]
    assert left_out.startswith(first.id)
    assert words in left_out
    assert len(rows(explorer, TWO[0])) == 3
    assert first.id in explorer.table


# --- the second study -----------------------------------------------------------------------------


def curves(explorer):
    return {
        one["key"]: (one["study"], one["name"], one["shown"], one["n"])
        for one in explorer.data["curves"]
    }


def test_the_second_study_is_read_where_it_is_recorded(recorded, tmp_path, monkeypatch):
    first, networks = few(recorded), make_second(few(recorded, 30), better=0.01)
    record_second(monkeypatch, tmp_path, networks)
    explorer = edf_explorer(STILL, first, TWO, "x", evaluate(first, PRIMARY), shown=TWO[:1])
    assert curves(explorer) == {
        "AnyNetX_C": ("first study", "C", True, 12),
        "AnyNetX_D": ("first study", "D", False, 12),
        "AnyNetX_C/1": ("second study", "C, second", False, 30),
        "AnyNetX_D/1": ("second study", "D, second", False, 30),
    }
    thin, _, thick, _ = (one["width"] for one in explorer.data["curves"])
    assert thick > 1.5 * thin
    assert "AnyNetX_D, second study, the best 20 of 30" in explorer.table
    assert "AnyNetX_D, the best first" in explorer.table
    told = {one["study"]: one for one in explorer.data["contrasts"]}
    assert (told["first study"]["a"], told["second study"]["a"]) == ("AnyNetX_C", "AnyNetX_C/1")
    (answer,) = answering.evaluate(Population(networks), plan.SECOND).values()
    found = told["second study"]
    numbers = tuple(found[name] for name in ("value", "low", "high", "margin"))
    ends = answer.interval
    assert numbers == (ends.effect.value, ends.low, ends.high, 0.4)
    assert (found["verdict"], found["of"]) == (answer.verdict, "capped means")
    assert "at once" in found["ends"]
    assert told["first study"]["of"] == "medians"


def test_the_second_study_alone_is_shown_as_it_is(recorded, tmp_path, monkeypatch):
    record_second(monkeypatch, tmp_path, make_second(few(recorded, 30)))
    explorer = edf_explorer(STILL, Population(), TWO, "x")
    assert curves(explorer) == {
        "AnyNetX_C/1": ("second study", "C", True, 30),
        "AnyNetX_D/1": ("second study", "D", True, 30),
    }


def test_nothing_of_a_second_study_that_grows_is_drawn(recorded, tmp_path, monkeypatch):
    networks = make_second(few(recorded, 30))
    record_second(monkeypatch, tmp_path, [one for one in networks if one.index < 20])
    explorer = edf_explorer(STILL, few(recorded), TWO, "x")
    assert {one["study"] for one in explorer.data["curves"]} == {"first study"}
    told = "The second study: 20 of 30 networks a space so far; drawn when all are trained."
    assert explorer.data["waiting"] == told
    (answer,) = explorer.data["contrasts"]
    assert (answer["verdict"], answer["value"]) == ("not yet", None)


@pytest.mark.parametrize(
    ("n", "told", "drawn"),
    [((20, 0), "0 to 20 of 30", 0), ((30, 20), "", 2), ((30, 30), "", 2), ((0, 0), "", 0)],
)
def test_a_study_waits_in_one_line_until_a_space_is_whole(
    n, told, drawn, recorded, tmp_path, monkeypatch
):
    networks = dict(zip(TWO, n, strict=True))
    second = make_second(r for r in few(recorded, 30) if r.index < networks[r.space])
    record_second(monkeypatch, tmp_path, [])
    data = edf_explorer(STILL, few(recorded), TWO, "x", second=Population(second)).data
    assert told in data["waiting"]
    assert bool(data["waiting"]) == bool(told)
    others = [one for one in data["curves"] if one["study"] == "second study"]
    assert len(others) == drawn
    if n == (30, 20):
        assert others[1]["still"] == "20 of 30 networks; drawn when all are trained"


def test_a_bad_record_of_the_second_study_is_named(recorded, monkeypatch):
    first, *rest = make_second(few(recorded, 5, TWO[:1]))
    second = Population([replace(first, device=None), *rest])
    five = replace(plan.SECOND, signed=EVER, n={TWO[0]: 5}, families=())
    monkeypatch.setattr(plan, "SECOND", five)
    explorer = edf_explorer(STILL, Population(), TWO[:1], "x", second=second)
    assert explorer.data["left_out"] == [f"{first.id}: lacks device"]
    assert curves(explorer)["AnyNetX_C/1"][3] == 4


def test_a_long_curve_is_listed_by_its_best(recorded, monkeypatch):
    """All networks of the first study; of more than a hundred the table says how many there are."""
    monkeypatch.setattr(edf, "ROWS", 5)
    table = edf_explorer(STILL, few(recorded, 12, TWO[:1]), TWO[:1], "x").table
    assert "AnyNetX_C, the best 5 of 12" in table
    assert table.count("<tr><td>") == 5


def test_several_recipes_are_refused(recorded):
    first, *rest = few(recorded, 4, TWO[:1])
    other = replace(first, recipe=first.recipe | {"name": "longer", "epochs": 5})
    with pytest.raises(PopulationError, match="name 'longer' and 'population', epochs 5 and 1"):
        edf_explorer(STILL, Population([other, *rest]), TWO[:1], "x")
    elsewhere = replace(other, space="AnyNetX_E")
    edf_explorer(STILL, Population([elsewhere, *rest]), TWO[:1], "x")


@pytest.mark.parametrize("key", ["", "A b", "x?y", "2", "x&y"])
def test_a_key_that_an_address_cannot_hold_is_refused(key):
    assert repr(key) in refusal(edf_explorer, STILL, Population(), TWO, key)


@pytest.mark.parametrize(
    ("spaces", "shown"), [((), None), (("A", "A"), None), (TWO, ("AnyNetX_E",)), (TWO, ())]
)
def test_spaces_that_do_not_fit_are_refused(spaces, shown):
    assert "expected different spaces" in refusal(
        edf_explorer, STILL, Population(), spaces, "x", shown=shown
    )


def test_what_is_shown_at_first_and_how_each_curve_is_drawn(recorded):
    from designspaces.figures.styles import style_of

    explorer = edf_explorer(STILL, few(recorded), TWO, "x", shown=TWO[1:], mine=[0.1234])
    assert [curve["shown"] for curve in explorer.data["curves"]] == [False, True]
    for curve in explorer.data["curves"]:
        style = style_of(curve["space"])
        assert (curve["color"], curve["width"]) == (style["color"], style["lw"])
        assert np.allclose(
            [float(x) for x in curve["dash"].split()], style["lw"] * np.array(style["ls"][1])
        )
    assert explorer.data["mine"] == [12.34]
    assert (explorer.alt, explorer.made) == ("A chart.", "as recorded")


def test_the_table_has_every_network(recorded):
    population = few(recorded)
    table = edf_explorer(STILL, population, TWO, "x").table
    for record in population:
        widths = " ".join(map(str, record.network.widths))
        assert f"<td>{record.index}<td>{100 * record.val_error:.2f}<td>" in table
        assert f"<td>{widths}<td>" in table


def test_script_and_style_are_small_and_ask_nobody():
    explorer = edf_explorer(STILL, Population(), TWO, "x")
    assert len(explorer.html()) < 35_000
    assert "http" not in explorer.html().replace("http://www.w3.org/", "")
