"""Answer a request in MXNet's environment.

    python -m designspaces.frameworks.mxnet.answer REQUEST.npz ANSWER.npz

PyTorch is not there.
"""

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.frameworks import parity
from designspaces.frameworks.epochs import run_epochs
from designspaces.frameworks.mxnet import exchange
from designspaces.frameworks.mxnet.network import AnyNet, Learner, load, versions
from designspaces.training.history import Epoch


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """What `exchange.measuring_request` asks for, or, where the request has an order, `train`.

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
    """Take `learner` through a training as `loop.train` does it.

    The request has besides what a measuring one has: "val_pixels" and "val_labels"; "order",
    (epochs, n), the images of each epoch as they come; "batch_size"; and "trace_points", points an
    epoch of the trace of the training loss. Pixels are uint8, (n, channels, r, r).

    Returns "train_loss", "train_accuracy", "val_loss", "val_accuracy" and "seconds", an array each
    with a number an epoch, "trace", and "after NAME", the tensors that it ends with. A training
    that diverged has fewer epochs than it was asked for.
    """
    sides = ((request[f"{of}pixels"], request[f"{of}labels"]) for of in ("", "val_"))
    settings = (request[name] for name in ("order", "batch_size", "trace_points"))
    done = list(run_epochs(learner, *sides, *settings))
    found = {
        field.name: np.array([getattr(epoch, field.name) for epoch, _ in done])
        for field in fields(Epoch)
    }
    found["trace"] = np.array([loss for _, trace in done for loss in trace])
    return found | {f"after {name}": value for name, value in learner.state().items()}


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


if __name__ == "__main__":
    sys.exit(main())
