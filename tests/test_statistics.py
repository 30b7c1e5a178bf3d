"""Each statistic against an independent oracle: plain counting, scipy, statsmodels, simulation."""

import numpy as np
import pytest

from designspaces.statistics import bootstrap, dkw_half_band, edf

ERRORS = np.random.default_rng(0).choice(np.arange(100, 160), 80) / 1000  # with ties


def test_the_edf_counts_what_is_strictly_smaller():
    curve = edf(ERRORS)
    for error in [0.0, 0.1, *ERRORS, 0.1234, 0.16, 1.0]:
        assert curve(error) == sum(one < error for one in ERRORS) / len(ERRORS)
    assert np.array_equal(curve(ERRORS), [curve(one) for one in ERRORS])


def test_the_edf_is_statsmodels():
    tools = pytest.importorskip("statsmodels.distributions.empirical_distribution")
    places = np.linspace(0.09, 0.17, 500)
    assert np.allclose(edf(ERRORS)(places), tools.ECDF(ERRORS, side="left")(places))


def test_the_steps_are_the_curve():
    curve = edf(ERRORS)
    errors, shares = curve.steps()
    assert (len(errors), shares[0], shares[-1]) == (81, 0, 1)
    for place in np.linspace(0.09, 0.17, 300):
        step = shares[np.flatnonzero(errors >= place)[0]]
        assert step == curve(place)


def test_the_median_is_numpys():
    assert edf(ERRORS).median == np.median(ERRORS)


@pytest.mark.parametrize(("n", "half"), [(50, 0.192), (100, 0.136), (200, 0.096), (500, 0.061)])
def test_the_band_is_that_of_the_tables(n, half):
    assert dkw_half_band(n) == pytest.approx(half, abs=5e-4)
    assert edf(np.linspace(0, 1, n)).half_band() == dkw_half_band(n)


def test_the_band_holds_as_often_as_it_says():
    """95% or more of the curves of 60 uniform draws stay within the band around the truth."""
    rng = np.random.default_rng(1)
    draws = np.sort(rng.random((4000, 60)), axis=1)
    above = np.arange(1, 61) / 60 - draws
    below = draws - np.arange(60) / 60
    farthest = np.maximum(above.max(axis=1), below.max(axis=1))
    held = (farthest <= dkw_half_band(60)).mean()
    assert held + 0.01 >= 0.95
    assert held < 0.99, "a band that is far too wide would hold, too"


def test_the_bootstrap_spreads_as_the_theory_says():
    values = np.random.default_rng(2).normal(size=400)
    means = bootstrap(values, np.mean, draws=4000)
    assert means.std() == pytest.approx(values.std() / 20, rel=0.05)
    assert np.array_equal(means, bootstrap(values, np.mean, draws=4000))
    assert not np.array_equal(means, bootstrap(values, np.mean, draws=4000, seed=1))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: edf([]), "at least one network"),
        (lambda: edf([0.1, float("nan")]), "not finite"),
        (lambda: dkw_half_band(0), "n is 0"),
        (lambda: dkw_half_band(5, 95), "confidence is 95"),
        (lambda: bootstrap([], np.mean), "at least one"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_part_of_the_curve_begins_and_ends_at_its_edges():
    curve = edf(ERRORS)
    errors, shares = curve.between(0.05, 0.2)
    assert (errors[0], errors[-1]) == (0.05, 0.2)
    assert (shares[0], shares[-1]) == (0, 1)
    for place in np.linspace(0.051, 0.2, 100):
        assert shares[np.flatnonzero(errors >= place)[0]] == curve(place)
