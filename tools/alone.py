"""Jupyter's kernel `alone`: what Colab has and not our package, anew for every notebook.

    python tools/alone.py _build/alone

With JUPYTER_PATH=_build/alone, `pytest --nbval --nbval-kernel-name alone` runs each notebook in an
empty folder and in an environment of its own, which is layered over this one by links, to save
gigabytes. The notebook's first cell installs the package, from a wheel of this checkout, and
whatever else is missing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
COLAB_HAS = ("torch", "torchvision", "numpy", "pandas", "matplotlib", "scipy", "requests")
COLAB_HAS += ("jax", "flax", "optax", "tensorflow_cpu", "keras", "pip")
RUNS_NOTEBOOKS = ("ipykernel",)


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


def site_of(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def link(name: str, site: Path) -> None:
    """Make a distribution of this environment one of the environment whose packages are `site`."""
    one = distribution(name)
    for top in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
        source, target = Path(one.locate_file(top)), site / top
        if source.exists() and not target.exists():
            target.symlink_to(source)


def make_environment(folder: Path) -> None:
    """An environment that has what Colab has, and nothing but links: soon copied."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    for name in with_requirements(COLAB_HAS + RUNS_NOTEBOOKS):
        link(name, site_of(folder))


def make_wheel(folder: Path) -> Path:
    """The package of this checkout, built from a copy, so that nothing is left in the checkout."""
    folder.mkdir()
    for name in ("code", "pyproject.toml", "README.md", "LICENSE"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(folder)], check=True)
    return next(folder.glob("*.whl"))


def prepare(folder: Path) -> None:
    """Make `folder` one that Jupyter finds the kernel in; what was there is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    make_environment(folder / "environment")
    wheel = make_wheel(folder / "wheel")
    kernel = folder / "kernels" / "alone"
    kernel.mkdir(parents=True)
    (folder / "started").mkdir()
    spec = {
        "argv": [sys.executable, str(Path(__file__).resolve()), str(folder), "{connection_file}"],
        "display_name": "Alone",
        "language": "python",
        "env": {"BOOK_PROFILE": "quick", "DESIGNSPACES_SOURCE": str(wheel)},
    }
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def start(folder: Path, connection: str) -> None:
    """Become a kernel in an environment of its own, a copy of the one that was prepared."""
    own = Path(tempfile.mkdtemp(dir=folder / "started"))
    shutil.copytree(folder / "environment", own / "environment", symlinks=True)
    here = own / "empty"
    here.mkdir()
    os.chdir(here)
    os.environ.pop("PYTHONPATH", None)
    python = str(own / "environment" / "bin" / "python")
    os.execv(python, [python, "-m", "ipykernel_launcher", "-f", connection])


if __name__ == "__main__":
    given = Path(sys.argv[1]).resolve()
    if len(sys.argv) == 3:
        start(given, sys.argv[2])
    prepare(given)
