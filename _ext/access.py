"""What keeps readers from the theme's pages who use a keyboard, a screen reader or a phone.

`cured` changes the finished HTML of a page, since what is wrong there stands in templates of the
theme and in docutils' writer. The tests ask axe-core about every page, so a theme that changes is
noticed. Scripts of this book are added to the pages that have something for them.
"""

from __future__ import annotations

import re

import indexing
import lighter
import tables

SCRIPTS = {
    "scrolling.js": "",
    "focus.js": "",
    "enlarge.js": "<figure",
    "previews.js": 'class="reference internal" href="#',
    "arriving.js": 'class="explorer ',
}
"""Each script, and what a page's text must hold to need it."""

CURES = (
    # A list needs items of a list; these have a role that is going out of use.
    (re.compile(r' role="doc-biblioentry"'), ' role="listitem"'),
    # The logo and the search stand in it beside the navigation.
    (
        re.compile(r'<div id="pst-primary-sidebar"'),
        '<div id="pst-primary-sidebar" role="complementary" aria-label="The book"',
    ),
    # The name that is spoken holds the text that is seen: "Search Ctrl+K".
    (re.compile(r'(<button class="btn search-button-field[^>]*?) aria-label="Search"'), r"\1"),
    # A link is underlined from its first letter on.
    (re.compile(r'(Solution to)(<a class="reference internal" href="[^"]*">) '), r"\1 \2"),
    # A comma behind a formula never begins a line, and its "-value" stays with a letter.
    (
        re.compile(r'(<span class="math notranslate nohighlight">[^<]*</span>)([,.;:?)\]]+|-\w+)'),
        r'<span class="kept">\1\2</span>',
    ),
    # The corner of a table of pandas heads nothing.
    (re.compile(r"<th></th>"), "<td></td>"),
)


def cured(html: str) -> str:
    """A page of the theme as everybody can read it."""
    for wrong, right in CURES:
        html = wrong.sub(right, html)
    return html


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    body = context.get("body", "")
    for name, sign in SCRIPTS.items():
        if sign in body:
            app.add_js_file(name, loading_method="defer")


def cure_pages(app) -> None:
    """Let every page that the builder renders pass through what this book changes in it."""
    if app.builder.format != "html":
        return
    render = app.builder.templates.render

    def render_cured(template: str, context: dict) -> str:
        html = render(template, context)
        if "<html" not in html[:500]:
            return html
        return cured(indexing.with_names(tables.readable(lighter.lightened(html))))

    app.builder.templates.render = render_cured


def setup(app) -> dict[str, object]:
    app.connect("builder-inited", cure_pages)
    app.connect("html-page-context", add_scripts, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
