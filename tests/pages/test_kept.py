"""A preview shows the outputs of the last full build, executes nothing, and says what is older."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import kept

ROOT = Path(__file__).resolve().parents[2]
PAGE = """---
file_format: mystnb
kernelspec: {name: python3}
---
# A page

Text with {glue:text}`answer`.

```{code-cell} python
import os
from myst_nb import glue
print("executed", os.environ["OMP_WAIT_POLICY"])
open("count.txt", "a").write("x")
glue("answer", "glued-value", display=False)
```

```{code-cell} python
1 + 2
```
"""
CONFIG = """
title: A book
only_build_toc_files: true
repository: {url: https://github.com/a/b, branch: main}
execute: {execute_notebooks: cache, stderr_output: show}
sphinx:
  recursive_update: true
  local_extensions: {rerun: _ext, house: _ext}
  config: {nb_execution_raise_on_error: true}
"""
TOC = "format: jb-book\nroot: index\nchapters:\n  - file: chapters/page\n"


def cells(*sources):
    """A notebook of code cells, each with its source as its output."""
    output = nbformat.v4.new_output
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source, outputs=[output("stream", text=f"out of {source}\n")])
            for source in sources
        ]
    )


@pytest.fixture
def root(tmp_path):
    """A package of three modules and recorded data, without a page."""
    files = {
        "__init__.py": "",
        "a.py": "from designspaces import b\nimport numpy\n",
        "b.py": '"""Prose."""\nFOLDER = "recorded"\n',
        "c.py": "C = 1\n",
        "recorded/x.jsonl": "{}\n",
    }
    for name, content in files.items():
        path = tmp_path / "code" / "designspaces" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def keep(root, notebook):
    executed = root / "build" / "jupyter_execute" / "chapters" / "page.ipynb"
    page = root / "chapters" / "page.md"
    for path in (executed, page):
        path.parent.mkdir(parents=True, exist_ok=True)
    page.touch()
    nbformat.write(notebook, executed)
    return kept.keep(root, root / "build")


def filled(root, *sources):
    """What has changed, and the cells' outputs, in a page that now has these cells."""
    notebook = cells(*sources)
    for cell in notebook.cells:
        cell.outputs = []
    changes = kept.fill(notebook, root, "chapters/page")
    return changes, ["".join(out.text for out in cell.outputs) for cell in notebook.cells]


def test_an_unchanged_page_gets_its_outputs(root):
    keep(root, cells("x = 1", "x"))
    assert filled(root, "x = 1", "x") == ([], ["out of x = 1\n", "out of x\n"])


@pytest.mark.parametrize(
    ("now", "changes", "outputs"),
    [
        (["a", "B", "c"], ["code cell 2"], ["a", "b", "c"]),
        (["a", "new", "b", "c"], ["code cell 2"], ["a", "", "b", "c"]),
        (["a", "c"], ["the code after cell 1"], ["a", "c"]),
        (["a", "b", "c", "d"], ["code cell 4"], ["a", "b", "c", ""]),
    ],
)
def test_changed_code_is_named(root, now, changes, outputs):
    keep(root, cells("a", "b", "c"))
    said, texts = filled(root, *now)
    assert said == changes
    assert texts == [f"out of {text}\n" if text else "" for text in outputs]


@pytest.mark.parametrize(
    ("name", "content", "changes"),
    [
        ("a.py", "from designspaces import b\nA = 2\n", ["`a.py`"]),
        ("b.py", 'FOLDER = "recorded"\nB = 2\n', ["`b.py`"]),
        ("b.py", '"""Other prose."""\n# a comment\nFOLDER = "recorded"\n', []),
        ("c.py", "C = 2\n", []),
        ("recorded/x.jsonl", "{1}\n", ["`recorded/x.jsonl`"]),
        ("recorded/y.jsonl", "{}\n", ["`recorded/y.jsonl`"]),
        ("look.js", "1\n", ["`look.js`"]),
    ],
)
def test_what_the_page_uses_is_part_of_its_fingerprint(root, name, content, changes):
    code = "from designspaces.a import x"
    keep(root, cells(code))
    (root / "code" / "designspaces" / name).write_text(content)
    assert filled(root, code)[0] == changes


def test_the_page_that_prints_docstrings_uses_them_all(root):
    module, code = root / "code" / "designspaces" / "c.py", "import designspaces.book.reference"
    (root / "code" / "designspaces" / "book").mkdir()
    (root / "code" / "designspaces" / "book" / "reference.py").write_text("")
    keep(root, cells(code))
    module.write_text("C = 1  # a comment\n")
    assert filled(root, code)[0] == ["`**/*.py`"]


def test_a_module_under_its_old_name_is_found(root):
    (root / "code" / "designspaces" / "book").mkdir()
    (root / "code" / "designspaces" / "book" / "d2l.py").write_text("")
    for code in ("from designspaces import d2l", "import designspaces.d2l as d2l"):
        assert "book/d2l.py" in kept.uses(root, code)


def test_the_same_build_is_kept_in_the_same_bytes_and_older_pages_go(root):
    old = root / "outputs" / "chapters" / "gone.json"
    (path,) = keep(root, cells("x"))
    before = path.read_bytes()
    old.write_text("{}")
    assert keep(root, cells("x")) == [path]
    assert path.read_bytes() == before
    assert not old.exists()


def test_what_was_executed_of_a_page_that_is_gone_is_not_kept(root):
    gone = root / "build" / "jupyter_execute" / "chapters" / "gone.ipynb"
    keep(root, cells("x"))
    nbformat.write(cells("x"), gone)
    assert [path.name for path in keep(root, cells("x"))] == ["page.json"]


def test_messages_of_the_machine_that_built_the_pages_are_left_out(root):
    notebook = cells("x")
    notebook.cells[0].outputs.append(
        nbformat.v4.new_output("stream", name="stderr", text="made /home/x/.cache\n")
    )
    keep(root, notebook)
    assert filled(root, "x") == ([], ["out of x\n"])


def test_outputs_come_back_as_they_were():
    html = nbformat.v4.new_output(
        "display_data",
        data={"text/html": "<b>\n1</b>", "text/plain": "1", "application/json": {"a": [1, 2]}},
        metadata={"scrapbook": {"name": "x"}},
    )
    for output in (html, nbformat.v4.new_output("stream", text="a\nb\n")):
        assert kept.joined(json.loads(json.dumps(kept.in_lines(output)))) == output


def test_nothing_executed_is_an_error(root, capsys):
    assert kept.main([str(root)]) == 1
    assert "run `make book` first" in capsys.readouterr().err


def test_the_kept_outputs_of_the_book_belong_to_its_pages():
    for path in (ROOT / "outputs").rglob("*.json"):
        page = path.relative_to(ROOT / "outputs").with_suffix(".md")
        assert (ROOT / page).is_file(), f"{path} has no page; run `make notebooks`"
        assert json.loads(path.read_text(encoding="utf-8"))["cells"]


def build(folder: Path, profile: str) -> str:
    """Build a small book; returns the text of its page."""
    jupyter_book = str(Path(sys.executable).with_name("jupyter-book"))
    strict = ["-W"] if profile == "quick" else []
    done = subprocess.run(
        [jupyter_book, "build", ".", "--all", *strict, "--path-output", f"_build/{profile}"],
        cwd=folder,
        env=os.environ | {"BOOK_PROFILE": profile},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    html = folder / "_build" / profile / "_build" / "html" / "chapters" / "page.html"
    article = html.read_text(encoding="utf-8").partition("<article")[2].partition("</article")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", article))


@pytest.mark.slow
def test_a_preview_of_a_small_book(tmp_path):
    shutil.copytree(ROOT / "_ext", tmp_path / "_ext")
    (tmp_path / "chapters").mkdir()
    (tmp_path / "requirements.txt").write_text("numpy\n")
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "index.md").write_text("# A book\n")
    page, count = tmp_path / "chapters" / "page.md", tmp_path / "chapters" / "count.txt"
    page.write_text(PAGE)

    assert "glued-value" in build(tmp_path, "quick")
    kept.keep(tmp_path, tmp_path / "_build" / "quick" / "_build")
    assert count.read_text() == "x"

    text = build(tmp_path, "preview")
    assert "Text with glued-value" in text
    assert " executed PASSIVE " in text
    assert "Older outputs" not in text

    page.write_text(PAGE.replace("1 + 2", "1 + 3"))
    text = build(tmp_path, "preview")
    assert "Text with glued-value" in text
    assert "made before a change of code cell 2." in text

    kept.file_of(tmp_path, "chapters/page").unlink()
    assert "has not been executed yet" in build(tmp_path, "preview")
    assert count.read_text() == "x", "a preview executed the page"
