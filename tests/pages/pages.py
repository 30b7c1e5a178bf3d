"""What can be wrong with a built page. A check returns sentences; none is a clean page."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

ROOT = Path(__file__).resolve().parents[2]
HTML = Path(os.environ.get("BOOK_HTML") or ROOT / "_build" / "quick" / "_build" / "html").resolve()
WEIGHT_LIMIT = 600_000  # bytes: a page's HTML and its figures

FILE_NAME = re.compile(r"^\S*(/|\.(png|svg|jpe?g|gif|webp))\S*$", re.IGNORECASE)
FENCE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[^}]+)\}[^\n]*\n(?P<body>.*?)^(?P=fence)\s*$", re.M | re.S
)
TRACEBACK = re.compile(
    r"Traceback \(most recent call last\)|^\w*(Error|Exception|Interrupt)\b.*:", re.M
)


def pages_in_toc(toc: dict) -> list[str]:
    """The names (no suffix) of all pages of a _toc.yml, the root first."""

    def below(node: dict) -> list[str]:
        own = [node[key] for key in ("root", "file") if key in node]
        children = (one for key in ("parts", "chapters", "sections") for one in node.get(key, []))
        return own + [name for child in children for name in below(child)]

    return below(toc)


def book_pages() -> list[str]:
    return pages_in_toc(yaml.safe_load((ROOT / "_toc.yml").read_text()))


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def article(page: BeautifulSoup) -> Tag:
    return page.find("article") or page


def drawings(part: Tag) -> list[Tag]:
    """Images, and drawings inlined as SVG (icons of the theme are <i> or <span>, not these)."""
    inline = [svg for svg in part.find_all("svg") if not svg.find_parent("svg")]
    return part.find_all("img") + inline


def figures_in_source(markdown: str) -> list[str]:
    """The names of the figures that a chapter's source promises; "" for one without a name."""
    names = []
    for fence in FENCE.finditer(markdown):
        body, kind = fence["body"], fence["name"]
        if kind == "code-cell" and body.startswith("---\n"):
            options = yaml.safe_load(body[4:].split("\n---", 1)[0]) or {}
            figure = (options.get("mystnb") or {}).get("figure")
            if figure is not None:
                names.append(figure.get("name", ""))
        elif kind in ("figure", "glue:figure"):
            name = re.search(r"^:name:\s*(\S+)", body, re.M)
            names.append(name[1] if name else "")
    return names


def missing_figures(page: BeautifulSoup, names: list[str]) -> list[str]:
    problems = []
    for name in names:
        place = page.find(id=name.replace("_", "-").lower()) or page.find(id=name) if name else None
        if not name:
            problems.append("a figure in the source has no name")
        elif place is None:
            problems.append(f"figure {name} is not on the page")
        elif not drawings(place) and not drawings(place.parent):
            problems.append(f"figure {name} shows no image")
    return problems


def bad_alt_texts(page: BeautifulSoup) -> list[str]:
    problems = [
        f"a picture of {len(drawings(picture))} drawings has no label"
        for picture in article(page).find_all(role="img")
        if not (picture.get("aria-label") or "").strip()
    ]
    for drawing in drawings(article(page)):
        if drawing.name == "svg":
            title = drawing.find("title")
            alt = drawing.get("aria-label") or (title.get_text() if title else "")
            # part of a picture that has a label, or the mark of a fold beside its words
            told = drawing.find_parent(role="img") or drawing.find_parent("summary")
            hidden = drawing.get("aria-hidden") == "true" and told
        else:
            alt, hidden = drawing.get("alt") or "", False
        shown = drawing.get("src", "an inline SVG")[:80]
        if not alt.strip() and not hidden:
            problems.append(f"{shown} has no alt text")
        elif FILE_NAME.match(alt.strip()):
            problems.append(f"{shown} has a file name as its alt text: {alt!r}")
    return problems


def missing_captions(page: BeautifulSoup) -> list[str]:
    problems = []
    for figure in article(page).find_all("figure"):
        caption = figure.find("figcaption")
        text = caption.find(class_="caption-text") or caption if caption else None
        if text is None or not text.get_text().strip(" \n#"):
            problems.append(f"figure {figure.get('id', '?')} has no caption")
    for output in article(page).select("div.cell_output"):
        for drawing in drawings(output):
            if drawing.find_parent(class_="explorer"):
                continue  # comes with words of its own, as the spaces of an experiment are trained
            if not drawing.find_parent("figure") and not output.find_parent("figure"):
                shown = drawing.get("src", "an SVG")[:80]
                problems.append(f"{shown} was computed, but is no figure")
    return problems


def ids_that_meet(page: BeautifulSoup) -> list[str]:
    """Ids of drawings that a page has more than once: one would take parts of the other."""
    ids = Counter(tag["id"] for tag in page.find_all(id=True))
    return [tag["id"] for tag in page.select("svg [id]") if ids[tag["id"]] > 1]


def exceptions_shown(page: BeautifulSoup) -> list[str]:
    """Errors in outputs, but for cells tagged raises-exception, which show one on purpose."""
    problems = []
    for output in article(page).select("div.cell_output"):
        cell = output.find_parent(class_="cell")
        if cell and "tag_raises-exception" in cell.get("class", []):
            continue
        text = output.get_text()
        if output.select(".traceback") or TRACEBACK.search(text):
            problems.append(f"an exception: {text.strip()[-80:]!r}")
    return problems


def other_hosts(page: BeautifulSoup) -> list[str]:
    """Whatever the browser would fetch from another host by itself."""
    fetched = [
        (tag, tag.get(attribute))
        for selector, attribute in (
            ("[src]", "src"),
            ("[poster]", "poster"),
            ("object[data]", "data"),
            ("image[href], use[href]", "href"),
            ("link[rel~=stylesheet], link[rel~=icon], link[rel~=preload]", "href"),
            ("link[rel~=preconnect], link[rel~=dns-prefetch], link[rel~=modulepreload]", "href"),
        )
        for tag in page.select(selector)
    ]
    problems = [f"<{tag.name}> from {url}" for tag, url in fetched if is_remote(url)]
    inline = page.find_all("style") + page.find_all(style=True)
    for tag in inline:
        problems += css_requests(tag.get("style") or tag.get_text())
    return problems


def is_remote(url: str | None) -> bool:
    return bool(url) and bool(urlsplit(url).netloc)


def css_requests(css: str) -> list[str]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    urls = re.findall(r"""(?:url\(|@import)\s*['"]?\s*((?:https?:)?//[^'")\s;]+)""", css)
    return [f"a style sheet asks for {url}" for url in urls]


def dead_links(path: Path, page: BeautifulSoup, root: Path) -> list[str]:
    """Links, scripts, images to files or anchors that are not in the built book."""
    problems, own = [], places(page)
    for tag in page.select("[href], [src]"):
        url = tag.get("href") or tag.get("src") or ""
        parts = urlsplit(url)
        if parts.scheme or parts.netloc or not url:
            continue
        name, anchor = urldefrag(url)
        name = unquote(name.split("?", 1)[0])
        target = (path.parent / name).resolve() if name else path
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file() or root not in target.parents:
            problems.append(f"{url} leads nowhere")
        elif anchor and target.suffix == ".html":
            there = own if target == path else places_in(target.read_text(encoding="utf-8"))
            if unquote(anchor) not in there:
                problems.append(f"{url}: no such place on {target.name}")
    return problems


def places(page: BeautifulSoup) -> set[str | None]:
    """What an address may name behind its #."""
    return {tag.get(key) for tag in page.find_all(True) for key in ("id", "name")}


@functools.cache
def places_in(html: str) -> set[str | None]:
    return places(parse(html))


def untracked_targets(page: BeautifulSoup, tracked: set[str], branch: str = "main") -> list[str]:
    """Buttons to Colab or the repository whose file is not on the branch that readers see."""
    pattern = re.compile(
        r"(?:colab\.research\.google\.com/github|github\.com)/[^/]+/[^/]+/"
        r"(?:blob|edit|tree|raw)/(?P<branch>[^/]+)/(?P<file>[^?#]+)"
    )
    problems = []
    for link in page.select("a[href]"):
        match = pattern.search(link["href"])
        if match and (match["branch"] != branch or unquote(match["file"]) not in tracked):
            problems.append(f"{link['href']} leads to no tracked file")
    return problems


def colab_button(page: BeautifulSoup) -> bool:
    return bool(page.select('a[href^="https://colab.research.google.com/"]'))


def too_heavy(path: Path, page: BeautifulSoup, limit: int = WEIGHT_LIMIT) -> list[str]:
    sources = {image.get("src", "") for image in article(page).find_all("img")}
    files = [(path.parent / unquote(one)).resolve() for one in sources if not urlsplit(one).scheme]
    weight = path.stat().st_size + sum(file.stat().st_size for file in files if file.is_file())
    return [f"{weight} bytes of HTML and figures, over {limit}"] if weight > limit else []


def tracked_files(root: Path) -> set[str] | None:
    """What git tracks, or None where there is no repository."""
    try:
        listing = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return set(listing.stdout.split("\0")) - {""}
