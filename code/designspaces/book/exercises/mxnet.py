"""Checks of the chapter on MXNet."""

from designspaces.book.exercises._answers import is_number


def step(answer: object) -> str | None:
    """The learning rate of a mean loss whose gradients are divided by the batch again."""
    if not is_number(answer):
        return "expected a number, the learning rate."
    if abs(answer * 128 / 0.05 - 1) < 0.01:
        return None
    if abs(answer / 0.05 - 1) < 0.01:
        return "that would be so if the loss were a sum. What is the mean's gradient divided by?"
    if abs(answer * 128**2 / 0.05 - 1) < 0.01:
        return "the mean belongs to the loss; only one division comes on top of it."
    return "the step is the learning rate times the gradient, and that is divided once too often."


def variance(answer: object) -> str | None:
    """The ratio of unbiased to biased variance over four maps of 12 by 12."""
    if not is_number(answer):
        return "expected a number, the factor."
    positions = 4 * 12 * 12
    if abs(answer - positions / (positions - 1)) < 0.00002:
        return None
    if abs(answer - (positions - 1) / positions) < 0.00002:
        return "that is the inverse: which of the two divides by the smaller number?"
    if abs(answer - 144 / 143) < 0.0002:
        return "that is the variance over one image; batch normalization takes the whole batch."
    if abs(answer - 4 / 3) < 0.01:
        return "a channel has a value at every position of every image, not one for each image."
    return "how many values of one channel are there in the batch? One division is by one less."


CHECKS = {"mxnet-step": step, "mxnet-variance": variance}
