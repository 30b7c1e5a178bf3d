"""The chapters' code is short and fits the page; their prose agrees with the data."""

import re
import statistics
from pathlib import Path

import pytest

from designspaces.judging.claims import CLAIMS, evaluate
from designspaces.judging.properties import values
from designspaces.judging.sensitivity import sensitivity
from designspaces.judging.statistics import spearman
from designspaces.judging.verdicts import VERDICTS
from designspaces.populations.population import Population

PAGES = sorted((Path(__file__).parents[2] / "chapters").glob("*.md"))
CHAPTERS = [path for path in PAGES if path.stem != "references"]
CELL = re.compile(r"^```\{code-cell\}.*?\n(?P<body>.*?)^```$", re.M | re.S)


def cells(path: Path) -> list[list[str]]:
    """The code lines of each cell, without its tags."""
    bodies = (match["body"].splitlines() for match in CELL.finditer(path.read_text("utf-8")))
    return [[line for line in body if not line.startswith(":")] for body in bodies]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_code_cells_are_short(path):
    lengths = [len(cell) for cell in cells(path)]
    assert lengths, "a chapter without code"
    assert statistics.median(lengths) <= 8
    assert max(lengths) <= 40


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_code_fits_the_page(path):
    long = [line for cell in cells(path) for line in cell if len(line) > 76]
    assert not long


HOLDS = re.compile(r"^% holds: (?P<claim>[^, ]+) is (?P<verdict>.+)$", re.M)
WAY = re.compile(r"^% holds: (?P<claim>\S+), (?P<way>.+), has zero (?P<where>\w+)$", re.M)
TREND = re.compile(r"^% holds: (?P<space>\S+), (?P<property>\w+), is (?P<sign>\w+)$", re.M)


def guards(pattern: re.Pattern) -> list[tuple[str, dict[str, str]]]:
    """The comments of one kind that say what a paragraph leans on, with their pages."""
    texts = {path.name: path.read_text("utf-8") for path in PAGES}
    return [(name, m.groupdict()) for name, text in texts.items() for m in pattern.finditer(text)]


def test_every_guard_is_of_a_kind_that_is_tested():
    text = "".join(path.read_text("utf-8") for path in PAGES)
    assert text.count("% holds:") == sum(len(guards(kind)) for kind in (HOLDS, WAY, TREND))


def test_prose_that_leans_on_another_way_to_compare_agrees_with_the_data():
    ways = sensitivity(Population.recorded(), Population.trial("five-epochs"))
    for page, said in guards(WAY):
        one = ways[said["claim"]][said["way"]]
        assert said["where"] == ("inside" if one.low <= 0 <= one.high else "outside"), (page, said)


def test_prose_that_leans_on_a_trend_agrees_with_the_data():
    for page, said in guards(TREND):
        records = Population.recorded(said["space"])
        found = spearman(values(records, said["property"]), values(records, "error"))
        assert found.p < 0.05, (page, said)
        assert said["sign"] == ("positive" if found.value > 0 else "negative"), (page, said)


def test_prose_that_leans_on_a_verdict_agrees_with_the_data():
    """A comment "% holds: C-D is supported" guards a paragraph that is true only then."""
    found = evaluate(Population.recorded())
    leaning = guards(HOLDS)
    assert leaning, "no paragraph says what it leans on"
    for page, match in leaning:
        assert match["verdict"] in VERDICTS, f"{page}: {match}"
        now = found[match["claim"]].verdict
        said = f"{page} says that {match['claim']} is {match['verdict']}; the data say: {now}"
        assert now == match["verdict"], f"{said}. Write that paragraph anew."


def test_every_claim_that_was_tested_is_told_with_its_verdict():
    text = "".join(path.read_text("utf-8") for path in PAGES)
    for claim in CLAIMS:
        if type(claim.rule).__name__ != "Untestable":
            assert f"`verdict_{claim.id}`" in text
            assert f"`measured_{claim.id}`" in text


@pytest.mark.parametrize("name", ["constraints", "regnet"])
def test_a_page_builds_where_networks_are_few(name, monkeypatch):
    """Some spaces have five networks, some none: the cells run, and say so."""
    pytest.importorskip("IPython")
    pytest.importorskip("torch")
    everything, sizes = Population.recorded(), {"AnyNetX_D": 5, "RegNetX": 5}
    few = Population(
        record
        for space in {record.space for record in everything}
        for record in list(everything.space(space))[: 0 if "_D_" in space else sizes.get(space)]
    )
    monkeypatch.setattr(Population, "recorded", classmethod(lambda cls, *spaces: few))
    shown, said, scope = {}, {}, {}
    monkeypatch.setattr("designspaces.book.notebook.show", shown.__setitem__)
    monkeypatch.setattr("designspaces.book.notebook.say", said.update)
    (path,) = (path for path in PAGES if path.stem == name)
    for cell in cells(path):
        exec("\n".join(cell), scope)
    assert any("5 networks" in picture.alt for picture in shown.values())
    too_few = [text for key, text in said.items() if str(text).startswith("Too few networks")]
    assert "Too few networks: D has 5 networks; this takes at least 10" in too_few
    assert len(too_few) >= 4
