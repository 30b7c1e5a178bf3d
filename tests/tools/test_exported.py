"""Every computed figure of the pages is a file in figures/pages/, and the table lists all files."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import exported
import reuse

ROOT = Path(__file__).resolve().parents[2]
HEAVIEST = 150_000
PANEL = (
    '<svg aria-hidden="true" viewBox="0 0 {0} 100" style="width:3in" '
    'xmlns="http://www.w3.org/2000/svg"><path id="p{0}" stroke="currentColor" d="M0 0H9"/></svg>'
)
PICTURE = (
    '<div class="picture" role="img" aria-label="Lines &amp; &#x27;dots&#x27;." style="x">{}</div>'
)
TILES = PICTURE.format(
    '<div><img alt="a" src="data:image/png;base64,AAAA" width="84" height="84" '
    'style="border:2px dashed #d0602a;background:#000"><br>coat<br>is dress</div>' * 9
)
PAGE = """# A page

```{code-cell} python
---
mystnb:
  figure:
    name: fig-shown
    caption: Lines.
---
picture
```

```{code-cell} python
show("fig_told", picture)
explore(records)
```

```{glue:figure} fig_told
:name: fig-told-twice

Dots.
```

```{figure} ../figures/drawn.svg
:name: fig-drawn
:alt: Boxes with a [b] in *them*.

Drawn.
```
"""


def output(html, name=None):
    metadata = {"scrapbook": {"name": name}} if name else {}
    return {"data": {"text/html": html.splitlines(keepends=True)}, "metadata": metadata}


@pytest.fixture
def book(tmp_path):
    """A book of one page with three figures, one of them drawn by hand."""
    (tmp_path / "outputs" / "chapters").mkdir(parents=True)
    (tmp_path / "chapters").mkdir()
    (tmp_path / "figures").mkdir()
    (tmp_path / "_toc.yml").write_text("root: index\nparts: [{chapters: [{file: chapters/page}]}]")
    (tmp_path / "index.md").write_text("# A book\n")
    (tmp_path / "chapters" / "page.md").write_text(PAGE)
    (tmp_path / "figures" / "drawn.svg").write_text('<svg viewBox="60 -20 492 166"/>')
    (tmp_path / "figures" / "logo.svg").write_text("<svg/>")
    (tmp_path / "figures" / "alone.svg").write_text(
        '<svg viewBox="0 0 9 9"><title>Two &gt; one.</title></svg>'
    )
    keep(tmp_path, PICTURE.format(PANEL.format(200)))
    return tmp_path


def keep(book, shown):
    empty = PICTURE.format("")  # nothing to draw yet
    told = output(PICTURE.format(PANEL.format(300) + PANEL.format(301)), "fig_told")
    unnamed = output(PICTURE.format(PANEL.format(400)))  # an explorer of what has been trained
    cells = [{"outputs": [output(shown)]}, {"outputs": [told, output(empty), unnamed]}]
    (book / "outputs" / "chapters" / "page.json").write_text(json.dumps({"cells": cells}))


# --- one figure -----------------------------------------------------------------------------------


def test_panels_stand_in_rows_that_wrap(book):
    files = exported.exported(book)
    assert list(files) == ["told-twice.svg", "shown.svg"]
    drawing = ElementTree.fromstring(files["told-twice.svg"])
    assert drawing.get("viewBox") == "0 0 301 212"
    inner = drawing.findall("{http://www.w3.org/2000/svg}svg")
    assert [(one.get("x"), one.get("y")) for one in inner] == [("0", "0"), ("0", "112")]
    assert drawing[0].text == "Lines & 'dots'."
    assert "currentColor" not in files["told-twice.svg"]


def test_what_only_an_explorer_has_is_left_out(book):
    panel = PICTURE.format(PANEL.format(200))
    keep(book, f"<div>{panel}<details><svg/></details><script>'<svg '</script></div>")
    assert exported.exported(book)["shown.svg"].count("<svg") == 2


def test_photographs_stand_in_rows_of_eight(book):
    keep(book, TILES)
    drawing = ElementTree.fromstring(exported.exported(book)["shown.svg"])
    images = drawing.findall("{http://www.w3.org/2000/svg}image")
    assert len(images) == 9
    assert images[8].get("x") == images[0].get("x")
    assert images[8].get("href").startswith("data:image/png")
    words = [one.text for one in drawing.findall("{http://www.w3.org/2000/svg}text")]
    assert words == ["coat", "is dress"] * 9


def test_files_come_and_go_with_the_figures(book):
    stale = book / "figures" / "pages" / "gone.svg"
    stale.parent.mkdir()
    stale.touch()
    assert [path.name for path in exported.write(book)] == ["told-twice.svg", "shown.svg"]
    assert not stale.exists()


def test_a_page_without_one_of_its_figures_is_refused(book):
    text = PAGE.replace("fig_told", "fig_new")
    (book / "chapters" / "page.md").write_text(text)
    with pytest.raises(ValueError, match=r"lacks figures of chapters/page.md.*told-twice.*make"):
        exported.exported(book)


def test_outputs_of_other_cells_are_refused(book):
    (book / "chapters" / "page.md").write_text(f"{PAGE}\n```{{code-cell}} python\n1\n```\n")
    with pytest.raises(ValueError, match=r"other cells than chapters/page.md.*make"):
        exported.exported(book)


# --- the table ------------------------------------------------------------------------------------


def link(name):
    return f"{{download}}`{Path(name).name} </figures/{name}>`"


def shape(width, height):
    return f"{width}\N{NO-BREAK SPACE}x\N{NO-BREAK SPACE}{height}"


def test_the_table_has_what_pages_show_and_what_they_do_not(book):
    exported.write(book)
    cells = [one.cells(book) for one in reuse.rows(book)]
    assert [one[:3] for one in cells] == [
        ["{numref}`fig-shown`", link("pages/shown.svg"), shape(200, 100)],
        ["{numref}`fig-told-twice`", link("pages/told-twice.svg"), shape(301, 212)],
        ["{numref}`fig-drawn`", link("drawn.svg"), shape(492, 166)],
        ["", link("alone.svg"), shape(9, 9)],
    ]
    assert [float(one[3]) for one in cells] == [
        round(one.path.stat().st_size / 1000, 1) for one in reuse.rows(book)
    ]
    assert [one[5] for one in cells[2:]] == [r"Boxes with a \[b\] in \*them\*.", r"Two \> one."]


def test_photographs_have_a_license_of_their_own(book):
    keep(book, TILES)
    exported.write(book)
    licenses = [one.cells(book)[4] for one in reuse.rows(book)]
    assert licenses == [reuse.PHOTOGRAPHS, reuse.LICENSE, reuse.LICENSE, reuse.LICENSE]


# --- the book's -----------------------------------------------------------------------------------


def test_the_files_are_what_the_pages_show():
    files = exported.exported()
    there = {path.name for path in (ROOT / "figures" / "pages").glob("*.svg")}
    assert there == files.keys(), "`make figures` writes them anew"
    for name, text in files.items():
        ElementTree.fromstring(text)
        assert len(text.encode()) < HEAVIEST, f"{name}: fewer points, or points as an image"
        written = (ROOT / "figures" / "pages" / name).read_text(encoding="utf-8")
        assert written == text, f"{name}: `make figures` writes it anew"


def test_every_figure_of_the_book_is_free_to_reuse():
    listed = reuse.rows(ROOT)
    names = [one.path.name for one in listed]
    assert len(set(names)) == len(names)
    there = {path.name for path in (ROOT / "figures").rglob("*.svg")}
    assert set(names) == there - set(reuse.NO_FIGURES)
    for one in listed:
        assert len(one.alt) > 20, one
        assert not re.search(r"\{|\}", one.alt), one
