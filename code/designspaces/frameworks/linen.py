"""AnyNet in JAX, made of flax's older linen modules, which d2l's readers know.

A linen module is a description: its weights live outside of it, in a tree of `variables` that is
handed in with each call. Images are channels-last: (n, height, width, channels).
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.regnet import REGNETX32
from designspaces.frameworks import carrying, parity
from designspaces.needs import require

require({"jax": (0, 8), "flax": (0, 12), "optax": (0, 2)})

import flax  # noqa: E402
import jax  # noqa: E402
import optax  # noqa: E402
from flax import linen as nn  # noqa: E402
from jax import numpy as jnp  # noqa: E402

from designspaces.frameworks.jax_convolution import by_groups  # noqa: E402

# normal with variance 2 / (kernel area * out_channels), as the paper's
# authors draw it
paper_init = nn.initializers.variance_scaling(2.0, "fan_out", "normal")


# The book shows what follows, so its lines are no longer than a cell's.
# fmt: off


class ConvNorm(nn.Module):
    """A convolution followed by its batch norm."""

    channels: int
    kernel: int
    stride: int = 1
    groups: int = 1
    bias: bool = False

    @nn.compact
    def __call__(self, x, training):
        x = nn.Conv(
            self.channels,
            (self.kernel, self.kernel),
            self.stride,
            # "SAME" would pad images of even size on one side only, where
            # PyTorch pads both
            padding=self.kernel // 2,
            feature_group_count=self.groups,
            use_bias=self.bias,
            kernel_init=paper_init,
            conv_general_dilated=by_groups,
            name="conv",
        )(x)
        # the share of the old statistics that is kept; PyTorch's 0.1 is the
        # share of the new
        norm = nn.BatchNorm(
            not training, momentum=0.9, epsilon=1e-5, name="norm"
        )
        return norm(x)


class Stem(ConvNorm):
    """3x3 convolution, batch norm, ReLU."""

    kernel: int = 3
    stride: int = 2

    def __call__(self, x, training):
        return nn.relu(super().__call__(x, training))


class XBlock(nn.Module):
    """1x1, 3x3 in groups, 1x1, and a shortcut around them."""

    width: int
    group_width: int
    stride: int = 1
    bottleneck_ratio: float = 1
    bias: bool = False

    @nn.compact
    def __call__(self, x, training):
        inner = round(self.width / self.bottleneck_ratio)
        groups = inner // self.group_width
        conv = partial(ConvNorm, bias=self.bias)
        y = nn.relu(conv(inner, 1, name="reduce")(x, training))
        group = conv(inner, 3, self.stride, groups, name="group")
        y = nn.relu(group(y, training))
        y = conv(self.width, 1, name="expand")(y, training)
        if x.shape != y.shape:
            x = conv(self.width, 1, self.stride, name="shortcut")(
                x, training
            )
        return nn.relu(y + x)


class StageBlocks(nn.Module):
    """The blocks of a stage; the first carries the stage's stride."""

    stage: Stage
    bias: bool = False

    @nn.compact
    def __call__(self, x, training):
        for index in range(self.stage.depth):
            block = XBlock(
                self.stage.width,
                self.stage.group_width,
                self.stage.stride if index == 0 else 1,
                self.stage.bottleneck_ratio,
                bias=self.bias,
                name=f"{index}",
            )
            x = block(x, training)
        return x


class Head(nn.Module):
    """Average over all positions, then one linear layer."""

    num_classes: int

    @nn.compact
    def __call__(self, x, training):
        init = nn.initializers.normal(0.01)
        linear = nn.Dense(self.num_classes, kernel_init=init, name="linear")
        return linear(x.mean((1, 2)))


class AnyNet(nn.Module):
    """A stem, stages of X blocks and a head.

    Called as `network.apply(variables, x, training)`; maps
    (n, r, r, channels) to (n, num_classes).
    Raises ValueError for squeeze-and-excitation and for basic blocks.
    """

    architecture: Architecture
    num_classes: int = 10
    conv_bias: bool = False

    @nn.compact
    def __call__(self, x, training):
        for part in parts(self).values():
            x = part(x, training)
        return x


def parts(network: AnyNet) -> dict[str, nn.Module]:
    """Stem, stages and head by name, in order."""
    architecture, bias = network.architecture, network.conv_bias
    carrying.check_plain(architecture)
    found = {
        "stem": Stem(
            architecture.stem_width,
            stride=architecture.stem_stride,
            bias=bias,
            name="stem",
        )
    }
    for number, stage in enumerate(architecture.stages, start=1):
        name = f"stage{number}"
        found[name] = StageBlocks(stage, bias, name=name)
    return found | {"head": Head(network.num_classes, name="head")}


# fmt: on


def fresh(network: AnyNet, input_shape: Sequence[int], seed: int = 0) -> dict:
    """Freshly drawn variables for images of such a shape."""
    draw = jax.jit(partial(network.init, training=False))
    return draw(jax.random.key(seed), jnp.zeros(tuple(input_shape)))


def layer_summary(network: AnyNet, input_shape: Sequence[int]) -> None:
    """Print the shape that each part puts out; nothing is computed."""
    x = jax.ShapeDtypeStruct(tuple(input_shape), jnp.float32)
    for name, part in parts(network).items():
        output = partial(part.init_with_output, training=False)
        x, _ = jax.eval_shape(output, jax.random.key(0), x)
        print(f"{name:<8} output shape: {x.shape}")


def regnetx32(num_classes: int = 10, *, conv_bias: bool = False) -> AnyNet:
    """The textbook's network."""
    return AnyNet(REGNETX32, num_classes, conv_bias)


def versions() -> dict[str, str]:
    """The versions that a recorded number depends on."""
    return {"jax": jax.__version__, "flax": flax.__version__, "optax": optax.__version__}


CONV = {"weight": ("params", "kernel"), "bias": ("params", "bias")}
NORM = {
    "weight": ("params", "scale"),
    "bias": ("params", "bias"),
    "running_mean": ("batch_stats", "mean"),
    "running_var": ("batch_stats", "var"),
}


def state(network: AnyNet, variables: Mapping) -> dict[str, np.ndarray]:
    """The variables as PyTorch's state dict would have them."""
    return {
        name: carrying.channels_first(np.asarray(_layer(variables, collection, path)[tensor]))
        for name, collection, path, tensor in _tensors(network)
    }


def carried(network: AnyNet, given: Mapping, in_channels: int = 1) -> dict:
    """The variables that PyTorch's state dict comes to, in its precision.

    float64 stays float64 only inside `jax.enable_x64(True)`. Raises ValueError naming each tensor
    that is missing, unknown or of another shape.
    """
    resolution = 2 ** (1 + len(network.architecture.stages))
    shape = (1, resolution, resolution, in_channels)
    blank = jax.eval_shape(
        partial(network.init, training=False), jax.random.key(0), jnp.zeros(shape)
    )
    expected = {
        name: carrying.channels_first(np.empty(_layer(blank, collection, path)[tensor].shape))
        for name, collection, path, tensor in _tensors(network)
    }
    given = carrying.checked(given, expected)
    variables = {"params": {}, "batch_stats": {}}
    for name, collection, path, tensor in _tensors(network):
        layer = _layer(variables, collection, path)
        layer[tensor] = jnp.asarray(carrying.channels_last(given[name]))
    return variables


class Learner(parity.Learner):
    """A network, its variables, and steps of plain gradient descent.

    Images come and go as PyTorch has them, (n, channels, height, width), in numpy arrays.
    """

    def __init__(self, network: AnyNet, variables: Mapping, lr: float):
        self.network, self.variables, self.optimizer = network, variables, optax.sgd(lr)
        self.memory = self.optimizer.init(variables["params"])
        self._logits = jax.jit(partial(network.apply, training=False))
        self._slopes = jax.jit(jax.value_and_grad(self._loss, has_aux=True))
        self._descend = jax.jit(self._new_params)

    @property
    def device(self) -> str:
        return jax.devices()[0].device_kind

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        return np.asarray(self._logits(self.variables, _channels_last(pixels)))

    def gradients(self, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        params, statistics = self.variables["params"], self.variables["batch_stats"]
        _, slopes = self._slopes(params, statistics, _channels_last(pixels), labels)
        found = state(self.network, {"params": slopes, "batch_stats": statistics})
        return {name: value for name, value in found.items() if "running" not in name}

    def step(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        params, statistics = self.variables["params"], self.variables["batch_stats"]
        (loss, (logits, statistics)), slopes = self._slopes(
            params, statistics, _channels_last(pixels), labels
        )
        params, self.memory = self._descend(params, self.memory, slopes)
        self.variables = {"params": params, "batch_stats": statistics}
        return float(loss), np.asarray(logits)

    def state(self) -> dict[str, np.ndarray]:
        return state(self.network, self.variables)

    def _loss(self, params, statistics, x, labels):
        logits, changed = self.network.apply(
            {"params": params, "batch_stats": statistics}, x, training=True, mutable="batch_stats"
        )
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return losses.mean(), (logits, changed["batch_stats"])

    def _new_params(self, params, memory, slopes):
        changes, memory = self.optimizer.update(slopes, memory)
        return optax.apply_updates(params, changes), memory


def _tensors(network: AnyNet):
    """PyTorch's name of each tensor; its collection, the path of its layer and its name here."""
    for theirs, path in carrying.layers(network.architecture):
        for name, (collection, tensor) in (NORM if path.endswith("norm") else CONV).items():
            if path.endswith("conv") and name == "bias" and not network.conv_bias:
                continue
            yield f"{theirs}.{name}", collection, path, tensor


def _layer(variables: Mapping[str, Any], collection: str, path: str) -> Any:
    """The dict of a layer's tensors; the way to it is made where it is not there yet."""
    layer = variables[collection]
    for step in path.split("."):
        layer = layer.setdefault(step, {})
    return layer


def _channels_last(pixels: np.ndarray) -> jax.Array:
    return jnp.asarray(np.transpose(pixels, (0, 2, 3, 1)))
