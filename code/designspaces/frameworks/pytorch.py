"""The book's own network behind the interface of the other frameworks, to compare them with."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from designspaces.networks.anynet import AnyNet


class Learner:
    """An AnyNet in PyTorch with predictions and steps of plain gradient descent."""

    def __init__(self, network: AnyNet, lr: float):
        self.network = network
        self.optimizer = torch.optim.SGD(network.parameters(), lr)

    @property
    def device(self) -> str:
        """What computes, as the framework calls it; "cpu" for the processor."""
        return next(self.network.parameters()).device.type

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Logits in evaluation mode, (n, num_classes)."""
        with torch.no_grad():
            return self.network.eval()(torch.from_numpy(pixels)).numpy()

    def gradients(
        self, pixels: np.ndarray, labels: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Of the mean cross-entropy in training mode, by name; no weight or statistic changes."""
        before = {
            name: value.clone()
            for name, value in self.network.state_dict().items()
        }
        self._loss_and_logits(pixels, labels)
        self.network.load_state_dict(before)
        return {
            name: weight.grad.numpy()
            for name, weight in self.network.named_parameters()
        }

    def step(
        self, pixels: np.ndarray, labels: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """One step; the mean cross-entropy (nats) and the logits before it, in training mode."""
        loss, logits = self._loss_and_logits(pixels, labels)
        self.optimizer.step()
        return loss.item(), logits.detach().numpy()

    def state(self) -> dict[str, np.ndarray]:
        """The network's weights and statistics."""
        return {
            name: value.numpy().copy()
            for name, value in self.network.state_dict().items()
            if not name.endswith("num_batches_tracked")
        }

    def normalized(self, pixels: np.ndarray) -> dict[str, int]:
        """For each batch norm, how many numbers a channel's mean and variance are taken over."""
        counts, hooks = {}, []
        for name, module in self.network.named_modules():
            if isinstance(module, nn.BatchNorm2d):

                def count(module, inputs, output, name=name):
                    counts[name] = output.numel() // output.shape[1]

                hooks.append(module.register_forward_hook(count))
        self.predict(pixels)
        for hook in hooks:
            hook.remove()
        return counts

    def _loss_and_logits(self, pixels, labels):
        logits = self.network.train()(torch.from_numpy(pixels))
        loss = functional.cross_entropy(logits, torch.from_numpy(labels))
        self.optimizer.zero_grad()
        loss.backward()
        return loss, logits
