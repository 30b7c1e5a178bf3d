"""Ask MXNet's environment by files: a request, arrays and text by name, and its answer.

`run` starts a process there that reads the one and writes the other; `answer` is its program.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.frameworks.mxnet import environment

USELESS_REQUEST = 2
"""The exit status that says that the request is wrong, not the program that answers."""

PACKAGE = Path(__file__).parents[2]


def measuring_request(
    architecture: Architecture,
    state: Mapping,
    pixels: np.ndarray,
    labels: np.ndarray,
    *,
    lr: float,
    **options: Any,
) -> dict[str, Any]:
    """Ask for what `parity.measure` finds; `answer.train` says what a training asks for besides.

    state: PyTorch's state dict of the network. pixels: (n, channels, r, r) in the state's
        precision, in which the network computes. labels: (n,), int64. options: AnyNet's.

    The answer has the arrays of `parity.measure`, "summary" (the text of `layer_summary`) and
    "versions" (JSON).
    """
    weights = {
        f"state {name}": np.asarray(value)
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    }
    return weights | {
        "network": json.dumps(architecture.to_dict()),
        "options": json.dumps(options),
        "lr": lr,
        "pixels": pixels,
        "labels": labels,
    }


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a request in MXNet's environment, which is made on first use.

    Raises ValueError for a request that cannot be answered, RuntimeError when the process fails
    otherwise, both with what it said last, and what `environment.ensure` raises.
    """
    python = environment.ensure()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The folder that holds an installed package holds a newer numpy as
        # well, which would come before MXNet's: so the process finds the
        # package, alone, behind a link.
        (folder / "designspaces").symlink_to(PACKAGE, target_is_directory=True)
        write(folder / "request.npz", request)
        finished = subprocess.run(
            [python, "-m", "designspaces.frameworks.mxnet.answer", "request.npz", "answer.npz"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": temporary},
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode == USELESS_REQUEST:
            raise ValueError(environment.last_lines(finished.stderr))
        if finished.returncode:
            raise RuntimeError(
                f"MXNet's process ended with status {finished.returncode}; it said last:\n"
                + environment.last_lines(finished.stderr)
            )
        return read(folder / "answer.npz")


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Write arrays, numbers and texts by name; raises ValueError for anything else."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    for name, array in arrays.items():
        # an object would be pickled, and `read` does not run what others wrote
        if array.dtype.hasobject:
            raise ValueError(f"{name} is {values[name]!r}; expected an array, a number or a text")
    np.savez(path, **arrays)


def read(path: Path) -> dict[str, Any]:
    """What `write` wrote, numbers and texts as Python's."""
    with np.load(path, allow_pickle=False) as arrays:
        return {name: array if array.ndim else array.item() for name, array in arrays.items()}
