"""A checkpoint knows its whole training: what decides it is kept in it, and compared."""

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import torch
from torch import nn

from designspaces.files import atomic
from designspaces.training.fashion_mnist import Data
from designspaces.training.history import History


class Checkpoint:
    """The file of one training, known by the network's layers and the images as they are."""

    def __init__(self, path: Path, network: nn.Module, data: Data):
        self.path = Path(path)
        self._given = {name: value.clone() for name, value in network.state_dict().items()}
        self.origin = {
            # strides and paddings have no tensors, but they are in its text
            "layers": str(network),
            "frozen parameters": "\n".join(
                name for name, value in network.named_parameters() if not value.requires_grad
            ),
            "images": _digest(
                tensor for part in (data.train, data.val) for tensor in (part.pixels, part.labels)
            ),
        }

    def write(self, history: History, moving: Mapping[str, Any]) -> None:
        """Save after an epoch. moving: what a step changes, by name."""
        state = {"history": history.to_dict(), "origin": self.origin}
        state |= {name: each.state_dict() for name, each in moving.items()}
        with atomic(self.path) as temporary:
            torch.save(state, temporary)

    def resume(self, expected: History, moving: Mapping[str, Any]) -> History:
        """Load what is saved into `moving`; where there is nothing, or it cannot be read, nothing.

        expected: the history of this training at its beginning, which is returned then.
        Raises ValueError naming what differs when the file belongs to another training; the network
        is then as it was given.
        """
        if not self.path.exists():
            return expected
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises a dozen kinds for a file that is damaged
            told = f"the checkpoint {self.path} cannot be read ({error}); begun anew"
            warnings.warn(told, stacklevel=3)
            return expected
        try:
            return self._taken_up(state, expected, moving)
        except ValueError:
            moving["network"].load_state_dict(self._given)
            raise

    def _taken_up(self, state: dict, expected: History, moving: Mapping[str, Any]) -> History:
        history = History.from_dict(state["history"])
        history.recipe = replace(history.recipe, name=expected.recipe.name)
        for name in ("recipe", "seed", "params", "data_checksum"):
            self._compare(name, getattr(history, name), getattr(expected, name))
        for name, found in state.get("origin", {}).items():  # older checkpoints have none
            self._compare(name, found, self.origin[name])
        try:
            moving["network"].load_state_dict(state["network"])
        except RuntimeError as error:
            raise ValueError(
                f"the checkpoint {self.path} belongs to another network: {error}"
            ) from None
        for name in moving.keys() & state.keys() - {"network"}:
            moving[name].load_state_dict(state[name])
        return history

    def _compare(self, name: str, found: Any, wanted: Any) -> None:
        if found == wanted:
            return
        if isinstance(found, str):  # of many lines, the first that differ
            lines = zip_longest(found.splitlines(), wanted.splitlines(), fillvalue="nothing")
            found, wanted = next((a.strip(), b.strip()) for a, b in lines if a != b)
        raise ValueError(
            f"the checkpoint {self.path} belongs to another training: its {name} is {found}, "
            f"this one's is {wanted}; choose another file or delete it"
        )


def _digest(tensors: Iterable[torch.Tensor]) -> str:
    """Of types, shapes and contents."""
    digest = hashlib.sha256()
    for tensor in tensors:
        plain = tensor.detach().cpu().contiguous()
        digest.update(f"{plain.dtype} {tuple(plain.shape)}\n".encode())
        digest.update(plain.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:20]
