"""Take a `parity.Learner` through epochs of training. Needs numpy alone: MXNet has no PyTorch."""

import time
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from designspaces.frameworks.parity import Learner
from designspaces.training.history import Epoch

VAL_BATCH = 500


def run_epochs(
    learner: Learner,
    train: tuple[np.ndarray, np.ndarray],
    val: tuple[np.ndarray, np.ndarray],
    orders: Iterable[np.ndarray],
    batch_size: int,
    trace_points: int,
) -> Iterator[tuple[Epoch, list[float]]]:
    """What each epoch comes to, and its trace of the training loss, so many points.

    train, val: pixels, uint8 of shape (n, channels, r, r), and labels, int64 of shape (n,). orders:
    of each epoch, the training images as they come. Ends where a loss is no longer finite.
    """
    for order in orders:
        start = time.perf_counter()
        losses, sizes, right = [], [], 0
        for batch in np.split(order, range(batch_size, len(order), batch_size)):
            pixels, labels = (part[batch] for part in train)
            loss, logits = learner.step(_scaled(pixels), labels)
            losses.append(loss)
            sizes.append(len(labels))
            right += int((logits.argmax(1) == labels).sum())
        train_loss = float(np.average(losses, weights=sizes))
        val_loss, val_accuracy = _evaluate(learner, *val)
        if not np.isfinite(train_loss + val_loss):
            return
        seconds = time.perf_counter() - start
        epoch = Epoch(train_loss, right / len(order), val_loss, val_accuracy, seconds)
        yield epoch, _trace(losses, sizes, trace_points)


def _scaled(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / 255


@np.errstate(all="ignore")  # of a training that diverges
def _evaluate(learner: Learner, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (fraction), in evaluation mode."""
    starts = range(0, len(pixels), VAL_BATCH)
    logits = [learner.predict(_scaled(pixels[low : low + VAL_BATCH])) for low in starts]
    logits = np.concatenate(logits).astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    losses = np.log(np.exp(logits).sum(1)) - logits[np.arange(len(labels)), labels]
    return float(losses.mean()), float((logits.argmax(1) == labels).mean())


def _trace(losses: list[float], sizes: list[int], points: int) -> list[float]:
    """Mean losses of runs of nearly equally many batches, cut as `training.loop.portions` does."""
    bounds = np.linspace(0, len(losses), min(points, len(losses)) + 1).round().astype(int)
    return [
        float(np.average(losses[low:high], weights=sizes[low:high]))
        for low, high in pairwise(bounds)
    ]
