"""The shift function: numpy's quantiles, and bands that hold as often as they say."""

import numpy as np
import pytest

from designspaces.judging.resampling import difference
from designspaces.judging.shift import SHARES, lower_tenth, shift
from designspaces.judging.statistics import TooFew

RNG = np.random.default_rng(0)
A, B = RNG.gumbel(14, 1, 60), RNG.gumbel(13, 1.5, 45)


def test_differences_are_those_of_numpys_quantiles():
    found = shift(A, B, draws=200)
    assert np.allclose(SHARES, [k / 20 for k in range(1, 20)])
    assert np.array_equal(found.shares, SHARES)
    assert np.array_equal(found.differences, np.quantile(B, SHARES) - np.quantile(A, SHARES))
    assert (found.low < found.differences).all()
    assert np.allclose(found.high - found.differences, found.differences - found.low)
    assert found.n == (60, 45)


def test_the_band_is_that_of_plain_loops():
    generator, deviations = np.random.default_rng(1), []
    value = np.quantile(B, SHARES) - np.quantile(A, SHARES)
    for _ in range(4000):
        a, b = generator.choice(A, 60), generator.choice(B, 45)
        deviations.append(np.quantile(b, SHARES) - np.quantile(a, SHARES) - value)
    error = np.std(deviations, axis=0)
    factor = np.quantile(np.max(np.abs(deviations) / error, axis=1), 0.95)
    found = shift(A, B)
    assert (found.high - found.low) / 2 == pytest.approx(factor * error, rel=0.06)


def test_one_share_alone_has_a_narrower_band(monkeypatch):
    every = shift(A, B)
    monkeypatch.setattr("designspaces.judging.shift.SHARES", SHARES[9:10])
    alone = shift(A, B)
    assert alone.differences[0] == every.differences[9]
    assert alone.low[0] > every.low[9]


@pytest.mark.simulation
@pytest.mark.parametrize("n", [100, 300])
def test_bands_and_lower_tenths_hold_the_truth_as_often_as_they_say(n):
    """Of continuous errors, and of errors counted among 10,000 images.

    A bootstrap of extreme quantiles is on the safe side: of 100 networks the band holds in 97%.
    """
    rng, rounds, held = np.random.default_rng(n), 100, np.zeros((2, 2))
    smooth = 0.135 + rng.gumbel(0, 0.009, 100_000), 0.13 + rng.gumbel(0, 0.011, 100_000)
    worlds = [smooth, tuple(np.round(side, 4) for side in smooth)]
    truths = [np.quantile(b, SHARES) - np.quantile(a, SHARES) for a, b in worlds]
    for _ in range(rounds):
        for world, (a, b) in enumerate(worlds):
            a, b, truth = rng.choice(a, n), rng.choice(b, n), truths[world]
            band, tenth = shift(a, b, draws=250), lower_tenth(a, b, draws=400)
            held[world] += [
                ((band.low <= truth) & (truth <= band.high)).all(),
                tenth.low <= truth[1] <= tenth.high,
            ]
    assert (held / rounds > 0.89).all(), held / rounds


def test_the_lower_tenth_is_a_difference_of_quantiles():
    found = lower_tenth(A, B)
    assert found.value == np.quantile(B, 0.1) - np.quantile(A, 0.1)
    assert found.low < found.value < found.high
    medians = difference(A, B, margin=1)
    assert (found.low, found.high) != (medians.low, medians.high)
    assert lower_tenth(A, A + 3.0).p < 0.01


def test_coarse_errors_have_a_band_without_width_where_nothing_varies():
    a, b = np.repeat([1.0, 2.0], 50), np.repeat([1.0, 2.0], [20, 80])
    found = shift(a, b, draws=500)
    sure = (found.shares < 0.1) | (found.shares > 0.7)
    assert (found.low[sure] == found.high[sure]).all()
    assert np.isfinite(found.low).all()


def test_draws_are_seeded():
    for function in (shift, lower_tenth):
        first, again, other = (function(A, B, draws=300, seed=seed) for seed in (0, 0, 1))
        assert np.array_equal(first.low, again.low)
        assert not np.array_equal(first.low, other.low)


@pytest.mark.parametrize("function", [shift, lower_tenth])
def test_bad_input_is_named(function):
    with pytest.raises(TooFew, match="b has 19 networks; this takes at least 20"):
        function(A, B[:19])
    with pytest.raises(ValueError, match="a has nan"):
        function([*A, float("nan")], B)
