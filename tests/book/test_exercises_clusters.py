"""The checks of the chapter on clusters."""

import re

import pytest

from designspaces.book.exercises.clusters import CHECKS


def test_the_right_answer_is_right():
    assert CHECKS["clusters-hours"](0.5) is None
    assert CHECKS["clusters-flops"](39 / 12.2) is None
    assert CHECKS["clusters-shares"]([(0, 125), (125, 375), (375, 500)]) is None


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("half", "a number of hours"),
        (1800, "these are seconds"),
        (4, "several workers"),
        (20, "one worker alone"),
        (7, "all workers of all machines"),
    ],
)
def test_a_wrong_answer_gets_its_hint(answer, hint):
    assert re.search(hint, CHECKS["clusters-hours"](answer))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("three", "expected a number"),
        (12.2 / 39, "the other way round"),
        (390 / 12.2, "for 10 epochs"),
        (3.9 / 12.2, "one small network"),
        (1, "what the flops say"),
        (7, "take the hours of 100"),
    ],
)
def test_a_wrong_factor_gets_its_hint(answer, hint):
    assert re.search(hint, CHECKS["clusters-flops"](answer))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (None, "three pairs"),
        (500, "three pairs"),
        ([(0, 250), (250, 500)], "three pairs"),
        ([(0, 1.5), (125, 375), (375, 500)], "three pairs"),
        ([(0, 125), (125, 250), (375, 125)], "not how many"),
        ([(0, 125), (126, 375), (376, 500)], "begins where"),
        ([(0, 100), (100, 300), (300, 400)], "train 400 networks"),
        ([(0, 166), (166, 333), (333, 500)], "twice as much"),
    ],
)
def test_wrong_shares_get_their_hint(answer, hint):
    assert re.search(hint, CHECKS["clusters-shares"](answer))
