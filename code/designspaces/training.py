"""Train one network by one recipe. Read from top to bottom.

What makes it fast, on a CPU most of all: the whole data set is one tensor of bytes on the device,
resized once; activations lie channels-last; freed memory is kept for the next step; and where the
hardware multiplies in bfloat16, so do we. On a GPU that is too old for it float16 takes its place.
"""

import math
import platform
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.optim import lr_scheduler

from designspaces import __version__
from designspaces.anynet import AnyNet
from designspaces.architecture import positive_integer
from designspaces.device import best_device, best_precision, describe, keep_freed_memory
from designspaces.fashion_mnist import CHECKSUM, SPLITS, Data, Images
from designspaces.files import atomic
from designspaces.progress import EpochBar

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
SCHEDULES = ("constant", "cosine", "one_cycle")
TRACE_POINTS = 20  # points an epoch on the curve of the training loss
VAL_BATCH = 500


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training but the network and the seed.

    lr, momentum, nesterov, weight_decay: of stochastic gradient descent.
    schedule: how the learning rate moves over the run: "constant", "cosine" (half a cosine from lr
        to 0) or "one_cycle" (up to lr and down again).
    precision: "float32", "bfloat16", "float16" (with the loss scaled, for its range is small), or
        "auto": the one of these that the device is best at.
    split, resolution, train_images, val_images: the data, as in `fashion_mnist.load`.

    Raises ValueError for a value outside its range, naming it.
    """

    name: str
    epochs: int = 10
    batch_size: int = 128
    lr: float = 0.05
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    schedule: str = "constant"
    precision: str = "auto"
    split: str = "test"
    resolution: int = 28
    train_images: int | None = None
    val_images: int | None = None

    def __post_init__(self):
        for name in ("epochs", "batch_size", "resolution", "train_images", "val_images"):
            value = getattr(self, name)
            if value is not None or not name.endswith("images"):
                positive_integer(value, name)
        for name in ("lr", "momentum", "weight_decay"):
            value = getattr(self, name)
            if not isinstance(value, Real) or not 0 <= value < math.inf:
                raise ValueError(f"{name} is {value!r}; expected a number of at least 0")
        choices = {"schedule": SCHEDULES, "precision": PRECISIONS, "split": SPLITS}
        for name, known in choices.items():
            value = getattr(self, name)
            if value not in known:
                raise ValueError(f"{name} is {value!r}; expected one of {', '.join(known)}")

    def on(self, device: torch.device) -> "Recipe":
        """The recipe with "auto" replaced by the precision that this device is good at."""
        if self.precision != "auto":
            return self
        return replace(self, precision=best_precision(device))


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to. Accuracies are fractions; seconds include the evaluation."""

    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


@dataclass
class History:
    """The record of one training, enough to draw its curves and to repeat it."""

    recipe: Recipe
    seed: int
    device: str
    versions: dict[str, str]
    params: int
    data_checksum: str = CHECKSUM
    status: str = "unfinished"  # then "trained" or "diverged"
    epochs: list[Epoch] = field(default_factory=list)
    train_loss_trace: list[float] = field(default_factory=list)  # TRACE_POINTS an epoch

    @property
    def seconds(self) -> float:
        return sum(epoch.seconds for epoch in self.epochs)

    @property
    def val_accuracy(self) -> float:
        """Accuracy after the last epoch (never the best of all epochs, which would be too kind).

        A training that diverged is worth a guess among ten classes.
        """
        return 0.1 if self.status == "diverged" else self.epochs[-1].val_accuracy

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict) -> "History":
        """Raises ValueError when keys are missing or unknown."""
        known = {f.name for f in fields(cls)}
        if set(data) != known:
            raise ValueError(
                f"not a training history: missing {sorted(known - set(data))}, "
                f"unknown {sorted(set(data) - known)}"
            )
        epochs = [Epoch(**epoch) for epoch in data["epochs"]]
        return cls(**{**data, "recipe": Recipe(**data["recipe"]), "epochs": epochs})


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

    seed: orders the batches; the network's weights are drawn by whoever built it.
    checkpoint: a file saved after each epoch. Where it exists, the training goes on from it and
        ends, on the same machine, with the weights of a run that was never interrupted.
    progress: show a bar and a line an epoch in the terminal.

    A loss that is no longer finite ends the training with the status "diverged"; that is a result.
    Raises ValueError when the data do not have the recipe's resolution, the network has more stages
    than that resolution can be halved, or the checkpoint belongs to another training.
    """
    if data.resolution != recipe.resolution:
        raise ValueError(
            f"the data have resolution {data.resolution}, the recipe {recipe.name!r} says "
            f"{recipe.resolution}; load them with resolution={recipe.resolution}"
        )
    if isinstance(network, AnyNet):
        network.arch.resolutions(data.resolution)
    device = device or best_device()
    if device.type == "cpu":
        keep_freed_memory()
    recipe = recipe.on(device)
    network.to(device, memory_format=torch.channels_last)
    data = data.to(device)
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )
    steps = -(-len(data.train) // recipe.batch_size)
    # disabled, it does nothing; enabled, it keeps small gradients from vanishing in float16
    scaler = torch.amp.GradScaler(
        device.type, init_scale=1024.0, enabled=recipe.precision == "float16"
    )
    schedule = _schedule(recipe, optimizer, steps * recipe.epochs)
    moving = {"optimizer": optimizer, "schedule": schedule, "scaler": scaler}
    history = History(recipe, seed, describe(device), versions(), parameter_count(network))
    if checkpoint is not None and Path(checkpoint).exists():
        history = _resume(Path(checkpoint), history, network, moving)

    with (
        EpochBar(steps, recipe.epochs, len(history.epochs), show=progress) as bar,
        # a GPU's fastest convolutions sum in no fixed order: a resumed training would end elsewhere
        torch.backends.cudnn.flags(deterministic=True, benchmark=False, allow_tf32=True),
    ):
        while history.status == "unfinished":
            start = time.perf_counter()
            order = shuffled(len(data.train), seed, len(history.epochs)).to(device)
            outcome = _train_epoch(network, data.train, order, recipe, **moving, bar=bar)
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
            if checkpoint is not None:
                _save(Path(checkpoint), history, network, moving)
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


@torch.no_grad()
def predict(network: nn.Module, images: Images, recipe: Recipe) -> torch.Tensor:
    """Logits in float32, shape (n, classes), computed in evaluation mode."""
    network.eval()
    batches = torch.arange(len(images), device=images.labels.device).split(VAL_BATCH)
    with _autocast(images.labels.device, recipe):
        return torch.cat([network(_input(images, batch)).float() for batch in batches])


def parameter_count(network: nn.Module) -> int:
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
    optimizer: torch.optim.Optimizer,
    schedule: lr_scheduler.LRScheduler,
    scaler: torch.amp.GradScaler,
    bar: EpochBar,
) -> tuple[list[float], float, float] | None:
    """The loss trace, mean loss and accuracy over one epoch; None when the loss is not finite."""
    network.train()
    device = images.labels.device
    trace, total_loss, total_correct = [], 0.0, 0
    for batches in portions(order.split(recipe.batch_size), TRACE_POINTS):
        # sums stay on the device; reading them after every step would make a GPU wait
        loss_sum = torch.zeros((), device=device)
        correct = torch.zeros((), dtype=torch.int64, device=device)
        for batch in batches:
            labels = images.labels[batch]
            with _autocast(device, recipe):
                logits = network(_input(images, batch))
            loss = functional.cross_entropy(logits.float(), labels)
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            schedule.step()
            loss_sum += loss.detach() * len(labels)
            correct += (logits.argmax(1) == labels).sum()
        count = sum(len(batch) for batch in batches)
        trace.append(loss_sum.item() / count)
        if not math.isfinite(trace[-1]):
            return None
        total_loss += loss_sum.item()
        total_correct += correct.item()
        bar.advance(len(batches), trace[-1])
    return trace, total_loss / len(images), total_correct / len(images)


def _input(images: Images, batch: torch.Tensor) -> torch.Tensor:
    """Pixels in [0, 1], shape (batch, 1, r, r), channels last."""
    pixels = images.pixels[batch].to(memory_format=torch.channels_last)
    return pixels.float().div_(255)


def _autocast(device: torch.device, recipe: Recipe) -> AbstractContextManager:
    precision = recipe.on(device).precision
    dtype = torch.float16 if precision == "float16" else torch.bfloat16
    return torch.autocast(device.type, dtype, enabled=precision != "float32")


def _schedule(
    recipe: Recipe, optimizer: torch.optim.Optimizer, steps: int
) -> lr_scheduler.LRScheduler:
    if recipe.schedule == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, steps)
    if recipe.schedule == "one_cycle":
        # one more step than is taken: the last call of step() asks for the rate after the end
        return lr_scheduler.OneCycleLR(
            optimizer, recipe.lr, total_steps=steps + 1, cycle_momentum=False
        )
    return lr_scheduler.ConstantLR(optimizer, factor=1.0)


def _save(path: Path, history: History, network: nn.Module, moving: dict[str, Any]) -> None:
    """moving: what else a step changes, by name."""
    state = {"history": history.to_dict(), "network": network.state_dict()}
    state |= {name: _plain(each.state_dict()) for name, each in moving.items()}
    with atomic(path) as temporary:
        torch.save(state, temporary)


def _resume(path: Path, expected: History, network: nn.Module, moving: dict[str, Any]) -> History:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a file that is damaged
        warnings.warn(f"the checkpoint {path} cannot be read ({error}); begun anew", stacklevel=3)
        return expected
    history = History.from_dict(state["history"])
    history.recipe = replace(history.recipe, name=expected.recipe.name)
    for name in ("recipe", "seed", "params", "data_checksum"):
        found, wanted = getattr(history, name), getattr(expected, name)
        if found != wanted:
            raise ValueError(
                f"the checkpoint {path} belongs to another training: its {name} is {found}, "
                f"this one's is {wanted}; choose another file or delete it"
            )
    try:
        network.load_state_dict(state["network"])
    except RuntimeError as error:
        raise ValueError(f"the checkpoint {path} belongs to another network: {error}") from None
    for name in moving.keys() & state.keys():  # older checkpoints lack what was added since
        moving[name].load_state_dict(state[name])
    return history


def _plain(state: dict) -> dict:
    """A state without bound methods, as schedules have, which weights_only would refuse to load."""
    return {key: value for key, value in state.items() if not callable(value)}
