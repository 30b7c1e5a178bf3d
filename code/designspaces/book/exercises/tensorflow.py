"""Checks of the chapter on TensorFlow."""

import math

from designspaces.book.exercises._answers import is_number


def epsilon(answer: object) -> str | None:
    """How much smaller a channel of variance 0.001 comes out with 1e-3 than with 1e-5."""
    if not is_number(answer):
        return "expected a number, the factor."
    squared = (1e-3 + 1e-3) / (1e-3 + 1e-5)
    right = math.sqrt(squared)
    if abs(answer - right) < 0.006:
        return None
    if abs(answer - 1 / right) < 0.006:
        return "that is the inverse; by what factor is the one smaller, a number above 1?"
    if abs(answer - squared) < 0.01:
        return "that is the ratio of the variances. What does batch normalization divide by?"
    return "write down what each of the two divides by, and take the ratio."


def training(answer: object) -> str | None:
    """The batch norms of RegNetX32."""
    if not is_number(answer):
        return "expected a number of batch norms."
    if answer == 1 + 3 * 10 + 2:
        return None
    if answer == 1 + 3 * 10:
        return "the projections on the shortcuts have batch norms, too."
    if answer == 1 + 4 * 10:
        return "not every block has a projection: which blocks change the shape?"
    return "count one in the stem, three in each block, one in each projection."


CHECKS = {"tensorflow-epsilon": epsilon, "tensorflow-training": training}
