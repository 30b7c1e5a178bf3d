"""The checks of the readers' answers: right ones pass, typical wrong ones get their hint."""

import re
import statistics

import numpy as np
import pytest

from designspaces import check
from designspaces.book.exercises.anynet import CHECKS as ANYNET
from designspaces.book.exercises.regnet import CHECKS as REGNET
from designspaces.designs import regnet
from designspaces.networks.anynet import REGNETX32
from designspaces.populations.population import Population
from designspaces.spaces import SPACES

PAIRS = [(1, 1), (1, 2), (1, 4), (1, 8), (2, 1), (2, 2), (2, 4), (4, 1), (4, 2)]
DEEPER = ((2, 32, 16, 1), (4, 64, 16, 1), (7, 128, 16, 1), (3, 256, 16, 1))
SIZE = SPACES["AnyNetX_A"].with_(strides=(2, 2, 2)).size()
BY_HAND = [16, 32, 64, 64, 64, 128]


def halves_of_e() -> list[list[float]]:
    """Errors in percent, of the networks nearer to a line and of those farther from it."""
    records = list(Population.recorded("AnyNetX_E"))
    ranked = sorted(records, key=lambda record: regnet.fit(record.network).error)
    errors = [100 * record.val_error for record in ranked]
    return [errors[:50], errors[50:]]


def twice_trained() -> tuple[float, float, float]:
    """Mean errors in percent: of the finalists again, when they were chosen, of everybody."""
    everyone = {(r.space, r.index): 100 * r.val_error for r in Population.recorded()}
    again = {}
    for record in Population.trial("finalists"):
        again.setdefault((record.space, record.index), []).append(100 * record.val_error)
    return (
        statistics.mean(statistics.mean(errors) for errors in again.values()),
        statistics.mean(everyone[key] for key in again),
        statistics.mean(everyone.values()),
    )


NEAR, FAR = halves_of_e()
NEARER = statistics.median(NEAR) - statistics.median(FAR)
AGAIN, CHOSEN, EVERYONE = twice_trained()

RIGHT = [
    ("anynet-size", SIZE),
    ("anynet-size", np.int64(SIZE)),
    ("anynet-buildable", PAIRS),
    ("anynet-buildable", {*PAIRS[::-1]}),
    ("anynet-buildable", [list(pair) for pair in PAIRS]),
    ("anynet-four-stages", DEEPER),
    ("regnet-by-hand", BY_HAND),
    ("regnet-by-hand", tuple(BY_HAND)),
    ("regnet-by-hand", np.array(BY_HAND, float)),
    ("regnet-third-stage", 10.5),
    ("regnet-third-stage", np.float64(10.5)),
    ("regnet-same-network", (4.5, 2.38)),
    ("regnet-same-network", [5.2, 2.55]),
    ("regnet-nearer", NEARER),
    ("regnet-luck", AGAIN - CHOSEN),
]

WRONG = [
    ("anynet-size", 8 * 32 * 3 * 6, "settings of one stage"),
    ("anynet-size", 3 * 8 * 32 * 3 * 6, "goes with each of the second"),
    ("anynet-size", (8 * 32 * 3 * 6) ** 4, "four stages"),
    ("anynet-size", (8 * 256 * 3 * 6) ** 3, "multiples of 8"),
    ("anynet-size", 17, "too few"),
    ("anynet-size", SIZE + 1, "too many"),
    ("anynet-size", 9.8e10, "too many"),
    ("anynet-size", "many", "a whole number"),
    ("anynet-size", True, "a whole number"),
    ("anynet-buildable", PAIRS[:-1], "there are more"),
    ("anynet-buildable", [], "there are more"),
    ("anynet-buildable", [*PAIRS, (4, 4)], r"(4, 4) cannot be built"),
    ("anynet-buildable", [(3, 1)], "not among the values"),
    ("anynet-buildable", [1, 2], "expected pairs"),
    ("anynet-buildable", 18, "a list of pairs"),
    ("anynet-four-stages", DEEPER[:3], "expected four stages; got 3"),
    ("anynet-four-stages", [(1, 32, 16, 1)] * 4, "not deeper"),
    ("anynet-four-stages", [(4, 32, 16, 1)] * 4, "widen a stage"),
    ("anynet-four-stages", [(9, 320, 32, 1)] * 4, "narrow a stage"),
    ("anynet-four-stages", [(4, 32, 12, 1)] * 4, "stage 1: group_width is 12"),
    ("anynet-four-stages", [(4, 32, 16)] * 4, "expected (depth, channels"),
    ("anynet-four-stages", 4, "no network can be built"),
    ("regnet-by-hand", [16, 32, 48, 64, 80, 96], "before any rounding"),
    ("regnet-by-hand", [16, 32, 64, 128], "widths of the stages"),
    ("regnet-by-hand", [16, 32, 32, 64, 64, 64], "rounded down"),
    ("regnet-by-hand", [16, 32, 64, 64, 128, 128], "rounded up"),
    ("regnet-by-hand", [0, 1, 2, 2, 2, 3], "these are the powers"),
    ("regnet-by-hand", [16, 32, 64, 64, 64, 64], "block j = 5"),
    ("regnet-by-hand", [16, 32, 64], "one for each block"),
    ("regnet-by-hand", ["16"] * 6, "widths, numbers"),
    ("regnet-by-hand", 16, "a list of 6 widths"),
    ("regnet-third-stage", 5.0, "there are 2 stages"),
    ("regnet-third-stage", 10.4, "there are 2 stages"),
    ("regnet-third-stage", 11, "a flatter line"),
    ("regnet-third-stage", 200, "4 stages already"),
    ("regnet-third-stage", 10.499, "one decimal"),
    ("regnet-third-stage", -1, "at least 0"),
    ("regnet-third-stage", "steep", "at least 0"),
    ("regnet-same-network", (5.0, 2.5), "both numbers"),
    ("regnet-same-network", (5, 2.4), "both numbers"),
    ("regnet-same-network", (50.0, 2.4), "this line makes widths"),
    ("regnet-same-network", (4.5, 1), "the rule refuses it: w_m is 1"),
    ("regnet-same-network", (4.5,), "a pair of numbers"),
    ("regnet-same-network", 4.5, "a pair (w_a, w_m)"),
]

# What must not stand in a hint, lest it give the answer away.
WRONG += [
    ("regnet-nearer", -NEARER, "sign is turned"),
    ("regnet-nearer", NEARER / 100, "a fraction"),
    ("regnet-nearer", statistics.mean(NEAR) - statistics.mean(FAR), "asks for medians"),
    ("regnet-nearer", 5, "smallest first"),
    ("regnet-nearer", "none", "expected one number"),
    ("regnet-luck", CHOSEN - AGAIN, "sign is turned"),
    ("regnet-luck", (AGAIN - CHOSEN) / 100, "a fraction"),
    ("regnet-luck", AGAIN - EVERYONE, "take the ten"),
    ("regnet-luck", 5, "by space and index"),
    ("regnet-luck", [1, 2], "expected one number"),
]

ANSWERS = {
    "anynet-size": rf"{SIZE}|{SIZE:,}",
    "anynet-buildable": r"\b9\b|nine",
    "anynet-four-stages": "$^",
    "regnet-by-hand": r"16, 32, 64, 64, 64, 128",
    "regnet-third-stage": r"\b10\.5\b",
    "regnet-same-network": "$^",
    "regnet-nearer": f"{NEARER:.2f}",
    "regnet-luck": f"{AGAIN - CHOSEN:.2f}",
}


def test_the_answers_here_are_right_by_other_ways():
    # 126.5 channels at the tenth block: 32 * 2.5 ** 1.5.
    assert np.ceil(10 * (32 * 2.5**1.5 - 32) / 9) / 10 == 10.5
    assert [len(regnet.generate(10, 32, a, 2.5, group_width=16).stages) for a in (10.4, 10.5)] == [
        2,
        3,
    ]
    assert regnet.generate(10, 32, 4.5, 2.38, group_width=16) == REGNETX32
    assert len(PAIRS) == sum(40 / b % g == 0 for b in (1, 2, 4) for g in (1, 2, 4, 8, 16, 32))


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answers(name, answer, capsys):
    check(name, answer)
    assert capsys.readouterr().out == "Right.\n"


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_wrong_answers_get_their_hint(name, answer, hint, capsys):
    check(name, answer)
    said = capsys.readouterr().out
    assert said.startswith("Not yet: ")
    assert hint in said
    assert not re.search(ANSWERS[name], said)


def test_every_check_is_tried():
    for tried in (RIGHT, WRONG):
        assert {name for name, *_ in tried} == {*ANYNET, *REGNET} == {*ANSWERS}
