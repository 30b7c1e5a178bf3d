"""AnyNet in Keras 3, on TensorFlow.

The network is of Keras alone; the `Learner` is TensorFlow's. Images and feature maps are
channels-last: (n, height, width, channels).
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

import numpy as np

from designspaces.architecture import Architecture, Stage
from designspaces.environment import EnvironmentProblem, require
from designspaces.files import cache_folder
from designspaces.frameworks import carrying
from designspaces.regnet import REGNETX32

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# Keras writes its settings when it is imported: beside our other files, not in the home folder
os.environ.setdefault("KERAS_HOME", str(cache_folder() / "keras"))
# TensorFlow tells about the processor and missing GPUs on standard error at every start
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# PyTorch loads triton when it first makes an optimizer; after TensorFlow that ends the process
with suppress(ImportError):
    import triton  # noqa: F401

require({"tensorflow": (2, 18), "keras": (3, 5)})

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers, ops  # noqa: E402

if keras.backend.backend() != "tensorflow":
    raise EnvironmentProblem(
        f"Keras runs on {keras.backend.backend()}; expected tensorflow. Restart the kernel and "
        "import designspaces.frameworks.keras before Keras."
    )


class GroupConv2D(layers.Conv2D):
    """Keras's own convolution, but on a CPU one group after another.

    The same numbers. TensorFlow has no group convolution for CPUs; Keras asks XLA for one, whose
    gradient is a plain loop and takes many times as long.
    """

    def convolution_op(self, inputs, kernel):
        if self.groups == 1 or tf.config.list_physical_devices("GPU"):
            return super().convolution_op(inputs, kernel)
        images = ops.split(inputs, self.groups, axis=-1)
        kernels = ops.split(kernel, self.groups, axis=-1)
        parts = map(super().convolution_op, images, kernels)
        return ops.concatenate(list(parts), axis=-1)


class ConvNorm(layers.Layer):
    """A convolution followed by its batch norm."""

    def __init__(self, channels, kernel, *, stride=1, groups=1, bias=False, seeds, dtype="float32"):
        super().__init__(dtype=dtype)
        # "same" would pad images of even size on one side only, where PyTorch pads both
        self.pad = layers.ZeroPadding2D(kernel // 2, dtype=dtype)
        # normal with variance 2 / (kernel area * out_channels), as the paper's authors draw it
        spread = (2 / (kernel**2 * channels)) ** 0.5
        self.conv = GroupConv2D(
            channels,
            kernel,
            stride,
            groups=groups,
            use_bias=bias,
            kernel_initializer=keras.initializers.RandomNormal(0.0, spread, next(seeds)),
            dtype=dtype,
        )
        # the share of the old statistics that is kept; PyTorch's 0.1 is the share of the new
        self.norm = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, dtype=dtype)

    def call(self, x, training=False):
        return self.norm(self.conv(self.pad(x)), training=training)


class Stem(ConvNorm):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, width, stride=2, **options):
        super().__init__(width, 3, stride=stride, **options)

    def call(self, x, training=False):
        return ops.relu(super().call(x, training=training))


class XBlock(layers.Layer):
    """1x1, 3x3 in groups, 1x1; the shortcut is a 1x1 convolution iff the shape changes.

    options: bias, seeds and dtype, as for `ConvNorm`.
    """

    def __init__(self, in_channels, width, *, stride=1, group_width, bottleneck_ratio=1, **options):
        super().__init__(dtype=options.get("dtype"))
        inner = round(width / bottleneck_ratio)
        groups = inner // group_width
        self.reduce = ConvNorm(inner, 1, **options)
        self.group = ConvNorm(inner, 3, stride=stride, groups=groups, **options)
        self.expand = ConvNorm(width, 1, **options)
        keeps_shape = in_channels == width and stride == 1
        self.shortcut = None if keeps_shape else ConvNorm(width, 1, stride=stride, **options)

    def call(self, x, training=False):
        y = ops.relu(self.reduce(x, training=training))
        y = ops.relu(self.group(y, training=training))
        y = self.expand(y, training=training)
        shortcut = x if self.shortcut is None else self.shortcut(x, training=training)
        return ops.relu(y + shortcut)


class StageBlocks(layers.Layer):
    """The blocks of a stage; the first takes `in_channels` and carries the stage's stride."""

    def __init__(self, stage: Stage, in_channels: int, **options):
        super().__init__(dtype=options.get("dtype"))
        self.layers = [
            XBlock(
                in_channels if index == 0 else stage.width,
                stage.width,
                stride=stage.stride if index == 0 else 1,
                group_width=stage.group_width,
                bottleneck_ratio=stage.bottleneck_ratio,
                **options,
            )
            for index in range(stage.depth)
        ]

    def call(self, x, training=False):
        for block in self.layers:
            x = block(x, training=training)
        return x


class Head(layers.Layer):
    """Average over all positions, then one linear layer."""

    def __init__(self, num_classes, *, seeds, dtype="float32"):
        super().__init__(dtype=dtype)
        init = keras.initializers.RandomNormal(0.0, 0.01, next(seeds))
        self.linear = layers.Dense(num_classes, kernel_initializer=init, dtype=dtype)

    def call(self, x):
        return self.linear(ops.mean(x, (1, 2)))


class AnyNet(keras.Model):
    """A stem, stages of X blocks and a head.

    arch: an `Architecture` of X blocks. seed: of the weights. dtype: "float32" or "float64".
    Maps (n, r, r, in_channels) to (n, num_classes).
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
        dtype: str = "float32",
    ):
        carrying.check_plain(arch)
        super().__init__(dtype=dtype)
        self.arch = arch
        # a seed for each layer, so that no two of them draw the same weights
        seeds = iter(np.random.SeedSequence(seed).generate_state(10_000).tolist())
        options = {"seeds": seeds, "dtype": dtype}
        self.stem = Stem(arch.stem_width, arch.stem_stride, bias=conv_bias, **options)
        channels = arch.stem_width
        for number, stage in enumerate(arch.stages, start=1):
            blocks = StageBlocks(stage, channels, bias=conv_bias, **options)
            setattr(self, f"stage{number}", blocks)
            channels = stage.width
        self.head = Head(num_classes, **options)
        # Keras makes weights when it meets a first image: here, so that they are there at once
        size = 2 ** (1 + len(arch.stages))
        self(np.zeros((1, size, size, in_channels), dtype))

    def parts(self) -> dict[str, layers.Layer]:
        """Stem, stages and head by name, in order."""
        stages = [f"stage{number}" for number in range(1, len(self.arch.stages) + 1)]
        return {name: getattr(self, name) for name in ("stem", *stages, "head")}

    def call(self, x, training=False):
        *body, head = self.parts().values()
        for part in body:
            x = part(x, training=training)
        return head(x)

    def layer_summary(self, input_shape: Sequence[int]) -> None:
        """Print each part with the shape that it puts out; nothing is computed."""
        x = keras.KerasTensor(tuple(input_shape), self.dtype)
        for name, part in self.parts().items():
            x = part(x)
            print(f"{name:<8} output shape: {tuple(x.shape)}")


class RegNetX32(AnyNet):
    """The textbook's network."""

    def __init__(self, num_classes: int = 10, **options):
        super().__init__(REGNETX32, num_classes, **options)


def versions() -> dict[str, str]:
    """The versions that a recorded number depends on."""
    return {"tensorflow": tf.__version__, "keras": keras.__version__}


CONV = {"weight": "kernel", "bias": "bias"}
NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def variables(network: AnyNet) -> dict[str, keras.Variable]:
    """The network's variables by the names that they have in PyTorch."""
    found = {}
    for theirs, path in carrying.layers(network.arch):
        layer = network
        for step in path.split("."):
            layer = layer.layers[int(step)] if step.isdigit() else getattr(layer, step)
        for name, ours in (NORM if path.endswith("norm") else CONV).items():
            if getattr(layer, ours) is not None:
                found[f"{theirs}.{name}"] = getattr(layer, ours)
    return found


def state(network: AnyNet) -> dict[str, np.ndarray]:
    """The weights and statistics as PyTorch's state dict would have them."""
    return {
        name: carrying.channels_first(variable.numpy())
        for name, variable in variables(network).items()
    }


def load(network: AnyNet, given: Mapping) -> None:
    """Copy PyTorch's state dict into the network, in the network's precision, all or nothing.

    Raises ValueError naming each tensor that is missing, unknown or of another shape.
    """
    given = carrying.checked(given, state(network))
    for name, variable in variables(network).items():
        variable.assign(carrying.channels_last(given[name]))


class Learner:
    """A network and how it learns: predictions, and steps of plain gradient descent.

    Images come and go as PyTorch has them, (n, channels, height, width), in numpy arrays.
    """

    def __init__(self, network: AnyNet, lr: float):
        self.network, self.optimizer = network, keras.optimizers.SGD(lr)
        self.optimizer.build(network.trainable_variables)
        self._logits = tf.function(partial(network, training=False))
        self._slopes = tf.function(self._loss_and_slopes)

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Logits in evaluation mode, (n, num_classes)."""
        return self._logits(_channels_last(pixels)).numpy()

    def gradients(self, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Of the mean cross-entropy in training mode, by PyTorch's names; nothing changes."""
        before = state(self.network)
        _, _, slopes = self._slopes(_channels_last(pixels), tf.constant(labels))
        load(self.network, before)  # a pass in training mode moves the running statistics
        by_variable = {
            variable.path: slope
            for variable, slope in zip(self.network.trainable_variables, slopes, strict=True)
        }
        return {
            name: carrying.channels_first(by_variable[variable.path].numpy())
            for name, variable in variables(self.network).items()
            if variable.trainable
        }

    def step(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """One step; the mean cross-entropy (nats) and the logits before it, in training mode."""
        loss, logits, slopes = self._slopes(_channels_last(pixels), tf.constant(labels))
        self.optimizer.apply(slopes, self.network.trainable_variables)
        return float(loss), logits.numpy()

    def state(self) -> dict[str, np.ndarray]:
        """The network's weights and statistics by PyTorch's names."""
        return state(self.network)

    def _loss_and_slopes(self, x, labels):
        with tf.GradientTape() as tape:
            logits = self.network(x, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        slopes = tape.gradient(loss, [one.value for one in self.network.trainable_variables])
        return loss, logits, slopes


def _channels_last(pixels: np.ndarray) -> tf.Tensor:
    return tf.constant(np.transpose(pixels, (0, 2, 3, 1)))
