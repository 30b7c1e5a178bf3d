"""A handful of pairs: what they differ by, and that both of a pair are trained alike."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.experiments.handful import HANDFUL, Handful, train_pairs
from designspaces.experiments.mlps.block import MLP
from designspaces.judging.statistics import TooFew

ERRORS = np.array([[12.0, 12.5], [11.0, 11.9], [14.0, 13.8], [12.2, 13.0]])
SMALL = MLP((1, 1), (16, 24), 1, True)


def test_the_interval_is_students():
    stats = pytest.importorskip("scipy.stats")
    found = Handful(ERRORS)
    differences = ERRORS[:, 1] - ERRORS[:, 0]
    ends = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert found.interval == pytest.approx((ends.low, ends.high), abs=1e-3)
    assert found.mean == pytest.approx(differences.mean())
    assert found.spread == pytest.approx(np.std(differences, ddof=1))


def test_two_pairs_have_an_interval_and_one_has_none():
    low, high = Handful(ERRORS[:2]).interval
    assert high - low > 2 * 12 * Handful(ERRORS[:2]).spread / np.sqrt(2)
    with pytest.raises(TooFew, match="1 pairs"):
        Handful(ERRORS[:1])
    with pytest.raises(TooFew, match="0 pairs"):
        train_pairs([], [], 128)


def test_four_times_as_many_pairs_reach_half_as_far():
    found = Handful(ERRORS)
    assert found.pairs_for(0.01) == pytest.approx(4 * found.pairs_for(0.02), rel=0.01)
    assert Handful(ERRORS[:, :1].repeat(2, 1)).pairs_for(0.1) == 2
    with pytest.raises(ValueError, match="reach is 0"):
        found.pairs_for(0)


def test_a_summary_says_what_an_interval_takes():
    found = Handful(ERRORS)
    told = found.sum_up(0.25)
    assert told == {
        "mean": pytest.approx(0.5),
        "spread": pytest.approx(0.4967, abs=1e-4),
        "95% from": found.interval[0],
        "95% to": found.interval[1],
        "pairs for 0.25": 16,
    }


def test_both_of_a_pair_are_trained_from_one_seed():
    pytest.importorskip("torch")
    recipe = replace(HANDFUL, batch_size=32, val_images=100)
    found = train_pairs([SMALL] * 2, [SMALL, replace(SMALL, residual=False)], 64, recipe)
    assert found.errors.shape == (2, 2)
    assert found.differences[0] == 0
    assert (found.errors > 0).all()
    assert (found.errors <= 100).all()
