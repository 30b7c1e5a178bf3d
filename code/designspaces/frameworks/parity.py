"""How far two frameworks are apart that compute with the same weights on the same images.

Needs numpy alone, so that it also runs where PyTorch is not.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

KEPT = 0.9
"""The share of its old statistics that a batch norm keeps in a step."""


class Learner(Protocol):
    """A network of any framework and how it learns: plain gradient descent on the cross-entropy.

    pixels: (n, channels, r, r) in the precision of the weights. labels: (n,), int64. Names of
    tensors, and their layouts, are those of PyTorch's state dict.
    """

    @property
    def device(self) -> str:
        """What computes, as the framework calls it; "cpu" for the processor."""

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Logits in evaluation mode, (n, num_classes); nothing changes."""

    def gradients(self, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Of the mean cross-entropy in training mode, by name; nothing changes."""

    def step(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """One step; the mean cross-entropy (nats) and the logits before it, in training mode."""

    def state(self) -> dict[str, np.ndarray]:
        """Weights and running statistics by name."""


def measure(learner: Learner, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """What a learner computes: logits in evaluation, gradients, and one step with what it leaves.

    learner: takes one step.
    pixels: (n, channels, r, r) in the precision of its weights. labels: (n,), int64.
    Returns arrays by name: "eval", "train", "gradient NAME" and "after NAME", with PyTorch's names.
    """
    found = {"eval": learner.predict(pixels)}
    gradients = learner.gradients(pixels, labels)
    found |= {f"gradient {name}": value for name, value in gradients.items()}
    _, found["train"] = learner.step(pixels, labels)
    return found | {f"after {name}": value for name, value in learner.state().items()}


def differences(
    reference: Mapping[str, np.ndarray],
    other: Mapping[str, np.ndarray],
    before: Mapping[str, np.ndarray],
    normalized: Mapping[str, int],
) -> dict[str, float]:
    """The largest absolute difference of each kind between PyTorch's measures and another's.

    before: the state before the step. normalized: for each batch norm, the number m of values that
        a channel's variance is taken over. PyTorch keeps the unbiased variance, the others the
        biased one; theirs is multiplied by m / (m - 1) before it is compared.
    """
    largest = dict.fromkeys(("eval", "train", "gradients", "weights", "statistics"), 0.0)
    for name, value in reference.items():
        kind, _, tensor = name.partition(" ")
        theirs = other[name]
        if tensor.endswith("running_var"):
            m = normalized[tensor.removesuffix(".running_var")]
            old = KEPT * np.asarray(before[tensor])
            theirs = old + (theirs - old) * m / (m - 1)
        if kind == "gradient":
            kind = "gradients"
        elif kind == "after":
            kind = "statistics" if "running" in tensor else "weights"
        largest[kind] = max(largest[kind], float(np.abs(value - theirs).max()))
    return largest
