"""The checks of the chapter on constraints, against the package's own rules."""

import statistics

import pytest

from designspaces.book.exercises.constraints import CHECKS, INTERVALS, MARGIN, P_VALUES
from designspaces.judging.statistics import holm
from designspaces.populations.population import Population

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


def gain(half, against_rest=False):
    wide = [100 * r.val_error for r in half if r.network.widths[-1] >= 96]
    rest = [r for r in half if r.network.widths[-1] < 96] if against_rest else half
    return statistics.median(wide) - statistics.median(100 * r.val_error for r in rest)


def test_going_round_the_loop():
    records = list(Population.recorded("AnyNetX_C"))
    halves = [r for r in records if r.index < 50], [r for r in records if r.index >= 50]
    right = [gain(half) for half in halves]
    said = CHECKS["constraints-guess"]
    assert said(right) is None
    assert "sign is turned" in said([-number for number in right])
    assert "other order" in said(right[::-1])
    assert "fractions" in said([number / 100 for number in right])
    assert "not against the others" in said([gain(half, against_rest=True) for half in halves])
    assert "sentence by sentence" in said([3, 4])
    assert "two numbers" in said(3)
    assert "two numbers" in said("ab")


def test_matching_by_hand():
    found = {}
    for one in "DE":
        for record in Population.recorded(f"AnyNetX_{one}"):
            blocks = found.setdefault(sum(record.network.depths), {"D": [], "E": []})
            blocks[one].append(100 * record.val_error)
    both = [side for side in found.values() if side["D"] and side["E"]]
    differences = [statistics.mean(side["E"]) - statistics.mean(side["D"]) for side in both]
    weights = [min(len(side["E"]), len(side["D"])) for side in both]
    right = sum(d * w for d, w in zip(differences, weights, strict=True)) / sum(weights)
    raw = [statistics.mean(e for side in found.values() for e in side[one]) for one in "DE"]
    said = CHECKS["constraints-blocks"]
    assert said(right) is None
    assert "sign is turned" in said(-right)
    assert "fraction" in said(right / 100)
    assert "before any matching" in said(raw[1] - raw[0])
    assert "smaller count" in said(statistics.mean(differences))
    assert "sentence by sentence" in said(7)
    assert "one number" in said([1])
