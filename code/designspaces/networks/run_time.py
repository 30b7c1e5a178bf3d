"""How long networks take to name a batch of images: they take turns, and every time is kept."""

import time
from collections.abc import Sequence

import numpy as np
import torch

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import positive_integer
from designspaces.networks.anynet import AnyNet
from designspaces.networks.device import best_device, memory_format


def measure(
    networks: Sequence[Architecture],
    *,
    resolution: int | Sequence[int],
    batch_size: int,
    repeats: int,
    backward: bool = False,
    in_channels: int = 3,
    num_classes: int = 1000,
    device: torch.device | None = None,
) -> np.ndarray:
    """Seconds that each network takes for one batch; float64 of shape (repeats, networks).

    The weights are random, which does not change the time; torch's own generators stay as they
    were. The networks are in float32, with torch's present number of threads. They take turns, so
    that what else the machine does falls on all of them; a first turn, in which libraries prepare
    themselves, is not counted.

    resolution: pixels along one side of an image; one for all networks, or one for each.
    repeats: turns that are counted.
    backward: in training mode, with the gradients of all weights; else inference.
    device: where they run, the best there is by default.

    Raises ValueError where there is no network, for sizes that are not positive integers, and for
    resolutions that are not as many as the networks.
    """
    if not networks:
        raise ValueError("networks is empty; expected at least one Architecture")
    sides = [resolution] * len(networks) if np.ndim(resolution) == 0 else list(resolution)
    if len(sides) != len(networks):
        raise ValueError(f"{len(sides)} resolutions; expected 1, or {len(networks)} for as many")
    for side in sides:
        positive_integer(side, "resolution")
    positive_integer(batch_size, "batch_size")
    repeats = positive_integer(repeats, "repeats")
    device = device or best_device()
    options = {"in_channels": in_channels, "num_classes": num_classes}
    with torch.random.fork_rng(devices=[]):  # weights are drawn on the processor
        built = [AnyNet(architecture, **options).train(backward) for architecture in networks]
    generator = torch.Generator().manual_seed(0)
    layout = {"device": device, "memory_format": memory_format(device)}
    images = {
        side: torch.randn(batch_size, in_channels, side, side, generator=generator).to(**layout)
        for side in dict.fromkeys(sides)
    }
    built = [network.to(**layout) for network in built]
    pairs = [(network, images[side]) for network, side in zip(built, sides, strict=True)]
    with torch.inference_mode(not backward):
        times = [[_seconds(*pair, backward) for pair in pairs] for _ in range(repeats + 1)]
    return np.array(times[1:])


def wait_for(device: torch.device) -> None:
    """Wait until a device has done all it was told: a GPU takes orders and goes on by itself."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _seconds(network: AnyNet, images: torch.Tensor, backward: bool) -> float:
    network.zero_grad()
    start = time.perf_counter()
    logits = network(images)
    if backward:
        logits.square().mean().backward()
    wait_for(images.device)
    return time.perf_counter() - start
