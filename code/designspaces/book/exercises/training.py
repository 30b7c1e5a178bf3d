"""Checks of the answers to the exercises of the chapter that trains RegNetX32."""

from math import exp, log

import numpy as np

from designspaces.book.exercises._answers import is_number
from designspaces.training.results import recorded

SHIRTS = np.array([[90, 2, 8], [1, 95, 4], [20, 10, 70]])
"""Rows are what images are, columns what they were called; the third class is the shirts."""


def first_loss(answer: object) -> str | None:
    """The cross-entropy of ten logits: 5 for one wrong class, 0 for the other nine."""
    if not is_number(answer):
        return "expected one number, the loss in nats."
    right = log(exp(5) + 9)
    hints = {
        log(10): "that is the loss of ten equal logits; here one of them is 5.",
        log(exp(5) + 9) - 5: "that would be the loss if the class with the 5 were the right one.",
        log(exp(5) + 10): "how many classes have a logit of 0, if one of ten has a 5?",
        right / log(10): "take the natural logarithm: the loss is in nats.",
        5: "close, but the other nine classes count, too.",
    }
    for wrong, hint in hints.items():
        if abs(answer - wrong) < 0.001:
            return hint
    if abs(answer - right) < 0.005:
        return None
    if answer < 0:
        return "a cross-entropy is never negative; mind the sign."
    return "write down the right class's share in the softmax: what stands above, what below?"


def images(answer: object) -> str | None:
    """Images for which 91.0% and 91.5% differ by two standard errors of the difference."""
    if not is_number(answer):
        return "expected one number of images."
    one, both = 0.91 * 0.09, 0.91 * 0.09 + 0.915 * 0.085
    right = both * (2 / 0.005) ** 2
    if abs(answer - right) < 0.01 * right:
        return None
    hints = {
        one * (2 / 0.005) ** 2: "both accuracies vary, and variances add.",
        right / 4: "the difference shall be twice its standard error, not once.",
        right / 1e4: "0.5 percentage points are a difference of 0.005.",
        right**0.5: "solve for n, not for its root.",
    }
    for wrong, hint in hints.items():
        if abs(answer - wrong) < 0.02 * wrong:
            return hint
    return "set 0.005 equal to twice the root of the sum of both variances over n; solve for n."


def luck(answer: object) -> str | None:
    """By how many points the best of the plain ResNet's first nine epochs lies above the ninth."""
    if not is_number(answer):
        return "expected one number of percentage points."
    curve = [epoch.val_accuracy for epoch in recorded("plain_resnet")[0].epochs[:9]]
    right = 100 * (max(curve) - curve[-1])
    if abs(answer - right) < 0.006:
        return None
    if abs(answer - right / 100) < 6e-5 or abs(answer + right) < 0.006:
        return "in percentage points, and the best less the last."
    if abs(answer - 100 * max(curve)) < 0.006:
        return "that is what the best epoch reached; by how much is it more than the ninth?"
    return "take the largest accuracy of the nine epochs and the one of the ninth: how far apart?"


def confusion(answer: object) -> str | None:
    """The share of shirts that were found, and of what was called a shirt that is one."""
    try:
        found, right = map(float, answer)
    except (TypeError, ValueError):
        return "expected two numbers, shares from 0 to 1."
    row, column = SHIRTS[2, 2] / SHIRTS[2].sum(), SHIRTS[2, 2] / SHIRTS[:, 2].sum()
    if np.allclose((found, right), (row, column), atol=0.006):
        return None
    if np.allclose((found, right), (column, row), atol=0.006):
        return "the two have changed places: a row has all images that are shirts."
    if abs(found - row) < 0.006:
        return "the first is right. The second has all images below it that were called a shirt."
    if abs(right - column) < 0.006:
        return "the second is right. The first has all images below it that are shirts."
    return "70 shirts were called so. Of how many that are shirts, and of how many called shirts?"


CHECKS = {
    "training-first-loss": first_loss,
    "training-images": images,
    "training-luck": luck,
    "training-confusion": confusion,
}
