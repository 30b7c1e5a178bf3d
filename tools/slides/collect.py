"""From a chapter to its slides.

A slide has the title of its section and shows, in the order of the page, the section's formulas,
figures and short tables, each figure and each table on a slide of its own. Above them stand, of the
text before them,

1. what the chapter marks, as in [This sentence.]{.slide}, also in the items of a list, which are
   then a list on the slide;
2. where it marks nothing: the sentences with a term in bold;
3. where there is none: the question before a figure or table, the words before a formula, or the
   section's first sentences. A slide of few words goes on with how each paragraph begins.

Below a formula stands the end of its sentence, and above a table at least what comes before its
cell. A sentence loses the "And" or "Then" it begins with, and is left out if it ends in ":" and
nothing follows.

A code cell is shown, with its output, if it has the tag "slide". The prose becomes the notes; where
there is none, they are the paragraph before. Exercises share a slide while it has room; the last
section, what to take along, is shown in full; references are not.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from bs4 import NavigableString, Tag

from built import Page, publish_links, text_of
from slides.sentences import sentences, wrap

ROWS, TABLE_WIDTH = 16, 110  # a larger table, in rows or letters across, stays in the book
POINTS = 300  # letters of text on a slide that shows something else, too
ALONE = 620  # and on one that does not
FEW = 120  # where it says less and shows nothing, it goes on with how each paragraph begins
TASK = 300  # letters that say what an exercise asks
OPENS = "After this chapter you can"
LEANS = re.compile(
    r"(This|That|It|Its|These|They|Such|Does it|Call|The paper calls|The second|The last)\b"
)
ASIDE = re.compile(rf"\(|{LEANS.pattern}")
ASKS = re.compile(r"(Build|Find|Give|Replace|Work out|Write)\b|.*\?$", re.S)
JOINS = re.compile(r"^\s*(?:And|Then) (\w?)")
HEADING = re.compile("^h[1-6]$")


@dataclass
class Slide:
    id: str
    section: str  # its id; the first slide of a section has the same
    title: str
    chapter: str
    body: list[Tag] = field(default_factory=list)  # <p class="point">, formulas, a figure, a table
    notes: list[Tag] = field(default_factory=list)
    kind: str = ""  # "title", "plain" (nothing but points)

    @property
    def points(self) -> list[Tag]:
        return [one for one in self.body if one.name == "p"]

    @property
    def shown(self) -> list[Tag]:
        return [one for one in self.body if one.name != "p"]

    def letters(self) -> int:
        return sum(len(text_of(point)) for point in self.points)

    def full(self) -> bool:
        """Nothing more goes below a figure, a table, code, or two formulas."""
        return any(not is_formula(one) for one in self.shown) or len(self.shown) > 1

    def say(self, sentences: Iterable[Tag], limit: int) -> None:
        """Take sentences as points while they have room and are not there yet."""
        for one in sentences:
            unjoin(one)
            there = {text_of(point) for point in self.points}
            if text_of(one) not in there and self.letters() + len(text_of(one)) <= limit:
                one.name = "p"
                one["class"] = "point item" if one.get("data-item") else "point"
                self.body.append(one)

    def ids(self) -> set[str]:
        """What a talk may call it by: its own id, and those of what it shows."""
        inside = [one for shown in self.shown for one in [shown, *shown.find_all(id=True)]]
        return {self.id, *(one["id"] for one in inside if one.get("id"))}


def unjoin(sentence: Tag) -> None:
    """Without the "And" or "Then" that joins it to the one before."""
    first = next(sentence.strings, None)
    if first and JOINS.match(first):
        first.replace_with(NavigableString(JOINS.sub(lambda found: found[1].upper(), first)))


def opening(article: Tag) -> Tag | None:
    """What the chapter's reader will be able to do; a page without it is no chapter."""
    paragraphs = article.select(":scope > section > p")
    return next((one for one in paragraphs if text_of(one).startswith(OPENS)), None)


def collect(page: Page, book: str) -> list[Slide]:
    """The slides of one chapter of the book with the title `book`, in the chapter's order."""
    article = page.article()
    publish_links(article, page.address())
    for number in article.select(".section-number"):
        number.decompose()
    for mark in article.select("span.slide"):
        mark["class"] = "quoted"  # the name "slide" is the slides'
    for mark in article.select("span.kept"):
        mark.unwrap()  # else the end of a sentence would stand in it
    article.smooth()
    top = article.find("section")
    chapter = text_of(top.find("h1"))
    first = Slide(top["id"], top["id"], chapter, book, kind="title")
    first.say([copy.copy(opening(article))], limit=ALONE)
    first.notes = [copy.copy(one) for one in top.find_all("p", recursive=False)]
    slides = [first]
    for section in top.find_all("section"):
        heading = section.find(HEADING, recursive=False)
        if heading is None or section["id"] == "references":
            continue
        if section["id"] == "exercises":
            slides += exercises(section, chapter)
        elif found := of_section(section, text_of(heading), chapter):
            slides += found
        else:
            slides[-1].notes += [copy.copy(one) for one in section.find_all("p", recursive=False)]
    for before, slide in pairwise(slides):
        slide.notes = slide.notes or [copy.copy(one) for one in before.notes[-1:]]
    return slides


def exercises(section: Tag, chapter: str) -> list[Slide]:
    """The title of each exercise and what it asks, on as many slides as that takes."""
    slides = [Slide(section["id"], section["id"], "Exercises", chapter, kind="plain")]
    for box in section.select(".exercise"):
        title, text, *_ = box.find_all("p")
        name = re.sub(r"^Exercise [\d.]+ \((.*)\)$", r"\1", text_of(title))
        quoted = lead(name, task(text))
        if slides[-1].points and slides[-1].letters() + len(text_of(quoted)) > ALONE:
            slides.append(following(slides))
            slides[-1].kind = "plain"
        slides[-1].say([quoted], limit=2 * ALONE)
        slides[-1].notes += [copy.copy(one) for one in box.find_all("p")]
    return slides if slides[0].points else []


def following(slides: list[Slide]) -> Slide:
    """One more of the same section."""
    first = slides[0]
    return Slide(f"{first.id}-{len(slides) + 1}", first.section, first.title, first.chapter)


def task(paragraph: Tag) -> Tag:
    """Its sentences to the first that asks for something, or the first and that one, if short."""
    every = sentences(paragraph)
    asks = next((i for i, one in enumerate(every) if ASKS.match(text_of(one))), 0)
    for chosen in (every[: asks + 1], [every[0], every[asks]]):
        if asks and sum(len(text_of(one)) for one in chosen) < TASK:
            return joined(chosen)
    return every[0]


def joined(parts: list[Tag]) -> Tag:
    """The first, with the others at its end."""
    first, *more = parts
    for one in more:
        first.extend([" ", *list(one.children)])
    return first


def lead(name: str, sentence: Tag) -> Tag:
    strong = copy.copy(sentence)
    strong.clear()
    end = "" if name.endswith(("?", "!")) else "."
    strong.name, strong.string = "strong", f"{name}{end} "
    sentence.insert(0, strong)
    return sentence


def of_section(section: Tag, title: str, chapter: str) -> list[Slide]:
    """Its slides; none if it has nothing to show, or only the same code in several frameworks."""
    marked = bool(section.select(":scope > p > .quoted"))
    all_of_it = section["id"] == "what-to-take-along"
    slides = [Slide(section["id"], section["id"], title, chapter)]
    latest, said = None, False  # the paragraph before, and whether a slide quotes it already
    before = None  # the same, also behind what it leads to
    for block in section.find_all(True, recursive=False):
        current = slides[-1]
        if block.name == "p":
            latest = before = block
            said = not current.full()
            current.notes.append(copy.copy(block))
            if goes_on(block):
                current.say(sentences(block)[:1], ALONE)
            if said:  # what follows a figure explains it: that is for the notes
                room = ALONE if marked or all_of_it else POINTS
                current.say(points_of(block, marked, all_of_it), room)
        elif block.name in ("ul", "ol") or is_remark(block):
            current.notes.append(copy.copy(block))
            quoted = quoted_items(block)
            if quoted and current.full():
                current = following(slides)
                slides.append(current)
            current.say(quoted, ALONE)
        for item in items(block) if block.name != "section" else ():
            if current.full() or (current.shown and not is_formula(item)):
                current = following(slides)
                slides.append(current)
                if latest and not (marked and said):
                    current.say(points_of(latest, marked, all_of_it), POINTS)
            if latest and not marked and (is_formula(item) or not current.points):
                current.say(leads_to(item, latest), POINTS)
            if before and not current.points and item.name != "figure":
                current.say(sentences(before)[-1:], POINTS)
            current.body.append(item)
            latest = None
    return settled(slides, section)


def goes_on(paragraph: Tag) -> bool:
    """Whether it ends the sentence of the formula before it."""
    formula, start = paragraph.find_previous_sibling(True), next(paragraph.children, None)
    is_text = isinstance(start, NavigableString)
    return formula is not None and is_formula(formula) and is_text and start.lstrip()[:1].islower()


def points_of(paragraph: Tag, marked: bool, all_of_it: bool) -> list[Tag]:
    """The sentences that a slide quotes; one that begins with "This" needs the one before it."""
    if marked:
        return [copy.copy(one) for one in paragraph.select(".quoted")]
    every = sentences(paragraph)
    wanted = {i for i, one in enumerate(every) if all_of_it or one.find("strong")}
    for i in sorted(wanted, reverse=True):
        while i and LEANS.match(text_of(every[i])) and fits(text_of(every[i - 1])):
            i -= 1
            wanted.add(i)
    return [every[i] for i in sorted(wanted)]


def quoted_items(block: Tag) -> list[Tag]:
    """What each item of a list marks, with its number or a dot before it."""
    found = []
    for number, item in enumerate(
        block.find_all("li", recursive=False), int(block.get("start", 1))
    ):
        marked = [copy.copy(one) for one in item.select(".quoted")]
        if not marked:
            continue
        first = joined(marked)
        first["data-item"] = f"{number}. " if block.name == "ol" else "\N{BULLET} "
        found.append(first)
    return found


def fits(sentence: str) -> bool:
    return len(sentence) < POINTS / 2 and not sentence.startswith("(")


def leads_to(item: Tag, paragraph: Tag) -> list[Tag]:
    """The words before a formula, which it ends; before a figure or table the latest question, or
    what leads to it."""
    every = sentences(paragraph)
    questions = [one for one in every if text_of(one).endswith("?")]
    return every[-1:] if is_formula(item) or not questions else questions[-1:]


def settled(slides: list[Slide], section: Tag) -> list[Slide]:
    """Without a slide that would be bare: it gets the section's first sentences, or is left out."""
    for slide in slides:
        slide.body = without_loose_ends(slide.body)
        end_sentences(slide.body)
    first = slides[0]
    if first.shown:
        return slides
    paragraph = section.find("p", recursive=False)
    if paragraph is None or section.select(".sd-tab-set"):
        return []
    first.kind = "plain"
    if not first.points:
        first.say((one for one in sentences(paragraph) if not is_open(one)), POINTS)
    bare = first.letters() < FEW and not section.select(".quoted")
    if bare and not (first.points and text_of(first.points[-1]).endswith("?")):
        first.say(beginnings(section), POINTS)
    return slides if first.points else []


def without_loose_ends(body: list[Tag]) -> list[Tag]:
    """Without the points that announce what the slide does not show next."""
    return [
        one
        for one, after in zip_longest(body, body[1:])
        if one.name != "p" or not is_open(one) or (after and (after.name != "p" or is_item(after)))
    ]


def end_sentences(body: list[Tag]) -> None:
    """A full stop where the mark ends within a sentence, unless a formula ends that."""
    for one, after in zip_longest(body, body[1:]):
        if one.name == "p" and text_of(one)[-1].isalnum() and not (after and is_formula(after)):
            one.append(".")


def is_open(sentence: Tag) -> bool:
    return text_of(sentence).endswith(":")


def is_item(point: Tag) -> bool:
    return bool(point.get("data-item"))


def beginnings(section: Tag) -> list[Tag]:
    """How each paragraph begins, if that can stand alone: its title in italics or a sentence."""
    firsts = [beginning(one) for one in section.find_all("p", recursive=False)]
    return [one for one in firsts if not (ASIDE.match(text_of(one)) or is_open(one))]


def beginning(paragraph: Tag) -> Tag:
    first = next(iter(paragraph.children))
    titled = getattr(first, "name", "") == "em" and text_of(first).endswith(".")
    return sentences(paragraph)[0] if not titled else wrap([copy.copy(first)])


def is_formula(block: Tag) -> bool:
    return block.name == "div" and "math" in block.get("class", [])


def is_remark(block: Tag) -> bool:
    classes = block.get("class", [])
    return "admonition" in classes and not {"exercise", "solution"} & set(classes)


def items(block: Tag) -> Iterator[Tag]:
    """What a slide can show of one block of a section."""
    classes = block.get("class", [])
    if block.name == "figure":
        yield figure(block)
    elif is_formula(block):
        yield copy.copy(block)
    elif "cell" in classes:
        if "tag_slide" in classes:
            yield copy.copy(block)
            return
        for one in block.find_all(["figure", "table"]):
            if one.name == "figure":
                yield figure(one)
            elif is_short(one) and not one.find_parent("figure"):
                yield copy.copy(one)
    elif block.name == "table" or block.find("table"):
        table = block if block.name == "table" else block.find("table")
        if is_short(table):
            yield copy.copy(table)


def figure(block: Tag) -> Tag:
    """A figure without what only a page can offer: tables to unfold, controls."""
    kept = copy.copy(block)
    picture = kept.select_one(".picture") or kept.find("img")
    caption = kept.find("figcaption")
    kept.clear()
    kept.extend([one.extract() for one in (picture, caption) if one is not None])
    return kept


def is_short(table: Tag) -> bool:
    return len(table.find_all("tr")) <= ROWS and letters_across(table) <= TABLE_WIDTH


def letters_across(table: Tag) -> int:
    """The letters of the widest row, were no cell wrapped; two more for the gap at each cell."""
    rows = [
        [len(text_of(cell)) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")
    ]
    return max((sum(row) + 2 * len(row) for row in rows), default=0)
