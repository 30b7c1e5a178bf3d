"""Test the half of the package that needs only numpy, on Python 3.11, 3.12 and 3.13.

    python tools/numpy_half.py [VERSION ...]

Without a version, on all of them at once. Each Python that is found gets a small environment under
_build/ with numpy, pytest and hypothesis and nothing else. There every test runs that can: loaded
as a pytest plugin, this file turns the import of a package that is not installed into a skip. Left
out are what is slow and simulations of many rounds: the package's tests run them once, and here
they would count the same three times.
"""

from __future__ import annotations

import importlib.abc
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
ROOMS = ("designs", "spaces", "judging")
MODULES = ("training.recipe", "training.history", "populations.population", "populations.checks")
MODULES += ("networks.tensors",)
ABSENT = {"torch", "torchvision", "d2l", "matplotlib", "pandas", "scipy", "statsmodels", "tqdm"}
ABSENT |= {"safetensors", "filelock", "nbformat", "bs4", "pybtex", "yaml", "playwright", "PIL"}
ABSENT |= {"jax", "flax", "optax", "tensorflow", "keras", "mxnet"}
LEFT_OUT = ("book", "slow", "simulation")  # by their marks


class SkipWhatIsAbsent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in ABSENT:
            import pytest

            pytest.skip(f"needs {name}", allow_module_level=True)


def pytest_configure() -> None:
    sys.meta_path.append(SkipWhatIsAbsent())  # last: asked only for what nobody found


def find(version: str) -> str | None:
    """An interpreter of this version that runs and can make environments."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(pyenv.glob(f"{version}.*/bin/python{version}"))
    for candidate in [f"python{version}", *map(str, installed)]:
        try:
            tried = subprocess.run([candidate, "-c", "import ensurepip, venv"], capture_output=True)
        except OSError:
            continue
        if tried.returncode == 0:
            return candidate
    return None


def numpy_half() -> list[str]:
    """The modules that need numpy alone: three whole rooms, and a few in others."""
    package = ROOT / "code" / "designspaces"
    whole = [path for room in ROOMS for path in sorted((package / room).rglob("*.py"))]
    names = [".".join(path.relative_to(package).with_suffix("").parts) for path in whole]
    return [name.removesuffix(".__init__") for name in names] + list(MODULES)


def pinned(*names: str) -> list[str]:
    lines = (ROOT / "requirements.txt").read_text().split()
    return [line for line in lines if line.split("==")[0] in names]


def test(version: str) -> int:
    interpreter = find(version)
    if interpreter is None:
        print(f"Python {version} is not on this machine: the numpy half is not tested on it.")
        return int("GITHUB_ACTIONS" in os.environ)  # where the workflow sets up all of them
    environment = ROOT / "_build" / f"python{version}"
    python = str(environment / "bin" / "python")
    needed = pinned("numpy", "pytest", "hypothesis")
    stamp = environment / "installed.txt"
    if not stamp.exists() or stamp.read_text().split() != needed:
        print(f"Python {version}: an environment with {', '.join(needed)}", flush=True)
        subprocess.run([interpreter, "-m", "venv", "--clear", str(environment)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *needed], check=True)
        stamp.write_text("\n".join(needed))
    # First without the plugin: a module of this half that imports torch must fail, not skip.
    names = ["designspaces", *(f"designspaces.{name}" for name in numpy_half())]
    imports = "; ".join(f"import {name}" for name in names)
    paths = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT / "code"), str(ROOT / "tools"), str(ROOT / "tests" / "support")]
        ),
    }
    print(f"Python {version}: {len(names)} modules and the tests that run there", flush=True)
    done = subprocess.run([python, "-c", imports], env=paths, cwd=ROOT / "tests" / "support")
    if done.returncode:
        return done.returncode
    command = [python, "-m", "pytest", "-q", "-p", "numpy_half", "-p", "no:cacheprovider"]
    command += ["-m", f"not ({' or '.join(LEFT_OUT)})"]
    command += [f"--junitxml=_build/tests/python{version}.xml", "--ignore=tests/pages", "tests"]
    return subprocess.run(command, env=paths, cwd=ROOT).returncode


def test_all() -> int:
    """1 where a Python fails, else 0; what each says is printed when it is done."""
    command, told = [sys.executable, __file__], subprocess.PIPE
    running = [
        subprocess.Popen([*command, version], stdout=told, stderr=subprocess.STDOUT, text=True)
        for version in VERSIONS
    ]
    for one in running:
        print(one.communicate()[0], end="", flush=True)
    return int(any(one.returncode for one in running))


if __name__ == "__main__":
    sys.exit(max(map(test, sys.argv[1:])) if sys.argv[1:] else test_all())
