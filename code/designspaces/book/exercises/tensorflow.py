"""Checks of the chapter on TensorFlow."""

import math

from designspaces.book.exercises._answers import hint, numbers, right


@numbers(1, "expected a number, the factor.")
def epsilon():
    """How much smaller a channel of variance 0.001 comes out with 1e-3 than with 1e-5."""
    squared = (1e-3 + 1e-3) / (1e-3 + 1e-5)
    factor = math.sqrt(squared)
    yield right(factor, within=0.008)
    yield hint(
        "that is the inverse; by what factor is the one smaller, a number above 1?",
        1 / factor,
        within=0.006,
    )
    yield hint(
        "that is the ratio of the variances. What does batch normalization divide by?",
        squared,
        within=0.01,
    )
    yield hint("write down what each of the two divides by, and take the ratio.")


@numbers(1, "expected a number of batch norms.", form="a whole number")
def training():
    """The batch norms of RegNetX32."""
    yield right(1 + 3 * 10 + 2)
    yield hint("the projections on the shortcuts have batch norms, too.", 1 + 3 * 10)
    yield hint("not every block has a projection: which blocks change the shape?", 1 + 4 * 10)
    yield hint("count one in the stem, three in each block, one in each projection.")


CHECKS = {"tensorflow-epsilon": epsilon, "tensorflow-training": training}
