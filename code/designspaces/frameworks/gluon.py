"""AnyNet in MXNet, made of Gluon's blocks.

MXNet lives in an environment of its own, see `gluon_environment`. There

    python -m designspaces.frameworks.gluon REQUEST.npz ANSWER.npz

answers a request. Images and feature maps are channels-first, as PyTorch's.
"""

import argparse
import contextlib
import io
import json
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.regnet import REGNETX32
from designspaces.frameworks import carrying, gluon_environment, parity
from designspaces.needs import EnvironmentProblem

try:
    import mxnet as mx
except (
    ImportError,
    AttributeError,
) as error:  # the latter where numpy is 1.24 or newer
    reason = str(error).partition("\n")[0]
    raise EnvironmentProblem(
        f"MXNet cannot be imported here ({reason}). It needs an environment of its own, with "
        f"{' and '.join(gluon_environment.PINS)}: run "
        "`python -m designspaces.frameworks.gluon_environment`, which makes one and prints its "
        "interpreter."
    ) from error

from mxnet import autograd, gluon
from mxnet.gluon import nn

VAL_BATCH = 500


class ConvNorm(nn.HybridBlock):
    """A convolution followed by its batch norm."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel,
        *,
        stride=1,
        groups=1,
        bias=False,
    ):
        super().__init__()
        self.conv = nn.Conv2D(
            out_channels,
            kernel,
            stride,
            padding=kernel // 2,
            groups=groups,
            use_bias=bias,
            in_channels=in_channels,
            # as the paper's authors draw it
            weight_initializer=mx.init.Normal(
                (2 / (kernel**2 * out_channels)) ** 0.5
            ),
        )
        # the share of the old statistics that is kept; PyTorch's 0.1 is the
        # share of the new
        self.norm = nn.BatchNorm(
            momentum=0.9, epsilon=1e-5, in_channels=out_channels
        )

    def hybrid_forward(self, F, x):
        return self.norm(self.conv(x))


class Stem(ConvNorm):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, in_channels, width, stride=2, *, bias=False):
        super().__init__(in_channels, width, 3, stride=stride, bias=bias)

    def hybrid_forward(self, F, x):
        return F.relu(super().hybrid_forward(F, x))


class XBlock(nn.HybridBlock):
    """1x1, 3x3 in groups, 1x1, and a shortcut around them."""

    def __init__(
        self,
        in_channels,
        width,
        *,
        stride=1,
        group_width,
        bottleneck_ratio=1,
        bias=False,
    ):
        super().__init__()
        inner = round(width / bottleneck_ratio)
        groups = inner // group_width
        conv = partial(ConvNorm, bias=bias)
        self.reduce = conv(in_channels, inner, 1)
        self.group = conv(inner, inner, 3, stride=stride, groups=groups)
        self.expand = conv(inner, width, 1)
        keeps_shape = in_channels == width and stride == 1
        self.shortcut = (
            None
            if keeps_shape
            else conv(in_channels, width, 1, stride=stride)
        )

    def hybrid_forward(self, F, x):
        y = F.relu(self.reduce(x))
        y = F.relu(self.group(y))
        shortcut = x if self.shortcut is None else self.shortcut(x)
        return F.relu(self.expand(y) + shortcut)


def stage_blocks(
    stage: Stage, in_channels: int, *, bias=False
) -> nn.HybridSequential:
    """The blocks of a stage; the first one changes the shape."""
    blocks = nn.HybridSequential()
    for index in range(stage.depth):
        block = XBlock(
            in_channels if index == 0 else stage.width,
            stage.width,
            stride=stage.stride if index == 0 else 1,
            group_width=stage.group_width,
            bottleneck_ratio=stage.bottleneck_ratio,
            bias=bias,
        )
        blocks.add(block)
    return blocks


class Head(nn.HybridBlock):
    """Average over all positions, then one linear layer."""

    def __init__(self, in_channels, num_classes):
        super().__init__()
        init = mx.init.Normal(0.01)
        self.linear = nn.Dense(
            num_classes, in_units=in_channels, weight_initializer=init
        )

    def hybrid_forward(self, F, x):
        return self.linear(F.mean(x, axis=(2, 3)))


class AnyNet(nn.HybridBlock):
    """A stem, stages of X blocks and a head.

    arch: an `Architecture` of X blocks.
    seed: of the weights; MXNet has one generator for all.
    Maps (n, in_channels, r, r) to (n, num_classes).
    Raises ValueError for squeeze-and-excitation and for basic blocks.
    """

    def __init__(
        self,
        arch: Architecture,
        num_classes: int = 10,
        *,
        in_channels: int = 1,
        conv_bias: bool = False,
        seed: int = 0,
    ):
        carrying.check_plain(arch)
        super().__init__()
        self.arch = arch
        self.stem = Stem(
            in_channels, arch.stem_width, arch.stem_stride, bias=conv_bias
        )
        channels = arch.stem_width
        for number, stage in enumerate(arch.stages, start=1):
            setattr(
                self,
                f"stage{number}",
                stage_blocks(stage, channels, bias=conv_bias),
            )
            channels = stage.width
        self.head = Head(channels, num_classes)
        mx.random.seed(seed)
        # every shape is known, so the weights are drawn here and now
        self.initialize()
        # one graph in memory that is kept: a step is 15% faster
        self.hybridize(static_alloc=True)

    def parts(self) -> dict[str, nn.HybridBlock]:
        """Stem, stages and head by name, in order."""
        stages = [
            f"stage{number}"
            for number in range(1, len(self.arch.stages) + 1)
        ]
        return {
            name: getattr(self, name) for name in ("stem", *stages, "head")
        }

    def hybrid_forward(self, F, x):
        for part in self.parts().values():
            x = part(x)
        return x

    def layer_summary(self, input_shape: Sequence[int]) -> None:
        """Print the shape that each part puts out; nothing is computed."""
        x = mx.sym.var("images")
        for name, part in self.parts().items():
            x = part(x)
            _, (shape,), _ = x.infer_shape(images=tuple(input_shape))
            print(f"{name:<8} output shape: {shape}")


class RegNetX32(AnyNet):
    """The textbook's network."""

    def __init__(self, num_classes: int = 10, **options):
        super().__init__(REGNETX32, num_classes, **options)


def versions() -> dict[str, str]:
    """The versions that a recorded number depends on."""
    return {"mxnet": mx.__version__}


LAYER = {"weight": "weight", "bias": "bias"}
NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "running_mean",
    "running_var": "running_var",
}


def variables(network: AnyNet) -> dict[str, gluon.Parameter]:
    """The network's parameters by the names that they have in PyTorch."""
    return carrying.variables(network, LAYER, NORM)


def state(network: AnyNet) -> dict[str, np.ndarray]:
    """The weights and statistics as PyTorch's state dict would have them."""
    return {
        name: variable.data().asnumpy()
        for name, variable in variables(network).items()
    }


def load(network: AnyNet, given: Mapping) -> None:
    """Copy PyTorch's state dict into the network, all of it or nothing.

    The network computes in float64 where one of the arrays is, and in float32 else. Raises
    ValueError naming each tensor that is missing, unknown or of another shape.
    """
    given = carrying.checked(given, state(network))
    double = any(value.dtype == np.float64 for value in given.values())
    network.cast("float64" if double else "float32")
    for name, variable in variables(network).items():
        variable.set_data(_array(given[name]))


class Learner:
    """A network and how it learns: predictions, and steps of plain gradient descent.

    Images come and logits go in numpy arrays.
    """

    def __init__(self, network: AnyNet, lr: float):
        self.network = network
        self.cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
        weights = network.collect_params()
        self.trainer = gluon.Trainer(weights, "sgd", {"learning_rate": lr})

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Logits in evaluation mode, (n, num_classes)."""
        return self.network(_array(pixels)).asnumpy()

    def gradients(
        self, pixels: np.ndarray, labels: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Of the mean cross-entropy in training mode, by PyTorch's names; nothing changes."""
        before = self.state()
        self._loss_and_logits(pixels, labels)
        load(self.network, before)
        return {
            name: variable.grad().asnumpy()
            for name, variable in variables(self.network).items()
            if "running" not in name
        }

    def step(
        self, pixels: np.ndarray, labels: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """One step; the mean cross-entropy (nats) and the logits before it, in training mode."""
        loss, logits = self._loss_and_logits(pixels, labels)
        # the gradients are means already, so they are divided by 1
        self.trainer.step(1)
        return float(loss.asscalar()), logits.asnumpy()

    def state(self) -> dict[str, np.ndarray]:
        """The network's weights and statistics by PyTorch's names."""
        return state(self.network)

    def _loss_and_logits(self, pixels, labels):
        with autograd.record():
            logits = self.network(_array(pixels))
            loss = self.cross_entropy(logits, _array(labels)).mean()
        loss.backward()
        return loss, logits


def train(
    learner: Learner, request: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Take `learner` through the training that `gluon_environment.training_request` asks for."""
    rows, trace = [], []
    for order in request["order"]:
        start = time.perf_counter()
        losses, sizes, right = [], [], 0
        for low in range(0, len(order), request["batch_size"]):
            batch = order[low : low + request["batch_size"]]
            labels = request["labels"][batch]
            loss, logits = learner.step(
                _scaled(request["pixels"][batch]), labels
            )
            losses.append(loss)
            sizes.append(len(labels))
            right += int((logits.argmax(1) == labels).sum())
        train_loss = np.average(losses, weights=sizes)
        val_loss, val_accuracy = _evaluate(
            learner, request["val_pixels"], request["val_labels"]
        )
        if not np.isfinite(train_loss + val_loss):
            break
        seconds = time.perf_counter() - start
        rows.append(
            (
                train_loss,
                right / len(order),
                val_loss,
                val_accuracy,
                seconds,
            )
        )
        trace += _trace(losses, sizes, request["trace_points"])
    names = (
        "train_loss",
        "train_accuracy",
        "val_loss",
        "val_accuracy",
        "seconds",
    )
    columns = np.reshape(rows, (-1, len(names))).T
    after = {
        f"after {name}": value for name, value in learner.state().items()
    }
    return (
        dict(zip(names, columns, strict=True))
        | {"trace": np.array(trace)}
        | after
    )


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """What `gluon_environment` says that the answer to one of its requests has.

    Raises ValueError for a network that cannot be built and for a state that is not the network's.
    """
    arch = Architecture.from_dict(json.loads(request["network"]))
    network = AnyNet(arch, **json.loads(request["options"]))
    weights = {
        name: value
        for name, value in request.items()
        if name.startswith("state ")
    }
    load(
        network,
        {
            name.removeprefix("state "): value
            for name, value in weights.items()
        },
    )
    learner, pixels = Learner(network, request["lr"]), request["pixels"]
    if "order" in request:
        found = train(learner, request)
    else:
        found = parity.measure(learner, pixels, request["labels"])
    with contextlib.redirect_stdout(io.StringIO()) as summary:
        network.layer_summary((1, *pixels.shape[1:]))
    return found | {
        "summary": summary.getvalue(),
        "versions": json.dumps(versions()),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one request; returns the exit status."""
    parser = argparse.ArgumentParser(
        description="Answer a request of gluon_environment."
    )
    parser.add_argument("request", type=Path)
    parser.add_argument("answer", type=Path)
    options = parser.parse_args(arguments)
    try:
        found = answer(gluon_environment.read(options.request))
    except ValueError as error:
        print(error, file=sys.stderr)
        return gluon_environment.USELESS_REQUEST
    gluon_environment.write(options.answer, found)
    return 0


def _array(values: np.ndarray) -> mx.nd.NDArray:
    # without the dtype, it would be float32
    return mx.nd.array(values, dtype=values.dtype)


def _scaled(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / 255


def _evaluate(
    learner: Learner, pixels: np.ndarray, labels: np.ndarray
) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (fraction), in evaluation mode."""
    starts = range(0, len(pixels), VAL_BATCH)
    logits = [
        learner.predict(_scaled(pixels[low : low + VAL_BATCH]))
        for low in starts
    ]
    logits = np.concatenate(logits).astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    of_label = logits[np.arange(len(labels)), labels]
    losses = np.log(np.exp(logits).sum(1)) - of_label
    return losses.mean(), (logits.argmax(1) == labels).mean()


def _trace(
    losses: list[float], sizes: list[int], points: int
) -> list[float]:
    """Mean losses over runs of batches of nearly equal length, as `training.portions` cuts them."""
    bounds = (
        np.linspace(0, len(losses), min(points, len(losses)) + 1)
        .round()
        .astype(int)
    )
    return [
        float(np.average(losses[low:high], weights=sizes[low:high]))
        for low, high in pairwise(bounds)
    ]


if __name__ == "__main__":
    sys.exit(main())
