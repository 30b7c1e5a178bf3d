"""Train a network of any framework as `training.loop.train` does: the same batches in order."""

from dataclasses import replace

import torch

from designspaces.frameworks.epochs import run_epochs
from designspaces.frameworks.parity import Learner
from designspaces.networks.device import describe
from designspaces.training.fashion_mnist import Data
from designspaces.training.history import TRACE_POINTS, History
from designspaces.training.loop import check_resolution, shuffled, versions
from designspaces.training.recipe import Recipe


def train(
    learner: Learner, data: Data, recipe: Recipe, *, seed: int = 0, framework: dict[str, str]
) -> History:
    """Take `learner` through `data.train` by a recipe of plain gradient descent, in float32.

    seed: orders the batches as `training.loop.train` does. framework: names and versions of what
    computes, for the record.

    A loss that is no longer finite ends the training with the status "diverged". Raises ValueError
    for a recipe with momentum, weight decay or a schedule, and for data of another resolution.
    """
    _check_plain(recipe)
    check_resolution(data, recipe)
    recipe = replace(recipe, precision="float32")
    params = sum(value.size for name, value in learner.state().items() if "running" not in name)
    history = History(
        recipe,
        seed,
        describe(torch.device("cpu")) if learner.device == "cpu" else learner.device,
        versions() | framework,
        params,
    )
    sides = ((part.pixels.numpy(), part.labels.numpy()) for part in (data.train, data.val))
    orders = (shuffled(len(data.train), seed, epoch).numpy() for epoch in range(recipe.epochs))
    for epoch, trace in run_epochs(learner, *sides, orders, recipe.batch_size, TRACE_POINTS):
        history.epochs.append(epoch)
        history.train_loss_trace += trace
    history.status = "trained" if len(history.epochs) == recipe.epochs else "diverged"
    return history


def _check_plain(recipe: Recipe) -> None:
    plain = {"momentum": 0, "weight_decay": 0, "nesterov": False, "schedule": "constant"}
    for name, wanted in plain.items():
        value = getattr(recipe, name)
        if value != wanted:
            raise ValueError(
                f"{name} is {value!r}; expected {wanted!r}: a Learner does plain gradient descent"
            )
