"""Links in the built pages to slides and printed book: to what is there, and nothing else.

Sphinx cannot know of files that are made from its pages. So they are named in the pages afterward,
below the title, and all decks together at the end of a <div class="decks">; a page that Sphinx
writes anew has none of these until the next `make slides` or `make pdf`.
"""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

from built import parts

LINE = re.compile(r'<p class="beside">.*?</p>\n?', re.S)
TITLE = re.compile(r"</h1>\n?")
ALL = re.compile(r'<ul class="beside">.*?</ul>\n?', re.S)
DECKS = re.compile(r'<div class="decks\b[^>]*>.*?(?=</div>)', re.S)
NAME = re.compile(r"<title>(.*?)</title>", re.S)


def renew(html: Path) -> None:
    """Write the line of every page anew; it goes where there is nothing to link to."""
    listed = decks(html)
    for _, pages in parts(html):
        for page in pages:
            files = ("book", "slides/talk") if page.name == "index" else (f"slides/{page.stem}",)
            up = "../" * page.name.count("/")
            there = [one for name in files for one in offered(html, name)]
            text = page.path.read_text(encoding="utf-8")
            renewed = with_line(text, [(up + file, words) for file, words in there])
            renewed = with_decks(
                renewed, [[(up + file, words) for file, words in d] for d in listed]
            )
            if renewed != text:
                page.path.write_text(renewed, encoding="utf-8")


def decks(html: Path) -> list[list[tuple[str, str]]]:
    """(file, what the link says) of all decks that there are, the talk first, with their PDFs."""
    found = []
    names = ["slides/talk", *(f"slides/{page.stem}" for _, pages in parts(html) for page in pages)]
    for there in filter(None, (offered(html, name) for name in names)):
        title = NAME.search((html / there[0][0]).read_text(encoding="utf-8"))
        words = [unescape(title[1]) if title else there[0][1], "with notes, PDF"]
        found.append([(file, word) for (file, _), word in zip(there, words, strict=False)])
    return found


def with_decks(page: str, listed: list[list[tuple[str, str]]]) -> str:
    page = ALL.sub("", page)
    items = "".join(f"<li>{line(links)}</li>\n" for links in listed)
    there = f'<ul class="beside">\n{items}</ul>\n'
    return DECKS.sub(lambda match: match[0] + there, page) if listed else page


WORDS = {
    "book.pdf": "The book as PDF",
    "slides/talk.html": "Slides of a talk",
    "slides/talk.pdf": "the same with notes, PDF",
    ".html": "Slides of this chapter",
    ".pdf": "with notes, PDF",
}


def offered(html: Path, name: str) -> list[tuple[str, str]]:
    """(file, what the link says) of those that exist."""
    files = [f"{name}{suffix}" for suffix in (".html", ".pdf")]
    return [
        (one, WORDS.get(one) or WORDS[Path(one).suffix]) for one in files if (html / one).is_file()
    ]


def with_line(page: str, links: list[tuple[str, str]]) -> str:
    page = LINE.sub("", page)
    if not links:
        return page
    return TITLE.sub(f'</h1>\n<p class="beside">{line(links)}</p>\n', page, count=1)


def line(links: list[tuple[str, str]]) -> str:
    return " · ".join(f'<a href="{escape(file)}">{escape(words)}</a>' for file, words in links)
