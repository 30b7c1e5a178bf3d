"""The theme's shared files, cut down to what the pages use, once all pages are written.

The theme comes with Bootstrap's and Font Awesome's whole catalogs: 2,000 icons as a script of
1.5 MB and again as fonts, source maps of 3.4 MB, and 0.4 MB of style sheets, most of it for what no
page here shows. Dropped are

* rules of the style sheets for a class or id that neither a page nor a script mentions;
* from the icons' fonts all letters but those that a rule which stays can show; they go inline;
* the script that would draw the icons a second time, source maps, and the theme's translations,
  which are for the build;
* the search index from every page but the one that searches.

What a browser needs before it can paint it gets at once: all style sheets are one file, for the
whole book. Scripts that nothing on a page waits for are put off until it is shown, and no hint
makes others come first; a drawing comes when the reader is near it, into room that is kept for it.

Sphinx copies the theme's files anew in each build, so a page that is changed loses nothing.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import re
import shutil
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

WORD = re.compile(r"[A-Za-z_][\w-]*")
NAMING = re.compile(r'\b(?:class|id)="([^"]*)"|<script[^>]*>(.*?)</script>', re.S)
NAME = re.compile(r"[.#]((?:\\.|[\w-])+)")
IN_BRACKETS = re.compile(r"\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]")
TOKEN = re.compile(
    r"""(?P<skip>/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^"')]*\)|\\.)"""
    r"|(?P<mark>[{};])",
    re.S,
)
LICENSE = re.compile(r"/\*!.*?\*/", re.S)
FONT = re.compile(r"url\((?P<file>[^)]*?)\.woff2\)[^;}]*")
SHOWN = re.compile(r"\"((?:\\.|[^\"\\])*)\"")
NEST = ("@media", "@supports", "@layer")
PARTS = ("bs-",)
"""What scripts put before a word to make a class: bs-tooltip-auto."""

PLAIN = re.compile(r'<span class="(?:n|nn|p|w)">([^<]*)</span>')
GUARD = re.compile(r"(?<=<pre>)<span></span>(?!\n)")
UNBREAKABLE = re.compile(r'<span class="pre">([\w.,:;=()]*)</span>')
ONLY_TO_SEARCH = re.compile(
    r'\s*<script src="[^"]*(?:_static/searchtools|_static/language_data|searchindex)\.js[^"]*">'
    r"</script>"
)
SECOND_ICONS = re.compile(r'\s*<script[^>]*src="[^"]*/scripts/fontawesome\.js[^"]*"></script>')
WAITED_FOR_BY_NONE = re.compile(
    r"<script (?=[^>]*_static/(?:clipboard\.min|copybutton|togglebutton|design-tabs"
    r"|scripts/sphinx-book-theme)\.js)(?!defer)"
)
WAITED_FOR_BY_SEARCH = re.compile(
    r"<script (?=[^>]*_static/(?:doctools|sphinx_highlight)\.js)(?!defer)"
)
SHEET = re.compile(
    r'\s*<link (?=[^>]*rel="stylesheet")[^>]*'
    r'href="(?P<root>[^"]*)_static/(?P<name>[^"?]+\.css)[^"]*"[^>]*>'
)
ONE_SHEET = "all.css"
OF = re.compile(rf'(?<=_static/){re.escape(ONE_SHEET)}[^"]*" data-of="(?P<names>[^"]*)"')
OPTIONS = re.compile(r'<script src="[^"]*_static/documentation_options\.js[^"]*"></script>')
HURRIED = re.compile(r'\s*<link rel="preload" as="script"[^>]*>')
DRAWING = re.compile(r'<img (?=[^>]*\bsrc="(?P<file>[^"]*_images/[^"]+\.svg)")(?![^>]*\bloading=)')
BUTTON = re.compile(r'<img (?=[^>]*\bsrc="[^"]*_static/images/logo_)(?![^>]*\bloading=)')
BOX = re.compile(r'\bviewBox="\S+ \S+ (\S+) (\S+)"')
OWN_WIDTH = re.compile(r'\s(width="[\d.]+")')
IMPORT = re.compile(r'@import "([^"]+)";?')


def rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Each rule of a style sheet as what stands before its braces and what stands in them.

    A statement without braces, such as an @import, has None in their place.
    """
    depth = start = opened = 0
    for token in TOKEN.finditer(css):
        mark = token["mark"]
        if mark == "{":
            depth += 1
            if depth == 1:
                opened = token.start()
        elif mark == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened], css[opened + 1 : token.start()]
                start = token.end()
        elif mark == ";" and depth == 0:
            yield css[start : token.start()], None
            start = token.end()


def used_rules(css: str, words: set[str]) -> str:
    """The style sheet without rules that no page can meet; notices of licenses stay."""
    kept = []
    for head, body in rules(css):
        notices = "".join(LICENSE.findall(head))
        head = re.sub(r"/\*.*?\*/", "", head, flags=re.S).strip()
        if body is None:
            kept.append(f"{notices}{head};")
        elif head.startswith(NEST):
            inner = used_rules(body, words)
            kept.append(f"{notices}{head}{{{inner}}}" if inner else notices)
        elif head.startswith("@"):
            kept.append(f"{notices}{head}{{{body}}}")
        else:
            alive = [one for one in selectors(head) if may_match(one, words)]
            kept.append(f"{notices}{','.join(alive)}{{{body}}}" if alive else notices)
    return "".join(kept)


def selectors(head: str) -> list[str]:
    """The selectors between a rule's commas; a comma within brackets parts none."""
    parts, depth = [""], 0
    for letter in head:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def may_match(selector: str, words: set[str]) -> bool:
    """Whether all classes and ids are there; what brackets (:not(.x)) hold asks nothing."""
    while (bare := IN_BRACKETS.sub("", selector)) != selector:
        selector = bare
    names = (name.replace("\\", "") for name in NAME.findall(selector))
    return all(name in words or name.startswith(PARTS) for name in names)


def words_of(folder: Path) -> set[str]:
    """The classes and ids of all pages, and each word of a script, which may make one."""
    static = folder / "_static"
    found: set[str] = set()
    for path in folder.rglob("*.html"):
        if static not in path.parents:
            for part in NAMING.findall(path.read_text(encoding="utf-8")):
                found.update(WORD.findall("".join(part)))
    for path in [*static.glob("*.js"), *(static / "scripts").glob("*.js")]:
        if path.name != "fontawesome.js":
            found.update(WORD.findall(path.read_text(encoding="utf-8")))
    return found


def letters_shown(css: str) -> set[int]:
    """The letters of private use, which icons are, in the strings of a style sheet."""
    letters = set()
    for string in SHOWN.findall(css):
        text = re.sub(r"\\([0-9a-fA-F]{1,6}) ?", lambda code: chr(int(code[1], 16)), string)
        letters |= {ord(one) for one in text if 0xE000 <= ord(one) <= 0xF8FF}
    return letters


def cut_font(path: Path, letters: Iterable[int]) -> bytes:
    """A WOFF with those of the `letters` that the TrueType font at `path` has."""
    font = TTFont(path)
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=False)
    options.name_IDs = [0]  # whose it is; its own name is reserved for the whole font
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(font)
    font.flavor = "woff"
    font["head"].modified = font["head"].created  # builds can be compared
    font.recalcTimestamp = False
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def with_small_fonts(css: str, folder: Path) -> str:
    """The style sheet in `folder` with its icons' fonts inline, cut to the letters it shows."""
    letters = letters_shown(css)

    def inline(source: re.Match) -> str:
        path = (folder / f"{source['file']}.ttf").resolve()
        if not path.is_file():
            return source[0]
        data = base64.b64encode(cut_font(path, letters)).decode()
        return f'url("data:font/woff;base64,{data}") format("woff")'

    return FONT.sub(inline, css)


def lighten(folder: Path) -> None:
    """Cut down what lies in `_static` of a built book."""
    static = folder / "_static"
    words = words_of(folder)
    for path in static.rglob("*.css"):
        css = path.read_text(encoding="utf-8")
        if path.name != "book.css":
            css = used_rules(css, words)
        css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
        path.write_text(with_small_fonts(css, path.parent), encoding="utf-8")
    for path in (static / "scripts").glob("*.js"):
        script = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"//# sourceMappingURL=\S*", "", script), encoding="utf-8")
    fonts = (static / "vendor" / "fontawesome").rglob("*.*")
    for path in [*static.rglob("*.map"), static / "scripts" / "fontawesome.js", *fonts]:
        path.unlink(missing_ok=True)
    shutil.rmtree(static / "locales", ignore_errors=True)


def gather(folder: Path) -> None:
    """Write the one style sheet of a lightened book, and its address with a digest in each page.

    What Sphinx tells its scripts, a few lines, each page then says itself. Drawings are put off.
    """
    static = folder / "_static"
    pages = {
        path: path.read_text(encoding="utf-8")
        for path in folder.rglob("*.html")
        if static not in path.parents
    }
    lists = {found["names"] for html in pages.values() if (found := OF.search(html))}
    css = "".join(sheet(static / name) for name in merged([one.split() for one in sorted(lists)]))
    (static / ONE_SHEET).write_text(css, encoding="utf-8")
    version = f"{ONE_SHEET}?v={hashlib.sha256(css.encode()).hexdigest()[:8]}"
    options = (static / "documentation_options.js").read_text(encoding="utf-8").strip()
    for path, html in pages.items():
        renewed = OF.sub(lambda found: f'{version}" data-of="{found["names"]}"', html)
        renewed = OPTIONS.sub(lambda _: f"<script>{options}</script>", renewed)
        renewed = with_late_drawings(renewed, path.parent)
        if renewed != html:
            path.write_text(renewed, encoding="utf-8")


def with_late_drawings(html: str, folder: Path) -> str:
    """A page in `folder` whose drawings in files are not laid out before the page is painted.

    Each says its shape, so that nothing moves when it comes; one that has no width of its own fills
    its column. Icons in menus that are closed at first are put off, too.
    """

    def late(found: re.Match) -> str:
        head = (folder / found["file"]).read_text(encoding="utf-8").partition(">")[0]
        if not (box := BOX.search(head)):
            return found[0]
        shape, own = f"aspect-ratio:{box[1]}/{box[2]}", OWN_WIDTH.search(head)
        size = f'{own[1]} style="{shape}"' if own else f'style="width:100%;{shape}"'
        return f'<img loading="lazy" {size} '

    return BUTTON.sub('<img loading="lazy" ', DRAWING.sub(late, html))


def merged(lists: list[list[str]]) -> list[str]:
    """Every name of the lists, each list's in its order."""
    follows = {name: set() for names in lists for name in names}
    for names in lists:
        for before, after in pairwise(names):
            follows[after].add(before)
    return list(TopologicalSorter(follows).static_order())


def sheet(path: Path) -> str:
    """A style sheet with those that it imports in their place."""
    css = path.read_text(encoding="utf-8")
    return IMPORT.sub(lambda found: sheet((path.parent / found[1]).resolve()), css) + "\n"


def lightened(html: str) -> str:
    """A page without scripts that it does not use, with one style sheet, without empty marks."""
    return with_one_sheet(without_plain_spans(without_unused_scripts(html)))


def with_one_sheet(html: str) -> str:
    """A page that asks for `ONE_SHEET`, and says of which others that is made."""
    sheets = list(SHEET.finditer(html))
    if not sheets:
        return html
    names = " ".join(one["name"] for one in sheets)
    link = (
        f'<link rel="stylesheet" href="{sheets[0]["root"]}_static/{ONE_SHEET}" data-of="{names}">'
    )
    links = iter([f"\n  {link}"])
    return SHEET.sub(lambda _: next(links, ""), html)


def without_plain_spans(html: str) -> str:
    """Code without the marks of names, punctuation and space, which have the color of all code, and
    without those against breaks where there is none to make, the guard of a first line break
    where code begins with none, and a class of code in sentences that no rule asks for.
    """
    html = html.replace('<code class="docutils literal', '<code class="literal')
    return GUARD.sub("", UNBREAKABLE.sub(r"\1", PLAIN.sub(r"\1", html)))


def without_unused_scripts(html: str) -> str:
    """A page without the script of the icons and, unless it searches, without the index."""
    html = SECOND_ICONS.sub("", HURRIED.sub("", html))
    html = WAITED_FOR_BY_NONE.sub("<script defer ", html)
    if 'id="search-results"' in html:
        return html
    return WAITED_FOR_BY_SEARCH.sub("<script defer ", ONLY_TO_SEARCH.sub("", html))


def finish(app, exception) -> None:
    if exception is None and app.builder.format == "html":
        lighten(Path(app.outdir))
        gather(Path(app.outdir))


def setup(app) -> dict[str, object]:
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table
    app.connect("build-finished", finish, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
