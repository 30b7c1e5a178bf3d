"""What decides a training but the network and the seed, and the book's named recipes. No torch."""

from dataclasses import dataclass, replace

from designspaces.designs.checks import checked_choice, checked_nonnegative, positive_integer
from designspaces.training.fetch import SPLITS

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
SCHEDULES = ("constant", "cosine", "one_cycle")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training but the network and the seed.

    name: what the recipe is called; decides nothing.
    epochs: passes over the training images.
    batch_size: images a step.
    lr: learning rate of stochastic gradient descent, or its peak where the schedule moves it.
    momentum: of stochastic gradient descent; 0 is none.
    nesterov: whether the momentum is Nesterov's.
    weight_decay: L2 penalty on all weights; 0 is none.
    schedule: how the learning rate moves over the run: "constant", "cosine" (half a cosine from lr
        to 0) or "one_cycle" (up to lr and down again).
    precision: of the products within the network: "float32", "bfloat16", "float16" (with the loss
        scaled, for its range is small), or "auto": the one of these that the device is best at.
    split: what judges: "test" (the test images) or "validation" (held-out training images).
    resolution: pixels along one side of an image.
    train_images: only the first so many training images; None, in JSON null, for all.
    val_images: only the first so many images to judge by; None, in JSON null, for all.
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
        for name, value in vars(self).items():
            if hasattr(value, "item"):  # of numpy: a record keeps plain numbers
                object.__setattr__(self, name, value.item())
        if not (isinstance(self.name, str) and self.name):
            raise ValueError(f"name is {self.name!r}; expected what the recipe is called")
        for name in ("epochs", "batch_size", "resolution", "train_images", "val_images"):
            value = getattr(self, name)
            if value is not None or not name.endswith("images"):
                positive_integer(value, name)
        for name in ("lr", "momentum", "weight_decay"):
            checked_nonnegative(getattr(self, name), name)
        for name in ("nesterov", "zero_init_residual"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected True or False")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov is True and momentum 0; expected a momentum above 0")
        choices = {"schedule": SCHEDULES, "precision": PRECISIONS, "split": SPLITS}
        for name, known in choices.items():
            checked_choice(getattr(self, name), name, known)


def tell_differences(one: Recipe, other: Recipe) -> str:
    """Both values of each field in which two recipes differ, such as "epochs 1 and 2"."""
    return ", ".join(
        f"{name} {value!r} and {vars(other)[name]!r}"
        for name, value in vars(one).items()
        if value != vars(other)[name]
    )


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
