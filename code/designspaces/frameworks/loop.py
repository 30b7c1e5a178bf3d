"""Train a network of any framework on the same batches, in the same order, as `training.train`."""

import math
import time
from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional

from designspaces.frameworks.parity import Learner
from designspaces.networks.device import describe
from designspaces.training.fashion_mnist import Data, Images
from designspaces.training.history import TRACE_POINTS, Epoch, History
from designspaces.training.loop import VAL_BATCH, portions, shuffled, versions
from designspaces.training.recipe import Recipe


def train(
    learner: Learner, data: Data, recipe: Recipe, *, seed: int = 0, framework: dict[str, str]
) -> History:
    """Take `learner` through `data.train` by a recipe of plain gradient descent, in float32.

    seed: orders the batches as `training.train` does. framework: names and versions of what
    computes, for the record.

    A loss that is no longer finite ends the training with the status "diverged". Raises ValueError
    for a recipe with momentum, weight decay or a schedule, and for data of another resolution.
    """
    _check(recipe, data)
    recipe = replace(recipe, precision="float32")
    params = sum(value.size for name, value in learner.state().items() if "running" not in name)
    history = History(
        recipe,
        seed,
        describe(torch.device("cpu")) if learner.device == "cpu" else learner.device,
        versions() | framework,
        params,
    )
    while history.status == "unfinished":
        start = time.perf_counter()
        order = shuffled(len(data.train), seed, len(history.epochs))
        trace, losses, right = [], 0.0, 0
        for batches in portions(order.split(recipe.batch_size), TRACE_POINTS):
            portion = 0.0
            for batch in batches:
                pixels, labels = _numbers(data.train[batch])
                loss, logits = learner.step(pixels, labels)
                portion += loss * len(labels)
                right += int((logits.argmax(1) == labels).sum())
            trace.append(portion / sum(map(len, batches)))
            losses += portion
        val_loss, val_accuracy = evaluate(learner, data.val)
        if not math.isfinite(losses + val_loss):
            history.status = "diverged"
            break
        count, seconds = len(data.train), time.perf_counter() - start
        history.train_loss_trace += trace
        history.epochs.append(Epoch(losses / count, right / count, val_loss, val_accuracy, seconds))
        if len(history.epochs) == recipe.epochs:
            history.status = "trained"
    return history


def evaluate(learner: Learner, images: Images) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (fraction) on `images`, in evaluation mode."""
    batches = torch.arange(len(images)).split(VAL_BATCH)
    logits = np.concatenate([learner.predict(_numbers(images[batch])[0]) for batch in batches])
    logits = torch.from_numpy(logits)
    accuracy = (logits.argmax(1) == images.labels).float().mean()
    return functional.cross_entropy(logits, images.labels).item(), accuracy.item()


def _numbers(images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Pixels in [0, 1], float32 of shape (n, 1, r, r), and labels."""
    return images.pixels.numpy().astype(np.float32) / 255, images.labels.numpy()


def _check(recipe: Recipe, data: Data) -> None:
    for name, plain in (
        ("momentum", 0),
        ("weight_decay", 0),
        ("nesterov", False),
        ("schedule", "constant"),
    ):
        value = getattr(recipe, name)
        if value != plain:
            raise ValueError(
                f"{name} is {value!r}; expected {plain!r}: a Learner does plain gradient descent"
            )
    if data.resolution != recipe.resolution:
        raise ValueError(
            f"the data have resolution {data.resolution}, the recipe {recipe.name!r} says "
            f"{recipe.resolution}; load them with resolution={recipe.resolution}"
        )
