"""The SVG files in figures/ are what the package draws from the recorded populations."""

from pathlib import Path
from xml.etree import ElementTree

from designspaces.figures.files import standalone_figures

FIGURES = Path(__file__).resolve().parents[2] / "figures"


def test_the_files_are_drawn_from_what_is_recorded():
    files = standalone_figures()
    assert {"edf-a-b.svg", "edf-e-regnetx.svg", "edf-widths.svg", "staircase.svg"} <= files.keys()
    for name, text in files.items():
        ElementTree.fromstring(text)
        assert "currentColor" not in text
        assert len(text) < 60_000
        there = (FIGURES / name).read_text(encoding="utf-8")
        assert there == text, f"{name}: python -m designspaces figures writes it anew"
