"""The kernel in which `make test` runs every notebook: what Colab has and not our package."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import alone

pytestmark = [pytest.mark.book, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "chapters" / "lecturers.ipynb"


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jupyter") / "alone"
    alone.prepare(folder)
    return folder


def run(notebook: Path, jupyter: Path, **environment: str):
    """nbval's judgement of a notebook, as `make test` asks for it; and what it says."""
    nbval = ["--nbval", "--nbval-kernel-name", "alone"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *nbval, str(notebook)],
        cwd=notebook.parent,
        env=os.environ | {"JUPYTER_PATH": str(jupyter)} | environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def written(folder: Path, *cells: tuple[str, str]) -> Path:
    """A notebook of cells and of what they are said to print."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                source, outputs=[nbformat.v4.new_output("stream", text=out)], execution_count=1
            )
            for source, out in cells
        ]
    )
    nbformat.write(notebook, folder / "small.ipynb")
    return folder / "small.ipynb"


WHERE = """\
import os, sys
print(os.listdir(), os.environ["BOOK_PROFILE"], os.environ.get("PYTHONPATH"))
print(all("site-packages" not in path or sys.prefix in path for path in sys.path))
open("left", "w").close()"""


def test_a_notebook_starts_in_an_empty_folder_and_no_other_finds_what_it_left(jupyter, tmp_path):
    notebook = written(tmp_path, (WHERE, "[] quick None\nTrue\n"))
    for _ in range(2):
        code, said = run(notebook, jupyter)
        assert code == 0, said


def test_the_environment_lacks_our_package(jupyter, tmp_path):
    code, said = run(written(tmp_path, ("import designspaces", "")), jupyter)
    assert code == 1
    assert "No module named 'designspaces'" in said


def test_another_output_than_the_stored_one_is_a_failure(jupyter, tmp_path):
    notebook = written(tmp_path, ("print(1)", "1\n"), ("print(2)", "3\n"))
    code, said = run(notebook, jupyter)
    assert code == 1
    assert "1 failed, 1 passed" in said
    assert "Cell outputs differ" in said


def test_without_a_network_the_first_cell_says_so(jupyter, tmp_path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    nowhere["DESIGNSPACES_SOURCE"] = "git+http://127.0.0.1:9/none"
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    first = next(cell.source for cell in cells if cell.cell_type == "code")
    cell = f"import os\nos.environ.update({nowhere})\n{first}"
    code, said = run(written(tmp_path, (cell, "")), jupyter)
    assert code == 1
    assert "could not be installed" in said
    assert "Check the connection to the network" in said
