"""The printed book: a small one always, the built one where `make pdf` has made it."""

import re
from pathlib import Path

import pytest

pytest.importorskip("bs4", reason="the book's environment is not installed")
pytest.importorskip("playwright", reason="the tests' environment is not installed")

from browser import find_browser
from built import parse, parts, text_of
from printed import __main__ as program
from printed.assemble import CSS, assemble
from printed.pdf import PDF, unescape
from small_book import small_book

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "_build" / "book.pdf"


@pytest.fixture
def book(tmp_path):
    return small_book(tmp_path)


@pytest.fixture
def document(book):
    html, toc = book
    return parse(assemble(parts(html, toc), {"rule": 4}))


def faults(pdf: PDF, chapters: list[str]) -> list[str]:
    """What is wrong with a printed book that should have these chapters."""
    outline = pdf.outline()
    places = pdf.destinations()
    found = [] if pdf.tagged() else ["it is not tagged"]
    found += [f"{one!r} is not in the outline" for one in chapters if one not in outline]
    found += [f"a link to {one!r} leads nowhere" for one in pdf.links() if one not in places]
    return found + ([] if pdf.links() else ["it has no links"])


def test_everything_is_in_the_document_unfolded(document):
    assert [text_of(one) for one in document.select("h1")] == [
        "From AnyNet to RegNet",
        "Contents",
        "1. A small book",
        "1. State a rule",
        "1. Use it",
    ]
    assert document.select("details:not([open]), .dropdown, .sd-tab-set, button, input") == []
    assert "a long line" in text_of(document)
    assert "Two." in text_of(document)


def test_links_stay_inside_and_ids_are_unique(document):
    ids = [one["id"] for one in document.find_all(id=True)]
    assert len(ids) == len(set(ids))
    inside = [one["href"] for one in document.select("a[href]")]
    assert {"#rule", "#rule--fig-wide", "#use--here"} <= set(inside)
    assert [one for one in inside if not one.startswith("#") or one[1:] not in ids] == [
        "#rule--id1"
    ]


def test_the_contents_have_the_sheets_that_are_known(document):
    lines = {text_of(one.span): text_of(one.i) for one in document.select(".table-of-contents a")}
    assert lines["1. State a rule"] == "4"
    assert lines["The rule"] == ""
    assert "References" not in lines


def test_nothing_comes_from_elsewhere(document):
    asked = [one.get("src") or one.get("href") for one in document.select("[src], link[href]")]
    assert asked == ["../_static/book.css?v=1", "../_static/mathjax/tex-mml-chtml.js"]


def test_a_small_book_is_printed(book, tmp_path, monkeypatch):
    if find_browser() is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on this machine")
    html, toc = book
    monkeypatch.setattr(program, "parts", lambda folder: parts(folder, toc))
    use = html / "chapters" / "use.html"
    use.write_text(use.read_text().replace("</article>", "<p id='id1'>A.</p></article>"))
    rule = html / "chapters" / "rule.html"
    long = "A title that goes on and on, over the end of its line and down into one more"
    renamed = rule.read_text().replace("<h2>The rule</h2>", f"<h2>{long}</h2>")
    rule.write_text(renamed.replace('href="#id1"', 'href="use.html#id1"'))
    pdf = program.print_book(html, tmp_path / "book.pdf")
    assert faults(pdf, ["1. State a rule", "1. Use it", long, "Exercises"]) == []
    assert pdf.destinations()["use"] == len(pdf.pages()) <= 6
    assert not (html / "printed").exists()
    assert "'nowhere' is not in the outline" in faults(pdf, ["nowhere"])


def test_the_style_knows_a_panel_of_a_figure():
    canvas = pytest.importorskip("designspaces.figures.canvas")
    assert f'svg[style^="width:{canvas.PANEL[0]}in"]' in CSS.read_text(encoding="utf-8")


def test_a_fault_of_a_pdf_is_seen():
    bare = PDF(
        {
            1: b"<</Type /Catalog /Pages 2 0 R>>",
            2: b"<</Type /Pages /Kids [3 0 R]>>",
            3: b"<</Type /Page>>",
            4: b"<</Type /Annot /Subtype /Link /Dest /there>>",
        }
    )
    assert faults(bare, ["A"]) == [
        "it is not tagged",
        "'A' is not in the outline",
        "a link to 'there' leads nowhere",
    ]
    assert unescape(rb"\(a\051\\") == b"(a)\\"


def test_what_is_no_pdf_is_refused(tmp_path):
    path = tmp_path / "book.pdf"
    path.write_text("<html>")
    with pytest.raises(ValueError, match="no PDF"):
        PDF.read(path)


def test_the_book():
    if not BOOK.is_file():
        pytest.skip("no _build/book.pdf here: `make pdf` makes it")
    sources = [ROOT / "_toc.yml", ROOT / "index.md", *(ROOT / "chapters").glob("*.md")]
    if BOOK.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        pytest.skip("_build/book.pdf is older than a chapter: `make pdf` makes it anew")
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    titles = [
        re.search(r"^# (.+)$", (ROOT / f"{name}.md").read_text("utf-8"), re.M)[1]
        for name in re.findall(r"file: (\S+)", toc)
    ]
    pdf = PDF.read(BOOK)
    numbered = {re.sub(r"^[\d.]+ ", "", one): one for one in pdf.outline()}
    assert faults(pdf, [numbered.get(title, title) for title in titles]) == []
    assert 150 < len(pdf.pages()) < 450
