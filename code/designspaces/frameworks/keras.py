"""AnyNet in Keras 3, on TensorFlow.

The network is of Keras alone; the `Learner` is TensorFlow's. Images and feature maps are
channels-last: (n, height, width, channels).
"""

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.regnet import REGNETX32
from designspaces.files import cache_folder
from designspaces.frameworks import carrying, parity
from designspaces.needs import EnvironmentProblem, require

# All of these are read once, when Keras and TensorFlow are imported, which
# `require` does already. Without it, Keras follows a settings file that may
# name another backend.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# Keras writes that settings file when it is imported: beside our other
# files, not in the home folder
os.environ.setdefault("KERAS_HOME", str(cache_folder() / "keras"))
# TensorFlow's C++ part reports the processor and a missing GPU at every
# start; errors still show
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# PyTorch loads Triton when it makes its first optimizer. Since TensorFlow
# 2.20 that kills the process if TensorFlow was loaded before it; the other
# way round both work. Only some of PyTorch's builds come with Triton.
if "tensorflow" not in sys.modules:
    with contextlib.suppress(ImportError):
        import triton  # noqa: F401

require({"tensorflow": (2, 18), "keras": (3, 5)})

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers, ops  # noqa: E402

if keras.backend.backend() != "tensorflow":
    raise EnvironmentProblem(
        f"Keras runs on {keras.backend.backend()}; this module needs it on tensorflow. Set the "
        "environment variable KERAS_BACKEND to tensorflow, or leave it unset and import this "
        "module before Keras; restart the kernel and run this again."
    )


class GroupConv2D(layers.Conv2D):
    """Keras's convolution; on a CPU one group after another, which gives the same numbers.

    On a CPU TensorFlow's own gradient of a group convolution needs oneDNN and fails in float64
    (2.21: "Gradients for grouped convolutions are not supported on CPU"). Keras has XLA compile
    one, and its gradient is a plain loop, many times slower than that of as many ordinary ones.
    """

    def convolution_op(self, inputs, kernel):
        if self.groups == 1 or keras.distribution.list_devices("gpu"):
            return super().convolution_op(inputs, kernel)
        images = ops.split(inputs, self.groups, axis=-1)
        kernels = ops.split(kernel, self.groups, axis=-1)
        parts = map(super().convolution_op, images, kernels)
        return ops.concatenate(list(parts), axis=-1)


# The book shows what follows, so its lines are no longer than a cell's.
# fmt: off


class ConvNorm(layers.Layer):
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
        seeds,
        dtype,
    ):
        super().__init__(dtype=dtype)
        # "same" would pad images of even size on one side only, where
        # PyTorch pads both
        self.pad = layers.ZeroPadding2D(kernel // 2, dtype=dtype)
        # normal with variance 2 / (kernel area * out_channels), as the
        # paper's authors draw it
        init = keras.initializers.VarianceScaling(
            2.0, "fan_out", "untruncated_normal", seeds
        )
        self.conv = GroupConv2D(
            out_channels,
            kernel,
            stride,
            groups=groups,
            use_bias=bias,
            kernel_initializer=init,
            dtype=dtype,
        )
        # the share of the old statistics that is kept; PyTorch's 0.1 is the
        # share of the new
        self.norm = layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, dtype=dtype
        )
        # Keras would make the weights when it meets a first image; the
        # channels are known now
        self.conv.build((None, None, None, in_channels))
        self.norm.build((None, None, None, out_channels))

    def call(self, x, training=False):
        return self.norm(self.conv(self.pad(x)), training=training)


class Stem(ConvNorm):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(
        self, in_channels, width, stride=2, *, bias=False, seeds, dtype
    ):
        super().__init__(
            in_channels,
            width,
            3,
            stride=stride,
            bias=bias,
            seeds=seeds,
            dtype=dtype,
        )

    def call(self, x, training=False):
        return ops.relu(super().call(x, training=training))


class XBlock(layers.Layer):
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
        seeds,
        dtype,
    ):
        super().__init__(dtype=dtype)
        inner = round(width / bottleneck_ratio)
        groups = inner // group_width
        conv = partial(ConvNorm, bias=bias, seeds=seeds, dtype=dtype)
        self.reduce = conv(in_channels, inner, 1)
        self.group = conv(inner, inner, 3, stride=stride, groups=groups)
        self.expand = conv(inner, width, 1)
        keeps_shape = in_channels == width and stride == 1
        self.shortcut = (
            None
            if keeps_shape
            else conv(in_channels, width, 1, stride=stride)
        )

    def call(self, x, training=False):
        y = ops.relu(self.reduce(x, training=training))
        y = ops.relu(self.group(y, training=training))
        y = self.expand(y, training=training)
        shortcut = (
            x
            if self.shortcut is None
            else self.shortcut(x, training=training)
        )
        return ops.relu(y + shortcut)


class Blocks(layers.Layer):
    """Blocks in a row; keras.Sequential would turn what goes through it into float32."""

    def __init__(self, blocks, *, dtype):
        super().__init__(dtype=dtype)
        self.layers = blocks

    def call(self, x, training=False):
        for block in self.layers:
            x = block(x, training=training)
        return x


def stage_blocks(
    stage: Stage, in_channels: int, *, bias=False, seeds, dtype
) -> Blocks:
    """The blocks of a stage; the first one changes the shape."""
    blocks = []
    for index in range(stage.depth):
        block = XBlock(
            in_channels if index == 0 else stage.width,
            stage.width,
            stride=stage.stride if index == 0 else 1,
            group_width=stage.group_width,
            bottleneck_ratio=stage.bottleneck_ratio,
            bias=bias,
            seeds=seeds,
            dtype=dtype,
        )
        blocks.append(block)
    return Blocks(blocks, dtype=dtype)


class Head(layers.Layer):
    """Average over all positions, then one linear layer."""

    def __init__(self, in_channels, num_classes, *, seeds, dtype):
        super().__init__(dtype=dtype)
        init = keras.initializers.RandomNormal(stddev=0.01, seed=seeds)
        self.linear = layers.Dense(
            num_classes, kernel_initializer=init, dtype=dtype
        )
        self.linear.build((None, in_channels))

    def call(self, x):
        return self.linear(ops.mean(x, (1, 2)))


class AnyNet(keras.Model):
    """A stem, stages of X blocks and a head.

    architecture: an `Architecture` of X blocks. seed: of the weights.
    dtype: "float32" or "float64", of the weights and all that is computed.

    Maps (n, r, r, in_channels) to (n, num_classes).
    Raises ValueError for squeeze-and-excitation and for basic blocks.
    """

    def __init__(
        self,
        architecture: Architecture,
        num_classes: int = 10,
        *,
        in_channels: int = 1,
        conv_bias: bool = False,
        seed: int = 0,
        dtype: str = "float32",
    ):
        carrying.check_plain(architecture)
        super().__init__(dtype=dtype)
        # one generator that moves on from layer to layer: a number would
        # give all the same weights
        options = {
            "seeds": keras.random.SeedGenerator(seed),
            "dtype": dtype,
        }
        self.architecture = architecture
        self.stem = Stem(
            in_channels,
            architecture.stem_width,
            architecture.stem_stride,
            bias=conv_bias,
            **options,
        )
        channels = architecture.stem_width
        for number, stage in enumerate(architecture.stages, start=1):
            blocks = stage_blocks(
                stage, channels, bias=conv_bias, **options
            )
            setattr(self, f"stage{number}", blocks)
            channels = stage.width
        self.head = Head(channels, num_classes, **options)

    def parts(self) -> dict[str, layers.Layer]:
        """Stem, stages and head by name, in order."""
        stages = [
            f"stage{number}"
            for number in range(1, len(self.architecture.stages) + 1)
        ]
        return {
            name: getattr(self, name) for name in ("stem", *stages, "head")
        }

    def call(self, x, training=False):
        *body, head = self.parts().values()
        for part in body:
            x = part(x, training=training)
        return head(x)

    def layer_summary(self, input_shape: Sequence[int]) -> None:
        """Print the shape that each part puts out; nothing is computed."""
        x = keras.KerasTensor(tuple(input_shape), self.compute_dtype)
        for name, part in self.parts().items():
            x = part(x)
            print(f"{name:<8} output shape: {x.shape}")


# fmt: on


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
    return carrying.variables(network, CONV, NORM)


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


class Learner(parity.Learner):
    """A network and how it learns: predictions, and steps of plain gradient descent.

    Images come and go as PyTorch has them, (n, channels, height, width), in numpy arrays.
    """

    def __init__(self, network: AnyNet, lr: float):
        self.network, self.lr = network, lr
        self.weights = {
            name: variable for name, variable in variables(network).items() if variable.trainable
        }
        # each is compiled at its first call, and anew for every other shape
        # of images
        self._logits = tf.function(partial(network, training=False))
        self._slopes = tf.function(self._loss_and_slopes)
        self._step = tf.function(self._descend)

    @property
    def device(self) -> str:
        return keras.distribution.list_devices()[0].partition(":")[0]

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        return self._logits(_channels_last(pixels)).numpy()

    def gradients(self, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        before = self.state()
        _, _, slopes = self._slopes(_channels_last(pixels), tf.constant(labels))
        load(self.network, before)  # the running statistics have moved
        return {
            name: carrying.channels_first(slope.numpy())
            for name, slope in zip(self.weights, slopes, strict=True)
        }

    def step(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        loss, logits = self._step(_channels_last(pixels), tf.constant(labels))
        return float(loss), logits.numpy()

    def state(self) -> dict[str, np.ndarray]:
        return state(self.network)

    def _loss_and_slopes(self, x, labels):
        with tf.GradientTape() as tape:
            logits = self.network(x, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        return loss, logits, tape.gradient(loss, [one.value for one in self.weights.values()])

    def _descend(self, x, labels):
        loss, logits, slopes = self._loss_and_slopes(x, labels)
        # keras.optimizers.SGD would round the learning rate to float32,
        # also for float64
        for variable, slope in zip(self.weights.values(), slopes, strict=True):
            variable.assign_sub(self.lr * slope)
        return loss, logits


def _channels_last(pixels: np.ndarray) -> tf.Tensor:
    return tf.constant(np.transpose(pixels, (0, 2, 3, 1)))
