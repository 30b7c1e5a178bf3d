"""Carry weights from PyTorch to another framework and back, through numpy.

A state is a dict of numpy arrays with the names and layouts of PyTorch's `state_dict()`, without
its counters of batches, which nothing computes with. Needs numpy alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.networks.tensors import check_tensors, plain_state


def layers(architecture: Architecture) -> Iterator[tuple[str, str]]:
    """Each layer that has tensors: its name in PyTorch, and its path in the other frameworks."""
    yield from _conv_norm("net.stem.0", "stem")
    channels = architecture.stem_width
    for number, stage in enumerate(architecture.stages, start=1):
        for index in range(stage.depth):
            theirs, ours = f"net.stage{number}.{index}", f"stage{number}.{index}"
            for part in ("reduce", "group", "expand"):
                yield from _conv_norm(f"{theirs}.body.{part}", f"{ours}.{part}")
            if index == 0 and (stage.stride != 1 or channels != stage.width):
                yield from _conv_norm(f"{theirs}.shortcut", f"{ours}.shortcut")
        channels = stage.width
    yield "net.head.2", "head.linear"


def _conv_norm(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    yield f"{theirs}.conv", f"{ours}.conv"
    yield f"{theirs}.norm", f"{ours}.norm"


def variables(
    network: Any, layer_names: Mapping[str, str], norm_names: Mapping[str, str]
) -> dict[str, Any]:
    """What holds the tensors of a network of layers, by PyTorch's names.

    layer_names, norm_names: what convolution or linear layer and batch norm call what PyTorch calls
    "weight", "bias", "running_mean" and "running_var".
    """
    found = {}
    for theirs, path in layers(network.architecture):
        layer = network
        for step in path.split("."):
            # a row of blocks has a list of them, or is itself one
            blocks = getattr(layer, "layers", layer)
            layer = blocks[int(step)] if step.isdigit() else getattr(layer, step)
        names = norm_names if path.endswith("norm") else layer_names
        for name, ours in names.items():
            if getattr(layer, ours) is not None:
                found[f"{theirs}.{name}"] = getattr(layer, ours)
    return found


def checked(state: Mapping, expected: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`state` as numpy arrays, if it has the names and shapes of `expected`.

    Its values may be PyTorch's tensors, of a network that torch.compile or DataParallel wraps.
    Raises ValueError for what is no state dict, and naming the tensors that are missing, unknown or
    of another shape.
    """
    found = {
        name: _array(name, value)
        for name, value in plain_state(state).items()
        if not name.endswith("num_batches_tracked")
    }
    check_tensors(found, expected, "this network")
    return found


def channels_last(weight: np.ndarray) -> np.ndarray:
    """PyTorch's layout to that of flax and Keras: OIHW to HWIO, (out, in) to (in, out)."""
    return np.transpose(weight, (2, 3, 1, 0)) if weight.ndim == 4 else weight.T


def channels_first(weight: np.ndarray) -> np.ndarray:
    """The layout of flax and Keras to PyTorch's: HWIO to OIHW, (in, out) to (out, in)."""
    return np.transpose(weight, (3, 2, 0, 1)) if weight.ndim == 4 else weight.T


def check_plain(architecture: Architecture) -> None:
    """Raise ValueError for what only the PyTorch network has: Y blocks and basic blocks."""
    if architecture.block != "x" or architecture.se_ratio:
        raise ValueError(
            f"the architecture has block {architecture.block!r} and se_ratio "
            f"{architecture.se_ratio}; this framework's AnyNet has X blocks without "
            "squeeze-and-excitation (block 'x', se_ratio 0); "
            "designspaces.networks.anynet.AnyNet has the others"
        )


def _array(name: str, value: Any) -> np.ndarray:
    if hasattr(value, "detach"):  # PyTorch's, which need not be installed
        value = value.detach().cpu()
    try:
        return np.asarray(value)
    except (TypeError, RuntimeError) as error:
        raise ValueError(
            f"{name} cannot become a numpy array ({error}); expected float32 or float64"
        ) from error
