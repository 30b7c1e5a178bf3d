"""What the house does to a page, and where it says that the book stands."""

from types import SimpleNamespace

import pytest

import house


def cured(pagename="chapters/x", body="", notebooks=("chapters/x.ipynb",)):
    context = {
        "body": body,
        "header_buttons": [{"label": "launch-buttons"}, {"label": "download-buttons"}],
        "script_files": [SimpleNamespace(filename="_static/mathjax/m.js", attributes={}), "a.js"],
        "css_files": ["_static/sphinx-thebe.css", "_static/book.css"],
    }
    app = SimpleNamespace(config=SimpleNamespace(house_notebooks=list(notebooks)))
    house.cure_page(app, pagename, "page.html", context, None)
    return context


def test_a_page_without_a_tracked_notebook_has_no_launch_button():
    assert len(cured()["header_buttons"]) == 2
    assert cured("index")["header_buttons"] == [{"label": "download-buttons"}]


def test_a_page_without_formulas_does_not_load_mathjax():
    assert cured()["script_files"] == ["a.js"]
    assert len(cured(body='<span class="math notranslate">x</span>')["script_files"]) == 2


def test_no_thebe():
    assert cured()["css_files"] == ["_static/book.css"]


@pytest.mark.parametrize(
    "repository",
    ["https://github.com/a/b", "https://github.com/a/b/", "https://github.com/a/b.git"],
)
def test_the_published_address_follows_the_repositorys(repository):
    assert house.pages_address(repository) == "https://a.github.io/b/"
