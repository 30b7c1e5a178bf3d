"""What a built network costs, counted layer by layer: the check of a cost in closed form."""

import torch
from torch import nn

from designspaces.designs.complexity import Complexity
from designspaces.networks.looking import untouched, watched


def count(network: nn.Module, resolution: int, in_channels: int = 1) -> Complexity:
    """Parameters, multiply-adds and activations for one image of resolution x resolution pixels.

    Convolutions and linear layers are counted, as `designs.complexity` counts them: a bias of a
    linear layer is an addition an output. Whatever multiplies otherwise is not seen.
    """
    flops, activations = [], []

    def look(module: nn.Module, _, output: torch.Tensor) -> None:
        weights = module.weight.numel()
        places = output[0].numel() // module.weight.shape[0]
        bias = 0 if module.bias is None else module.bias.numel() * places
        flops.append(weights * places + bias)
        activations.append(output[0].numel())

    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    device = next(network.parameters()).device
    with untouched(network), watched(layers, look):
        network(torch.zeros(1, in_channels, resolution, resolution, device=device))
    params = sum(parameter.numel() for parameter in network.parameters())
    return Complexity(params, sum(flops), sum(activations))
