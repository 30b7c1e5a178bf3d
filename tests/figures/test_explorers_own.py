"""The EDF explorer on spaces of one's own: networks of whatever kind, counts, bad records."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.book.new_space import write_space
from designspaces.designs.regnet import Line
from designspaces.experiments.mlps import space as mlp_spaces
from designspaces.figures.canvas import Picture
from designspaces.figures.explorers import edf_rows
from designspaces.figures.explorers.edf import explore
from designspaces.figures.styles import SPACE_STYLES, UNKNOWN, styles_of
from designspaces.judging.properties import nearest_line
from designspaces.judging.questions import Means, Partners
from designspaces.judging.study import Family, Plan
from designspaces.populations.population import Population
from designspaces.training.recipe import POPULATION
from own_records import make_own
from unpacked import networks_of

EXPERIMENTS = "designspaces.experiments"
SPACES = {
    "violations": f"{EXPERIMENTS}.violations.space:FALLING_WIDTHS",
    "plain": f"{EXPERIMENTS}.plain.space:EQUAL_FLOPS",
    "stages": f"{EXPERIMENTS}.stages.space:TWO_STAGES",
    "mlps": f"{EXPERIMENTS}.mlps.space:MLP_LINE_SMALL",
    "convnext": f"{EXPERIMENTS}.convnext.space:A",
    "new-space": "designspaces.book.template.space:RISING",
}
OWN_KIND = ("mlps", "convnext", "new-space")
N = 4


@pytest.fixture(scope="module")
def records():
    return {name: make_own(where, N) for name, where in SPACES.items()}


def drawn(records, planned=None, **options):
    population = Population(records)
    names = dict.fromkeys(record.space for record in records)
    return explore(population, planned or dict.fromkeys(names, 1), "x", **options)


def rows(explorer, which=0):
    return networks_of(explorer, which)


@pytest.mark.parametrize("name", SPACES)
def test_a_record_of_each_experiment_is_drawn(name, records):
    explorer = drawn(records[name])
    found = {row["index"]: row for row in rows(explorer)}
    assert explorer.data["left_out"] == []
    assert sorted(found) == list(range(N))
    for record in records[name]:
        row, network = found[record.index], record.network
        assert (row["depths"], row["widths"]) == (list(network.depths), list(network.widths))
        assert row["error_percent"] == pytest.approx(100 * record.val_error)
        assert row["settings"] == (record.architecture if name in OWN_KIND else None)
        assert (row["group_widths"] is None) == (name in OWN_KIND)
        how = explorer.data["hows"][row["how"]]
        assert how["origin"] == record.origin
        assert ("frame" in how) == (name not in OWN_KIND)
    assert f"<td>{records[name][0].index}<td>" in explorer.table
    assert explorer.data["curves"][0]["study"] == "experiment"


@pytest.mark.parametrize("name", OWN_KIND)
def test_the_nearest_line_is_that_of_the_fit_and_says_whether_it_is_read_backwards(name, records):
    ways = set()
    for row in rows(drawn(records[name])):
        (record,) = (r for r in records[name] if r.index == row["index"])
        *line, percent, falls = row["nearest_line"]
        found = Line(sum(row["depths"]), *line).widths[:: -1 if falls else 1]
        widths = np.repeat(row["widths"], row["depths"])
        missed = 100 * np.expm1(np.abs(np.log(found / widths)).mean())
        assert missed == pytest.approx(nearest_line(record).percent, abs=0.05)
        assert percent == round(missed, 1)
        ways.add(falls)
    assert ways == ({0, 1} if name == "mlps" else {0})


def test_settings_of_each_network_stand_in_the_table(records):
    table = drawn(records["mlps"]).table
    for name in ("depths", "widths", "expansion", "residual", "resolution"):
        assert f'<th scope="col">{name}</th>' in table
    best = min(records["mlps"], key=lambda record: record.val_error)
    widths = " ".join(map(str, best.network.widths))
    residual = "yes" if best.network.residual else "no"
    assert f"<td>{widths}<td>{best.network.expansion:g}<td>{residual}<td>28" in table


class Odd:
    """A network of a kind that has only what a space must have, and what is given."""

    def __init__(self, **has):
        vars(self).update(has)


@pytest.mark.parametrize(
    ("has", "depths", "widths"),
    [
        ({}, None, None),
        ({"widths": (16, 24, 32)}, None, [16, 24, 32]),
        ({"depths": (1, 2)}, None, None),
        ({"depths": (1, 2), "widths": (16,)}, None, None),
        ({"depths": (1, 2), "widths": (16, 0.5)}, None, None),
        ({"depths": 3, "widths": "wide"}, None, None),
        ({"depths": (1, 2), "widths": (16, 24)}, [1, 2], [16, 24]),
    ],
)
def test_what_a_kind_has_not_is_left_out(has, depths, widths, records, monkeypatch):
    record = records["new-space"][0]
    monkeypatch.setitem(vars(record), "network", Odd(**has))
    (row,) = rows(drawn([record]))
    assert (row["depths"], row["widths"]) == (depths, widths)
    assert (row["nearest_line"] is None) == (depths is None)


def test_widths_that_no_line_fits_have_none(records, monkeypatch):
    def refuse(record):
        raise ValueError("no line")

    monkeypatch.setattr(edf_rows, "nearest_line", refuse)
    assert rows(drawn(records["mlps"]))[0]["nearest_line"] is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"origin": None}, "lacks origin"),
        ({"device": None, "seconds": None}, "lacks seconds, device"),
        ({"origin": {"space": SPACES["mlps"], "checksum": "0"}}, "has changed since its records"),
        ({"origin": {"space": "gone.py:SPACE", "checksum": "0"}}, "there is no file gone.py"),
        ({"architecture": {"kind": "mlp"}}, "expected those of an MLP's to_dict"),
        ({"architecture": None}, "MLP_line_small/1/0/0"),
    ],
)
def test_a_record_that_is_not_whole_is_named_and_the_rest_drawn(fault, words, records):
    first, *rest = records["mlps"]
    explorer = drawn([replace(first, **fault), *rest])
    (left_out,) = explorer.data["left_out"]
    assert left_out.startswith(first.id)
    assert words in left_out
    assert sorted(row["index"] for row in rows(explorer)) == [1, 2, 3]
    assert first.id in explorer.table


def test_a_space_that_new_space_wrote_is_drawn_from_its_folder(tmp_path, monkeypatch):
    write_space("my_blocks", tmp_path)
    monkeypatch.chdir(tmp_path / "my_blocks")
    explorer = drawn(make_own("space.py:FREE", 2))
    assert [row["settings"]["kind"] for row in rows(explorer)] == ["my_blocks"] * 2
    assert explorer.data["curves"][0]["name"] == "my blocks free"


# --- what a plan says -----------------------------------------------------------------------------


def test_before_a_space_is_complete_only_counts_are_told(records):
    one, other = (records[name] for name in ("mlps", "convnext"))
    growing = {"MLP_line_small": N, "ConvNeXt_A": N + 1}
    explorer = drawn([*one, *other], growing)
    assert [curve["n"] for curve in explorer.data["curves"]] == [N, 0]
    still = explorer.data["curves"][1]["still"]
    assert still == f"{N} of {N + 1} networks; drawn when all are trained"
    assert "ConvNeXt_A" not in explorer.alt
    nothing = drawn([*one, *other], dict.fromkeys(growing, 100))
    assert isinstance(nothing, Picture)
    assert "MLP_line_small 4 of 100, ConvNeXt_A 4 of 100" in nothing.html()


TEN = {
    "designspaces.book.template.space:FREE": 0.0,
    "designspaces.book.template.space:RISING": 0.03,
}


@pytest.mark.parametrize("pairs", [False, True])
def test_answers_of_the_plan_are_told_between_two_curves(pairs):
    evidence = [one for where, better in TEN.items() for one in make_own(where, 10, better=better)]
    about = {"id": "rising", "text": "Rising widths help", "source": "3.2", "expects": "better"}
    free, rising = "template_free", "template_rising"
    evidence = [  # pairs that all differ alike would tell nothing of their luck
        replace(r, val_error=r.val_error + 1e-4 * (r.index % 3) * (r.space == rising))
        for r in evidence
    ]
    asked = Partners(**about, networks=rising, partners=free)
    asked = asked if pairs else Means(**about, a=free, b=rising)
    n = {free: 10, rising: 10}
    plan = Plan(None, POPULATION, 1, n, 0.5, False, (Family("primary", True, (asked,)),))
    (found,) = drawn(evidence, n, plan=plan).data["contrasts"]
    assert (found["a"], found["b"], found["study"]) == (free, rising, "experiment")
    assert found["value"] == pytest.approx(-3, abs=0.02)
    assert found["verdict"].startswith("supported")
    assert ("pair by pair" in found["of"]) == pairs
    assert drawn(evidence, n).data["contrasts"] == []


def test_a_bad_key_is_refused(records):
    with pytest.raises(ValueError, match="key is 'A b'"):
        explore(Population(records["mlps"]), {"MLP_line_small": 1}, "A b")


# --- hues -----------------------------------------------------------------------------------------


def test_spaces_of_ones_own_take_the_hues_that_are_left():
    book = ["AnyNetX_C", "RegNetX", "AnyNetX_C_equal_widths"]
    found = styles_of([*book, "mine", "yours"])
    assert {name: found[name] for name in book} == styles_of(book)
    colors = [found[name]["color"] for name in ("AnyNetX_C", "RegNetX", "mine", "yours")]
    assert len(set(colors)) == 4
    assert found["mine"] == SPACE_STYLES["AnyNetX_A"]


def test_two_sizes_of_five_spaces_share_their_hues():
    names = [one.name for one in (*mlp_spaces.SMALL, *mlp_spaces.LARGE)]
    found = styles_of(names)
    for small, large in zip(names[:5], names[5:], strict=True):
        assert found[small]["color"] == found[large]["color"]
        assert found[small]["ls"] != found[large]["ls"]
        assert found[small]["lw"] < found[large]["lw"]
    assert len({found[name]["color"] for name in names}) == 5


def test_beside_all_spaces_of_the_book_no_hue_is_left():
    assert styles_of([*SPACE_STYLES, "mine"])["mine"] == UNKNOWN
