"""The slides of the built pages: whatever the chapters come to say, no slide may overflow."""

import pytest
from pages import HTML

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
