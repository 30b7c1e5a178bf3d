"""Rank correlations and P(better): scipy's values, intervals that hold as often as they say."""

from statistics import NormalDist

import numpy as np
import pytest

from designspaces.judging.ranks import (
    Probability,
    centred_spearman,
    pearson,
    probability_better,
    rank,
    spearman,
)
from designspaces.judging.statistics import TooFew

RNG = np.random.default_rng(0)
HELD = RNG.integers(0, 9, 60).astype(float)  # with ties
X = HELD + RNG.normal(0, 2, 60)
Y = 0.5 * X - HELD + RNG.normal(0, 2, 60)
GROUPS = np.repeat(["a", "b", "c"], 20)


def test_ranks_and_their_correlation_are_scipys():
    stats = pytest.importorskip("scipy.stats")
    x, y = RNG.integers(0, 9, (2, 5, 40))
    assert (rank(x) + 1 == stats.rankdata(x, axis=-1)).all()
    expected = [stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)]
    assert pearson(rank(x), rank(y)) == pytest.approx(expected)
    assert pearson(rank(x[0]), np.ones(40)) == 0


def test_spearman_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    for x, y in ((X, Y), (HELD, Y), (HELD, -X)):
        found, oracle = spearman(x, y), stats.spearmanr(x, y)
        assert found.value == pytest.approx(oracle.statistic)
        assert found.p == pytest.approx(oracle.pvalue, abs=0.02)
        assert (found.n, found.held) == (60, 0)


def test_the_interval_is_bonetts_and_wrights():
    found = spearman(HELD, X)
    half = 1.959964 * np.sqrt((1 + found.value**2 / 2) / 57)
    ends = np.tanh(np.arctanh(found.value) + np.array([-half, half]))
    assert (found.low, found.high) == pytest.approx(tuple(ends), abs=1e-6)


def test_a_centred_correlation_is_that_of_values_less_their_groups_means():
    stats = pytest.importorskip("scipy.stats")
    offset = np.repeat([0.0, 30, -20], 20)
    x, y = X + offset, Y + offset
    apart = [(v.reshape(3, 20) - v.reshape(3, 20).mean(axis=1)[:, None]).ravel() for v in (x, y)]
    found = centred_spearman(x, y, GROUPS)
    assert found.value == pytest.approx(stats.spearmanr(*apart).statistic)
    assert found.held == 2
    assert spearman(x, y).value > 0.8 > found.value + 0.3
    assert centred_spearman(X, Y, ["one"] * 60) == spearman(X, Y)


def test_centring_leaves_equal_values_equal():
    """0.1 less the mean of ten times 0.1 is not 0 in floating point."""
    x = np.repeat([0.1, 0.3, 0.7], 20)
    with pytest.raises(TooFew, match="x does not vary"):
        centred_spearman(x, Y, GROUPS)


@pytest.mark.simulation
@pytest.mark.parametrize("n", [24, 60, 300])
@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9])
def test_intervals_of_correlations_hold_the_truth_as_often_as_they_say(n, correlation):
    rng, held, rounds = np.random.default_rng(n), 0, 400
    truth = 6 / np.pi * np.arcsin(correlation / 2)  # of normal variables
    for _ in range(rounds):
        x = rng.normal(size=n)
        y = correlation * x + np.sqrt(1 - correlation**2) * rng.normal(size=n)
        found = spearman(x, y, draws=1)
        held += found.low <= truth <= found.high
    assert 0.915 <= held / rounds <= 0.985


@pytest.mark.simulation
@pytest.mark.parametrize("n", [24, 60])
def test_centred_correlations_hold_0_and_reject_it_as_often_as_they_say(n):
    rng, rounds, held, rejected = np.random.default_rng(n), 300, 0, 0
    groups = np.arange(n) % 4
    for _ in range(rounds):
        x, y = rng.normal(size=(2, n))
        found = centred_spearman(x + 2.0 * groups, y - 2.0 * groups, groups, draws=199)
        held += found.low <= 0 <= found.high
        rejected += found.p <= 0.05
    assert abs(held / rounds - 0.95) < 0.04
    assert abs(rejected / rounds - 0.05) < 0.04


def test_what_agrees_wholly_has_an_interval_all_the_same():
    for n, least in ((10, 0.9), (100, 0.999)):
        up, down = (spearman(np.arange(n), sign * np.arange(n) ** 3) for sign in (1, -1))
        assert least < up.low < up.high == up.value == pytest.approx(1)
        assert (down.value, down.low, down.high) == pytest.approx((-1, -1, -up.low))
        assert up.p < 0.001


# --- P(better) ---------------------------------------------------------------------------------


def test_the_probability_is_that_of_mann_and_whitney():
    stats = pytest.importorskip("scipy.stats")
    for a, b in ((X, Y), (HELD, HELD[:25] - 1), (HELD, np.round(Y))):
        u = stats.mannwhitneyu(a, b).statistic
        found = probability_better(a, b)
        assert found.value == pytest.approx(u / (len(a) * len(b)))
        assert found.n == (len(a), len(b))
        assert 0 < found.low < found.value < found.high < 1


def test_the_variance_is_delongs():
    """By plain loops: of each network, how often it wins; on the scale of log odds."""
    a, b = HELD[:12], HELD[12:40] - 0.5 + (HELD[12:40] > 5)

    def wins(b_error, a_error):
        return float(b_error < a_error) + 0.5 * (b_error == a_error)

    sides = [[np.mean([wins(j, i) for j in b]) for i in a]]
    sides += [[np.mean([wins(j, i) for i in a]) for j in b]]
    error = np.sqrt(sum(np.var(side, ddof=1) / len(side) for side in sides))
    found = probability_better(a, b)
    p = np.mean(sides[0])
    assert found.value == pytest.approx(p)
    odds = [np.log(end / (1 - end)) for end in (found.low, p, found.high)]
    assert np.diff(odds) == pytest.approx(1.959964 * error / (p * (1 - p)), rel=1e-6)


def test_the_other_way_round_is_the_rest():
    one, other = probability_better(X, Y), probability_better(Y, X)
    assert (1 - other.value, 1 - other.high, 1 - other.low) == pytest.approx(
        (one.value, one.low, one.high)
    )


@pytest.mark.simulation
@pytest.mark.parametrize("n", [24, 60, 300])
@pytest.mark.parametrize(("shift", "spread"), [(0.0, 1.0), (0.0, 3.0), (0.8, 1.0), (2.5, 1.0)])
def test_intervals_of_probabilities_hold_the_truth_as_often_as_they_say(n, shift, spread):
    rng, held, rounds = np.random.default_rng(n), np.zeros(2), 400
    smooth = NormalDist().cdf(shift / np.hypot(1, spread))
    steps = np.arange(-60, 61) / 4  # and with ties: rounded to quarters
    a, b = (
        np.diff([NormalDist(*of).cdf(step) for step in (*steps - 1 / 8, steps[-1] + 1 / 8)])
        for of in ((shift, 1), (0, spread))
    )
    tied = a @ (b.cumsum() - b / 2)
    for _ in range(rounds):
        a, b = rng.normal(shift, 1, n), rng.normal(0, spread, n)
        found = [probability_better(a, b)]
        found += [probability_better(np.round(4 * a) / 4, np.round(4 * b) / 4)]
        held += [one.low <= p <= one.high for one, p in zip(found, (smooth, tied), strict=True)]
    assert (abs(held / rounds - 0.95) < 0.036).all(), held / rounds


def test_where_populations_do_not_overlap_the_interval_is_wilsons():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    low, high = proportion.proportion_confint(12, 12, method="wilson")
    found = probability_better(np.arange(12.0) + 50, np.arange(30.0))
    assert (found.value, found.low, found.high) == pytest.approx((1, low, high))
    found = probability_better(np.arange(30.0), np.arange(12.0) + 50)
    assert (found.value, found.low, found.high) == pytest.approx((0, 1 - high, 1 - low))
    assert isinstance(found, Probability)


# --- bad input ---------------------------------------------------------------------------------


def test_chance_is_seeded():
    for function in (
        lambda seed: spearman(X, HELD[::-1], draws=300, seed=seed),
        lambda seed: centred_spearman(X, HELD[::-1], GROUPS, draws=300, seed=seed),
    ):
        assert function(0) == function(0)
        assert function(0).p != function(1).p


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: spearman(X[:9], Y[:9]), "x has 9 networks; .* at least 10"),
        (lambda: centred_spearman(X[:11], Y[:11], "aaabbbccccc"), "11 networks; .* 12"),
        (lambda: centred_spearman(X[:20], Y[:20], "a" * 19 + "b"), "b has 1 network;"),
        (lambda: spearman([1.0] * 60, Y), "x is 1.0 throughout; .* two values"),
        (lambda: spearman(X, [1.0] * 60), "y is 1.0 throughout; .* two values"),
        (lambda: probability_better(X[:9], Y), "a has 9 networks; .* at least 10"),
        (lambda: probability_better(X, Y[:9]), "b has 9 networks; .* at least 10"),
        (lambda: probability_better([1.0] * 10, [1.0] * 10), "every error is 1.0"),
    ],
)
def test_too_little_to_tell(call, said):
    with pytest.raises(TooFew, match=said):
        call()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: spearman(X, Y[1:]), r"lengths are \[60, 59\]"),
        (lambda: centred_spearman(X, Y, GROUPS[1:]), r"lengths are \[60, 60, 59\]"),
        (lambda: spearman([float("nan"), *X[1:]], Y), "x has nan; expected finite"),
        (lambda: probability_better(X, np.ones((10, 2))), r"b has shape \(10, 2\)"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
