"""The checks of the chapter on asking the same networks again."""

import numpy as np
import pytest

from designspaces import check
from designspaces.populations.population import Population


def said(capsys, name, answer):
    check(name, answer)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("supported", "Right"),
        ("contradicted", "differences that matter"),
        ("not resolved", "both ends"),
        (0.3, "expected one of"),
        ("yes", "expected one of"),
    ],
)
def test_a_verdict_is_one_of_three_words(answer, hint, capsys):
    assert hint in said(capsys, "evidence-verdict", answer)


def mean(space, low=0, high=99):
    errors = [
        min(100 * record.val_error, 20)
        for record in Population.recorded(space)
        if low <= sum(record.network.depths) <= high
    ]
    return np.mean(errors)


def test_equal_depth_by_hand(capsys):
    right = mean("RegNetX", 10, 14) - mean("AnyNetX_E", 10, 14)
    everywhere = mean("RegNetX") - mean("AnyNetX_E")
    for answer, hint in (
        (right, "Right"),
        (-right, "sign is turned"),
        (everywhere, "all networks"),
        (right / 100, "fraction"),
        (7, "cap each error"),
        ("x", "expected a number"),
    ):
        assert hint in said(capsys, "evidence-depth", answer)
