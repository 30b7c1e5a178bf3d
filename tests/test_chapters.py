"""The chapters' code stays short enough to read, and fits the page without scrolling."""

import re
import statistics
from pathlib import Path

import pytest

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
