"""What references need: numbers and titles of the built pages, citations, glued values."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from bs4 import BeautifulSoup
from pybtex.database import parse_file


class Book:
    """What references need: numbers and titles of the built pages, citations, glued values."""

    def __init__(self, build: Path | None = None, bibliography: Path | None = None):
        self.address = ""  # of the published book
        self.page = ""  # the one being converted, such as "chapters/stem"
        self.cited = parse_file(str(bibliography)).entries if bibliography else {}
        self.glued = {}  # values of the page being converted; another may have the same names
        self.used: set[str] = set()  # keys cited since it was last cleared
        self.labels = {}
        self.pages = {}  # label -> the page it is on
        self.titles = {}  # page -> its title
        for path in sorted((build / "html").rglob("*.html")) if build else ():
            if not {"_static", "slides"} & set(path.parts):
                html = path.read_text(encoding="utf-8")
                page = path.relative_to(build / "html").with_suffix("").as_posix()
                found = labels_of(html)
                self.labels |= found
                self.pages |= dict.fromkeys(found, page)
                self.titles[page] = title_of(html)
                self.address = self.address or address_of(html, page)

    def cite(self, keys: str, in_text: bool = False) -> str:
        entries = [self.cited[key.strip()] for key in keys.split(",")]
        self.used |= {entry.key for entry in entries}
        pairs = [(authors(one), one.fields["year"]) for one in entries]
        if in_text:
            return ", ".join(f"{who} ({year})" for who, year in pairs)
        return "(" + "; ".join(f"{who}, {year}" for who, year in pairs) + ")"

    def references(self) -> str:
        """The works cited, as a list."""
        lines = []
        for entry in (self.cited[key] for key in sorted(self.used)):
            fields = entry.fields
            where = fields.get("booktitle") or fields.get("journal") or fields.get("publisher", "")
            line = f"- {authors(entry)} ({fields['year']}). {fields['title']}. *{where}*."
            lines.append(re.sub(r"[{}]", "", line))
        return "\n".join(lines)

    def glue(self, text: str) -> str:
        """`key` or `key:.2f`, perhaps after `document::`."""
        key, _, style = text.rpartition("::")[2].partition(":")
        value = self.glued[key]
        return format(ast.literal_eval(value), style) if style else value

    def label(self, name: str, otherwise: str) -> str:
        return self.labels.get(name) or self.labels.get(name.replace("_", "-")) or otherwise

    def linked(self, text: str, name: str) -> str:
        """`text`, as a link to the published book if the label `name` is on another page."""
        name = name if name in self.pages else name.replace("_", "-")
        page = self.pages.get(name, self.page)
        return text if page == self.page else f"[{text}]({self.address}{page}.html#{name})"

    def doc(self, target: str, shown: str) -> str:
        """A link to another page, under its title where nothing else is `shown`."""
        page = (Path(self.page).parent / target).as_posix()
        text = shown or self.titles.get(page) or target
        return f"[{text}]({self.address}{page}.html)" if page in self.titles else text


def authors(entry) -> str:
    names = [" ".join(map(str, person.rich_last_names)) for person in entry.persons["author"]]
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


def address_of(html: str, page: str) -> str:
    """Where the whole book will stand, from what a page says of its own address."""
    link = BeautifulSoup(html, "html.parser").select_one("link[rel=canonical]")
    return link["href"].removesuffix(f"{page}.html") if link else ""


def title_of(html: str) -> str:
    """The page's first heading, without its number."""
    heading = BeautifulSoup(html, "html.parser").h1
    if heading is None:
        return ""
    for mark in heading.select(".section-number, .headerlink"):
        mark.extract()
    return heading.get_text().strip()


def labels_of(html: str) -> dict[str, str]:
    """Label -> "Fig. 2.1", "(2.1)" or a section's title, as the built page shows it."""
    found = {}
    for place in BeautifulSoup(html, "html.parser").select("[id]"):
        number = place.select_one(".caption-number")
        equation = place.select_one(":scope > .eqno") or place.select_one(".eqno")
        heading = place.find(["h1", "h2", "h3", "h4"], recursive=False)
        if place.name in ("figure", "table", "div") and number:
            found[place["id"]] = number.get_text().strip()
        elif place["id"].startswith("equation-") and equation:
            found[place["id"].removeprefix("equation-")] = equation.get_text().strip(" #\n")
        elif heading:
            title = heading.get_text().rstrip("#\n ")
            for anchor in [place, *place.find_all("span", id=True, recursive=False)]:
                found[anchor["id"]] = title
    return found


def glued_values(notebook) -> dict[str, str]:
    values = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            for kind, value in output.get("data", {}).items():
                if name and kind.endswith("text/plain"):
                    values[name.rpartition("/")[2]] = value.strip("'")
    return values
