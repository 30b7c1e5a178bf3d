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
