"""That a network, and torch's generators, are after a look as they were before it."""

from collections.abc import Callable

import torch
from torch import nn


def freeze_norms(network: nn.Module) -> nn.Module:
    """Training mode, but for every second batch norm; gradients of some weights are there."""
    network.train()
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms[::2]:
        norm.eval()
    for number, weight in enumerate(network.parameters()):
        weight.requires_grad_(number % 3 > 0)
        if number % 3 == 1:
            weight.grad = torch.full_like(weight, number)
    return network


def remember(network: nn.Module) -> Callable[[], None]:
    """Asserts, when it is called, that nothing has changed since."""

    def seen():
        found = {f"mode of {name}": part.training for name, part in network.named_modules()}
        for name, value in network.state_dict().items():
            found[name] = value.clone()
        for name, weight in network.named_parameters():
            found[f"gradient of {name}"] = None if weight.grad is None else weight.grad.clone()
            found[f"{name} learns"] = weight.requires_grad
        found["generator"] = torch.get_rng_state()
        found["a GPU's generator"] = [*torch.cuda.get_rng_state_all()]
        return found

    before = seen()

    def check():
        after = seen()
        assert after.keys() == before.keys()
        for name, value in before.items():
            same = torch.equal if isinstance(value, torch.Tensor) else lambda a, b: a == b
            assert same(after[name], value), name

    return check
