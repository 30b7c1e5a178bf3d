"""MXNet's own environment: made once, then asked from here by files.

    python -m designspaces.frameworks.gluon_environment

makes it and prints its interpreter. MXNet was retired with version 1.9.1, which fails on numpy 1.24
and newer, so it cannot be installed beside the rest of the book. `run` starts a process there that
reads a request, a file of arrays, and writes its answer to another; `frameworks.gluon` answers.

Needs numpy alone, and filelock to make the environment.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.files import atomic, cache_folder
from designspaces.needs import EnvironmentProblem

PINS = ("mxnet==1.9.1", "numpy==1.23.5")
PYTHON = "3.11"
"""The newest Python for which this numpy has wheels."""

USELESS_REQUEST = 2
"""The exit status that says that the request is wrong, not the program that answers."""

PACKAGE = Path(__file__).parents[1]


def measuring_request(
    arch: Architecture,
    state: Mapping,
    pixels: np.ndarray,
    labels: np.ndarray,
    *,
    lr: float,
    **options: Any,
) -> dict[str, Any]:
    """Ask for what `parity.measure` finds.

    state: PyTorch's state dict of the network. pixels: (n, channels, r, r) in the state's
        precision, in which the network computes. labels: (n,), int64. options: AnyNet's.
    The answer has the arrays of `parity.measure`, "summary" (the text of `layer_summary`) and
    "versions" (JSON).
    """
    weights = {
        f"state {name}": np.asarray(value) for name, value in state.items()
    }
    return weights | {
        "network": json.dumps(arch.to_dict()),
        "options": json.dumps(options),
        "lr": lr,
        "pixels": pixels,
        "labels": labels,
    }


def training_request(
    arch: Architecture,
    state: Mapping,
    pixels: np.ndarray,
    labels: np.ndarray,
    *,
    val_pixels: np.ndarray,
    val_labels: np.ndarray,
    order: np.ndarray,
    batch_size: int,
    trace_points: int,
    lr: float,
    **options: Any,
) -> dict[str, Any]:
    """Ask for a training as `loop.train` does it.

    pixels: (n, channels, r, r), uint8. order: (epochs, n), the images of each epoch as they come.
    trace_points: points an epoch of the trace of the training loss.

    The answer has "train_loss", "train_accuracy", "val_loss", "val_accuracy" and "seconds", an
    array each with a number an epoch, "trace", "after NAME", the tensors that it ends with, and
    "summary" and "versions". A training that diverged has fewer epochs than it was asked for.
    """
    return measuring_request(
        arch, state, pixels, labels, lr=lr, **options
    ) | {
        "val_pixels": val_pixels,
        "val_labels": val_labels,
        "order": order,
        "batch_size": batch_size,
        "trace_points": trace_points,
    }


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a request in MXNet's environment, which is made on first use.

    Raises ValueError for a request that cannot be answered, RuntimeError when the process fails
    otherwise, both with what it said last, and what `environment` raises.
    """
    python = environment()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The folder that holds an installed package holds a newer numpy as
        # well, which would come before MXNet's: so the process finds the
        # package, alone, behind a link.
        (folder / "designspaces").symlink_to(
            PACKAGE, target_is_directory=True
        )
        write(folder / "request.npz", request)
        finished = subprocess.run(
            [
                python,
                "-m",
                "designspaces.frameworks.gluon",
                "request.npz",
                "answer.npz",
            ],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": temporary},
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode == USELESS_REQUEST:
            raise ValueError(_last_lines(finished.stderr))
        if finished.returncode:
            raise RuntimeError(
                f"MXNet's process ended with status {finished.returncode}; it said last:\n"
                + _last_lines(finished.stderr)
            )
        return read(folder / "answer.npz")


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Write arrays, numbers and texts by name; raises ValueError for anything else."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    for name, array in arrays.items():
        # an object would be pickled, and `read` does not run what others wrote
        if array.dtype.hasobject:
            raise ValueError(
                f"{name} is {values[name]!r}; expected an array, a number or a text"
            )
    np.savez(path, **arrays)


def read(path: Path) -> dict[str, Any]:
    """What `write` wrote, numbers and texts as Python's."""
    with np.load(path, allow_pickle=False) as arrays:
        return {
            name: array if array.ndim else array.item()
            for name, array in arrays.items()
        }


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


def environment(folder: Path | None = None) -> Path:
    """The interpreter of MXNet's environment, which is made if it is not there (0.3 GB).

    folder: `cache_folder()` / "mxnet-1.9.1" by default. Raises EnvironmentProblem where it cannot
    be made: `reason_not_here` says why, or pip does.
    """
    from filelock import FileLock  # the environment itself does without

    folder = (
        Path(folder)
        if folder is not None
        else cache_folder() / "mxnet-1.9.1"
    )
    if not _is_whole(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(folder.name + ".lock")):
            if not _is_whole(folder):  # nobody made it while we waited
                _make(folder)
    return _python(folder)


def _is_whole(folder: Path) -> bool:
    stamp = _stamp(folder)
    pinned = (
        stamp.exists()
        and tuple(stamp.read_text(encoding="utf-8").split()) == PINS
    )
    return pinned and _python(folder).exists()


def _make(folder: Path) -> None:
    reason = reason_not_here()
    if reason is not None:
        raise EnvironmentProblem(reason)
    print(
        f"making an environment of {' and '.join(PINS)} in {folder}",
        file=sys.stderr,
    )
    # -I: what PYTHONPATH names is no part of the environment
    _try(
        [_interpreter(), "-I", "-m", "venv", "--clear", folder],
        "venv could not make",
    )
    install = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        *PINS,
    ]
    _try(
        [_python(folder), "-I", "-m", "pip", *install],
        "pip could not install",
    )
    with atomic(_stamp(folder)) as temporary:  # last: what has it is whole
        temporary.write_text("\n".join(PINS), encoding="utf-8")


def _try(command: list, failed: str) -> None:
    finished = subprocess.run(
        command, capture_output=True, text=True, check=False
    )
    if finished.returncode:
        said = _last_lines(finished.stderr or finished.stdout)
        raise EnvironmentProblem(
            f"{failed} MXNet's environment ({', '.join(PINS)}). Is there a network? It said last:\n"
            + said
        )


def _interpreter() -> str | None:
    """A Python of the right version that can make environments."""
    pyenv = (
        Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        / "versions"
    )
    installed = sorted(
        map(str, pyenv.glob(f"{PYTHON}.*/bin/python{PYTHON}"))
    )
    check = f"import ensurepip, sys, venv; sys.exit(not sys.version.startswith('{PYTHON}.'))"
    for candidate in [sys.executable, f"python{PYTHON}", *installed]:
        try:
            tried = subprocess.run(
                [candidate, "-I", "-c", check],
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return candidate
    return None


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _stamp(folder: Path) -> Path:
    return folder / "installed.txt"


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-5:])


if __name__ == "__main__":
    try:
        print(environment())
    except EnvironmentProblem as problem:
        sys.exit(str(problem))
