"""Print the book: `python -m printed`, of the full build or the one that BOOK_HTML names.

It becomes _build/book.pdf, and book.pdf beside the pages, which get a link to it.
"""

import shutil
import sys
from pathlib import Path

import links
from built import ROOT, html_folder, parts
from printed.assemble import assemble
from printed.pdf import PDF
from printing import print_pages


def print_book(html: Path, target: Path) -> PDF:
    """Print twice: a table of contents has the sheets that the first printing showed."""
    folder = html / "printed"  # beside _static, whose styles it uses
    folder.mkdir(exist_ok=True)
    source, sheets = folder / "book.html", {}
    try:
        for _ in range(2):
            source.write_text(assemble(parts(html), sheets), encoding="utf-8")
            print_pages([(source, target)])
            sheets = PDF.read(target).destinations()
    finally:
        shutil.rmtree(folder)
    return PDF.read(target)


def main() -> int:
    html = html_folder()
    target = ROOT / "_build" / "book.pdf"
    book = print_book(html, target)
    shutil.copyfile(target, html / target.name)
    links.renew(html)
    size = target.stat().st_size / 1e6
    print(f"The book: {target}, {len(book.pages())} pages, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
