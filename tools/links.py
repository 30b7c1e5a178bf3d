"""Links in the built pages to slides and printed book: to what is there, and nothing else.

Sphinx cannot know of files that are made from its pages. So they are named in the pages afterward,
below the title; a page that Sphinx writes anew has no such line until the next `make slides` or
`make pdf`.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from built import parts

LINE = re.compile(r'<p class="beside">.*?</p>\n?', re.S)
TITLE = re.compile(r"</h1>\n?")


def renew(html: Path) -> None:
    """Write the line of every page anew; it goes where there is nothing to link to."""
    for _, pages in parts(html):
        for page in pages:
            files = ("book", "slides/talk") if page.name == "index" else (f"slides/{page.stem}",)
            up = "../" * page.name.count("/")
            there = [one for name in files for one in offered(html, name)]
            text = page.path.read_text(encoding="utf-8")
            renewed = with_line(text, [(up + file, words) for file, words in there])
            if renewed != text:
                page.path.write_text(renewed, encoding="utf-8")


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
    shown = " · ".join(f'<a href="{escape(file)}">{escape(words)}</a>' for file, words in links)
    return TITLE.sub(f'</h1>\n<p class="beside">{shown}</p>\n', page, count=1)
