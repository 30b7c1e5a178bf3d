"""What MXNet computes and learns with PyTorch's weights: measured here, or else recorded.

    python -m designspaces.frameworks.mxnet.result

measures and writes the record, which the book shows where MXNet cannot run.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from designspaces.designs.regnet import REGNETX32
from designspaces.files import atomic
from designspaces.frameworks import parity, pytorch
from designspaces.frameworks.mxnet import exchange
from designspaces.needs import EnvironmentProblem
from designspaces.networks.anynet import build
from designspaces.networks.device import describe
from designspaces.training.fashion_mnist import Data
from designspaces.training.history import TRACE_POINTS, Epoch, History
from designspaces.training.loop import parameter_count, shuffled, versions
from designspaces.training.recipe import ELSEWHERE, Recipe
from designspaces.training.results import load_for

RECORDED = Path(__file__).parents[2] / "recorded" / "runs" / "mxnet.json"
LR = 0.05


@dataclass(frozen=True)
class MxnetResult:
    """RegNetX32 in Gluon: its layer summary, how far it is from PyTorch, and a training.

    differences: as `parity.differences` gives them, in float64 on four images of 96 pixels.
    history: of a training by `recipe.ELSEWHERE` from PyTorch's fresh weights of seed 0.
    """

    summary: str
    differences: dict[str, float]
    history: History


def here_or_recorded() -> tuple[MxnetResult, str]:
    """The result, and a sentence that says whether it was measured here and if not, why."""
    try:
        return measure(), "Measured here, in MXNet's own environment."
    except EnvironmentProblem as problem:  # another system, or no network
        return recorded(), f"{problem} What follows is the recorded result."


def measure() -> MxnetResult:
    """Compute it in MXNet's environment, which is made where it is missing (half a minute).

    Raises what `exchange.run` raises.
    """
    differences, summary = _compare()
    return MxnetResult(summary, differences, train(load_for(ELSEWHERE), ELSEWHERE))


def recorded() -> MxnetResult:
    """The result that came with the package."""
    content = json.loads(RECORDED.read_text(encoding="utf-8"))
    history = History.from_dict(content["history"])
    return MxnetResult(content["summary"], content["differences"], history)


def train(data: Data, recipe: Recipe, seed: int = 0) -> History:
    """Train RegNetX32 in MXNet on the batches of `training.loop.train`, in their order."""
    network = build(REGNETX32, seed)
    order = [shuffled(len(data.train), seed, epoch).numpy() for epoch in range(recipe.epochs)]
    images = data.train.pixels.numpy(), data.train.labels.numpy()
    request = exchange.measuring_request(REGNETX32, network.state_dict(), *images, lr=recipe.lr)
    request |= {
        "val_pixels": data.val.pixels.numpy(),
        "val_labels": data.val.labels.numpy(),
        "order": np.stack(order),
        "batch_size": recipe.batch_size,
        "trace_points": TRACE_POINTS,
    }
    answer = exchange.run(request)
    rows = zip(*(answer[field.name].tolist() for field in fields(Epoch)), strict=True)
    epochs = [Epoch(*row) for row in rows]
    return History(
        recipe,
        seed,
        describe(torch.device("cpu")),
        versions() | json.loads(answer["versions"]),
        parameter_count(network),
        status="trained" if len(epochs) == recipe.epochs else "diverged",
        epochs=epochs,
        train_loss_trace=answer["trace"].tolist(),
    )


def _compare() -> tuple[dict[str, float], str]:
    generator = np.random.default_rng(0)
    pixels, labels = generator.random((4, 1, 96, 96)), generator.integers(0, 10, 4)
    ours = pytorch.Learner(build(REGNETX32, 0).double(), LR)
    ours.step(pixels, labels)  # so that no running statistic is 0 or 1
    before, counts = ours.state(), ours.normalized(pixels)
    request: dict[str, Any] = exchange.measuring_request(REGNETX32, before, pixels, labels, lr=LR)
    answer = exchange.run(request)
    measured = parity.measure(ours, pixels, labels)
    return parity.differences(measured, answer, before, counts), answer["summary"]


def main() -> None:
    """Measure, and write the record."""
    found = measure()
    content = {
        "summary": found.summary,
        "differences": found.differences,
        "history": found.history.to_dict(),
    }
    with atomic(RECORDED) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(found.summary, found.differences, found.history.epochs, sep="\n")


if __name__ == "__main__":
    main()
