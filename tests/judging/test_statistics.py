"""Each statistic against an independent oracle: plain counting, scipy, statsmodels, simulation."""

from itertools import combinations

import numpy as np
import pytest

from designspaces.judging.resampling import (
    best_range,
    bootstrap,
    bootstrap_spearman,
    difference,
    kolmogorov_smirnov,
)
from designspaces.judging.statistics import (
    EDF,
    Repeatability,
    TooFew,
    best_of,
    dkw_half_band,
    holm,
    matched,
    repeatability,
)
from designspaces.populations.population import Population

ERRORS = np.random.default_rng(0).choice(np.arange(100, 160), 80) / 1000  # with ties


def test_the_edf_counts_what_is_strictly_smaller():
    curve = EDF(ERRORS)
    for error in [0.0, 0.1, *ERRORS, 0.1234, 0.16, 1.0]:
        assert curve(error) == sum(one < error for one in ERRORS) / len(ERRORS)
    assert np.array_equal(curve(ERRORS), [curve(one) for one in ERRORS])


def test_the_edf_is_statsmodels():
    tools = pytest.importorskip("statsmodels.distributions.empirical_distribution")
    places = np.linspace(0.09, 0.17, 500)
    assert np.allclose(EDF(ERRORS)(places), tools.ECDF(ERRORS, side="left")(places))


def test_the_steps_are_the_curve():
    curve = EDF(ERRORS)
    errors, shares = curve.steps()
    assert (len(errors), shares[0], shares[-1]) == (81, 0, 1)
    for place in np.linspace(0.09, 0.17, 300):
        step = shares[np.flatnonzero(errors >= place)[0]]
        assert step == curve(place)


def test_the_median_is_numpys():
    assert EDF(ERRORS).median == np.median(ERRORS)


@pytest.mark.parametrize(("n", "half"), [(50, 0.192), (100, 0.136), (200, 0.096), (500, 0.061)])
def test_the_band_is_that_of_the_tables(n, half):
    assert dkw_half_band(n) == pytest.approx(half, abs=5e-4)
    assert EDF(np.linspace(0, 1, n)).half_band() == dkw_half_band(n)


@pytest.mark.simulation
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


@pytest.mark.simulation
@pytest.mark.parametrize("statistic", [np.median, np.mean])
def test_intervals_of_a_difference_hold_the_truth_as_often_as_they_say(statistic):
    rng, held, rejected, rounds = np.random.default_rng(3), 0, 0, 300
    for _ in range(rounds):
        a, b = rng.gumbel(14, 1.2, 80), rng.gumbel(13.5, 1.2, 80)
        found = difference(a, b, statistic=statistic, margin=0.5, draws=1000)
        held += found.low <= -0.5 <= found.high
        rejected += found.p_equivalent < 0.05  # the truth lies on the margin
    assert 0.92 <= held / rounds <= 0.99
    assert rejected / rounds <= 0.08


def test_a_p_value_is_below_5_percent_where_the_interval_leaves_0_out():
    rng = np.random.default_rng(4)
    for shift in np.linspace(0, 1, 11):
        a, b = rng.normal(0, 1, 50), rng.normal(shift, 1, 50)
        found = difference(a, b, statistic=np.mean, margin=0.5)
        assert (found.p < 0.049) <= (found.low > 0 or found.high < 0) <= (found.p < 0.051)
        assert found.value == b.mean() - a.mean()


def test_kolmogorov_smirnov_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(5)
    for n, m, shift in [(30, 40, 0.0), (100, 100, 0.4), (12, 90, 1.0)]:
        a, b = rng.normal(0, 1, n), rng.normal(shift, 1, m)
        found, oracle = kolmogorov_smirnov(a, b), stats.ks_2samp(a, b, method="exact")
        assert found.distance == pytest.approx(oracle.statistic)
        assert found.p == pytest.approx(oracle.pvalue, abs=0.02)


def test_kolmogorov_smirnov_allows_ties():
    a, b = ERRORS[:40], ERRORS[40:]
    both = np.unique(ERRORS)
    largest = max(abs((a <= e).mean() - (b <= e).mean()) for e in both)
    assert kolmogorov_smirnov(a, b).distance == pytest.approx(largest)
    assert kolmogorov_smirnov(a, a).distance == 0
    assert kolmogorov_smirnov(a, a).p == 1


def test_holm_is_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(6)
    for size in (1, 2, 5, 20):
        p = rng.random(size) ** 3
        assert np.allclose(holm(p), multitest.multipletests(p, method="holm")[1])
    assert holm([]).size == 0


def test_bootstrap_spearman_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(7)
    x = rng.integers(0, 12, 60).astype(float)  # with ties
    y = x + rng.normal(0, 6, 60)
    found, oracle = bootstrap_spearman(x, y), stats.spearmanr(x, y)
    assert found.value == pytest.approx(oracle.statistic)
    theirs = stats.bootstrap(
        (x, y),
        lambda *xy: stats.spearmanr(*xy).statistic,
        paired=True,
        vectorized=False,
        method="percentile",
        n_resamples=2000,
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx(tuple(theirs), abs=0.03)


def test_the_best_of_some_is_the_mean_over_all_choices():
    errors = [0.3, 0.1, 0.2, 0.5, 0.4]
    for k in range(1, 6):
        by_hand = np.mean([min(some) for some in combinations(errors, k)])
        assert best_of(k, errors) == pytest.approx(by_hand)
    with pytest.raises(TooFew, match="at least 6"):
        best_of(6, errors)
    with pytest.raises(ValueError, match="k is 0"):
        best_of(0, errors)


def test_the_best_range_is_what_plain_loops_find():
    rng = np.random.default_rng(8)
    values = rng.choice([1.0, 2.0, 4.0], 60)
    errors = 0.1 + 0.02 * values + rng.normal(0, 0.02, 60)
    generator, best = np.random.default_rng(1), []
    for _ in range(4000):
        picks = generator.integers(60, size=15)
        best.append(values[min(picks, key=lambda i: errors[i])])
    low, median, high = best_range(values, errors)
    assert (low, high) == tuple(np.quantile(best, [0.025, 0.975], method="inverted_cdf"))
    assert median == np.median(best)


def test_repeatability_finds_the_noise_and_the_networks_part():
    rng = np.random.default_rng(10)
    networks = rng.normal(14, 1.5, 1000)
    first, second = (networks + rng.normal(0, 0.5, 1000) for _ in range(2))
    found = repeatability(first, second)
    assert found.noise == pytest.approx(0.5, rel=0.05)
    assert found.share == pytest.approx(1.5**2 / (1.5**2 + 0.5**2), abs=0.02)
    assert found.low < found.share < found.high
    assert abs(repeatability(first, rng.permutation(second)).share) < 0.1


@pytest.mark.parametrize("n", [10, 30, 400])
def test_the_interval_of_repeatability_is_that_of_the_f_distribution(n):
    """Shrout and Fleiss 1979, table and formulas of case 1, with two trainings."""
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(n)
    networks = rng.normal(14, 1, n)
    first, second = (networks + rng.normal(0, 1, n) for _ in range(2))
    means = (first + second) / 2
    between = 2 * ((means - means.mean()) ** 2).sum() / (n - 1)
    f = between / (((first - second) ** 2 / 2).sum() / n)
    low, high = f / stats.f.ppf(0.975, n - 1, n), f * stats.f.ppf(0.975, n, n - 1)
    expected = [(each - 1) / (each + 1) for each in (f, low, high)]
    found = repeatability(first, second)
    assert (found.share, found.low, found.high) == pytest.approx(expected, abs=1e-6)


@pytest.mark.simulation
def test_the_interval_of_repeatability_holds_the_truth_as_often_as_it_says():
    rng, held, rounds = np.random.default_rng(11), 0, 400
    for _ in range(rounds):
        networks = rng.normal(0, 1, 30)
        found = repeatability(*(networks + rng.normal(0, 0.7, 30) for _ in range(2)))
        held += found.low <= 1 / 1.49 <= found.high
    assert 0.915 <= held / rounds <= 0.985


def test_repeatability_at_its_ends():
    same = np.arange(10.0)
    assert repeatability(same, same) == Repeatability(0, 1, 1, 1)
    assert repeatability(same, -same).share == -1
    with pytest.raises(TooFew, match="every error is 14"):
        repeatability([14.0] * 10, [14.0] * 10)


def test_matched_pairs_are_near_and_used_once():
    rng = np.random.default_rng(9)
    a, b = rng.normal(0, 1, (50, 2)), rng.normal(0.5, 1, (40, 2))
    left, right = matched(a, b, caliper=0.4)
    assert 10 < len(left) == len(right)
    assert len(set(left)) == len(left)
    assert len(set(right)) == len(right)
    scale = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2)
    assert (np.linalg.norm((a[left] - b[right]) / scale, axis=1) < 0.4).all()
    assert abs((a[left] - b[right]).mean()) < 0.3 * abs(a.mean() - b.mean())
    for nobody, _ in (matched(a, b + 100), matched(a, np.empty((0, 2)))):
        assert len(nobody) == 0


def test_estimates_are_seeded():
    for function in (
        lambda seed: difference(ERRORS[:40], ERRORS[40:], margin=0.005, seed=seed),
        lambda seed: kolmogorov_smirnov(ERRORS[:40], ERRORS[40:], seed=seed),
        lambda seed: bootstrap_spearman(ERRORS[:40], ERRORS[40:], seed=seed),
    ):
        assert function(0) == function(0) != function(1)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: difference([0.1] * 9, ERRORS, margin=0.1), "a has 9 networks; .* at least 10"),
        (lambda: best_range([1.0] * 19, [0.1] * 19), "values has 19 networks; .* at least 20"),
        (lambda: bootstrap_spearman(ERRORS[:9], ERRORS[:9]), "x has 9 networks; .* at least 10"),
        (lambda: kolmogorov_smirnov([], ERRORS), "a has 0 networks; .* at least 1"),
    ],
)
def test_too_few_networks_are_counted(call, said):
    with pytest.raises(TooFew, match=said):
        call()


def test_what_never_varies_has_no_correlation():
    with pytest.raises(TooFew, match="x is 1.0 throughout"):
        bootstrap_spearman([1.0] * 20, ERRORS[:20])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: EDF([]), "at least one network"),
        (lambda: EDF([0.1, float("nan")]), "not finite"),
        (lambda: dkw_half_band(0), "n is 0"),
        (lambda: bootstrap([], np.mean), "at least 1"),
        (lambda: difference(ERRORS, ERRORS, margin=0), "margin is 0; expected a number above 0"),
        (lambda: difference(ERRORS, ERRORS, margin=float("nan")), "margin is nan"),
        (lambda: best_range(ERRORS[:21], ERRORS[:20]), "there are 21 values and 20 errors"),
        (lambda: matched(np.ones((9, 2)), np.ones((9, 1))), r"have shapes \(9, 2\) and \(9, 1\)"),
        (lambda: matched(np.full((9, 1), np.nan), np.ones((9, 1))), "not finite; leave those"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_part_of_the_curve_begins_and_ends_at_its_edges():
    curve = EDF(ERRORS)
    for left, right in ((0.05, 0.2), (0.115, 0.14)):
        errors, shares = curve.between(left, right)
        assert (errors[0], errors[-1]) == (left, right)
        assert shares[-1] == curve(right)
        for place in np.linspace(left + 1e-6, right, 100):
            assert shares[np.flatnonzero(errors >= place)[0]] == curve(place)


def test_the_best_range_draws_a_quarter_of_the_networks():
    """Of m draws out of n the best has a rank of at most k in 1 - (1 - (k+1)/n)^m of all cases."""
    n, m = 60, 15
    reached = 1 - (1 - np.arange(1, n + 1) / n) ** m
    expected = [int(np.argmax(reached >= share)) for share in (0.025, 0.5, 0.975)]
    found = best_range(np.arange(float(n)), np.arange(float(n)))
    assert np.allclose(found, expected, atol=1)
    assert expected == [0, 2, 13]


def test_what_the_chapter_on_the_paper_says_of_the_best_of_some_draws_holds():
    recorded = Population.recorded()
    a, e, x = (
        [best_of(k, 100 * np.array(recorded.space(name).errors)) for k in (1, 2, 4, 8, 16, 32)]
        for name in ("AnyNetX_A", "AnyNetX_E", "RegNetX")
    )
    assert max(one[0] - one[-1] for one in (a, e)) < x[0] - x[-1], "RegNetX gains most"
    assert all(ours < theirs for ours, theirs in zip(e, x, strict=True)), "behind E at every number"
    assert x[-1] < a[-1], "against A it saves some"
