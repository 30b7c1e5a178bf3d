"""One document of all pages: ids that do not meet, links within, everything unfolded, light."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import yaml
from bs4 import Tag

from built import ROOT, Page, prefix_ids, text_of

CSS = Path(__file__).with_name("print.css")
SKIPPED = "button, .sd-tab-set > input"
SHORT = 12  # lines of code that stay on one sheet
PAGE = """<!doctype html>
<html lang="en" data-theme="light" data-mode="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
{styles}
<style>
{css}
</style>
<script>window.MathJax = {{options: {{processHtmlClass: "math"}}}}</script>
<script defer src="../_static/mathjax/tex-mml-chtml.js"></script>
</head>
<body>
<header class="cover"><h1>{title}</h1><p>{author}</p><p class="rights">{rights}</p></header>
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{contents}
{articles}
</div></div></main>
</body>
</html>
"""


def assemble(parts: Sequence[tuple[str, Sequence[Page]]], sheets: Mapping[str, int]) -> str:
    """The whole document; `sheets` has the sheet on which each id begins, as far as it is known."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    names = {page.name for _, pages in parts for page in pages}
    articles = [(part, page, article_of(page, names)) for part, pages in parts for page in pages]
    styles = dict.fromkeys(sheet for _, page, _ in articles for sheet in style_sheets(page))
    return PAGE.format(
        title=escape(config["title"]),
        author=escape(config["author"]),
        rights=escape(config["html"]["extra_footer"]),
        styles="\n".join(styles),
        css=CSS.read_text(encoding="utf-8"),
        contents=contents(articles, sheets),
        articles="\n".join(str(article) for _, _, article in articles),
    )


def style_sheets(page: Page) -> list[str]:
    """The links to the page's own style sheets, as seen from a folder beside chapters/."""
    links = page.soup().select("head link[rel=stylesheet]")
    return [
        f'<link rel="stylesheet" href="../{re.sub(r"^[./]+", "", link["href"])}">' for link in links
    ]


def article_of(page: Page, names: set[str]) -> Tag:
    article = page.article()
    for one in article.select(SKIPPED):
        one.decompose()
    unfold(article)
    for box in article.select(".cell_input, .cell_output > .output"):
        if box.get_text().strip().count("\n") < SHORT:
            box["class"].append("short")
    prefix_ids(article, page.stem)
    article["id"] = page.stem
    for link in article.find_all("a", href=True):
        link["href"] = within(link["href"], page, names)
    return article


def unfold(article: Tag) -> None:
    """What a click would open is open: solutions, tabs, details."""
    for one in article.find_all("details"):
        one["open"] = ""
    for one in article.select(".dropdown, .toggle-hidden"):
        one["class"] = [name for name in one["class"] if name not in ("dropdown", "toggle-hidden")]
    for tabs in article.select(".sd-tab-set"):
        tabs["class"] = "tabs"


def within(href: str, page: Page, names: set[str]) -> str:
    """Where a link leads in the document: to a page of the book by its id, else to where it led."""
    parts = urlsplit(href)
    if parts.scheme or href.startswith("#"):
        return href
    name, anchor = urldefrag(urljoin(page.name, href))
    name = name.removesuffix(".html")
    if name in names:
        stem = name.rpartition("/")[2]
        return f"#{stem}--{anchor}" if anchor else f"#{stem}"
    return urljoin(page.address(), href) if page.address() else "#contents"


def contents(articles: Sequence[tuple[str, Page, Tag]], sheets: Mapping[str, int]) -> str:
    """The table of contents: parts, chapters, and the sections of the first level."""
    lines, latest = [], ""
    for part, _, article in articles:
        if part != latest:
            lines.append(f'<li class="part">{escape(part)}</li>')
            latest = part
        lines.append(line(article["id"], text_of(article.find("h1")), sheets, "chapter"))
        for section in article.select(":scope > section > section"):
            if section.find("h2", recursive=False) and "--references" not in section["id"]:
                title = text_of(section.find("h2"))
                lines.append(line(section["id"], title, sheets, "section"))
    listed = f"<h1>Contents</h1><ul>{''.join(lines)}</ul>"
    return f'<nav class="table-of-contents" id="contents">{listed}</nav>'


def line(where: str, title: str, sheets: Mapping[str, int], kind: str) -> str:
    sheet = sheets.get(where, "")
    return (
        f'<li class="{kind}"><a href="#{where}"><span>{escape(title)}</span><i>{sheet}</i></a></li>'
    )
