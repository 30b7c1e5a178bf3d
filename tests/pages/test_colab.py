"""Every notebook alone, in an empty folder, where there is what Colab has and not our package.

The environment is layered over this one by links, to save gigabytes; the notebook's first cell
installs the package, from a wheel of this checkout, and whatever else is missing.
"""

import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

pytestmark = [pytest.mark.book, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
COLAB_HAS = ("torch", "torchvision", "numpy", "pandas", "matplotlib", "scipy", "requests")
COLAB_HAS += ("jax", "flax", "optax", "tensorflow_cpu", "keras")
RUNS_NOTEBOOKS = ("ipykernel", "nbclient")
OURS = ("designspaces", "d2l")

EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=900, kernel_name="python3").execute()
"""


def with_requirements(names) -> set[str]:
    """Distributions and all that they require here, without extras."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for line in distribution(name).requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def link(name: str, site: Path) -> None:
    """Make a distribution of this environment one of the environment whose packages are `site`."""
    one = distribution(name)
    for top in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
        source, target = Path(one.locate_file(top)), site / top
        if source.exists() and not target.exists():
            target.symlink_to(source)


@pytest.fixture(scope="session")
def colab(tmp_path_factory):
    """The interpreter of an environment that has what Colab has."""
    folder = tmp_path_factory.mktemp("colab")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    for name in with_requirements(COLAB_HAS + RUNS_NOTEBOOKS):
        link(name, site)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The package of this checkout, built from a copy, so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("code", "pyproject.toml", "README.md", "LICENSE"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(folder)], check=True)
    return next(folder.glob("*.whl"))


def execute(python: Path, notebook: Path, folder: Path, **environment: str):
    """Run a notebook in `folder`, from nothing: our package is not installed when it starts."""
    pip = [str(python), "-m", "pip", "uninstall", "--quiet", "--yes"]
    subprocess.run([*pip, *OURS], check=True, capture_output=True)
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(python), "-c", EXECUTE, str(notebook)],
        cwd=folder,
        env=inherited | {"BOOK_PROFILE": "quick"} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_runs_alone(notebook, colab, wheel, tmp_path):
    done = execute(colab, notebook, tmp_path, DESIGNSPACES_SOURCE=str(wheel))
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_environment_lacks_our_package(colab, tmp_path):
    notebook = tmp_path / "bare.ipynb"
    cell = nbformat.v4.new_code_cell("import designspaces")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), notebook)
    assert "No module named 'designspaces'" in execute(colab, notebook, tmp_path).stderr


def test_without_a_network_the_first_cell_says_so(colab, tmp_path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    source = "git+http://127.0.0.1:9/none"
    done = execute(colab, NOTEBOOKS[0], tmp_path, DESIGNSPACES_SOURCE=source, **nowhere)
    assert done.returncode != 0
    assert "could not be installed" in done.stderr
    assert "Check the connection to the network" in done.stderr
