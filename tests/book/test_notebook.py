"""What a chapter hands to its prose."""

import numpy as np
import pytest

pytest.importorskip("IPython")
pytest.importorskip("matplotlib")

from designspaces.book import notebook
from designspaces.figures.canvas import Picture


@pytest.fixture
def glued(monkeypatch) -> dict:
    said = {}
    monkeypatch.setattr(notebook, "glue", lambda name, value, **_: said.update({name: value}))
    return said


def test_values_are_handed_over_as_they_are_or_with_so_many_decimals(glued):
    notebook.say(name="RegNetX32", epochs=10)
    notebook.say(1, accuracy=91.25, gap=-0.34)
    notebook.say(0, millions=124.6)
    assert glued == {
        "name": "RegNetX32",
        "epochs": 10,
        "accuracy": "91.2",
        "gap": "−0.3",
        "millions": "125",
    }


def test_numpys_numbers_read_as_pythons(glued):
    notebook.say(n=np.int64(3), share=np.float64(0.5))
    assert [repr(value) for value in glued.values()] == ["3", "0.5"]


def test_a_figure_brings_along_how_its_data_were_made(glued):
    notebook.show("fig_edf_shared", Picture((), "A chart.", made="3 networks"))
    assert list(glued) == ["fig_edf_shared", "made_edf_shared"]
    assert glued["made_edf_shared"] == "3 networks"
    notebook.show("fig_staircase", Picture((), "A chart."))
    assert "made_staircase" not in glued


def test_without_the_book_nothing_is_handed_over(monkeypatch):
    monkeypatch.setattr(notebook, "glue", None)
    notebook.say(1, accuracy=91.25)
