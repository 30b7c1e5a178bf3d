"""The page for lecturers: its table and map, its plans, its questions."""

import re
from pathlib import Path

import pytest
import yaml

from designspaces.book.course import COURSE, row, table
from designspaces.figures.course import chapter_map

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "chapters" / "lecturers.md").read_text("utf-8")
NO_CHAPTERS = {"lecturers", "glossary", "genindex", "api", "wings", "references", "notation"}
"""Pages that one looks things up in."""


def toc() -> list[str]:
    names = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
    return [name.removeprefix("chapters/") for name in names]


def everything_before(page: str) -> set[str]:
    return set(COURSE[page].needs).union(*map(everything_before, COURSE[page].needs))


def test_each_chapter_has_an_entry_in_the_order_of_the_book():
    assert list(COURSE) == [name for name in toc() if name not in NO_CHAPTERS]


def test_titles_are_those_of_the_pages():
    for name, chapter in COURSE.items():
        text = (ROOT / "chapters" / f"{name}.md").read_text("utf-8")
        assert chapter.title == re.search(r"^# (.*)$", text, re.M)[1]


@pytest.mark.parametrize("name", COURSE)
def test_needs_are_chapters_and_say_nothing_twice(name):
    needs = COURSE[name].needs
    assert name not in everything_before(name)
    for need in needs:
        assert not everything_before(need) & set(needs), "what it needs needs it already"
    assert row(name) == 1 + max(map(row, needs)) if needs else row(name) == 0


@pytest.mark.parametrize("name", COURSE)
def test_a_page_asks_for_the_chapters_that_the_map_says(name):
    text = (ROOT / "chapters" / f"{name}.md").read_text("utf-8")
    (line,) = re.findall(r"^\*You need\*(.*?)\n\n", text, re.M | re.S)
    asked = set(re.findall(r"\{doc\}`(\w+)`", line))
    assert set(COURSE[name].needs) <= asked


def test_the_table_has_words_and_minutes():
    rows = table()
    assert [one["chapter"] for one in rows] == [one.title for one in COURSE.values()]
    for one in rows:
        assert one["assumes"]
        assert one["lab"] in range(15, 121)
        assert one["lecture"] == "" or one["lecture"] in range(15, 121)
    (populations,) = (one for one in rows if one["chapter"] == "Compare whole populations")
    assert populations["after"] == "Assemble AnyNet"


def test_the_map_shows_and_tells_every_chapter_and_need():
    picture = chapter_map(COURSE)
    (drawing,) = picture.panels
    for chapter in COURSE.values():
        assert chapter.title.split()[0] in drawing
        assert chapter.title in picture.alt
    assert picture.alt.count(" comes after ") == sum(bool(one.needs) for one in COURSE.values())
    assert chapter_map(COURSE).panels == picture.panels, "drawn twice alike"
    places = [(one.column, row(name)) for name, one in COURSE.items()]
    assert len(set(places)) == len(places), "two chapters in one place"


def test_the_plan_of_the_talk_is_that_of_its_slides():
    talk = yaml.safe_load((ROOT / "tools" / "slides" / "talk.yml").read_text("utf-8"))
    plan = PAGE.partition(f"### {talk['minutes']} minutes")[2].partition("###")[0]
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", plan, re.M)
    assert [
        (int(until), part, re.findall(r"`(\w+)`", chapters)) for until, part, chapters in rows
    ] == [
        (part["until"], part["part"], [name for entry in part["show"] for name in entry])
        for part in talk["parts"]
    ]


def test_thirty_questions_each_with_an_answer_and_its_place():
    asked = re.findall(
        r"^````\{admonition\} (\d+)\. ([^\n]+\?)\n:class: dropdown\n\n(.+?)\n````$",
        PAGE,
        re.M | re.S,
    )
    assert [int(number) for number, _, _ in asked] == list(range(1, 31))
    for _, question, answer in asked:
        assert re.search(r"\{(numref|eq|doc)\}`[\w-]+`", answer), question
        assert "`" not in question, "the fence would not open"
        assert len(question.split()) <= 32, f"too long to be asked aloud: {question}"
