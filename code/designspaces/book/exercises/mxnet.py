"""Checks of the chapter on MXNet."""

from designspaces.book.exercises._answers import hint, numbers, right


@numbers(1, "expected a number, the learning rate.")
def step():
    """The learning rate of a mean loss whose gradients are divided by the batch again."""
    rate, batch = 0.05, 128
    yield right(rate / batch, within=0.03 * rate / batch)
    yield hint(
        "that would be so if the loss were a sum. What is the mean's gradient divided by?",
        rate,
        within=0.01 * rate,
    )
    yield hint(
        "the mean belongs to the loss; only one division comes on top of it.",
        rate / batch**2,
        within=0.01 * rate / batch**2,
    )
    yield hint(
        "the step is the learning rate times the gradient, and that is divided once too often."
    )


@numbers(1, "expected a number, the factor.")
def variance():
    """The ratio of unbiased to biased variance over four maps of 12 by 12."""
    positions = 4 * 12 * 12
    yield right(positions / (positions - 1), within=0.0003)
    yield hint(
        "that is the inverse: which of the two divides by the smaller number?",
        (positions - 1) / positions,
        within=0.00002,
    )
    yield hint(
        "that is the variance over one image; batch normalization takes the whole batch.",
        144 / 143,
        within=0.0002,
    )
    yield hint(
        "a channel has a value at every position of every image, not one for each image.",
        4 / 3,
        within=0.01,
    )
    yield hint(
        "how many values of one channel are there in the batch? One division is by one less."
    )


CHECKS = {"mxnet-step": step, "mxnet-variance": variance}
