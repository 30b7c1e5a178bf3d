"""What a training came to, in words for the prose. No torch."""

from math import ceil, log10

import numpy as np

from designspaces.training.history import TRACE_POINTS, History
from designspaces.training.recipe import Recipe
from designspaces.words import number, percent, signed_percent

IMAGES = {"test": (60_000, 10_000), "validation": (50_000, 10_000)}
"""How many images a split has to train on and to judge by, as `fashion_mnist.load` cuts it."""


def images_of(recipe: Recipe) -> tuple[int, int]:
    """How many images a recipe trains on, and how many it is judged by."""
    train, val = IMAGES[recipe.split]
    return recipe.train_images or train, recipe.val_images or val


def in_words(history: History, prefix: str = "") -> dict[str, str]:
    """The facts of a training that came to an end, by name; each name begins with `prefix`.

    Accuracies are in percent, with as many decimals as the images they are judged by resolve, `gap`
    (training less test) in points, losses in nats. `falls` says after how many epochs the
    accuracy was lower than after the one before, `best` what it was after `best_epoch`. `portion`
    is how many steps a point of the trace of losses averages. `usual` and `slowest` are the seconds
    of the median and of the longest epoch.
    """
    last, seconds = history.epochs[-1], [epoch.seconds for epoch in history.epochs]
    accuracies = [epoch.val_accuracy for epoch in history.epochs]
    train_images, judged = images_of(history.recipe)
    steps = ceil(train_images / history.recipe.batch_size)
    digits = max(0, ceil(log10(judged)) - 2)
    words = {
        "epochs": len(accuracies),
        "train_images": f"{train_images:,}",
        "judged": f"{judged:,}",
        "portion": steps // TRACE_POINTS,
        "accuracy": percent(history.val_accuracy, digits),
        "train_accuracy": percent(last.train_accuracy, 1),
        "gap": signed_percent(last.train_accuracy - history.val_accuracy),
        "train_loss": number(last.train_loss, 2),
        "val_loss": number(last.val_loss, 2),
        "falls": sum(np.diff(accuracies) < 0),
        "best": percent(max(accuracies), digits),
        "best_epoch": accuracies.index(max(accuracies)) + 1,
        "minutes": number(history.seconds / 60),
        "usual": number(np.median(seconds), 0),
        "slowest": number(max(seconds), 0),
        "precision": history.recipe.precision,
        "device": history.device,
    }
    return {prefix + name: str(value) for name, value in words.items()}


def apart(first: History, second: History) -> dict[str, str]:
    """How far the training losses of two trainings lie apart, in nats: at first, and at most."""
    gaps = np.abs(np.subtract(first.train_loss_trace, second.train_loss_trace))
    return {"first_gap": number(gaps[0], 4), "largest_gap": number(gaps.max(), 2)}
