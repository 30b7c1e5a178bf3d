"""The record of one training: enough to draw its curves and to repeat it. No torch."""

from dataclasses import asdict, dataclass, field, fields

from designspaces.training.fetch import CHECKSUM
from designspaces.training.recipe import Recipe

TRACE_POINTS = 20  # points an epoch on the curve of the training loss


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to. Accuracies are fractions; seconds include the evaluation."""

    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


@dataclass
class History:
    """The record of one training, enough to draw its curves and to repeat it."""

    recipe: Recipe
    seed: int
    device: str
    versions: dict[str, str]
    params: int
    data_checksum: str = CHECKSUM
    status: str = "unfinished"  # then "trained" or "diverged"
    epochs: list[Epoch] = field(default_factory=list)
    train_loss_trace: list[float] = field(default_factory=list)  # TRACE_POINTS an epoch

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
