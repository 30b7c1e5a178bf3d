"""Look at a network without touching it."""

from collections.abc import Iterator
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

    hook = network.register_forward_hook(keep)
    try:
        yield outputs
    finally:
        hook.remove()
