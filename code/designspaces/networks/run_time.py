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
    resolution: int,
    batch_size: int,
    repeats: int,
    in_channels: int = 3,
    num_classes: int = 1000,
    device: torch.device | None = None,
) -> np.ndarray:
    """Seconds that each network takes for one batch; float64 of shape (repeats, networks).

    The weights are random, which does not change the time; torch's own generators stay as they
    were. The networks are in evaluation mode, in float32, with torch's present number of threads.
    They take turns, so that what else the machine does falls on all of them; a first turn, in which
    libraries prepare themselves, is not counted.

    resolution: pixels along one side of an image.
    repeats: turns that are counted.
    device: where they run, the best there is by default.

    Raises ValueError where there is no network, and for sizes that are not positive integers.
    """
    if not networks:
        raise ValueError("networks is empty; expected at least one Architecture")
    positive_integer(resolution, "resolution")
    positive_integer(batch_size, "batch_size")
    repeats = positive_integer(repeats, "repeats")
    device = device or best_device()
    options = {"in_channels": in_channels, "num_classes": num_classes}
    with torch.random.fork_rng(devices=[]):  # weights are drawn on the processor
        built = [_ready(AnyNet(architecture, **options), device) for architecture in networks]
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(batch_size, in_channels, resolution, resolution, generator=generator)
    images = images.to(device, memory_format=memory_format(device))
    with torch.inference_mode():
        times = [[_seconds(network, images) for network in built] for _ in range(repeats + 1)]
    return np.array(times[1:])


def wait_for(device: torch.device) -> None:
    """Wait until a device has done all it was told: a GPU takes orders and goes on by itself."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _ready(network: AnyNet, device: torch.device) -> AnyNet:
    return network.eval().to(device, memory_format=memory_format(device))


def _seconds(network: AnyNet, images: torch.Tensor) -> float:
    start = time.perf_counter()
    network(images)
    wait_for(images.device)
    return time.perf_counter() - start
