"""Outputs of executed pages, kept in `outputs/`, so that a preview executes nothing.

    python _ext/kept.py [BUILD]      BUILD: _build/full/_build

This, a part of `make notebooks`, writes a file a page from the full build: the outputs of each
code cell beside a digest of its code, and digests of the package's modules and data that the page
uses. A preview reads a page's text as it is now and takes the outputs from there. Where code,
package or data have changed since, the page says so under its title.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from difflib import SequenceMatcher
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "designspaces"
REFERENCE = "book/reference.py"  # prints docstrings
BESIDE = (".js", ".css", ".csv")  # what modules read that lies beside them
NOTICE = """
```{{admonition}} Older outputs
:class: warning older-outputs
{what} `make book` makes them anew.
```
"""
NEVER = "The code of this page has not been executed yet: its outputs are missing."
CHANGED = "The outputs on this page were made before a change of {changes}."
TITLE = re.compile(r"^# .*$", re.M)
SHOWN = 4  # changes that the notice names


def digest(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()[:16]


def file_of(root: Path, page: str) -> Path:
    """Where the outputs of a page such as "chapters/stem" are kept."""
    return root / "outputs" / f"{page}.json"


def keep(root: Path, build: Path) -> list[Path]:
    """Write the outputs of the pages that `build` executed; returns their files.

    Raises ValueError where nothing was executed.
    """
    executed = build / "jupyter_execute"
    found = sorted(executed.rglob("*.ipynb"))
    pages = {path.relative_to(executed).with_suffix("").as_posix(): path for path in found}
    # what was executed stays there when its page is gone
    pages = {page: path for page, path in pages.items() if (root / f"{page}.md").is_file()}
    if not pages:
        raise ValueError(f"no executed notebooks in {executed}; run `make book` first")
    written = [file_of(root, page) for page in pages]
    for stale in set((root / "outputs").rglob("*.json")) - set(written):
        stale.unlink()
    for path, notebook in zip(written, pages.values(), strict=True):
        content = page_content(root, nbformat.read(notebook, as_version=4))
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, indent=0, ensure_ascii=False, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")
    return written


def page_content(root: Path, notebook) -> dict:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {
        "cells": [
            {"code": digest(cell.source), "outputs": [in_lines(out) for out in told(cell.outputs)]}
            for cell in cells
        ],
        "execution": dict(notebook.metadata.get("execution", {})),
        "uses": uses(root, "\n".join(cell.source for cell in cells)),
    }


def told(outputs) -> list:
    """Without what went to stderr: messages of the machine that built the pages."""
    return [output for output in outputs if output.get("name") != "stderr"]


def in_lines(output) -> dict:
    """An output with its long texts as lists of lines, as notebooks on disk have them."""
    output = dict(output)
    if "execution_count" in output:
        output["execution_count"] = None  # the preview counts nothing
    if "text" in output:
        output["text"] = output["text"].splitlines(keepends=True)
    if "data" in output:
        output["data"] = {
            kind: value.splitlines(keepends=True) if isinstance(value, str) else value
            for kind, value in output["data"].items()
        }
    return output


def uses(root: Path, code: str) -> dict[str, str]:
    """The files that decide what a page's code prints, with their digests.

    These are the modules it imports, by whatever way, and the recorded data where one of the
    modules reads them. Comments and docstrings count only where the page prints them.
    """
    from designspaces.moved import MODULES
    from designspaces.training.source import meaning

    folder, found, waiting = root / "code", {}, imported(code)
    while waiting:
        name = waiting.pop()
        short = name.removeprefix(f"{PACKAGE}.")
        name = f"{PACKAGE}.{MODULES[short]}" if short in MODULES else name
        path = folder.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        key = path.relative_to(folder / PACKAGE).as_posix() if path.is_file() else None
        if key and key not in found:
            source = path.read_text(encoding="utf-8")
            found[key] = digest(meaning(source))
            waiting |= imported(source)
            for data in sorted(path.parent.iterdir()):
                if data.suffix in BESIDE:
                    beside = data.relative_to(folder / PACKAGE).as_posix()
                    found[beside] = digest(data.read_bytes())
            reads_records = '"recorded"' in source
            for data in folder.glob(f"{PACKAGE}/recorded/**/*") if reads_records else ():
                if data.is_file():
                    record = data.relative_to(folder / PACKAGE).as_posix()
                    found[record] = digest(data.read_bytes())
    if REFERENCE in found:
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))]
        found["**/*.py"] = digest("".join(texts))
    return dict(sorted(found.items()))


def imported(code: str) -> set[str]:
    """Names that are modules of the package, or may be, in the import statements of some code."""
    names = set()
    for node in ast.walk(ast.parse(re.sub(r"^\s*[%!].*$", "", code, flags=re.M))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == PACKAGE}


def fill(notebook, root: Path, page: str) -> list[str]:
    """Give a notebook the outputs that are kept for its page; returns what has changed since.

    A cell with new code gets the outputs of the one that stood in its place.
    """
    kept = json.loads(file_of(root, page).read_text(encoding="utf-8"))
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    before, now = [cell["code"] for cell in kept["cells"]], [digest(cell.source) for cell in cells]
    changes = []
    for kind, i, i_end, j, j_end in SequenceMatcher(None, before, now, False).get_opcodes():
        for old, new in zip(range(i, i_end), range(j, j_end), strict=False):
            outputs = kept["cells"][old]["outputs"]
            cells[new].outputs = [nbformat.from_dict(joined(output)) for output in outputs]
        if kind != "equal":
            changes += [f"code cell {place + 1}" for place in range(j, j_end)]
            changes += [] if j < j_end else [f"the code after cell {j}"]
    used, using = kept["uses"], uses(root, "\n".join(cell.source for cell in cells))
    changed = {name for name, _ in used.items() ^ using.items()}
    return changes + [f"`{name}`" for name in sorted(changed)]


def execution(root: Path, page: str) -> dict:
    """When the kept outputs were made (`mtime`) and in how many seconds (`runtime`), if known."""
    path = file_of(root, page)
    return json.loads(path.read_text(encoding="utf-8"))["execution"] if path.exists() else {}


def joined(output: dict) -> dict:
    """The inverse of `in_lines`."""
    lines = {key: "".join(output[key]) for key in ("text",) if key in output}
    data = {
        kind: "".join(value) if isinstance(value, list) and "json" not in kind else value
        for kind, value in output.get("data", {}).items()
    }
    return output | lines | ({"data": data} if "data" in output else {})


def read(text: str, root: str, page: str, extensions: list[str]):
    """MyST-NB's reader of a page in a preview: its text as it is, with the kept outputs."""
    from myst_nb.core.read import read_myst_markdown_notebook
    from myst_parser.config.main import MdParserConfig

    config = MdParserConfig(enable_extensions=set(extensions))
    path = Path(root, f"{page}.md")
    notebook = read_myst_markdown_notebook(text, config, add_source_map=True, path=path)
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        return notebook
    try:
        changes = fill(notebook, Path(root), page)
    except FileNotFoundError:
        return with_notice(notebook, NEVER)
    if changes:
        more = [f"{len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
        with_notice(notebook, CHANGED.format(changes=", ".join(changes[:SHOWN] + more)))
    return notebook


def with_notice(notebook, what: str):
    """The sentence under the page's title."""
    first = next((cell for cell in notebook.cells if TITLE.search(cell.source)), None)
    if first:
        end = TITLE.search(first.source).end()
        first.source = f"{first.source[:end]}\n{NOTICE.format(what=what)}{first.source[end:]}"
    return notebook


def main(arguments: list[str]) -> int:
    build = Path(arguments[0]) if arguments else ROOT / "_build" / "full" / "_build"
    try:
        written = keep(ROOT, build)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in written)
    print(f"outputs of {len(written)} pages: {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
