"""The slides of the built pages: whatever the chapters come to say, no slide may overflow."""

import re

import pytest
from bs4 import BeautifulSoup
from pages import HTML

from built import text_of
from decks import MEASURE, open_deck
from slides.__main__ import write

pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    if not HTML.is_dir():
        pytest.fail(f"no built book at {HTML}; `make test` builds it, BOOK_HTML names another")
    return write(HTML, tmp_path_factory.mktemp("decks") / "slides")


def test_every_slide_fits(files):
    wrong = {}
    with open_deck() as visit:
        for path in files:
            page, problems = visit(path)
            wrong[path.name] = page.evaluate(MEASURE) + problems
    assert {name: found for name, found in wrong.items() if found} == {}
    assert len(wrong) > 10
    assert "talk.html" in wrong


def loose(slide):
    """What of a slide does not stand alone."""
    body = slide.select_one(".body").find_all(True, recursive=False)
    points = [one for one in body if one.name == "p"]
    for one, after in zip(body, [*body[1:], None], strict=True):
        shown = after and (after.name != "p" or after.get("data-item"))
        if one.name == "p" and text_of(one).endswith(":") and not shown:
            yield text_of(one)
    yield from (text_of(one) for one in points if re.match("(And|Then) ", text_of(one)))
    if len(points) == 1 and text_of(points[0]).startswith("Does it"):
        yield text_of(points[0])
    if not text_of(slide.select_one(".notes")):
        yield "no notes"


def test_every_slide_stands_alone(files):
    decks = {path.name: BeautifulSoup(path.read_text(), "html.parser") for path in files}
    found = {
        f"{name}#{slide['id']}": wrong
        for name, deck in decks.items()
        for slide in deck.select(".slide")
        if (wrong := list(loose(slide)))
    }
    assert found == {}
