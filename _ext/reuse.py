"""The directive `reusable-figures`: a table of all figures in files, made from the files.

For each figure of a page, in the book's order, and for each drawing that no page shows: what to
download, its shape and bytes, its license, and below them its alt text. That is the page's for a
figure drawn by hand; for a computed one it stands in the file itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

DRAWN = re.compile(
    r"^`{3,}\{figure\} *(?:\.\./)?(?P<file>figures/\S+)\n(?P<options>(?::[^\n]*\n)+)", re.M
)
COMPUTED = re.compile(r"^(?::| +)name: *fig-(?P<name>\S+)", re.M)
OPTION = re.compile(r"^:(\w+): *(.*)$", re.M)
SHAPE = re.compile(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"')
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.S)
SIGNS = re.compile(r"([\\`*_{}\[\]<>$|#~^])")
NO_FIGURES = ("logo.svg", "favicon.svg")
LICENSE = "CC BY 4.0"
PHOTOGRAPHS = "CC BY 4.0; photographs MIT (Fashion-MNIST)"


@dataclass(frozen=True)
class Row:
    label: str  # of the figure on its page; "" where no page shows it
    path: Path
    alt: str

    def cells(self, root: Path) -> list[str]:
        """In MyST, with links that Sphinx resolves."""
        svg = self.path.read_text(encoding="utf-8")
        width, height = map(float, SHAPE.search(svg).groups())
        name = self.path.relative_to(root).as_posix()
        return [
            f"{{numref}}`{self.label}`" if self.label else "",
            f"{{download}}`{self.path.name} </{name}>`",
            f"{width:.0f} x {height:.0f}".replace(" ", "\N{NO-BREAK SPACE}"),
            f"{self.path.stat().st_size / 1000:.1f}",
            PHOTOGRAPHS if "<image" in svg else LICENSE,
            SIGNS.sub(r"\\\1", " ".join(self.alt.split())),
        ]


def rows(root: Path) -> list[Row]:
    """All figures that are there as files, each once."""
    found = [one for page in pages(root) for one in of_page(root, page)]
    there = {one.path.name for one in found}
    others = sorted((root / "figures").glob("*.svg"))
    return found + [
        Row("", path, title(path)) for path in others if path.name not in {*there, *NO_FIGURES}
    ]


def pages(root: Path) -> list[str]:
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(one["file"] for part in toc["parts"] for one in part["chapters"])]


def of_page(root: Path, page: str) -> Iterator[Row]:
    """The figures of a page, in its order."""
    text = (root / f"{page}.md").read_text(encoding="utf-8")
    places = {}
    for match in DRAWN.finditer(text):
        options = dict(OPTION.findall(match["options"]))
        places[match.end()] = Row(options["name"], root / match["file"], options["alt"])
    for match in COMPUTED.finditer(text):
        path = root / "figures" / "pages" / f"{match['name']}.svg"
        if path.exists():
            places[match.end()] = Row(f"fig-{match['name']}", path, title(path))
    yield from (places[place] for place in sorted(places))


def title(path: Path) -> str:
    """What an SVG file says of itself."""
    return unescape(TITLE.search(path.read_text(encoding="utf-8"))[1])


HEAD = ("figure", "file", "shape", "kB", "license")


class ReusableFigures(SphinxDirective):
    """The table; what a figure shows stands in a row of its own below it."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        self.env.note_reread()  # files may come and go
        group = nodes.tgroup(cols=len(HEAD))
        group += [nodes.colspec(colwidth=width) for width in (12, 34, 18, 10, 26)]
        head, body = nodes.thead(), nodes.tbody()
        head += self.row(HEAD)
        for one in rows(root):
            *cells, alt = one.cells(root)
            body += self.row(cells, classes=["file"])
            body += self.row([alt], morecols=len(HEAD) - 1)
        group += [head, body]
        return [nodes.table("", group, classes=["reusable-figures"])]

    def row(self, texts: Sequence[str], **options: object) -> nodes.row:
        row = nodes.row()
        for text in texts:
            entry = nodes.entry(**options)
            self.state.nested_parse(StringList([text], self.env.docname), 0, entry)
            row += entry
        return row


def setup(app) -> dict[str, object]:
    app.add_directive("reusable-figures", ReusableFigures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
