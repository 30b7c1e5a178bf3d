"""Turn the notebooks that a full build executed into chapters/*.ipynb, for Colab and GitHub.

    python tools/notebooks.py [BUILD]      BUILD: _build/full/_build

The chapters are MyST; Colab shows its directives and roles raw, so they become plain Markdown
here, and references to other pages become links to the book. Figures become PNG, those of the text
as attachments. The first code cell is added: it installs the package where it is missing. All other
outputs stay as the build left them. The same build gives the same bytes.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import nbformat
import yaml
from bs4 import BeautifulSoup
from pybtex.database import parse_file

from designspaces.book import environment
from pictures import Camera

ROOT = Path(__file__).resolve().parents[1]

FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,}|:{3,})(?:\{(?P<name>[^}]+)\})?(?P<rest>.*)$")
# a code span, or a role if a name in braces stands before it
SPAN = re.compile(
    r"(?:\{(?P<role>[\w:.+-]+)\})?(?P<ticks>`+)(?P<text>.+?)(?<!`)(?P=ticks)(?!`)", re.S
)
TARGET = re.compile(r"^\([\w:.-]+\)=\s*$")
TITLED = re.compile(r"^(?P<text>.*?)\s*<(?P<target>[^<>]+)>$", re.S)

QUOTED = {
    **{kind: kind.capitalize() for kind in ("note", "tip", "hint", "important", "warning")},
    **{kind: kind.capitalize() for kind in ("caution", "danger", "attention", "error")},
    "exercise": "Exercise", "solution": "Solution", "seealso": "See also",
    "admonition": "", "dropdown": "", "card": "", "margin": "", "sidebar": "",
}  # fmt: skip
SETUP = """\
# Sets this notebook up. Where the package is installed already, nothing happens.
import importlib.util, os, subprocess, sys

if importlib.util.find_spec("designspaces") is None:
    source = os.environ.get("DESIGNSPACES_SOURCE", "git+{url}")
    # --no-deps: torch and numpy stay as they are here
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*pip, source, {others}], capture_output=True, text=True
    )
    if done.returncode:
        print(done.stderr)
        raise RuntimeError(
            "The book's package could not be installed; pip's reason stands above. "
            "Check the connection to the network, then run this cell again."
        )
    importlib.invalidate_caches()

from designspaces.book import environment

print(environment.check())
"""
"""The first code cell of every notebook; `url` is the repository's."""

HELPERS = ("safetensors", "filelock", "tqdm")
"""What the package needs beside torch, numpy, pandas and matplotlib; Colab may lack it."""

D2L = "d2l==1.0.3"  # its own pins contradict every current numpy, hence also without dependencies
FIGURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>[^)\s]+\.svg)\)")

UNWRAPPED = {"grid", "grid-item", "tab-set", "div", "exercise-end", "solution-end"}
DROPPED = {"tableofcontents", "contents", "raw", "only", "index"}
CODE_ROLES = {"func", "class", "meth", "mod", "attr", "data", "file", "kbd", "code", "command"}


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
            if "_static" not in path.parts:
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


def plain_roles(text: str, book: Book) -> str:
    """Roles become text; what stands in code spans is left alone."""

    def role(match: re.Match) -> str:
        kind, inside = match["role"], match["text"]
        if not kind:
            return match[0]
        titled = TITLED.match(inside)
        shown, target = (titled["text"], titled["target"]) if titled else ("", inside)
        if kind == "math":
            return f"${inside}$"
        if kind.startswith("cite"):
            return book.cite(inside, in_text=kind.endswith(":t"))
        if kind.startswith("glue"):
            return book.glue(inside)
        if kind == "doc":
            return book.doc(target, shown)
        if kind in ("numref", "eq", "ref", "prf:ref"):
            known = book.label(target, "")
            if "%s" in shown or "{number}" in shown:
                number = known.rpartition(" ")[2] or ""
                shown = shown.replace("%s", number).replace("{number}", number)
            return book.linked(shown or known or target, target)
        if kind.rpartition(":")[2] in CODE_ROLES:
            return f"`{(shown or target).lstrip('~')}`"
        if kind in ("term", "abbr", "download", "sub", "sup"):
            return shown or target
        raise ValueError(f"tools/notebooks.py knows no role {{{kind}}}; in {match[0]!r}")

    return SPAN.sub(role, text)


def plain(text: str, book: Book) -> str:
    """A MyST text as Markdown that needs no MyST."""
    lines, result, prose = text.split("\n"), [], []

    def end_of_equation(match: re.Match) -> str:
        number = book.label(match[1], "").strip("()")
        alone = "\n" if match.start() == 0 else ""
        return f"\\tag{{{number}}}{alone}$$" if number else "$$"

    def flush() -> None:
        if prose:
            result.append(plain_roles("\n".join(prose), book))
            prose.clear()

    at = 0
    while at < len(lines):
        line = lines[at]
        opened = FENCE.match(line)
        at += 1
        if opened:
            flush()
            rest = [line.rstrip() for line in lines[at:]]
            if opened["fence"] not in rest:
                raise ValueError(f"tools/notebooks.py found no end of {line!r}")
            end = at + rest.index(opened["fence"])
            body, at = lines[at:end], end + 1
            if opened["name"]:
                result.append(directive(opened["name"], opened["rest"].strip(), body, book))
            else:
                result += [line, *body, opened["fence"]]
        elif not (TARGET.match(line) or line.startswith("% ")):
            prose.append(re.sub(r"\$\$\s*\(([\w:.-]+)\)\s*$", end_of_equation, line))
    flush()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(result)).strip("\n")


def directive(name: str, argument: str, body: list[str], book: Book) -> str:
    options = {}
    while body and (option := re.match(r"^:([\w-]+):\s*(.*)$", body[0])):
        options[option[1]] = option[2]
        body = body[1:]
    inside = plain("\n".join(body).strip("\n"), book)
    number = book.label(options.get("name", ""), "")
    if name in DROPPED:
        return ""
    if name == "bibliography":
        return book.references()
    if name == "nb-exec-table":
        return f"*The table stands in the [built page]({book.address}{book.page}.html).*"
    if name in QUOTED or name.startswith("prf:"):
        title = QUOTED.get(name) or name.removeprefix("prf:").capitalize()
        if name in ("admonition", "dropdown", "card", "margin", "sidebar"):
            title = plain_roles(argument, book)
        elif argument and name not in ("exercise", "solution"):
            inside = f"{plain_roles(argument, book)}\n{inside}"
        quoted = f"**{title}**\n\n{inside}" if title else inside
        return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
    if name in ("figure", "image"):
        shown = f"![{options.get('alt', '')}]({argument})"
        return f"{shown}\n\n{caption(number, inside)}" if inside else shown
    if name == "glue:figure":
        return caption(number, inside)
    if name == "table":
        return f"{caption(number, plain_roles(argument, book))}\n\n{inside}"
    if name == "exercise-start":
        return f"**Exercise.** {plain_roles(argument, book)}".rstrip()
    if name == "solution-start":
        return "**Solution**"
    if name == "math":
        return f"$$\n{chr(10).join(body).strip()}\n$$"
    if name in UNWRAPPED:
        return inside
    if name == "tab-item":
        return f"<details><summary>{argument}</summary>\n\n{inside}\n\n</details>\n"
    if name == "literalinclude":
        return f"```python\n{included(argument, options['pyobject'])}\n```"
    if name in ("code", "code-block"):
        return f"```{argument}\n{chr(10).join(body)}\n```"
    raise ValueError(f"tools/notebooks.py knows no directive {{{name}}}")


def included(path: str, name: str) -> str:
    """The source of a class or function in a file that a chapter includes."""
    source = (ROOT / "chapters" / path).read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if getattr(node, "name", None) == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
    raise ValueError(f"tools/notebooks.py found no {name} in {path}")


def caption(number: str, text: str) -> str:
    return f"**{number}** {text}" if number else text


def convert(notebook, book: Book, setup: str = "", camera: Camera | None = None):
    """A new notebook: plain Markdown, stable cell ids, no metadata that differs from run to run.

    setup: the source of a code cell to stand before all others. camera: takes the pictures; without
    one they stay as they are.
    """
    book.used.clear()
    book.glued = glued_values(notebook)
    cells, section, count = [], "start", 0

    def add(cell, source: str, kept: dict) -> None:
        nonlocal count
        count += 1
        cells.append(nbformat.from_dict({**cell, "source": source, "metadata": kept}))
        cells[-1]["id"] = f"{section}-{count:02d}"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            source = plain(cell.source, book)
            headings = re.findall(r"^#+\s+(.+)$", source, re.M)
            if source.startswith("#"):
                section, count = slug(headings[0]), 0
            if source:
                made = attached(source, camera)
                add({**cell, **made}, made["source"], {})
            if headings and slug(headings[-1]) != section:
                section, count = slug(headings[-1]), 0
        else:
            if setup:
                add(setup_cell(setup), setup, {"tags": ["nbval-ignore-output"]})
                setup = ""
            hidden = "remove-stderr" in cell.metadata.get("tags", [])
            outputs = [
                shown(one, camera)
                for one in cell.outputs
                if not is_glue(one) and not (hidden and one.get("name") == "stderr")
            ]
            add({**cell, "outputs": outputs}, cell.source, code_metadata(cell))
            figure = cell.metadata.get("mystnb", {}).get("figure")
            if figure and "caption" in figure:
                text = plain(str(figure["caption"]), book)
                text = caption(book.label(figure.get("name", ""), ""), text)
                add({"cell_type": "markdown"}, text, {})
    ids = [cell["id"] for cell in cells]
    for position, cell in enumerate(cells):
        if cell["id"] in ids[:position]:  # two sections of one name
            cell["id"] = f"{cell['id']}-{position}"
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return nbformat.from_dict(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def setup_cell(source: str):
    """The first code cell, with what its last line prints here, where the book was built."""
    output = nbformat.v4.new_output("stream", text=f"{environment.check()}\n")
    return nbformat.v4.new_code_cell(source, execution_count=1, outputs=[output])


def code_metadata(cell) -> dict:
    """Tags, figures, and where the book hides the code, that a notebook should fold it away."""
    kept = {key: cell.metadata[key] for key in ("tags", "mystnb") if key in cell.metadata}
    if {"remove-cell", "remove-input", "hide-input"} & set(kept.get("tags", [])):
        kept |= {"cellView": "form", "jupyter": {"source_hidden": True}}
    return kept


def is_glue(output) -> bool:
    """Whether an output shows nothing, but hands a value to the prose."""
    return all(kind.startswith("application/papermill") for kind in output.get("data", {"": ""}))


def shown(output, camera: Camera | None):
    """An output as a notebook shows it: a figure of ours as PNG."""
    html = "".join(output.get("data", {}).get("text/html", ""))
    if camera is None or 'class="picture"' not in html:
        return output
    digest, png = camera.take(html)
    data = {"image/png": png, "text/plain": output["data"]["text/plain"]}
    return {**output, "data": data, "metadata": {**output["metadata"], "picture": digest}}


def attached(source: str, camera: Camera | None) -> dict:
    """A Markdown cell's source and attachments: SVG files become PNG inside the notebook."""
    attachments = {}

    def attach(match: re.Match) -> str:
        path = ROOT / "chapters" / match["path"]
        drawing = path.read_text(encoding="utf-8")
        digest, png = camera.take(f'<div style="text-align:center">{drawing}</div>')
        name = f"{path.stem}-{digest}.png"
        attachments[name] = {"image/png": png}
        return f"![{match['alt']}](attachment:{name})"

    if camera is not None:
        source = FIGURE.sub(attach, source)
    return {"source": source} | ({"attachments": attachments} if attachments else {})


def pictures_in(notebooks) -> dict[str, str]:
    """Digest -> PNG of every picture in notebooks that were made before."""
    found = {}
    for cell in (cell for notebook in notebooks for cell in notebook.cells):
        for name, data in cell.get("attachments", {}).items():
            found[Path(name).stem.rpartition("-")[2]] = data.get("image/png", "")
        for output in cell.get("outputs", []):
            if digest := output.get("metadata", {}).get("picture"):
                found[digest] = output["data"]["image/png"].rstrip("\n")
    return {digest: png for digest, png in found.items() if png}


def setup_source(notebook, url: str) -> str:
    """The first code cell's source for a chapter, with d2l where its code imports that."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    uses_d2l = re.search(r"^\s*(?:from|import) .*\bd2l\b", code, re.M)
    others = (*HELPERS, D2L) if uses_d2l else HELPERS
    return SETUP.format(url=url, others=", ".join(f'"{one}"' for one in others)).strip()


def slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")[:50] or "section"


def main(arguments: list[str]) -> int:
    build = Path(arguments[0]) if arguments else ROOT / "_build" / "full" / "_build"
    executed = sorted((build / "jupyter_execute").glob("chapters/*.ipynb"))
    if not executed:
        print(f"no executed notebooks in {build / 'jupyter_execute'}; run `make book` first")
        return 1
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    notebooks = {path.name: nbformat.read(path, as_version=4) for path in executed}
    book = Book(build, ROOT / "references.bib")
    there = [nbformat.read(path, as_version=4) for path in (ROOT / "chapters").glob("*.ipynb")]
    with Camera(pictures_in(there)) as camera:
        for name, notebook in notebooks.items():
            path = ROOT / "chapters" / name
            book.page = f"chapters/{path.stem}"
            setup = setup_source(notebook, config["repository"]["url"])
            converted = convert(notebook, book, setup, camera)
            nbformat.validate(converted)
            text = nbformat.writes(converted) + "\n"
            changed = not path.exists() or path.read_text(encoding="utf-8") != text
            if changed:
                path.write_text(text, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {'written' if changed else 'as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
