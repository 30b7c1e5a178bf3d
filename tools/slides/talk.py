"""The deck for a talk: slides of the chapters, in the order of talk.yml."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import yaml
from bs4 import BeautifulSoup

from built import prefix_ids
from slides.collect import ALONE, Slide
from slides.deck import Deck

LIST = Path(__file__).with_name("talk.yml")


def read(path: Path = LIST) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def called(talk: dict) -> list[tuple[str, str]]:
    """(chapter, id) of all that the talk shows, in its order."""
    return [
        (chapter, one)
        for part in talk["parts"]
        for entry in part["show"]
        for chapter, ids in entry.items()
        for one in ids
    ]


def talk_deck(talk: dict, chapters: Mapping[str, Sequence[Slide]]) -> Deck:
    """Raises ValueError naming a chapter or an id that is not there."""
    slides, until = [opening(talk)], {}
    for part in talk["parts"]:
        for chapter, one in called({"parts": [part]}):
            for slide in find(chapters, chapter, one):
                slides.append(prefixed(slide, chapter))
                slides[-1].chapter = f"{part['part']} · {slide.chapter}"
                until[slides[-1].id] = part["until"]
    return Deck("talk", talk["title"], slides, until)


def find(chapters: Mapping[str, Sequence[Slide]], chapter: str, one: str) -> list[Slide]:
    if chapter not in chapters:
        raise ValueError(f"talk.yml names the chapter {chapter!r}; there are {sorted(chapters)}")
    section = [slide for slide in chapters[chapter] if one == slide.section]
    found = section or [slide for slide in chapters[chapter] if one in slide.ids()]
    if not found:
        raise ValueError(f"talk.yml names {one!r} of {chapter!r}, but no slide there has this id")
    return found


def opening(talk: dict) -> Slide:
    """The title, and the parts of the talk, with their times in the notes."""
    slide = Slide("talk", "talk", talk["title"], f"{talk['minutes']} minutes", kind="title")
    html = BeautifulSoup(
        "".join(f"<p>{escape(part['part'])}</p>" for part in talk["parts"]), "html.parser"
    )
    slide.say(html.find_all("p"), limit=ALONE)
    times = "".join(
        f"<p>To minute {part['until']}: {escape(part['part'])}</p>" for part in talk["parts"]
    )
    slide.notes = BeautifulSoup(times, "html.parser").find_all("p")
    return slide


def prefixed(slide: Slide, chapter: str) -> Slide:
    slide = copy.deepcopy(slide)
    slide.id = f"{chapter}--{slide.id}"
    for one in [*slide.body, *slide.notes]:
        prefix_ids(one, chapter)
    return slide
