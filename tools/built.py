"""Reads the pages of a built book: the slides and the printed book are made from these alone.

Whatever they show is thereby what the pages show: same numbers, figures, captions, alt texts.
"""

from __future__ import annotations

import base64
import mimetypes
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

ROOT = Path(__file__).resolve().parents[1]
DROPPED = ".headerlink, .copybtn, .toggle-button, script, .toctree-wrapper, .beside"
"""Of a page's text: what only works, or is only wanted, on the page itself."""
POINTS_AT = ("for", "aria-controls", "aria-labelledby", "aria-describedby", "name")


@dataclass
class Page:
    """One built page; its article is read anew each time, so that it may be changed at will."""

    path: Path
    name: str  # as in _toc.yml: "chapters/stem"

    @property
    def stem(self) -> str:
        return self.path.stem

    def article(self) -> Tag:
        """The page's text without what belongs to a screen alone; images are embedded."""
        soup = self.soup()
        article = soup.find("article")
        if article is None:
            raise ValueError(f"{self.path} has no article; is it a page of the built book?")
        for one in article.select(DROPPED):
            one.decompose()
        embed_images(article, self.path.parent)
        return article

    def soup(self) -> BeautifulSoup:
        return parse(self.path.read_text(encoding="utf-8"))

    def address(self) -> str:
        """Where the page is published, "" where the build does not say it."""
        head = self.path.read_text(encoding="utf-8").partition("<article")[0]
        link = parse(head).find("link", rel="canonical")
        return link["href"] if link else ""


def html_folder() -> Path:
    """The build to read: BOOK_HTML, or the full one. FileNotFoundError if it is not there."""
    folder = Path(os.environ.get("BOOK_HTML") or ROOT / "_build" / "full" / "_build" / "html")
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"no built book at {folder}: run `make book`, or set BOOK_HTML")
    return folder.resolve()


def parts(html: Path, toc: Path = ROOT / "_toc.yml") -> list[tuple[str, list[Page]]]:
    """(caption, pages) of each part, the first page ("", [index]) before them."""
    tree = yaml.safe_load(toc.read_text(encoding="utf-8"))
    listed = [("", [tree["root"]])]
    listed += [
        (part["caption"], [one["file"] for one in part["chapters"]]) for part in tree["parts"]
    ]
    pages = [
        (caption, [Page(html / f"{name}.html", name) for name in names])
        for caption, names in listed
    ]
    for _, those in pages:
        for page in those:
            if not page.path.is_file():
                raise FileNotFoundError(f"{page.path} is not built, but {toc.name} names it")
    return pages


def embed_images(article: Tag, folder: Path) -> None:
    """Each image file becomes part of the text."""
    for image in article.find_all("img", src=True):
        if not urlsplit(image["src"]).scheme:
            path = folder / unquote(image["src"].partition("?")[0])
            kind = mimetypes.guess_type(path.name)[0]
            content = base64.b64encode(path.read_bytes()).decode()
            image["src"] = f"data:{kind};base64,{content}"
            for late in ("loading", "style"):  # it is there, and as large as its place
                image.attrs.pop(late, None)


def prefix_ids(part: Tag, prefix: str) -> None:
    """Ids of several pages must not meet in one document: "x" becomes "prefix--x", and so does
    whatever points at it."""
    known = {one["id"] for one in part.find_all(id=True)} | {part.get("id")}
    for tag in [part, *part.find_all(True)]:
        if tag.name == "style" and tag.string:  # of a drawing: what a look fills with
            kind, text = type(tag.string), tag.string
            tag.string.replace_with(kind(text.replace("url(#", f"url(#{prefix}--")))
        for key, value in list(tag.attrs.items()):
            if not isinstance(value, str):
                continue
            if key == "id" or (key in POINTS_AT and (key == "name" or value in known)):
                tag[key] = f"{prefix}--{value}"
            elif key in ("href", "xlink:href") and value.startswith("#") and value != "#":
                tag[key] = f"#{prefix}--{value[1:]}"
            elif "url(#" in value:
                tag[key] = re.sub(r"url\(#", f"url(#{prefix}--", value)


def publish_links(part: Tag, address: str) -> None:
    """Links between pages lead to the published book; where there is none, they are plain text."""
    for link in part.find_all("a", href=True):
        if urlsplit(link["href"]).scheme:
            continue
        if address:
            link["href"] = urljoin(address, link["href"])
        else:
            link.unwrap()


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def text_of(tag: Tag) -> str:
    return " ".join(tag.get_text().split())
