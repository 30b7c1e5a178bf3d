"""Write the decks: `python -m slides`, of the full build or the one that BOOK_HTML names.

They come into html/slides/, with a PDF of each where a browser is installed, and the pages get
links to them.
"""

import shutil
import sys
from pathlib import Path

import links
from browser import find_browser
from built import html_folder, parts, text_of
from printing import print_pages
from slides import talk
from slides.collect import collect, opening
from slides.deck import Deck


def decks(html: Path) -> list[Deck]:
    """Of each chapter of the book, and of the talk."""
    pages = [page for _, those in parts(html) for page in those]
    book, found = text_of(pages[0].article().find("h1")), []
    for page in pages:
        if opening(page.article()):
            slides = collect(page, book)
            found.append(Deck(page.stem, slides[0].title, slides))
    chapters = {deck.name: deck.slides for deck in found}
    return [*found, talk.talk_deck(talk.read(), chapters)]


def write(html: Path, folder: Path) -> list[Path]:
    """The decks of the pages in `html`, as files in `folder`, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(html / "_static" / "mathjax", folder / "shared" / "mathjax")
    written = []
    for deck in decks(html):
        written.append(folder / f"{deck.name}.html")
        written[-1].write_text(deck.html(), encoding="utf-8")
        print(f"{written[-1].name}: {len(deck.slides)} slides")
    return written


def main() -> int:
    html = html_folder()
    written = write(html, html / "slides")
    if find_browser():
        print_pages([(path, path.with_suffix(".pdf")) for path in written])
    else:
        print("no browser, so no PDF of the slides")
    links.renew(html)
    print(f"The slides: {html / 'slides'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
