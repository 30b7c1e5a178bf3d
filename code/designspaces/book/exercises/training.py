"""Checks of the answers to the exercises of the chapter that trains RegNetX32."""

from math import exp, log

from designspaces.book.exercises._answers import is_number


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


CHECKS = {"training-first-loss": first_loss, "training-images": images}
