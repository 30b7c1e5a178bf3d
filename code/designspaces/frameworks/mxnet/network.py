"""AnyNet in MXNet, made of Gluon's blocks.

MXNet lives in an environment of its own, see `environment`; `answer` computes there. Images and
feature maps are channels-first, as PyTorch's.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.regnet import REGNETX32
from designspaces.frameworks import carrying, parity
from designspaces.frameworks.mxnet import environment
from designspaces.needs import EnvironmentProblem

try:
    import mxnet as mx
except (ImportError, AttributeError) as error:  # the latter where numpy is 1.24 or newer
    reason = str(error).partition("\n")[0]
    raise EnvironmentProblem(
        f"MXNet cannot be imported here ({reason}). It needs an environment of its own, with "
        f"{' and '.join(environment.PINS)}: run "
        "`python -m designspaces.frameworks.mxnet.environment`, which makes one and prints its "
        "interpreter."
    ) from error

from mxnet import autograd, gluon
from mxnet.gluon import nn

# The book shows what follows, so its lines are no longer than a cell's.
# fmt: off


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

    architecture: an `Architecture` of X blocks.
    seed: of the weights; MXNet has one generator for all.

    Maps (n, in_channels, r, r) to (n, num_classes).
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
        super().__init__()
        self.architecture = architecture
        self.stem = Stem(
            in_channels,
            architecture.stem_width,
            architecture.stem_stride,
            bias=conv_bias,
        )
        channels = architecture.stem_width
        for number, stage in enumerate(architecture.stages, start=1):
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
            for number in range(1, len(self.architecture.stages) + 1)
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


# fmt: on


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
    return {name: variable.data().asnumpy() for name, variable in variables(network).items()}


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


class Learner(parity.Learner):
    """A network and how it learns: predictions, and steps of plain gradient descent.

    Images come and logits go in numpy arrays.
    """

    def __init__(self, network: AnyNet, lr: float):
        self.network = network
        self.cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
        weights = network.collect_params()
        self.trainer = gluon.Trainer(weights, "sgd", {"learning_rate": lr})

    @property
    def device(self) -> str:
        return mx.current_context().device_type

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        return self.network(_array(pixels)).asnumpy()

    def gradients(self, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        before = self.state()
        self._loss_and_logits(pixels, labels)
        load(self.network, before)
        return {
            name: variable.grad().asnumpy()
            for name, variable in variables(self.network).items()
            if "running" not in name
        }

    def step(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        loss, logits = self._loss_and_logits(pixels, labels)
        # the gradients are means already, so they are divided by 1
        self.trainer.step(1)
        return float(loss.asscalar()), logits.asnumpy()

    def state(self) -> dict[str, np.ndarray]:
        return state(self.network)

    def _loss_and_logits(self, pixels, labels):
        with autograd.record():
            logits = self.network(_array(pixels))
            loss = self.cross_entropy(logits, _array(labels)).mean()
        loss.backward()
        return loss, logits


def _array(values: np.ndarray) -> mx.nd.NDArray:
    # without the dtype, it would be float32
    return mx.nd.array(values, dtype=values.dtype)
