"""Exact draws: values for the stages of many networks from uniform numbers.

How the values are distributed:

- In a `Range` log-uniformly, as in pycls (sweep/random.py, log_uniform): a number drawn
  log-uniformly is rounded up to a multiple of the step, so that k steps have a probability
  proportional to log(k / (k - 1)), and one step the same as two.
- In a list of choices uniformly. For powers of 2 that is log-uniform too.
- Under a rule over the stages as if each stage were drawn independently and networks that break
  the rule were thrown away; "equal" is one value drawn for all stages.

Same numbers, same values, on every machine: the tables of probabilities come from integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, combinations_with_replacement, product
from math import comb, prod

import numpy as np

from designspaces.designs.checks import at_most
from designspaces.spaces.regime import Range

ORDERS = ("none", "nondecreasing", "nonincreasing", "equal")
"""Rules for a property of the stages, from the first stage to the last."""

MOST_ARRANGEMENTS = 2**20
"""That are listed to find those with a given sum."""


@cache
def weigh_by_log(values: Range) -> tuple[tuple, tuple[int, ...]]:
    """The values of a range and their weights, as whole numbers."""
    return values.values, tuple(_log_ratio(max(2, steps)) for steps in values.steps)


def weigh_equally(values: tuple) -> tuple[tuple, tuple[int, ...]]:
    """The values and equal weights."""
    return values, (1,) * len(values)


def _log_ratio(k: int) -> int:
    """log(k / (k - 1)) in units of 2**-64, by a series over integers: alike on every machine."""
    base = 2 * k - 1
    total, power, odd = 0, 2**65 // base, 1
    while power:
        total += power // odd
        power, odd = power // base**2, odd + 2
    return total


def count_arrangements(values: int, stages: int, order: str) -> int:
    """How many ways there are to give each of the stages one of so many values in this order."""
    if order == "none":
        return values**stages
    return values if order == "equal" else comb(values + stages - 1, stages)


def draw_in_order(uniform: np.ndarray, values: Sequence, weights: tuple[int, ...], order: str):
    """A value for each stage, (networks, stages), from as many uniform numbers.

    Independent draws by the weights, given that they keep the order: stage by stage, each
    conditioned on the one before. "equal" heeds the first column alone.
    """
    values = np.array(values)
    if order == "equal":
        index = np.searchsorted(_shares(weights, 1, False)[0], uniform[:, 0], side="right")
        return np.broadcast_to(values[index][:, None], uniform.shape)
    if order == "nondecreasing":
        values, weights = values[::-1], weights[::-1]
    falls = order != "none"
    # Now every order reads: no stage's index is above that of the one before.
    index, highest = np.empty(uniform.shape, int), np.full(len(uniform), len(values) - 1)
    for stage, shares in enumerate(_shares(weights, uniform.shape[1], falls)):
        below = uniform[:, stage] * shares[highest]
        index[:, stage] = np.searchsorted(shares, below, side="right")
        highest = index[:, stage] if falls else highest
    return values[index]


def draw_to_sum(
    uniform: np.ndarray, values: tuple, weights: tuple[int, ...], order: str, total: int
):
    """What `draw_in_order` draws, given the sum over the stages; heeds the first column alone."""
    arrangements, shares = arrange_to_sum(values, weights, uniform.shape[1], order, total)
    return arrangements[np.searchsorted(shares, uniform[:, 0], side="right")]


@cache
def arrange_to_sum(
    values: tuple, weights: tuple[int, ...], stages: int, order: str, total: int
) -> tuple[np.ndarray, np.ndarray]:
    """All arrangements with this sum, (arrangements, stages), and the share up to each of them.

    There may be none. Raises ValueError where more than `MOST_ARRANGEMENTS` had to be listed.
    """
    every = count_arrangements(len(values), stages, order)
    at_most(every, "the number of arrangements", MOST_ARRANGEMENTS, "to choose from by their sum")
    pairs = list(zip(values, weights, strict=True))
    if order == "none":
        listed = product(pairs, repeat=stages)
    elif order == "equal":
        listed = ((pair,) * stages for pair in pairs)
    else:
        falls = order == "nonincreasing"
        listed = combinations_with_replacement(pairs[::-1] if falls else pairs, stages)
    columns = (tuple(zip(*arrangement, strict=True)) for arrangement in listed)
    found = [(numbers, prod(weighed)) for numbers, weighed in columns if sum(numbers) == total]
    sums = list(accumulate(weight for _, weight in found))
    arrangements = np.array([numbers for numbers, _ in found], int).reshape(-1, stages)
    return arrangements, np.array([part / sums[-1] for part in sums])


@cache
def _shares(weights: tuple[int, ...], stages: int, falls: bool) -> list[np.ndarray]:
    """For each stage the share of all arrangements from there on that starts with index <= i.

    An arrangement counts as the product of its weights; if it `falls`, no index may be above the
    one before. Backward from the last stage: what may follow index i are all arrangements of the
    next stage up to i. Whole numbers until the final division, which Python rounds correctly.
    """
    shares, following = [], [1] * len(weights)
    for _ in range(stages):
        sums = list(accumulate(w * f for w, f in zip(weights, following, strict=True)))
        shares.append(np.array([part / sums[-1] for part in sums]))
        if falls:
            following = sums
    return shares[::-1]
