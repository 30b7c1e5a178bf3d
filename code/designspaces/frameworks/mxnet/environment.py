"""MXNet's own environment, made once.

    python -m designspaces.frameworks.mxnet.environment

makes it and prints its interpreter. MXNet was retired with version 1.9.1, which fails on numpy 1.24
and newer, so it cannot be installed beside the rest of the book. Needs filelock.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

from designspaces.files import atomic, cache_folder
from designspaces.needs import EnvironmentProblem

PINS = ("mxnet==1.9.1", "numpy==1.23.5")
PYTHON = "3.11"
"""The newest Python for which this numpy has wheels."""


def reason_not_here() -> str | None:
    """Why the environment cannot be made on this machine, in a sentence; None where it can."""
    system = f"{sys.platform} on {platform.machine()}"
    if system != "linux on x86_64":
        return f"MXNet 1.9.1 is used here on Linux on x86_64 only, and this is {system}."
    if _interpreter() is None:
        return (
            f"MXNet 1.9.1 needs Python {PYTHON} with its module venv, and none was found here: "
            f"neither python{PYTHON} on the PATH nor one of pyenv's."
        )
    return None


def ensure(folder: Path | None = None) -> Path:
    """The interpreter of MXNet's environment, which is made if it is not there (0.3 GB).

    folder: `cache_folder()` / "mxnet-1.9.1" by default. Raises EnvironmentProblem where it cannot
    be made: `reason_not_here` says why, or pip does.
    """
    from filelock import FileLock  # the environment itself does without

    folder = Path(folder) if folder is not None else cache_folder() / "mxnet-1.9.1"
    if not _is_whole(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(folder.name + ".lock")):
            if not _is_whole(folder):  # nobody made it while we waited
                _make(folder)
    return _python(folder)


def _is_whole(folder: Path) -> bool:
    stamp = _stamp(folder)
    pinned = stamp.exists() and tuple(stamp.read_text(encoding="utf-8").split()) == PINS
    return pinned and _python(folder).exists()


def _make(folder: Path) -> None:
    reason = reason_not_here()
    if reason is not None:
        raise EnvironmentProblem(reason)
    print(f"making an environment of {' and '.join(PINS)} in {folder}", file=sys.stderr)
    # -I: what PYTHONPATH names is no part of the environment
    _try([_interpreter(), "-I", "-m", "venv", "--clear", folder], "venv could not make")
    install = ["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", *PINS]
    _try([_python(folder), "-I", "-m", "pip", *install], "pip could not install")
    with atomic(_stamp(folder)) as temporary:  # last: what has it is whole
        temporary.write_text("\n".join(PINS), encoding="utf-8")


def _try(command: list, failed: str) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        said = last_lines(finished.stderr or finished.stdout)
        raise EnvironmentProblem(
            f"{failed} MXNet's environment ({', '.join(PINS)}). Is there a network? It said last:\n"
            + said
        )


def _interpreter() -> str | None:
    """A Python of the right version that can make environments."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(map(str, pyenv.glob(f"{PYTHON}.*/bin/python{PYTHON}")))
    check = f"import ensurepip, sys, venv; sys.exit(not sys.version.startswith('{PYTHON}.'))"
    for candidate in [sys.executable, f"python{PYTHON}", *installed]:
        try:
            tried = subprocess.run([candidate, "-I", "-c", check], capture_output=True, check=False)
        except OSError:
            continue
        if tried.returncode == 0:
            return candidate
    return None


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _stamp(folder: Path) -> Path:
    return folder / "installed.txt"


def last_lines(text: str) -> str:
    """The end of what a process said."""
    return "\n".join(text.strip().splitlines()[-5:])


if __name__ == "__main__":
    try:
        print(ensure())
    except EnvironmentProblem as problem:
        sys.exit(str(problem))
