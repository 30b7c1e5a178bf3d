"""Where the time of a training step goes: its parts, what they launch, how long a GPU is busy."""

import time
from collections.abc import Callable
from itertools import cycle

import numpy as np
import torch
from torch import nn
from torch.autograd import DeviceType
from torch.nn import functional

from designspaces.designs.checks import positive_integer
from designspaces.networks.device import memory_format
from designspaces.networks.run_time import wait_for
from designspaces.training.fashion_mnist import Data
from designspaces.training.loop import _autocast, _input, evaluate, settled, shuffled
from designspaces.training.recipe import Recipe

PARTS = ("data", "forward", "backward", "step")
WARM_UP = 3  # steps in which libraries choose and prepare what they run


def profile_step(
    network: nn.Module, data: Data, recipe: Recipe, *, device: torch.device, steps: int = 20
) -> dict:
    """What a step of `train` costs, at a constant learning rate; `network` is trained by it.

    steps: how many are timed, each way.

    Returns a dict that JSON can hold:
        step_ms: of a step among others that nobody waits for, as in a training.
        parts_ms: of each of `PARTS`, the median over steps whose parts are waited for; their sum is
            more than a step, because a GPU and the program that orders from it take turns then.
        evaluation_ms: of judging the network on all of `data.val`.
        operators: calls of torch's operators in a step, forward, backward and update.
        kernels, busy_ms: what the GPU ran in a step, copies included, and for how long; None
            elsewhere, or where the profiler sees no GPU.
        peak_bytes: the most memory that torch held on the GPU for it all; None elsewhere.
    """
    positive_integer(steps, "steps")
    on_gpu = device.type == "cuda"
    network.to(device, memory_format=memory_format(device)).train()
    data, recipe = data.to(device), settled(recipe, device)
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(device)
    with torch.backends.cudnn.flags(enabled=True, deterministic=True):
        step = _stepper(network, data, recipe)
        for _ in range(WARM_UP):
            step(wait=True)
        start = time.perf_counter()
        for _ in range(steps):
            step(wait=False)
        wait_for(device)
        free = (time.perf_counter() - start) / steps
        parts = np.median([step(wait=True) for _ in range(steps)], axis=0)
        operators, kernels, busy = _seen(step, device)
        start = time.perf_counter()
        evaluate(network, data.val, recipe)
        judging = time.perf_counter() - start
    return {
        "step_ms": 1e3 * free,
        "parts_ms": dict(zip(PARTS, (1e3 * parts).tolist(), strict=True)),
        "evaluation_ms": 1e3 * judging,
        "operators": operators,
        "kernels": kernels,
        "busy_ms": busy,
        "peak_bytes": torch.cuda.max_memory_allocated(device) if on_gpu else None,
    }


def _stepper(network: nn.Module, data: Data, recipe: Recipe) -> Callable:
    """A function that takes the next step of `train` and returns the seconds of its parts."""
    images = data.train
    device = images.labels.device
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )
    scaler = torch.amp.GradScaler(
        device.type, init_scale=1024.0, enabled=recipe.precision == "float16"
    )
    order = shuffled(len(images), 0, 0).to(device)
    batches = cycle(batch for batch in order.split(recipe.batch_size) if len(batch) > 1)

    def step(*, wait: bool) -> np.ndarray:
        def moment() -> float:
            if wait:
                wait_for(device)
            return time.perf_counter()

        moments = [moment()]
        batch = next(batches)
        labels, pixels = images.labels[batch], _input(images, batch)
        moments.append(moment())
        with _autocast(device, recipe):
            logits = network(pixels)
        loss = functional.cross_entropy(logits.float(), labels)
        moments.append(moment())
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        moments.append(moment())
        scaler.step(optimizer)
        scaler.update()
        moments.append(moment())
        return np.diff(moments)

    return step


def _seen(step: Callable, device: torch.device) -> tuple[int, int | None, float | None]:
    """Operators called in a step; kernels and milliseconds of a GPU, where it is seen."""
    kinds = [torch.profiler.ProfilerActivity.CPU]
    if device.type == "cuda":
        kinds.append(torch.profiler.ProfilerActivity.CUDA)
    with torch.profiler.profile(activities=kinds) as profile:
        step(wait=False)
        wait_for(device)
    events = profile.events()
    operators = sum(event.name.startswith("aten::") for event in events)
    kernels = [event for event in events if event.device_type == DeviceType.CUDA]
    if not kernels:
        return operators, None, None
    return operators, len(kernels), sum(each.time_range.elapsed_us() for each in kernels) / 1e3
