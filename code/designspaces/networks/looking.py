"""Look at a network without touching it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def untouched(network: nn.Module) -> Iterator[None]:
    """Evaluation mode, without gradients; afterwards every module has the mode that it had.

    In evaluation mode no batch norm moves its statistics and nothing draws random numbers, so that
    only the modes need to be put back: one by one, for some may be frozen while others train.
    """
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def watched(layers: Iterable[nn.Module], look: Callable) -> Iterator[None]:
    """Call look(layer, inputs, output) whenever one of the layers has been passed."""
    hooks = [layer.register_forward_hook(look) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def last_outputs(network: nn.Module) -> Iterator[list[torch.Tensor]]:
    """A list that holds what the network puts out in evaluation mode, a batch at a time.

    Each call in training mode empties it: after a training it holds the last evaluation's batches.
    """
    outputs: list[torch.Tensor] = []

    def keep(module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        if module.training:
            outputs.clear()
        else:
            outputs.append(output.detach())

    with watched([network], keep):
        yield outputs
