"""The chapter on the rest of the paper: its table leaves nothing out, its sentences hold."""

import re
from pathlib import Path

import numpy as np
import pytest

import prose
from designspaces.designs.published import PUBLISHED
from designspaces.designs.timed import TIMED
from designspaces.judging import plan
from designspaces.judging.properties import values
from designspaces.judging.ranks import spearman
from designspaces.judging.statistics import best_of
from designspaces.populations.population import Population

CHAPTERS = Path(__file__).parents[2] / "chapters"
TEXT = (CHAPTERS / "paper.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in re.findall(r"^\| .* \|$", TEXT, re.M)[1:]
]
QUESTIONS = {question.id for family in plan.FAMILIES for question in family.questions}
REVIEWED = 33  # pieces into which a review of the paper's contents divided it
PLACES = (
    *("section 1", "section 2", "section 3", "section 4", "section 5"),
    *(f"section {number}" for number in ("3.1", "3.2", "3.3", "3.4", "5.1", "5.2", "5.3")),
    *(f"appendix {letter}" for letter in "ABCD"),
)
"""Its sections and appendices that have results or aims."""


def numbers(kind: str) -> set[int]:
    """The figures or tables that the table names: "figures 19, 20" is both."""
    found = set()
    for place, *_ in ROWS:
        for match in re.finditer(rf"{kind}s? (\d+(?:, \d+)*)(?!\d*\.)", place):
            found |= {int(number) for number in match[1].split(", ")}
    return found


def test_the_table_has_a_row_for_each_piece_of_the_paper():
    places = [place for place, *_ in ROWS]
    assert len(ROWS) == len(set(places)) == REVIEWED
    assert all(len(row) == 3 and all(row) for row in ROWS)
    assert {re.match(r"\w+ [\d.]*\w?", place)[0].rstrip(",") for place in places} == set(PLACES)


def test_the_table_names_every_figure_and_table_with_results():
    """Figures 3 and 4 draw the template; 17 and 18 draw tables 3 and 4."""
    assert numbers("figure") == set(range(1, 24)) - {3, 4, 17, 18}
    assert numbers("table") == set(range(1, 8))


def test_every_row_leads_somewhere_or_says_why_not():
    for place, _, here in ROWS:
        linked = re.findall(r"\{doc\}`(\w+)`", here)
        assert all((CHAPTERS / f"{name}.md").is_file() for name in linked), place
        assert linked or re.search(r"above|not test(ed|able): ", here), place


def test_questions_of_the_second_study_are_called_by_their_ids():
    named = set()
    for *_, here in ROWS:
        named |= set(re.findall(r"`([^`]+)`", re.sub(r"\{doc\}`\w+`", "", here)))
    assert named == QUESTIONS


def test_the_chapter_is_short():
    without_tables = re.sub(r"^\|.*\n", "", TEXT, flags=re.M)
    assert len(prose.prose(without_tables).read.split()) <= 1800


def test_each_goal_has_an_exercise():
    goals = TEXT.partition("**After this chapter you can**")[2].partition("\n\n")[0]
    exercises = re.findall(r"check\(\"(paper-[a-z]+)\"", TEXT)
    assert len(re.findall(r"\b(say|tell|read|split)\b", goals)) == len(set(exercises)) == 4


def test_what_it_says_of_the_recorded_networks_holds():
    everything = Population.recorded()
    misfits = [values(everything.space(f"AnyNetX_{x}"), "fit_error").mean() for x in "CDE"]
    assert misfits == sorted(misfits, reverse=True), "from C to E they come nearer to a line"
    a = everything.space("AnyNetX_A")
    found = spearman([record.network.widths[-1] for record in a], a.errors)
    assert found.high < 0, "a wide last stage goes with a small error"
    gain = {}
    for name in ("AnyNetX_A", "AnyNetX_E", "RegNetX"):
        errors = everything.space(name).errors
        gain[name] = best_of(1, errors) - best_of(32, errors)
    assert max(gain, key=gain.get) == "RegNetX", "it gains most from 32 draws"


@pytest.fixture(scope="module")
def scope():
    """What the cells up to the draws without training define."""
    pytest.importorskip("torch")
    pytest.importorskip("IPython")
    cells = [cell.code for cell in prose.cells(TEXT)]
    (drawn,) = (i for i, code in enumerate(cells) if "BUDGETS = " in code)
    (table,) = (i for i, code in enumerate(cells) if "nobody = " in code)
    found = {}
    for i in (0, drawn - 1, drawn, table):
        exec(cells[i], found)
    return found


def test_what_it_says_of_untrained_networks_holds(scope):
    nobody, shelf = scope["nobody"], scope["shelf"]
    for name in ("group_width", "w_0", "w_a"):
        assert spearman(nobody.flops, nobody[name]).low > 0, "grows untrained"
    depth = spearman(nobody.flops, nobody.depth)
    assert depth.low < 0 < depth.high
    assert nobody.depth.median() == pytest.approx(20, abs=2)
    assert nobody.w_m.median() == pytest.approx(2.5, abs=0.15)
    assert len(shelf) == len(PUBLISHED) - 2, "two lines serve an X and a Y"
    smaller = shelf[shelf.flops < 6.5e9]
    trend = {
        name: [spearman(some.flops, some[name]) for some in (smaller, nobody)]
        for name in ("group_width", "w_a", "depth")
    }
    assert trend["w_a"][0].value < trend["w_a"][1].low, "grows less"
    assert trend["group_width"][0].low > trend["group_width"][1].high, "more surely"
    assert trend["depth"][0].low > 0
    assert shelf[shelf.flops < 1e9].depth.mean() < shelf[shelf.flops > 1e9].depth.mean() - 3


def test_what_it_says_of_the_comparison_with_efficientnet_holds():
    timed = {one.network: one for one in TIMED}
    sizes = ("400MF", "600MF", "800MF", "1.6GF", "4.0GF", "8.0GF")
    for i, size in enumerate(sizes):
        e, y = timed[f"EfficientNet-B{i}"], timed[f"RegNetY-{size}"]
        error = np.hypot(e.std, y.std) / 5**0.5
        assert (e.error < y.error) == (e.flops <= 1e9), "ahead up to a billion"
        assert abs(e.error - y.error) > error
        assert e.own_error < y.error, "by its own recipe everywhere"
    at_equal = [timed[name] for name in ("RegNetX-3.2GF", "ResNet-50")]
    assert at_equal[0].error < at_equal[1].error < at_equal[1].own_error
