"""Train one network by one recipe. Read from top to bottom.

What makes it fast, on a CPU most of all: the whole data set is one tensor of bytes on the device,
resized once; activations lie channels-last; freed memory is kept for the next step; and where the
hardware multiplies in bfloat16, so do we. On a GPU that is too old for it float16 takes its place.
"""

import math
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from designspaces import __version__
from designspaces.designs.architecture import Architecture
from designspaces.networks.blocks import start_as_identity
from designspaces.networks.device import (
    best_device,
    best_precision,
    describe,
    keep_freed_memory,
    memory_format,
)
from designspaces.networks.looking import untouched
from designspaces.training.checkpoint import Checkpoint
from designspaces.training.fashion_mnist import Data, Images
from designspaces.training.history import TRACE_POINTS, Epoch, History
from designspaces.training.progress import EpochBar
from designspaces.training.recipe import Recipe
from designspaces.training.schedule import learning_rate

VAL_BATCH = 500


def train(
    network: nn.Module,
    data: Data,
    recipe: Recipe,
    *,
    seed: int = 0,
    device: torch.device | None = None,
    checkpoint: Path | None = None,
    progress: bool = False,
) -> History:
    """Train `network` in place on `data.train`, judging it on `data.val` after every epoch.

    seed: orders the batches; the network's weights are drawn by whoever built it, and by a recipe
        with `zero_init_residual` its residual blocks then begin as the identity.
    checkpoint: a file saved after each epoch. Where it exists, the training goes on from it and
        ends, on the same machine, with the weights of a run that was never interrupted.
    progress: show a bar and a line an epoch in the terminal.

    A loss that is no longer finite ends the training with the status "diverged"; that is a result.
    Raises ValueError when the data do not have the recipe's resolution, the network has more stages
    than that resolution can be halved, a batch norm would be left with a single value, or the
    checkpoint belongs to another training.
    """
    check_resolution(data, recipe)
    if isinstance(getattr(network, "architecture", None), Architecture):
        network.architecture.resolutions(data.resolution)
    _check_last_batch(network, data, recipe)
    device = device or best_device()
    if device.type == "cpu":
        keep_freed_memory()
    recipe = settled(recipe, device)
    history = History(recipe, seed, describe(device), versions(), parameter_count(network))
    saved = None if checkpoint is None else Checkpoint(checkpoint, network, data)
    if recipe.zero_init_residual:
        start_as_identity(network)
    network.to(device, memory_format=memory_format(device))
    data = data.to(device)
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )
    # disabled, it does nothing; enabled, it keeps small gradients from vanishing in float16
    scaler = torch.amp.GradScaler(
        device.type, init_scale=1024.0, enabled=recipe.precision == "float16"
    )
    moving = {"network": network, "optimizer": optimizer, "scaler": scaler}
    if saved is not None:
        history = saved.resume(history, moving)

    steps = -(-len(data.train) // recipe.batch_size)  # an epoch
    with (
        EpochBar(steps, recipe.epochs, len(history.epochs), show=progress) as bar,
        # a GPU's fastest convolutions sum in no fixed order: a resumed training would end elsewhere
        # (enabled is said, since this context would else turn cuDNN off)
        torch.backends.cudnn.flags(
            enabled=True, deterministic=True, benchmark=False, allow_tf32=True
        ),
    ):
        while history.status == "unfinished":
            start = time.perf_counter()
            epoch = len(history.epochs)
            order = shuffled(len(data.train), seed, epoch).to(device)
            outcome = _train_epoch(
                network, data.train, order, recipe, epoch * steps, optimizer, scaler, bar
            )
            val_loss, val_accuracy = evaluate(network, data.val, recipe)
            if outcome is None or not math.isfinite(val_loss):
                history.status = "diverged"
                break
            trace, train_loss, train_accuracy = outcome
            seconds = time.perf_counter() - start
            history.train_loss_trace += trace
            history.epochs.append(
                Epoch(train_loss, train_accuracy, val_loss, val_accuracy, seconds)
            )
            if len(history.epochs) == recipe.epochs:
                history.status = "trained"
            if saved is not None:
                saved.write(history, moving)
            report = (
                f"training loss {train_loss:.3f}, {recipe.split} accuracy {val_accuracy:.4f}, "
                f"{seconds:.0f} s"
            )
            bar.end_epoch(len(history.epochs), report, history.seconds)
    return history


def evaluate(network: nn.Module, images: Images, recipe: Recipe) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (fraction) on `images`, in evaluation mode."""
    logits = predict(network, images, recipe)
    loss = functional.cross_entropy(logits, images.labels)
    accuracy = (logits.argmax(1) == images.labels).float().mean()
    return loss.item(), accuracy.item()


def predict(network: nn.Module, images: Images, recipe: Recipe) -> torch.Tensor:
    """Logits in float32, shape (n, classes), computed in evaluation mode; no module's mode stays
    changed.
    """
    device = images.labels.device
    batches = torch.arange(len(images), device=device).split(VAL_BATCH)
    with untouched(network), _autocast(device, recipe):
        return torch.cat([network(_input(images, batch)).float() for batch in batches])


def settled(recipe: Recipe, device: torch.device) -> Recipe:
    """The recipe with "auto" replaced by the precision that this device is good at."""
    if recipe.precision != "auto":
        return recipe
    return replace(recipe, precision=best_precision(device))


def check_resolution(data: Data, recipe: Recipe) -> None:
    """Raises ValueError unless the data have the recipe's resolution."""
    if data.resolution != recipe.resolution:
        raise ValueError(
            f"the data have resolution {data.resolution}, the recipe {recipe.name!r} says "
            f"{recipe.resolution}; load them with resolution={recipe.resolution}"
        )


def parameter_count(network: nn.Module) -> int:
    """Learnable numbers of a network."""
    return sum(parameter.numel() for parameter in network.parameters())


def versions() -> dict[str, str]:
    """The versions that a recorded number depends on."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "designspaces": __version__,
    }


def shuffled(count: int, seed: int, epoch: int) -> torch.Tensor:
    """The order of the images in an epoch, the same on every device and after a resume."""
    return torch.from_numpy(np.random.default_rng((seed, epoch)).permutation(count))


def portions(batches: Sequence[torch.Tensor], count: int) -> Iterator[Sequence[torch.Tensor]]:
    """`batches` in `count` runs of equal length, or as nearly equal as they come."""
    bounds = np.linspace(0, len(batches), min(count, len(batches)) + 1).round().astype(int)
    for low, high in pairwise(bounds):
        yield batches[low:high]


def _train_epoch(
    network: nn.Module,
    images: Images,
    order: torch.Tensor,
    recipe: Recipe,
    step: int,
    optimizer: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    bar: EpochBar,
) -> tuple[list[float], float, float] | None:
    """The loss trace, mean loss and accuracy over one epoch; None when the loss is not finite.

    step: how many steps were taken before this epoch.
    """
    network.train()
    device = images.labels.device
    batches = order.split(recipe.batch_size)
    all_steps = len(batches) * recipe.epochs
    trace, total_loss, total_correct = [], 0.0, 0
    for portion in portions(batches, TRACE_POINTS):
        # sums stay on the device; reading them after every step would make a GPU wait
        loss_sum = torch.zeros((), device=device)
        correct = torch.zeros((), dtype=torch.int64, device=device)
        for batch in portion:
            labels = images.labels[batch]
            with _autocast(device, recipe):
                logits = network(_input(images, batch))
            loss = functional.cross_entropy(logits.float(), labels)
            optimizer.param_groups[0]["lr"] = learning_rate(recipe, step, all_steps)
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            step += 1
            loss_sum += loss.detach() * len(labels)
            correct += (logits.argmax(1) == labels).sum()
        trace.append(loss_sum.item() / sum(len(batch) for batch in portion))
        if not math.isfinite(trace[-1]):
            return None
        total_loss += loss_sum.item()
        total_correct += correct.item()
        bar.advance(len(portion), trace[-1])
    return trace, total_loss / len(images), total_correct / len(images)


def _input(images: Images, batch: torch.Tensor) -> torch.Tensor:
    """Pixels in [0, 1], shape (batch, 1, r, r), in the layout that the device convolves best."""
    pixels = images.pixels[batch]
    return pixels.to(memory_format=memory_format(pixels.device)).float().div_(255)


def _autocast(device: torch.device, recipe: Recipe) -> AbstractContextManager:
    precision = settled(recipe, device).precision
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, getattr(torch, precision))


def _check_last_batch(network: nn.Module, data: Data, recipe: Recipe) -> None:
    """Refuse, before the first epoch, a last batch of which a batch norm sees a single value."""
    last = (len(data.train) - 1) % recipe.batch_size + 1
    if last > 1:
        return
    trial = deepcopy(network).train()  # its statistics move; the network's own must not
    one = _input(data.train, torch.tensor([0])).to(next(network.parameters()))
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            trial(one)
    except ValueError as error:
        raise ValueError(
            f"the last batch of an epoch has a single image, which this network cannot train on "
            f"({error}); {len(data.train)} images in batches of {recipe.batch_size} leave it: "
            "change batch_size or the number of images"
        ) from error
