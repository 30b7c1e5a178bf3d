"""The record of one training: enough to draw its curves and to repeat it. No torch."""

from dataclasses import asdict, dataclass, field, fields

from designspaces.training.fetch import CHECKSUM
from designspaces.training.recipe import Recipe

TRACE_POINTS = 20  # points an epoch on the curve of the training loss


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to.

    train_loss: mean cross-entropy over the epoch's batches as they passed, nats.
    train_accuracy: share of training images named rightly as they passed, 0 to 1.
    val_loss: mean cross-entropy on the images to judge by after the epoch, nats.
    val_accuracy: share of those images named rightly after the epoch, 0 to 1.
    seconds: wall time of the epoch, its evaluation included.
    """

    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


@dataclass
class History:
    """The record of one training, enough to draw its curves and to repeat it.

    recipe: the Recipe, its precision as it was on that device.
    seed: decides the fresh weights and the order of the batches.
    device: the processor or GPU in words.
    versions: of python, torch, numpy and designspaces.
    params: learnable numbers of the network.
    data_checksum: of the four verified files of Fashion-MNIST together.
    status: unfinished, then trained or diverged (the loss was no longer finite).
    epochs: a list of Epoch, in order.
    train_loss_trace: training loss averaged over each twentieth of an epoch, nats.
    """

    recipe: Recipe
    seed: int
    device: str
    versions: dict[str, str]
    params: int
    data_checksum: str = CHECKSUM
    status: str = "unfinished"
    epochs: list[Epoch] = field(default_factory=list)
    train_loss_trace: list[float] = field(default_factory=list)

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
