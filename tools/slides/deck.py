"""Slides as one HTML file that needs no network: styles and script inside, MathJax beside it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from bs4 import Tag

from built import text_of
from slides.collect import Slide, letters_across
from slides.sentences import sentences

HERE = Path(__file__).parent
HUES = HERE.parents[1] / "_static" / "hues.css"
WIDE, HIGH = 1160, 530  # pixels that a slide of 1280 x 720 has for drawings
WORDY = 24  # letters in a cell
SET_IN = "tex2jax_process|mathjax_process|math|output_area"
MATHJAX = {"options": {"processHtmlClass": SET_IN, "enableMenu": False}}
PAGE = """<!doctype html>
<html lang="en" class="plain">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{css}
</style>
{math}</head>
<body>
<main>
{slides}
</main>
<nav aria-label="Slides" hidden>
<button data-do="previous" aria-label="Previous slide" title="Previous (left)">&#8592;</button>
<output aria-live="polite"></output>
<button data-do="next" aria-label="Next slide" title="Next (right, space)">&#8594;</button>
<button data-do="overview" title="All slides (O)">All</button>
<button data-do="notes" title="Notes below the slide (N), in a window (S)">Notes</button>
<button data-do="theme" title="Light or dark (D)">Light/dark</button>
</nav>
<script>
{js}
</script>
</body>
</html>
"""
MATH = """<script>window.MathJax = {options}</script>
<script defer src="shared/mathjax/tex-mml-chtml.js"></script>
"""


@dataclass
class Deck:
    name: str  # of the file
    title: str
    slides: Sequence[Slide]
    until: dict[str, int] = field(
        default_factory=dict
    )  # slide's id -> the minute at which it should be done

    def html(self) -> str:
        total = len(self.slides)
        shown = [
            of_slide(slide, i, total, self.until.get(slide.id))
            for i, slide in enumerate(self.slides, 1)
        ]
        slides = "\n".join(shown)
        math = MATH.format(options=json.dumps(MATHJAX)) if 'class="math' in slides else ""
        return PAGE.format(
            title=escape(self.title),
            css=read("deck.css") + HUES.read_text(encoding="utf-8"),
            js=read("deck.js"),
            math=math,
            slides=slides,
        )


def read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8").strip()


def of_slide(slide: Slide, number: int, total: int, until: int | None) -> str:
    heading = "h1" if slide.kind == "title" else "h2"
    high = (
        HIGH - sum(lines(one, 90) * 34 + 18 for one in slide.points) - 44 * (len(slide.title) > 55)
    )
    body = [as_point(one) if one.name == "p" else dressed(one, high) for one in slide.body]
    captions = [caption for one in slide.shown for caption in one.select("figcaption p")]
    notes = [str(one) for one in [*slide.notes, *captions]]
    minute = f' data-until="{until}"' if until else ""
    return (
        f'<section class="slide {slide.kind}" id="{slide.id}"{minute} '
        f'aria-label="Slide {number} of {total}">'
        f'<div class="frame"><{heading}>{escape(slide.title)}</{heading}>'
        f'<div class="body">{"".join(body)}</div>'
        f"<footer><span>{escape(slide.chapter)}</span><span>{number}</span></footer></div>"
        f'<aside class="notes" aria-label="Notes">{"".join(notes)}</aside></section>'
    )


def as_point(point: Tag) -> str:
    """A sentence without links, which would lead away, and citations that it can spare."""
    point = without_links(point)
    for citation in point.select(".bibtex-citation"):
        before = str(citation.previous_sibling or "")
        if not re.search(r"\b(as|by|from|in|of|see|to|with)\s*$", before):
            citation.decompose()
    return re.sub(r"\s+([.,;:?])", r"\1", str(point))


def lines(text: Tag | None, letters: int) -> int:
    """How many lines of so many letters it takes."""
    return -(-len(text_of(text)) // letters) if text else 0


def without_links(part: Tag) -> Tag:
    part = copy.copy(part)
    for link in part.find_all("a"):
        link.unwrap()
    return part


def dressed(one: Tag, high: int) -> str:
    """A figure, table, formula or cell, as it fits a slide."""
    one = without_links(one)
    if one.name == "figure":
        shorten(one.find("figcaption"))
        arrange(one, high - lines(one.find("figcaption"), 140) * 23)
    elif one.name == "table":
        align(one)
        one.attrs.pop("border", None)
        one["style"] = f"font-size:{letters_of(one, high) / 20:.2f}rem"
    else:
        for number in one.select(".eqno"):
            number.decompose()
    return str(one)


def align(table: Tag) -> None:
    """Columns of words stand left, columns of numbers right."""
    rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    wordy = {
        i
        for row in rows
        for i, cell in enumerate(row)
        if cell.name == "td" and len(text_of(cell)) > WORDY and text_of(cell)[0].isalpha()
    }
    for row in rows:
        for i in wordy & set(range(len(row))):
            row[i]["style"] = "text-align:left"


def letters_of(table: Tag, high: int) -> float:
    """The size of its letters, in pixels, by its rows and by its letters across."""
    rows = len(table.find_all("tr"))
    return min(26, max(15, min(high / (1.9 * rows), WIDE / (0.62 * letters_across(table)))))


def arrange(figure: Tag, high: int) -> None:
    """Drawings in as many columns as make them largest."""
    picture = figure.select_one(".picture")
    for group in picture.select(":scope > div:has(> div)") if picture else []:
        group.unwrap()
    drawings = picture.find_all(["svg", "div"], recursive=False) if picture else []
    boxes = [shape(one) for one in drawings]
    if not boxes:
        return
    width, height = max(box[0] for box in boxes), max(box[1] for box in boxes)

    def scale(columns: int) -> float:
        rows = -(-len(boxes) // columns)
        return min(WIDE / (columns * width), high / (rows * height))

    columns = max(range(1, len(boxes) + 1), key=scale)
    rows = -(-len(boxes) // columns)
    note = picture.find("p", recursive=False)
    picture["style"] = (
        f"grid-template-columns:repeat({columns},minmax(0,1fr));"
        f"grid-template-rows:{'auto ' * bool(note)}repeat({rows},minmax(0,1fr))"
    )
    picture["class"] = "picture grid"
    if note:
        note["style"] = "grid-column:1/-1;margin:0"
    for drawing in drawings:
        drawing["style"] = "width:100%;height:100%"


def shape(drawing: Tag) -> tuple[float, float]:
    """Its width and height; of a small image with words below it, about that."""
    box = drawing.get("viewbox") or drawing.get("viewBox") or "0 0 100 140"
    width, height = box.split()[2:]
    return float(width), float(height)


def shorten(caption: Tag | None) -> None:
    """The number and the first sentence; the rest is in the notes."""
    text = caption.select_one(".caption-text") if caption else None
    if text is None:
        return
    first = sentences(text)[0]
    text.clear()
    text.append(first)
