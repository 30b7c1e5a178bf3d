"""The chapters' code is short and fits the page; their prose agrees with the data."""

import re
import statistics
from pathlib import Path

import pytest

from designspaces.claims import CLAIMS, VERDICTS, evaluate
from designspaces.population import Population

PAGES = sorted((Path(__file__).parents[1] / "chapters").glob("*.md"))
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


HOLDS = re.compile(r"^% holds: (?P<claim>\S+) is (?P<verdict>.+)$", re.M)


def test_prose_that_leans_on_a_verdict_agrees_with_the_data():
    """A comment "% holds: C-D is supported" guards a paragraph that is true only then."""
    found = evaluate(Population.recorded())
    leaning = [(path, match) for path in PAGES for match in HOLDS.finditer(path.read_text("utf-8"))]
    assert leaning, "no paragraph says what it leans on"
    for path, match in leaning:
        assert match["verdict"] in VERDICTS, f"{path.name}: {match[0]}"
        now = found[match["claim"]].verdict
        said = f"{path.name} says that {match['claim']} is {match['verdict']}; the data say: {now}"
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
    monkeypatch.setattr("designspaces.book.show", shown.__setitem__)
    monkeypatch.setattr("designspaces.book.say", said.update)
    (path,) = (path for path in PAGES if path.stem == name)
    for cell in cells(path):
        exec("\n".join(cell), scope)
    assert any("5 networks" in picture.alt for picture in shown.values())
    too_few = [text for key, text in said.items() if str(text).startswith("Too few networks")]
    assert "Too few networks: D has 5 networks; this takes at least 10" in too_few
    assert len(too_few) >= 4
