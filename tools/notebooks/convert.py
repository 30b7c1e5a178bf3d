"""A notebook that the build executed as one for Colab: cells, outputs, pictures, the first cell."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

from designspaces.book import environment
from notebooks import ROOT
from notebooks.labels import Book, glued_values
from notebooks.markdown import caption, plain
from pictures import Camera

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
STILL = re.compile(r'<div class="explorer-still">(?P<picture>.*?)(<details>|</div><script )', re.S)
"""The still half of a figure that answers back, without the table."""
FIGURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>[^)\s]+\.svg)\)")


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
            outputs = [
                shown(one, camera)
                for one in cell.outputs
                if not is_glue(one) and one.get("name") != "stderr"  # of the machine that built it
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
    still = STILL.search(html)
    digest, png = camera.take(still["picture"] if still else html)
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
