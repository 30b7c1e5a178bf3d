"""Answer a request in MXNet's environment.

    python -m designspaces.frameworks.mxnet.answer REQUEST.npz ANSWER.npz

It has a training loop of its own, because PyTorch is not there.
"""

import argparse
import contextlib
import io
import json
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.frameworks import parity
from designspaces.frameworks.mxnet import exchange
from designspaces.frameworks.mxnet.network import AnyNet, Learner, load, versions

VAL_BATCH = 500


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """What `exchange` says that the answer to one of its requests has.

    Raises ValueError for a network that cannot be built and for a state that is not the network's.
    """
    architecture = Architecture.from_dict(json.loads(request["network"]))
    network = AnyNet(architecture, **json.loads(request["options"]))
    weights = {name: value for name, value in request.items() if name.startswith("state ")}
    load(network, {name.removeprefix("state "): value for name, value in weights.items()})
    learner, pixels = Learner(network, request["lr"]), request["pixels"]
    if "order" in request:
        found = train(learner, request)
    else:
        found = parity.measure(learner, pixels, request["labels"])
    with contextlib.redirect_stdout(io.StringIO()) as summary:
        network.layer_summary((1, *pixels.shape[1:]))
    return found | {"summary": summary.getvalue(), "versions": json.dumps(versions())}


def train(learner: Learner, request: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Take `learner` through the training that `exchange.training_request` asks for."""
    rows, trace = [], []
    for order in request["order"]:
        start = time.perf_counter()
        losses, sizes, right = [], [], 0
        for low in range(0, len(order), request["batch_size"]):
            batch = order[low : low + request["batch_size"]]
            labels = request["labels"][batch]
            loss, logits = learner.step(_scaled(request["pixels"][batch]), labels)
            losses.append(loss)
            sizes.append(len(labels))
            right += int((logits.argmax(1) == labels).sum())
        train_loss = np.average(losses, weights=sizes)
        val_loss, val_accuracy = _evaluate(learner, request["val_pixels"], request["val_labels"])
        if not np.isfinite(train_loss + val_loss):
            break
        seconds = time.perf_counter() - start
        rows.append((train_loss, right / len(order), val_loss, val_accuracy, seconds))
        trace += _trace(losses, sizes, request["trace_points"])
    names = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds")
    columns = np.reshape(rows, (-1, len(names))).T
    after = {f"after {name}": value for name, value in learner.state().items()}
    return dict(zip(names, columns, strict=True)) | {"trace": np.array(trace)} | after


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one request; returns the exit status."""
    parser = argparse.ArgumentParser(description="Answer a request of exchange.")
    parser.add_argument("request", type=Path)
    parser.add_argument("answer", type=Path)
    options = parser.parse_args(arguments)
    try:
        found = answer(exchange.read(options.request))
    except ValueError as error:
        print(error, file=sys.stderr)
        return exchange.USELESS_REQUEST
    exchange.write(options.answer, found)
    return 0


def _scaled(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / 255


def _evaluate(learner: Learner, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (fraction), in evaluation mode."""
    starts = range(0, len(pixels), VAL_BATCH)
    logits = [learner.predict(_scaled(pixels[low : low + VAL_BATCH])) for low in starts]
    logits = np.concatenate(logits).astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    of_label = logits[np.arange(len(labels)), labels]
    losses = np.log(np.exp(logits).sum(1)) - of_label
    return losses.mean(), (logits.argmax(1) == labels).mean()


def _trace(losses: list[float], sizes: list[int], points: int) -> list[float]:
    """Mean losses over runs of batches of nearly equal length, as `training.portions` cuts them."""
    bounds = np.linspace(0, len(losses), min(points, len(losses)) + 1).round().astype(int)
    return [
        float(np.average(losses[low:high], weights=sizes[low:high]))
        for low, high in pairwise(bounds)
    ]


if __name__ == "__main__":
    sys.exit(main())
