"""AnyNet in JAX, made of flax's nnx modules.

Images and feature maps are channels-last: (n, height, width, channels).
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.regnet import REGNETX32
from designspaces.frameworks import carrying, parity
from designspaces.needs import require

require({"jax": (0, 8), "flax": (0, 12), "optax": (0, 2)})

import flax  # noqa: E402
import jax  # noqa: E402
import optax  # noqa: E402
from flax import nnx  # noqa: E402
from jax import numpy as jnp  # noqa: E402

from designspaces.frameworks.jax_convolution import by_groups  # noqa: E402

# normal with variance 2 / (kernel area * out_channels), as the paper's
# authors draw it
paper_init = nnx.initializers.variance_scaling(2.0, "fan_out", "normal")


# The book shows what follows, so its lines are no longer than a cell's.
# fmt: off


class ConvNorm(nnx.Module):
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
        rngs,
    ):
        self.conv = nnx.Conv(
            in_channels,
            out_channels,
            (kernel, kernel),
            stride,
            # "SAME" would pad images of even size on one side only, where
            # PyTorch pads both
            padding=kernel // 2,
            feature_group_count=groups,
            use_bias=bias,
            kernel_init=paper_init,
            conv_general_dilated=by_groups,
            rngs=rngs,
        )
        # the share of the old statistics that is kept; PyTorch's 0.1 is the
        # share of the new
        self.norm = nnx.BatchNorm(
            out_channels, momentum=0.9, epsilon=1e-5, rngs=rngs
        )

    def __call__(self, x):
        return self.norm(self.conv(x))


class Stem(ConvNorm):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, in_channels, width, stride=2, *, bias=False, rngs):
        super().__init__(
            in_channels, width, 3, stride=stride, bias=bias, rngs=rngs
        )

    def __call__(self, x):
        return nnx.relu(super().__call__(x))


class XBlock(nnx.Module):
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
        rngs,
    ):
        inner = round(width / bottleneck_ratio)
        groups = inner // group_width
        conv = partial(ConvNorm, bias=bias, rngs=rngs)
        self.reduce = conv(in_channels, inner, 1)
        self.group = conv(inner, inner, 3, stride=stride, groups=groups)
        self.expand = conv(inner, width, 1)
        keeps_shape = in_channels == width and stride == 1
        self.shortcut = (
            None
            if keeps_shape
            else conv(in_channels, width, 1, stride=stride)
        )

    def __call__(self, x):
        y = nnx.relu(self.reduce(x))
        y = nnx.relu(self.group(y))
        shortcut = x if self.shortcut is None else self.shortcut(x)
        return nnx.relu(self.expand(y) + shortcut)


def stage_blocks(
    stage: Stage, in_channels: int, *, bias=False, rngs
) -> nnx.Sequential:
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
            rngs=rngs,
        )
        blocks.append(block)
    return nnx.Sequential(*blocks)


class Head(nnx.Module):
    """Average over all positions, then one linear layer."""

    def __init__(self, in_channels, num_classes, *, rngs):
        init = nnx.initializers.normal(0.01)
        self.linear = nnx.Linear(
            in_channels, num_classes, kernel_init=init, rngs=rngs
        )

    def __call__(self, x):
        return self.linear(x.mean((1, 2)))


class AnyNet(nnx.Module):
    """A stem, stages of X blocks and a head.

    architecture: an `Architecture` of X blocks. seed: of the weights.

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
    ):
        carrying.check_plain(architecture)
        rngs = nnx.Rngs(seed)
        self.architecture = architecture
        self.stem = Stem(
            in_channels,
            architecture.stem_width,
            architecture.stem_stride,
            bias=conv_bias,
            rngs=rngs,
        )
        channels = architecture.stem_width
        for number, stage in enumerate(architecture.stages, start=1):
            blocks = stage_blocks(
                stage, channels, bias=conv_bias, rngs=rngs
            )
            setattr(self, f"stage{number}", blocks)
            channels = stage.width
        self.head = Head(channels, num_classes, rngs=rngs)

    def parts(self) -> dict[str, nnx.Module]:
        """Stem, stages and head by name, in order."""
        stages = [
            f"stage{number}"
            for number in range(1, len(self.architecture.stages) + 1)
        ]
        return {
            name: getattr(self, name) for name in ("stem", *stages, "head")
        }

    def __call__(self, x):
        for part in self.parts().values():
            x = part(x)
        return x

    def layer_summary(self, input_shape: Sequence[int]) -> None:
        """Print the shape that each part puts out; nothing is computed."""
        x = jax.ShapeDtypeStruct(tuple(input_shape), jnp.float32)
        for name, part in self.parts().items():
            x = nnx.eval_shape(lambda part, x: part(x), part, x)
            print(f"{name:<8} output shape: {x.shape}")


# fmt: on


class RegNetX32(AnyNet):
    """The textbook's network."""

    def __init__(self, num_classes: int = 10, **options):
        super().__init__(REGNETX32, num_classes, **options)


def versions() -> dict[str, str]:
    """The versions that a recorded number depends on."""
    return {"jax": jax.__version__, "flax": flax.__version__, "optax": optax.__version__}


CONV = {"weight": "kernel", "bias": "bias"}
NORM = {"weight": "scale", "bias": "bias", "running_mean": "mean", "running_var": "var"}


def variables(network: AnyNet) -> dict[str, nnx.Variable]:
    """The network's variables by the names that they have in PyTorch."""
    return carrying.variables(network, CONV, NORM)


def state(network: AnyNet) -> dict[str, np.ndarray]:
    """The weights and statistics as PyTorch's state dict would have them."""
    return {
        name: carrying.channels_first(np.asarray(variable.get_value()))
        for name, variable in variables(network).items()
    }


def load(network: AnyNet, given: Mapping) -> None:
    """Copy PyTorch's state dict into the network, in its precision, all of it or nothing.

    float64 stays float64 only inside `jax.enable_x64(True)`. Raises ValueError naming each tensor
    that is missing, unknown or of another shape.
    """
    given = carrying.checked(given, state(network))
    for name, variable in variables(network).items():
        variable.set_value(jnp.asarray(carrying.channels_last(given[name])))


class Learner(parity.Learner):
    """A network and how it learns: predictions, and steps of plain gradient descent.

    Images come and go as PyTorch has them, (n, channels, height, width), in numpy arrays.
    """

    def __init__(self, network: AnyNet, lr: float):
        self.network = network
        self.optimizer = nnx.Optimizer(network, optax.sgd(lr), wrt=nnx.Param)

    @property
    def device(self) -> str:
        return jax.devices()[0].device_kind

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        copy = nnx.clone(self.network)  # some modules may be in training
        copy.eval()
        return np.asarray(_logits(copy, _channels_last(pixels)))

    def gradients(self, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        copy = nnx.clone(self.network)
        copy.train()
        _, slopes = _loss_and_slopes(copy, _channels_last(pixels), jnp.asarray(labels))
        nnx.update(copy, slopes)
        return {name: value for name, value in state(copy).items() if "running" not in name}

    def step(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        self.network.train()
        (loss, logits), slopes = _loss_and_slopes(
            self.network, _channels_last(pixels), jnp.asarray(labels)
        )
        _descend(self.optimizer, self.network, slopes)
        return float(loss), np.asarray(logits)

    def state(self) -> dict[str, np.ndarray]:
        return state(self.network)


@nnx.jit
def _logits(network, x):
    return network(x)


@nnx.jit
def _loss_and_slopes(network, x, labels):
    """(loss, logits) and the loss's slopes in the parameters."""

    def loss_of(network):
        logits = network(x)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return losses.mean(), logits

    return nnx.value_and_grad(loss_of, has_aux=True)(network)


@nnx.jit
def _descend(optimizer, network, slopes):
    optimizer.update(network, slopes)


def _channels_last(pixels: np.ndarray) -> jax.Array:
    return jnp.asarray(np.transpose(pixels, (0, 2, 3, 1)))
