"""The book's own network behind the interface of the other frameworks, to compare them with."""

from copy import deepcopy

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from designspaces.frameworks import parity
from designspaces.networks.anynet import AnyNet
from designspaces.networks.looking import untouched, watched


class Learner(parity.Learner):
    """An AnyNet in PyTorch with predictions and steps of plain gradient descent."""

    def __init__(self, network: AnyNet, lr: float):
        self.network = network
        self.optimizer = torch.optim.SGD(network.parameters(), lr)

    @property
    def device(self) -> str:
        return next(self.network.parameters()).device.type

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        with untouched(self.network):
            return self.network(torch.from_numpy(pixels)).numpy()

    def gradients(self, pixels: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        copy = deepcopy(self.network).requires_grad_()
        loss, _ = _loss_and_logits(copy, pixels, labels)
        names, weights = zip(*copy.named_parameters(), strict=True)
        slopes = torch.autograd.grad(loss, weights)
        return {name: slope.numpy() for name, slope in zip(names, slopes, strict=True)}

    def step(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        loss, logits = _loss_and_logits(self.network, pixels, labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item(), logits.detach().numpy()

    def state(self) -> dict[str, np.ndarray]:
        return {
            name: value.numpy().copy()
            for name, value in self.network.state_dict().items()
            if not name.endswith("num_batches_tracked")
        }

    def normalized(self, pixels: np.ndarray) -> dict[str, int]:
        """For each batch norm, how many numbers a channel's mean and variance are taken over."""
        modules = self.network.named_modules()
        norms = {module: name for name, module in modules if isinstance(module, nn.BatchNorm2d)}
        counts = {}

        def count(norm, inputs, output):
            counts[norms[norm]] = output.numel() // output.shape[1]

        with watched(norms, count):
            self.predict(pixels)
        return counts


def _loss_and_logits(network, pixels, labels):
    logits = network.train()(torch.from_numpy(pixels))
    loss = functional.cross_entropy(logits, torch.from_numpy(labels))
    return loss, logits
