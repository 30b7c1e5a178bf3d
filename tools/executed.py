"""What nbval has executed, for the quick build: each notebook runs once.

    pytest -p executed --executed-into FOLDER --nbval chapters/*.ipynb
    python tools/executed.py FOLDER

Loaded as a pytest plugin, this file writes each notebook whose cells all passed to FOLDER, with the
outputs that nbval has just seen. Called, it puts those outputs into the cache of the book's build,
but for the first cell, which the notebook has and the page has not. The build executes by itself
whatever is not in its cache: a page that has changed since, or whose cells differ from the
notebook's.
"""

import os
import sys
import time
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser) -> None:
    parser.addoption("--executed-into", help="a folder for notebooks as nbval ran them")


def pytest_configure(config) -> None:
    if config.option.executed_into is not None:
        folder = Path(config.option.executed_into)  # a string until here: xdist hands options on
        config.pluginmanager.register(Executed(folder), "executed-into")


class Executed:
    """Gathers a notebook's cells as they pass, and writes it after the last one."""

    def __init__(self, folder: Path):
        self.folder, self.passed, self.seconds = folder, [], 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        start = time.perf_counter()
        result = yield  # what fails raises here
        if hasattr(item, "test_outputs"):  # a cell of nbval's
            self.passed.append(item)
            self.seconds += time.perf_counter() - start
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item, nextitem) -> None:
        if nextitem is not None and nextitem.parent is item.parent:
            return
        notebook = getattr(item.parent, "nb", None)
        if notebook is not None and len(self.passed) == len(code_cells(notebook)):
            self.write(item.parent.path.name, notebook)
        self.passed, self.seconds = [], 0.0

    def write(self, name: str, notebook) -> None:
        for number, (cell, item) in enumerate(
            zip(code_cells(notebook), self.passed, strict=True), start=1
        ):
            cell.outputs, cell.execution_count = item.test_outputs, number
        notebook.metadata["seconds"] = self.seconds
        self.folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.from_dict(notebook), self.folder / name)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def as_page(page, notebook) -> bool:
    """Give a page the outputs of its notebook; False where their code is not the same."""
    cells, ran = code_cells(page), code_cells(notebook)[1:]
    if [cell.source for cell in cells] != [cell.source for cell in ran]:
        return False
    for number, (cell, one) in enumerate(zip(cells, ran, strict=True), start=1):
        cell.outputs, cell.execution_count = one.outputs, number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
    return True


def fill_cache(folder: Path, chapters: Path, cache) -> list[str]:
    """Put what was executed into a build's cache; returns the names of the pages that are there."""
    from jupyter_cache.base import CacheBundleIn
    from myst_nb.core.read import myst_nb_reader_plugin

    filled = []
    for path in sorted(folder.glob("*.ipynb")):
        source = chapters / f"{path.stem}.md"
        page, notebook = myst_nb_reader_plugin(str(source)), nbformat.read(path, as_version=4)
        if as_page(page, notebook):
            seconds = {"execution_seconds": notebook.metadata["seconds"]}
            bundle = CacheBundleIn(page, str(source), data=seconds)
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            filled.append(path.stem)
    return filled


def main(folder: Path) -> None:
    from jupyter_cache import get_cache

    import house

    cache = get_cache(house.cache_folder(ROOT, house.profile_of(os.environ)))
    filled = fill_cache(folder, ROOT / "chapters", cache)
    print(f"{len(filled)} pages will show what their notebooks printed: {', '.join(filled)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
