"""The checks of the chapter on the rest of the paper."""

import numpy as np
import pytest

from designspaces.book.exercises.paper import CHECKS

RIGHT = {
    "paper-recipe": 4.8,
    "paper-untrained": 0.09,
    "paper-misses": (3.92, 0.51),
    "paper-draws": 6,
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_answer_passes(name):
    assert CHECKS[name](RIGHT[name]) is None


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("recipe", -3.4, "one of the two"),
        ("recipe", 1.4, "one of the two"),
        ("recipe", 2.0, "opposite signs"),
        ("recipe", 16.7, "twice"),
        ("untrained", 0.46, "bounded=False"),
        ("untrained", -0.5, "bounded=False"),
        ("untrained", 3, "from -1 to 1"),
        ("misses", (0.51, 3.92), "come first"),
        ("misses", (1 / 3.92, 1 / 0.51), "turn it round"),
        ("misses", np.log([3.92, 0.51]), "logarithms"),
        ("misses", (1.0, 1.0), "nothing else"),
        ("misses", (3.92,), "two numbers"),
        ("misses", (3.92, float("inf")), "two numbers"),
        ("draws", 5, "still worse"),
        ("draws", 7, "fewer"),
        ("draws", 10_000, "networks to draw from"),
        ("draws", 0, "expected"),
        ("draws", 6.0, "expected"),
    ],
)
def test_hints(name, answer, words):
    assert words in CHECKS[f"paper-{name}"](answer)


def test_the_other_order_and_sign_of_a_difference_pass():
    assert CHECKS["paper-recipe"](-4.8) is None
    assert CHECKS["paper-misses"](np.array([3.9, 0.51])) is None
