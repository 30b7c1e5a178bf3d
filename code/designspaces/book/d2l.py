"""d2l's interface over this package: the same lines, our network, data and training loop.

    from designspaces import d2l
    model = d2l.RegNetX32(lr=0.05)
    trainer = d2l.Trainer(max_epochs=10, num_gpus=1)
    data = d2l.FashionMNIST(batch_size=128, resize=(96, 96))
    trainer.fit(model, data)

The networks also train with d2l's own Trainer (`from d2l import torch`), and the data feed it.
Every other name, such as `add_to_class`, is d2l's own. This is the only module that imports d2l,
whose pinned dependencies cannot be installed beside today's: `pip install --no-deps d2l==1.0.3`
installs it alone.
"""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.utils.data import Dataset

from designspaces.designs.architecture import Architecture, Stage, inverse
from designspaces.designs.checks import positive_integer
from designspaces.needs import EnvironmentProblem
from designspaces.networks.anynet import REGNETX32, print_layer_summary, stage_blocks
from designspaces.networks.blocks import Head, Stem, initialize
from designspaces.networks.device import best_device
from designspaces.networks.looking import untouched
from designspaces.training import fashion_mnist
from designspaces.training.fetch import CLASSES
from designspaces.training.history import History
from designspaces.training.loop import train
from designspaces.training.recipe import Recipe

D2L_IMPORTS = {
    "d2l": "--no-deps d2l==1.0.3",
    "numpy": "numpy",
    "torchvision": "torchvision",
    "PIL": "pillow",
    "pandas": "pandas",
    "requests": "requests",
    "IPython": "ipython",
    "matplotlib": "matplotlib",
    "matplotlib_inline": "matplotlib-inline",
    "scipy": "scipy",
}
"""What d2l's module for torch imports, itself at the beginning -> what pip calls it."""


def advice(error: ImportError) -> str:
    """What is missing where d2l cannot be imported, and the commands that install it."""
    missing = [name for name in D2L_IMPORTS if find_spec(name) is None]
    if not missing and error.name is not None:
        missing = [error.name.partition(".")[0]]
    others = [D2L_IMPORTS.get(name, name) for name in missing if name != "d2l"]
    commands = [f"`pip install {D2L_IMPORTS['d2l']}`"] if "d2l" in missing else []
    commands += [f"`pip install {' '.join(others)}`"] if others else []
    if not commands:
        return f"d2l is needed here and could not be imported: {error}"
    return (
        f"d2l is needed here and could not be imported: {', '.join(missing)} "
        f"{'are' if len(missing) > 1 else 'is'} missing. Run {' and '.join(commands)}; d2l itself "
        "comes alone, because its pins contradict today's packages."
    )


try:
    from d2l import torch as base
except ImportError as error:
    raise EnvironmentProblem(advice(error)) from error


def __getattr__(name: str):
    return getattr(base, name)


class AnyNet(base.Classifier):
    """`networks.anynet.AnyNet` as a d2l Classifier, built by its own methods stem and stage.

    arch: the textbook's ((depth, channels, group_width, bot_mul), ...) with `stem_channels`, or an
        `Architecture` of X blocks. Channels are known from the start, so that the weights are
        really drawn by the paper's rule and can be counted at once.
    """

    def __init__(
        self,
        arch: Architecture | Sequence[Sequence],
        stem_channels: int | None = None,
        lr: float = 0.1,
        num_classes: int = 10,
        *,
        in_channels: int = 1,
        conv_bias: bool = False,
    ):
        super().__init__()
        self.save_hyperparameters()
        self.architecture = _architecture(arch, stem_channels)
        plain = Architecture.from_lists(
            self.architecture.depths,
            self.architecture.widths,
            self.architecture.group_widths,
            self.architecture.bottleneck_ratios,
            stem_width=self.architecture.stem_width,
        )
        if self.architecture != plain:
            raise ValueError(
                "d2l's stem and stage know X blocks and stride 2 only; "
                "use designspaces.networks.anynet.AnyNet"
            )
        self.channels = in_channels
        self.net = nn.Sequential()
        self.net.add_module("stem", self.stem(self.architecture.stem_width))
        for number, stage in enumerate(self.architecture.stages, start=1):
            multiplier = 1 / stage.bottleneck_ratio
            blocks = self.stage(stage.depth, stage.width, stage.group_width, multiplier)
            self.net.add_module(f"stage{number}", blocks)
        self.net.add_module("head", Head(self.channels, num_classes))
        initialize(self.net)

    def stem(self, num_channels: int) -> nn.Module:
        """A stem of stride 2 behind the network's input."""
        stem = Stem(self.in_channels, num_channels, bias=self.conv_bias)
        self.channels = num_channels
        return stem

    def stage(self, depth: int, num_channels: int, groups: int, bot_mul: float) -> nn.Module:
        """A stage of `depth` X blocks behind the part built last; `groups` is a group width."""
        stage = Stage(depth, num_channels, groups, inverse(bot_mul))
        blocks = stage_blocks(stage, self.channels, bias=self.conv_bias)
        self.channels = num_channels
        return blocks

    def layer_summary(self, X_shape: Sequence[int]) -> None:
        """Print each part of the network with the shape it puts out for such an input."""
        print_layer_summary(self.net, X_shape)


def _architecture(arch, stem_channels: int | None) -> Architecture:
    if not isinstance(arch, Architecture):
        if stem_channels is None:
            raise ValueError("stem_channels is missing; it goes with a list of stages")
        return Architecture.from_textbook(arch, stem_channels)
    if stem_channels not in (None, arch.stem_width):
        raise ValueError(
            f"stem_channels is {stem_channels}, but the architecture has stem_width "
            f"{arch.stem_width}; leave stem_channels out"
        )
    return arch


class RegNetX32(AnyNet):
    """The textbook's RegNetX32."""

    def __init__(self, lr: float = 0.1, num_classes: int = 10, **options):
        super().__init__(REGNETX32, lr=lr, num_classes=num_classes, **options)


class FashionMNIST(base.FashionMNIST):
    """Fashion-MNIST as a d2l DataModule, verified and resized once.

    batch_size: images a batch. resize: (height, width), equal, or both in one number.

    `train` and `val` are the data sets, `images` the same as whole tensors.
    Raises ValueError for another resize, and what `fashion_mnist.load` raises.
    """

    def __init__(self, batch_size: int = 64, resize: int | Sequence[int] = (28, 28)):
        base.DataModule.__init__(self)
        positive_integer(batch_size, "batch_size")
        height, *width = resize if isinstance(resize, Sequence) and resize else (resize,)
        if width not in ([], [height]):
            raise ValueError(f"resize is {resize}; expected a square such as (96, 96)")
        resize = (positive_integer(height, "resize"),) * 2
        self.save_hyperparameters(ignore=["height", "width"])
        self.images = fashion_mnist.load("test", height)
        self.train, self.val = Labeled(self.images.train), Labeled(self.images.val)

    def get_dataloader(self, train: bool) -> "Batches":
        images = self.images.train if train else self.images.val
        return Batches(images, self.batch_size, shuffle=train)


class Labeled(Dataset):
    """A data set as torchvision's: `data[i]` is (pixels in [0, 1] of shape (1, r, r), label)."""

    def __init__(self, images: fashion_mnist.Images):
        self.data, self.targets = images.pixels[:, 0], images.labels
        self.classes = list(CLASSES)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.data[index][None].float() / 255, int(self.targets[index])


class Batches:
    """What d2l's Trainer asks of a data loader: a length and batches of (pixels, labels)."""

    def __init__(self, images: fashion_mnist.Images, batch_size: int, *, shuffle: bool):
        self.images, self.batch_size, self.shuffle = images, batch_size, shuffle

    def __len__(self) -> int:
        return -(-len(self.images) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        count = len(self.images)
        order = torch.randperm(count) if self.shuffle else torch.arange(count)
        for batch in order.split(self.batch_size):
            yield self.images.pixels[batch].float() / 255, self.images.labels[batch]


OWN_TRAINER = "train with d2l's own, `from d2l import torch`, then `torch.Trainer`"
MODELS_STEPS = ("configure_optimizers", "loss", "accuracy", "training_step", "validation_step")
TRAINERS_STEPS = ("fit_epoch", "prepare_batch", "prepare_model", "prepare_data", "clip_gradients")
TRAINERS_STEPS += ("optim", "val_batch_idx", "gpus")
"""Of d2l's Trainer, and what its models may have of their own: ours trains another way."""


class Trainer(base.HyperParameters):
    """d2l's Trainer over our training loop: plain SGD at the model's lr.

    max_epochs: passes over the training images. num_gpus: 0 for the CPU; otherwise the best device
    there is, one of it. precision: as in `Recipe`. seed: orders the batches.
    `history` holds the record after `fit`.
    Raises ValueError for a `gradient_clip_val`, which only d2l's own Trainer heeds.
    """

    def __init__(
        self,
        max_epochs: int,
        num_gpus: int = 0,
        gradient_clip_val: float = 0,
        *,
        precision: str = "auto",
        seed: int = 0,
    ):
        self.save_hyperparameters()
        if gradient_clip_val:
            raise ValueError(
                f"gradient_clip_val is {gradient_clip_val}; expected 0, for this Trainer clips no "
                f"gradients: {OWN_TRAINER}"
            )
        self.history: History | None = None

    def __getattr__(self, name: str):
        if name in TRAINERS_STEPS:
            raise AttributeError(
                f"this Trainer has no {name}, for it trains by designspaces.training.loop: "
                f"{OWN_TRAINER}"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def fit(self, model: base.Classifier, data: FashionMNIST, *, progress: bool = True) -> None:
        """Train `model` in place; show the progress, unless told not to.

        Raises ValueError for a model or a Trainer with steps of their own, such as an optimizer or
        a loss, which only d2l's own Trainer would take, and for other data.
        """
        if not isinstance(model, base.Classifier):
            raise ValueError(f"{type(model).__name__} is no d2l Classifier; see designspaces.d2l")
        if not isinstance(data, FashionMNIST):
            raise ValueError(
                f"data is a {type(data).__name__} of {type(data).__module__}; expected "
                f"designspaces.d2l.FashionMNIST, or for other data d2l's Trainer: {OWN_TRAINER}"
            )
        own = [
            name
            for name in MODELS_STEPS
            if getattr(type(model), name) is not getattr(base.Classifier, name)
        ]
        own += [name for name in TRAINERS_STEPS if hasattr(type(self), name)]
        if own:
            owner = model if own[0] in MODELS_STEPS else self
            raise ValueError(
                f"{type(owner).__name__} has its own {own[0]}, which this Trainer would not call: "
                f"{OWN_TRAINER}"
            )
        self.model, model.trainer = model, self
        self.train_dataloader, self.val_dataloader = data.train_dataloader(), data.val_dataloader()
        self.num_train_batches = len(self.train_dataloader)
        self.num_val_batches = len(self.val_dataloader)
        if any(is_lazy(weight) for weight in model.parameters()):
            with untouched(model):
                model(next(iter(self.val_dataloader))[0][:1])
        recipe = Recipe(
            "d2l",
            epochs=self.max_epochs,
            batch_size=data.batch_size,
            lr=model.lr,
            precision=self.precision,
            resolution=data.resize[0],
        )
        device = best_device() if self.num_gpus else torch.device("cpu")
        self.history = train(
            model, data.images, recipe, seed=self.seed, device=device, progress=progress
        )
        self.epoch = len(self.history.epochs) - 1
        self.train_batch_idx = len(self.history.epochs) * self.num_train_batches
