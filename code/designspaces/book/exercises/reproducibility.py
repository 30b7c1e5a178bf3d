"""Checks of the page on reproducibility."""

from designspaces.book.exercises._answers import is_number
from designspaces.training.results import recorded

CHANGES = "abcdefg"
TRAIN_AGAIN = frozenset("bdfg")
MY_ACCURACY, IMAGES = 0.86, 10_000


def key(answer: object) -> str | None:
    """Which changes make a result be trained again."""
    letters = "".join(map(str, answer)) if isinstance(answer, (str, list, tuple, set)) else ""
    named = {letter for letter in letters.lower() if letter.isalnum()}
    if not named or not named <= set(CHANGES):
        return f"expected letters from {CHANGES[0]} to {CHANGES[-1]}, in one string."
    needless, missing = len(named - TRAIN_AGAIN), len(TRAIN_AGAIN - named)
    if needless and missing:
        return (
            f"{needless} of your letters do not enter the key, and {missing} that do are "
            "missing. The key holds the architecture, the recipe's numbers, seed, data and source."
        )
    if needless:
        return f"{needless} of your letters do not enter the key: what decides the weights?"
    if missing:
        return f"right so far, but {missing} more. Which settings are numbers in the training?"
    return None


def noise(answer: object) -> str | None:
    """How many standard errors of the difference lie between two accuracies."""
    if not is_number(answer):
        return "expected a number, the difference over its standard error."
    history, _ = recorded("plain_resnet")
    theirs = history.val_accuracy
    mine_variance = MY_ACCURACY * (1 - MY_ACCURACY) / IMAGES
    variance = mine_variance + theirs * (1 - theirs) / IMAGES
    distance = abs(MY_ACCURACY - theirs)
    right = distance / variance**0.5
    if abs(abs(answer) - right) <= 0.02 * right:
        return None
    if abs(abs(answer) - distance / mine_variance**0.5) <= 0.05 * right:
        return "you divided by the standard error of one accuracy. Variances add: two of them vary."
    if abs(abs(answer) - 100 * right) <= 2 * right:
        return "you divided percentage points by a standard error of fractions."
    if abs(abs(answer) - distance) < 0.001 or abs(abs(answer) - 100 * distance) < 0.1:
        return "that is the difference itself; in which unit would you call it large?"
    return "divide the difference of the two accuracies by the root of the sum of their variances."


CHECKS = {"reproducibility-key": key, "reproducibility-noise": noise}
