"""Checks of the page on reproducibility."""

from itertools import combinations

from designspaces.book.exercises._answers import hint, numbers, right, words
from designspaces.training.results import recorded

CHANGES = "abcdefg"
TRAIN_AGAIN = frozenset("bdfg")
MY_ACCURACY, IMAGES = 0.86, 10_000


@words(
    1, f"expected letters from {CHANGES[0]} to {CHANGES[-1]}, in one string.", "letters", "letters"
)
def key():
    """Which changes make a result be trained again."""
    for count in range(1, len(CHANGES) + 1):
        for named in combinations(CHANGES, count):
            yield hint(_said_of(set(named)), "".join(named))


def _said_of(named: set[str]) -> str | None:
    needless, missing = len(named - TRAIN_AGAIN), len(TRAIN_AGAIN - named)
    enter = f"{needless} of your letters {'does' if needless == 1 else 'do'} not enter the key"
    if needless and missing:
        that = "that does is" if missing == 1 else "that do are"
        return (
            f"{enter}, and {missing} {that} missing. The key holds the architecture, the recipe's "
            "numbers, seed, data and source."
        )
    if needless:
        return f"{enter}: what decides the weights?"
    if missing:
        return f"right so far, but {missing} more. Which settings are numbers in the training?"
    return None


@numbers(1, "expected a number, the difference over its standard error.")
def noise():
    """How many standard errors of the difference lie between two accuracies."""
    theirs = recorded("plain_resnet")[0].val_accuracy
    mine_variance = MY_ACCURACY * (1 - MY_ACCURACY) / IMAGES
    their_variance = theirs * (1 - theirs) / IMAGES
    variance = mine_variance + their_variance
    distance = abs(MY_ACCURACY - theirs)
    errors = distance / variance**0.5
    one = "you divided by the standard error of one accuracy. Variances add: two of them vary."
    points = "you divided percentage points by a standard error of fractions."
    unit = "that is the difference itself; in which unit would you call it large?"
    for sign in (1, -1):
        yield right(sign * errors, within=0.02 * errors)
        for alone in (mine_variance, their_variance):
            yield hint(one, sign * distance / alone**0.5, within=0.05 * errors)
        yield hint(points, sign * 100 * errors, within=2 * errors)
        yield hint(unit, sign * distance, within=0.001)
        yield hint(unit, sign * 100 * distance, within=0.1)
    yield hint(
        "divide the difference of the two accuracies by the root of the sum of their variances."
    )


CHECKS = {"reproducibility-key": key, "reproducibility-noise": noise}
