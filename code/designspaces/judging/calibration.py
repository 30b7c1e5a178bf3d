"""What is known of a whole space without training: the means that samples are calibrated by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from designspaces.judging.effects import capped
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.spaces import SPACES

DRAWS = 3_000
"""Untrained networks of a space, two seconds."""

SEED = 1_000_000
"""Of their sample; no network of it is trained."""


@dataclass(frozen=True)
class Expectation:
    """Means of log blocks, log parameters and log activations over a space.

    mean: shape (3,). doubt: the covariance of these means, shape (3, 3).
    """

    mean: np.ndarray
    doubt: np.ndarray


def known(records: Iterable[Record]) -> np.ndarray:
    """Logarithms of blocks, parameters and activations of trained networks; shape (records, 3)."""
    rows = [(sum(r.network.depths), r.params, r.activations) for r in records]
    return np.log(np.array(rows, float).reshape(-1, 3))


@cache
def expectation(space: str) -> Expectation:
    """Of one of the book's spaces, by name, for its regime's images."""
    drawn = SPACES[space].sample(DRAWS, SEED)
    names = ("depths", "widths", "group_widths", "bottleneck_ratios")
    stages = (np.array([getattr(network, name) for network in drawn]) for name in names)
    networks = SPACES[space]._built(*stages)
    costs = SPACES[space]._costs(networks)
    blocks = networks.depths.sum(axis=1)
    values = np.log(np.column_stack([blocks, costs.params, costs.activations]))
    return Expectation(values.mean(axis=0), np.cov(values.T) / DRAWS)


def foretold(population: Population, spaces: Sequence[str]) -> float:
    """The share of the variance of capped errors within spaces that the known properties foretell.

    R squared of networks left out one by one, pooled over the spaces, each with its own least
    squares.
    """
    left, total = 0.0, 0.0
    for name in spaces:
        records = list(population.space(name))
        errors = capped([100 * record.val_error for record in records])
        design = np.column_stack([np.ones(len(records)), known(records)])
        inverse = np.linalg.pinv(design)
        residuals = errors - design @ (inverse @ errors)
        left += ((residuals / (1 - np.einsum("ij,ji->i", design, inverse))) ** 2).sum()
        total += ((errors - errors.mean()) ** 2).sum() * (len(errors) / (len(errors) - 1)) ** 2
    return float(1 - left / total)
