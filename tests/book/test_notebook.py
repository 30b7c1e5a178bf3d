"""What a chapter hands to its prose."""

import pytest

pytest.importorskip("IPython")
pytest.importorskip("matplotlib")

from designspaces.book import notebook


@pytest.fixture
def glued(monkeypatch) -> dict:
    said = {}
    monkeypatch.setattr(notebook, "glue", lambda name, value, display: said.update({name: value}))
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


def test_without_the_book_nothing_is_handed_over(monkeypatch):
    monkeypatch.setattr(notebook, "glue", None)
    notebook.say(1, accuracy=91.25)
