"""Checks of the chapter on JAX."""

import math

import numpy as np

from designspaces.book.exercises._answers import below, hint, numbers, right

KERNEL = np.arange(80 * 16 * 3 * 3).reshape(80, 16, 3, 3)


@numbers(3, "expected a tuple of three numbers, the positions of the pixels.")
def same():
    """The pixels of 96 that the first window of a strided 3x3 reads with "SAME"."""
    yield right(0, 1, 2)
    yield hint(
        'a position below 0 is a zero that was added. How many zeros does "SAME" add here, '
        "and on which side?",
        below(0),
        None,
        None,
    )
    yield hint(
        "no pixel is skipped at the front; where does the window begin if nothing is added?",
        1,
        2,
        3,
    )
    yield hint("a window of three reads three neighbors. Where does the first one begin?")


@numbers(1, "expected a number of batches.")
def momentum():
    """Batches until a running mean that keeps 0.99 of itself passes 0.9."""
    exact = math.log(0.1) / math.log(0.99)
    yield right(math.ceil(exact))
    yield hint(
        "that is the answer for a momentum of 0.9.", math.ceil(math.log(0.1) / math.log(0.9))
    )
    yield hint(
        "nearly: after a whole number of batches, the first at which the mean is above 0.9.",
        exact,
        within=1,
    )
    yield hint("after n batches the share of the first value, 0, is the momentum to the power n.")


def layout(answer: object) -> str | None:
    """A function from PyTorch's layout of convolution weights to flax's."""
    if not callable(answer):
        return "expected the function itself, not what it returns."
    try:
        found = np.asarray(answer(KERNEL))
    except Exception as error:
        return (
            f"given a numpy array of shape {KERNEL.shape}, the function fails: "
            f"{type(error).__name__}: {error}."
        )
    if found.shape != (3, 3, 16, 80):
        return (
            f"the result has shape {found.shape}; height and width come first, then in, then out."
        )
    if np.array_equal(found, KERNEL.transpose(2, 3, 1, 0)):
        return None
    if np.array_equal(found, KERNEL.transpose(3, 2, 1, 0)):
        return "height and width have changed places; the shape cannot tell, since both are 3."
    return "the shape is right, but the numbers are shuffled. Move axes, do not reshape."


CHECKS = {"jax-same": same, "jax-momentum": momentum, "jax-layout": layout}
