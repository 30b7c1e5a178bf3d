"""Checks of the answers to the exercises of the chapter that trains RegNetX32."""

from math import exp, log

import numpy as np

from designspaces.book.exercises._answers import below, hint, numbers, right
from designspaces.training.results import recorded

SHIRTS = np.array([[90, 2, 8], [1, 95, 4], [20, 10, 70]])
"""Rows are what images are, columns what they were called; the third class is the shirts."""


@numbers(1, "expected one number, the loss in nats.")
def first_loss():
    """The cross-entropy of ten logits: 5 for one wrong class, 0 for the other nine."""
    loss, near = log(exp(5) + 9), 0.001
    yield hint("that is the loss of ten equal logits; here one of them is 5.", log(10), within=near)
    yield hint(
        "that would be the loss if the class with the 5 were the right one.", loss - 5, within=near
    )
    yield hint(
        "how many classes have a logit of 0, if one of ten has a 5?",
        log(exp(5) + 10),
        within=near,
    )
    yield hint("take the natural logarithm: the loss is in nats.", loss / log(10), within=near)
    yield hint("close, but the other nine classes count, too.", 5, within=near)
    yield right(loss, within=0.005)
    yield hint("a cross-entropy is never negative; mind the sign.", below(0))
    yield hint("write down the right class's share in the softmax: what stands above, what below?")


@numbers(1, "expected one number of images.")
def images():
    """Images for which 91.0% and 91.5% differ by two standard errors of the difference."""
    one, other = 0.91 * 0.09, 0.915 * 0.085
    both = one + other
    enough = both * (2 / 0.005) ** 2
    yield right(enough, within=0.01 * enough)
    hints = {
        one * (2 / 0.005) ** 2: "both accuracies vary, and variances add.",
        other * (2 / 0.005) ** 2: "both accuracies vary, and variances add.",
        enough / 4: "the difference shall be twice its standard error, not once.",
        enough / 1e4: "0.5 percentage points are a difference of 0.005.",
        enough**0.5: "solve for n, not for its root.",
    }
    for wrong, said in hints.items():
        yield hint(said, wrong, within=0.02 * wrong)
    yield hint(
        "set 0.005 equal to twice the root of the sum of both variances over n; solve for n."
    )


@numbers(1, "expected one number of percentage points.")
def luck():
    """By how many points the best of the plain ResNet's first nine epochs lies above the ninth."""
    curve = [epoch.val_accuracy for epoch in recorded("plain_resnet")[0].epochs[:9]]
    best, apart = 100 * max(curve), 100 * (max(curve) - curve[-1])
    yield right(apart, within=0.006)
    for wrong, near in ((apart / 100, 6e-5), (-apart, 0.006)):
        yield hint("in percentage points, and the best less the last.", wrong, within=near)
    yield hint(
        "that is what the best epoch reached; by how much is it more than the ninth?",
        best,
        within=0.006,
    )
    yield hint(
        "take the largest accuracy of the nine epochs and the one of the ninth: how far apart?"
    )


@numbers(2, "expected two numbers, shares from 0 to 1.")
def confusion():
    """The share of shirts that were found, and of what was called a shirt that is one."""
    near = 0.006
    row, column = float(SHIRTS[2, 2] / SHIRTS[2].sum()), float(SHIRTS[2, 2] / SHIRTS[:, 2].sum())
    first, second = (row - near, row + near), (column - near, column + near)
    yield right(first, second)
    yield hint("the two have changed places: a row has all images that are shirts.", second, first)
    percent = [(100 * low, 100 * high) for low, high in (first, second)]
    yield hint("shares go from 0 to 1; these are percentages.", *percent)
    yield hint(
        "the first is right. The second has all images below it that were called a shirt.",
        first,
        None,
    )
    yield hint(
        "the second is right. The first has all images below it that are shirts.", None, second
    )
    yield hint(
        "70 shirts were called so. Of how many that are shirts, and of how many called shirts?"
    )


CHECKS = {
    "training-first-loss": first_loss,
    "training-images": images,
    "training-luck": luck,
    "training-confusion": confusion,
}
