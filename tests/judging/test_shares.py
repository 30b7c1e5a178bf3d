"""Shares of a variance that are explained: their intervals, and what they take."""

import numpy as np
import pytest

from designspaces.judging.shares import LEAST, explained
from designspaces.judging.statistics import TooFew

X = np.random.default_rng(0).normal(size=24)
Y = X + np.random.default_rng(1).normal(size=24)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_share_has_the_interval_of_its_correlation(sign):
    stats = pytest.importorskip("scipy.stats")
    found, same = explained(X, sign * Y), stats.pearsonr(X, sign * Y)
    ends = np.square(same.confidence_interval(0.95))
    assert found.value == pytest.approx(same.statistic**2)
    assert (found.low, found.high) == pytest.approx(tuple(sorted(ends)))
    assert 0 < found.low < found.value < found.high < 1
    assert str(found) == f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"


def test_what_may_explain_nothing_begins_at_nothing():
    aside = np.resize([0.0, 1.0], 24)
    found = explained(np.arange(24), aside)
    assert found.low == 0 <= found.value < 0.1 < found.high


def test_a_line_is_explained_wholly():
    found = explained(X, 2 * X + 1)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))


@pytest.mark.simulation
def test_the_interval_holds_the_truth_as_often_as_it_says():
    lot, held, rounds = np.random.default_rng(0), 0, 2000
    for _ in range(rounds):
        x = lot.normal(size=15)
        y = 0.8 * x + 0.6 * lot.normal(size=15)
        found = explained(x, y)
        held += found.low <= 0.64 <= found.high
    assert held / rounds == pytest.approx(0.95, abs=0.015)


def test_too_few_and_what_does_not_vary_are_refused():
    with pytest.raises(TooFew, match="3"):
        explained(X[: LEAST - 1], Y[: LEAST - 1])
    with pytest.raises(TooFew, match="throughout"):
        explained(X, np.ones(24))
    with pytest.raises(ValueError, match="lengths are"):
        explained(X, Y[:-1])
