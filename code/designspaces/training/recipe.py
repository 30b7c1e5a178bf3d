"""What decides a training but the network and the seed, and the book's named recipes. No torch."""

import math
from dataclasses import dataclass, replace
from numbers import Real

from designspaces.designs.checks import positive_integer
from designspaces.training.fetch import SPLITS

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
SCHEDULES = ("constant", "cosine", "one_cycle")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training but the network and the seed.

    lr, momentum, nesterov, weight_decay: of stochastic gradient descent.
    schedule: how the learning rate moves over the run: "constant", "cosine" (half a cosine from lr
        to 0) or "one_cycle" (up to lr and down again).
    precision: "float32", "bfloat16", "float16" (with the loss scaled, for its range is small), or
        "auto": the one of these that the device is best at.
    split, resolution, train_images, val_images: the data, as in `fashion_mnist.load`.
    zero_init_residual: whether the weight of each residual block's last batch norm begins at 0, not
        at 1, so that every block begins as the identity (Goyal et al. 2017, section 5.1).

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
    zero_init_residual: bool = False

    def __post_init__(self):
        for name in ("epochs", "batch_size", "resolution", "train_images", "val_images"):
            value = getattr(self, name)
            if value is not None or not name.endswith("images"):
                positive_integer(value, name)
        for name in ("lr", "momentum", "weight_decay"):
            value = getattr(self, name)
            if not isinstance(value, Real) or not 0 <= value < math.inf:
                raise ValueError(f"{name} is {value!r}; expected a number of at least 0")
        for name in ("nesterov", "zero_init_residual"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected True or False")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov is True and momentum 0; expected a momentum above 0")
        choices = {"schedule": SCHEDULES, "precision": PRECISIONS, "split": SPLITS}
        for name, known in choices.items():
            value = getattr(self, name)
            if value not in known:
                raise ValueError(f"{name} is {value!r}; expected one of {', '.join(known)}")


TEXTBOOK = Recipe("textbook", epochs=10, batch_size=128, lr=0.05, resolution=96)
"""The textbook's protocol for RegNetX32: plain SGD on all 60,000 images, test accuracy an epoch."""

QUICK = replace(TEXTBOOK, name="quick", epochs=3, train_images=5_120, val_images=1_000)
"""The same on fewer images for fewer epochs, for tests and a first look."""

ELSEWHERE = replace(QUICK, name="elsewhere", resolution=28, precision="float32")
"""The same at native size in float32: what the chapters on other frameworks train by."""

POPULATION = Recipe(
    "population",
    epochs=1,
    batch_size=128,
    lr=0.1,
    momentum=0.9,
    nesterov=True,
    weight_decay=5e-5,
    schedule="one_cycle",
    precision="float32",
    split="validation",
    resolution=28,
)
"""One epoch a network at native size, judged by held-out training images: the populations'.

Chosen by trials (`populations.trials`), which are recorded: the highest learning rate at which no
training went astray (`population.ASTRAY`) in any space.
"""


def recipe_for(profile: str) -> Recipe:
    """The recipe of RegNetX32's training in the profile "full" or "quick"."""
    return {"full": TEXTBOOK, "quick": QUICK}[profile]
