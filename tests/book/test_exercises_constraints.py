"""The checks of the chapter on constraints, against the package's own rules."""

import pytest

from designspaces.book.exercises.constraints import CHECKS, INTERVALS, MARGIN, P_VALUES
from designspaces.judging.statistics import holm

RIGHT = ["equivalent", "supported", "not resolved"]


def test_holms_correction_is_right():
    assert CHECKS["constraints-holm"](holm(P_VALUES)) is None
    assert CHECKS["constraints-holm"]([0.045, 0.004, 0.3, 0.045]) is None


def test_the_verdicts_of_the_book_are_right():
    assert CHECKS["constraints-verdicts"](RIGHT) is None
    assert CHECKS["constraints-verdicts"](tuple(RIGHT)) is None
    assert len(INTERVALS) == 3
    assert MARGIN == 0.5


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("holm", [0.04, 0.004, 0.3, 0.045], "no corrected value may be below"),
        ("holm", [0.08, 0.004, 1, 0.06], "Bonferroni"),
        ("holm", [0.004, 0.045, 0.045, 0.3], "another order"),
        ("holm", [1, 2, 3, 4], "the smallest by 4"),
        ("holm", 0.3, "four numbers"),
        ("verdicts", ["not resolved", *RIGHT[1:]], "number 1 .* beyond the margin"),
        ("verdicts", [RIGHT[0], "equivalent", RIGHT[2]], "number 2 .* below zero"),
        ("verdicts", [*RIGHT[:2], "supported"], "number 3 .* holds zero"),
        ("verdicts", "supported", "a list of three"),
        ("verdicts", ["yes", "no", "no"], "a list of three"),
    ],
)
def test_a_wrong_answer_gets_its_hint(name, answer, hint):
    import re

    assert re.search(hint, CHECKS[f"constraints-{name}"](answer))
