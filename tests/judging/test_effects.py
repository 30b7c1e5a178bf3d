"""Effects against direct formulas and statsmodels; their intervals against seeded simulations."""

from dataclasses import replace
from itertools import pairwise
from statistics import NormalDist

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from designspaces.judging.effects import (
    CAP,
    CONTRADICTED,
    LEAST,
    NO_MATTER,
    NOT_RESOLVED,
    SUPPORTED,
    Effect,
    Sample,
    benjamini_hochberg,
    capped,
    contrast,
    decide,
    mean_of,
    paired,
    simultaneous,
    slope,
    welch,
)
from designspaces.judging.statistics import TooFew

NORMAL = NormalDist().inv_cdf(0.975)
RNG = np.random.default_rng(0)
KNOWN = RNG.normal(size=(40, 3))
ERRORS = 14 + KNOWN @ [0.5, 0.3, 0.0] + RNG.gumbel(0, 0.8, 40)
ERRORS[[3, 30]] = 31, 90


def sample(name="a", errors=ERRORS, **known):
    return Sample(name, [f"{name}-{i}" for i in range(len(errors))], errors, **known)


# --- values ------------------------------------------------------------------------------------


def test_a_mean_is_that_of_capped_errors():
    found, errors = mean_of(sample()), np.minimum(ERRORS, 20)
    assert CAP == 20
    assert found.value == pytest.approx(errors.mean())
    assert found.error == pytest.approx(errors.std(ddof=1) / np.sqrt(40))
    assert found.n == (40,)


def test_a_contrast_is_welchs():
    a, b = sample("a"), sample("b", ERRORS[:25] - 1)
    found, sides = contrast(a, b, "a-b"), [capped(side.errors) for side in (a, b)]
    assert found.value == pytest.approx(sides[1].mean() - sides[0].mean())
    assert found.error**2 == pytest.approx(sum(side.var(ddof=1) / len(side) for side in sides))
    assert found.n == (40, 25)
    assert found.p == pytest.approx(2 * NormalDist().cdf(-abs(found.value) / found.error))


def test_nothing_is_told_where_nothing_varies():
    """All at the cap, say: a difference of 0 that would be sure of itself."""
    capped_out = np.full(20, 90.0)
    sides = [Sample(name, [(name, k) for k in range(20)], capped_out) for name in "ab"]
    for measure in (
        lambda: contrast(*sides, "a-b"),
        lambda: paired("a-b", range(20), capped_out, capped_out),
        lambda: welch("a-b", (range(5), [30] * 5), (range(5, 10), [40] * 5)),
    ):
        with pytest.raises(TooFew, match=r"a-b: errors do not vary.* cap of 20%"):
            measure()


def test_few_degrees_of_freedom_reach_as_far_as_students_t():
    stats = pytest.importorskip("scipy.stats")
    few = Effect("few", 1.0, {1: 0.3}, (3, 3), 4.5)
    (alone,) = simultaneous([few])
    t = stats.t(4.5)
    assert alone.high - 1 == pytest.approx(0.3 * t.ppf(0.975), rel=1e-4)
    assert few.p == pytest.approx(2 * t.sf(1 / 0.3), rel=1e-3)
    assert few.p_at(0.7) == pytest.approx(2 * t.sf(1), rel=1e-3)
    many = Effect("many", 1.0, {2: 0.3}, (100, 100))
    one, other = simultaneous([few, many])
    # of two that have nothing in common each alone may err with a chance of 1 - sqrt(0.95)
    tails = 1 - np.sqrt(0.95)
    assert one.high - 1 == pytest.approx(0.3 * t.isf(tails / 2), rel=0.01)
    assert other.high - 1 == pytest.approx(0.3 * stats.norm.isf(tails / 2), rel=0.005)


@pytest.mark.simulation
@pytest.mark.parametrize("spreads", [(1, 1, 1, 1), (0.3, 1, 1, 1)])
def test_a_family_of_few_seeds_holds_its_truth_at_once(spreads):
    """Three networks against a fourth, five seeds each, of 1,500 families."""
    rng, held = np.random.default_rng(5), 0
    units = [[(k, seed) for seed in range(5)] for k in range(4)]
    for _ in range(1500):
        errors = 8 + 0.2 * np.array(spreads)[:, None] * rng.normal(size=(4, 5))
        family = [welch(str(k), (units[k], errors[k]), (units[0], errors[0])) for k in (1, 2, 3)]
        held += all(one.low < 0 < one.high for one in simultaneous(family, draws=4000))
    assert 0.93 < held / 1500 < 0.97


def test_pairs_are_taken_as_pairs():
    a, b = ERRORS[:20], ERRORS[20:]
    found, apart = paired("pairs", range(20), a, b), capped(b) - capped(a)
    assert found.value == pytest.approx(apart.mean())
    assert found.error == pytest.approx(apart.std(ddof=1) / np.sqrt(20))


def test_slopes_and_calibrated_means_are_statsmodels_with_hc3():
    api = pytest.importorskip("statsmodels.api")
    x = KNOWN[:, 0]
    large, near = 1e5 * np.exp(KNOWN[:, 1:]), x[:, None] + 1e-4 * KNOWN[:, 1:]
    for held in (large, near):
        fit = api.OLS(capped(ERRORS), np.column_stack([np.ones(40), x, held])).fit(cov_type="HC3")
        found = slope("slope", range(40), ERRORS, x, held)
        assert (found.value, found.error) == pytest.approx((fit.params[1], fit.bse[1]))
    expected, doubt = np.array([0.2, -0.1, 0.3]), 0.001 * np.cov(KNOWN.T)
    fit = api.OLS(capped(ERRORS), api.add_constant(KNOWN - expected)).fit(cov_type="HC3")
    found = mean_of(sample(known=KNOWN, expected=expected), calibrated=True)
    assert (found.value, found.error) == pytest.approx((fit.params[0], fit.bse[0]))
    doubted = mean_of(sample(known=KNOWN, expected=expected, doubt=doubt), calibrated=True)
    assert doubted.value == found.value
    more = doubted.error**2 - found.error**2
    assert more == pytest.approx(fit.params[1:] @ doubt @ fit.params[1:])


def test_one_known_property_may_be_a_plain_list():
    a = Sample("a", range(40), ERRORS, known=list(KNOWN[:, 0]), expected=[0.1])
    b = Sample("a", range(40), ERRORS, known=KNOWN[:, :1], expected=[0.1])
    assert mean_of(a, calibrated=True) == mean_of(b, calibrated=True)


def test_what_is_held_twice_changes_nothing():
    args = ("slope", range(40), ERRORS, KNOWN[:, 0])
    once, twice = (slope(*args, KNOWN[:, columns]) for columns in ([1], [1, 1]))
    assert (twice.value, twice.error) == pytest.approx((once.value, once.error))


# --- effects that share networks ---------------------------------------------------------------


def test_effects_that_share_networks_move_together():
    """Covariances are those of the explicit linear map from the means of the spaces."""
    sides = [sample(name, np.roll(ERRORS, i)[: 20 + 5 * i]) for i, name in enumerate("ABC")]
    family = [contrast(a, b, a.name + b.name) for a, b in pairwise(sides)]
    family.append(contrast(sides[0], sides[2], "AC"))
    rows = np.array([[-1, 1, 0], [0, -1, 1], [-1, 0, 1]])
    variances = np.diag([capped(side.errors).var(ddof=1) / len(side.errors) for side in sides])
    units = [u for side in sides for u in side.units]
    influence = np.array([[effect.influence.get(u, 0.0) for u in units] for effect in family])
    assert np.allclose(influence @ influence.T, rows @ variances @ rows.T)
    step = family[0].minus(family[1], "AB less BC")
    assert step.error**2 == pytest.approx(
        np.array([1, -1]) @ (influence @ influence.T)[:2, :2] @ [1, -1]
    )
    assert step.n == (25, 30, 20, 25)
    assert family[0].minus(family[0], "none").error == 0


def test_what_is_uncertain_of_a_space_is_shared_by_its_contrasts():
    known = {"known": KNOWN, "expected": np.zeros(3), "doubt": np.eye(3)}
    a, b, c = (sample(name, **known) for name in "abc")
    ab, bc = (contrast(*two, "step", calibrated=True) for two in ((a, b), (b, c)))
    size = mean_of(b, calibrated=True).influence["b", "expected"]
    assert size > 0.3
    assert (ab.influence["b", "expected"], bc.influence["b", "expected"]) == (size, -size)


def critical(effects, **options):
    found = simultaneous(effects, **options)
    sizes = [(one.high - one.low) / 2 / one.effect.error for one in found]
    assert np.ptp(sizes) < 1e-9
    assert all(one.width == one.high - one.low for one in found)
    return sizes[0]


def effect_of(unit, value=0.0, part=1.0):
    return Effect(str(unit), value, {unit: part}, (1,))


@pytest.mark.parametrize("number", [2, 6, 20])
def test_independent_effects_have_sidaks_interval(number):
    family = [effect_of(i, part=1.0 + i) for i in range(number)]
    sidak = NormalDist().inv_cdf((1 + 0.95 ** (1 / number)) / 2)
    assert critical(family) == pytest.approx(sidak, abs=0.02)
    assert critical(family, confidence=0.8) == pytest.approx(
        NormalDist().inv_cdf((1 + 0.8 ** (1 / number)) / 2), abs=0.02
    )


def test_identical_effects_have_the_interval_of_one():
    assert critical([effect_of(0)]) == pytest.approx(NORMAL, abs=1e-12)
    same = [effect_of(0), effect_of(0, 2.0, -3.0), effect_of(0, 1.0)]
    assert critical(same) == pytest.approx(NORMAL, abs=0.02)
    assert simultaneous([]) == []


def test_an_interval_alone_is_narrower_and_both_are_around_the_value():
    for one in simultaneous([effect_of(0, 1.0), effect_of(1, 5.0, 2.0)]):
        assert one.low < one.alone[0] < one.alone[1] < one.high
        middle = one.effect.value
        assert ((one.low + one.high) / 2, sum(one.alone) / 2) == pytest.approx((middle, middle))
        assert (one.alone[1] - one.alone[0]) / 2 / one.effect.error == pytest.approx(NORMAL)


def test_an_effect_without_spread_widens_no_other():
    sure = Effect("sure", 1.0, {"x": 0.0}, (10,))
    found = simultaneous([sure, effect_of(1)])
    assert (found[0].low, found[0].high) == (1, 1)
    assert found[1].width / 2 == pytest.approx(NORMAL, abs=0.02)
    assert (sure.p, replace(sure, value=0.0).p) == (0, 1)


def test_simultaneous_intervals_are_seeded():
    family = [effect_of(i) for i in range(3)]
    assert simultaneous(family) == simultaneous(family) != simultaneous(family, seed=1)


# --- coverage ----------------------------------------------------------------------------------


def world(rng, level=0.0, networks=20_000):
    """A space: errors with a tail, 1.5% astray, and two properties that explain some of them.

    Returns errors, properties and the mean of the capped errors.
    """
    known = rng.normal(size=(networks, 2))
    known[:, 1] = np.exp(0.4 * known[:, 1])
    errors = 13.5 + level + known @ [0.6, 0.8] + rng.gumbel(0, 0.7, networks)
    errors += 0.4 * known[:, 0] ** 2  # no straight line
    errors[rng.random(networks) < 0.015] = rng.uniform(22, 90)
    return errors, known, capped(errors).mean()


def drawn(rng, name, space, n):
    errors, known, _ = space
    picks = rng.integers(len(errors), size=n)
    units = [(name, i) for i in range(n)]
    return Sample(name, units, errors[picks], known[picks], known.mean(axis=0))


def held_within_chance(held, rounds):
    """Whether an interval that holds in 95% would hold this often, but for 1 in 1,000 cases."""
    return abs(held / rounds - 0.95) < 3.3 * np.sqrt(0.95 * 0.05 / rounds)


@pytest.mark.simulation
@pytest.mark.parametrize("n", [60, 150, 300])
@pytest.mark.parametrize("calibrated", [False, True])
def test_intervals_of_contrasts_hold_the_truth_as_often_as_they_say(n, calibrated):
    rng = np.random.default_rng(n)
    a, b = world(rng), world(rng, -0.5)
    truth, held, rounds = b[2] - a[2], 0, 400
    for _ in range(rounds):
        found = contrast(drawn(rng, "a", a, n), drawn(rng, "b", b, n), "", calibrated=calibrated)
        held += abs(found.value - truth) <= NORMAL * found.error
    assert held_within_chance(held, rounds), held / rounds


def test_calibration_narrows_where_properties_explain_errors():
    rng = np.random.default_rng(1)
    one = drawn(rng, "a", world(rng), 300)
    assert mean_of(one, calibrated=True).error < 0.9 * mean_of(one).error


@pytest.mark.simulation
def test_intervals_of_pairs_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(2)
    errors, known, _ = world(rng, networks=40_000)
    a = errors[np.argsort(known[:, 0], kind="stable")]
    a, b = a[::2], a[1::2] - 0.3  # neighbours in a property are partners
    truth, held, rounds = (capped(b) - capped(a)).mean(), 0, 400
    for _ in range(rounds):
        picks = rng.integers(len(a), size=100)
        found = paired("", range(100), a[picks], b[picks])
        held += abs(found.value - truth) <= NORMAL * found.error
    assert held_within_chance(held, rounds), held / rounds


@pytest.mark.simulation
@pytest.mark.parametrize("n", [60, 200])
@pytest.mark.parametrize("kinds", [False, True])
def test_intervals_of_slopes_hold_the_truth_as_often_as_they_say(n, kinds):
    """Where the spread of errors grows with x: with blocks, or from one kind to a rarer other."""
    rng, size, held, rounds = np.random.default_rng(3), 40_000, 0, 400
    blocks = rng.uniform(1.6, 3.2, size)
    x = (
        (rng.random(size) < 0.25 + 0.1 * (blocks > 2.4))
        if kinds
        else 0.5 * rng.random(size) + blocks
    )
    errors = 14 + 0.3 * x - 0.8 * blocks + (0.3 + 0.5 * x) * rng.gumbel(0, 0.8, size)
    every = np.column_stack([np.ones(size), x, blocks])
    truth = np.linalg.lstsq(every, capped(errors), rcond=None)[0][1]
    for _ in range(rounds):
        picks = rng.integers(size, size=n)
        found = slope("", range(n), errors[picks], x[picks], blocks[picks])
        held += abs(found.value - truth) <= NORMAL * found.error
    assert held_within_chance(held, rounds), held / rounds


@pytest.mark.simulation
@pytest.mark.parametrize("calibrated", [False, True])
def test_the_primary_family_holds_as_a_whole_as_often_as_it_says(calibrated):
    rng = np.random.default_rng(4)
    spaces = {
        name: world(rng, level)
        for name, level in zip("ABCDEX", (0, 0, 0, -0.7, -1.3, -0.9), strict=True)
    }
    pairs = [*pairwise("ABCDEX"), ("A", "X")]
    held, alone, rounds = 0, 0, 300
    for _ in range(rounds):
        samples = {name: drawn(rng, name, space, 100) for name, space in spaces.items()}
        family = [contrast(samples[a], samples[b], a + b, calibrated=calibrated) for a, b in pairs]
        intervals = simultaneous(family, draws=2000)
        truths = [spaces[b][2] - spaces[a][2] for a, b in pairs]
        held += all(i.low <= t <= i.high for i, t in zip(intervals, truths, strict=True))
        alone += all(i.alone[0] <= t <= i.alone[1] for i, t in zip(intervals, truths, strict=True))
    assert held_within_chance(held, rounds), held / rounds
    assert alone / rounds < 0.87, "single intervals do not hold together"


# --- verdicts ----------------------------------------------------------------------------------

LESS, MORE = "by less than the margin", "by more than the margin"


@pytest.mark.parametrize(
    ("low", "high", "better", "same"),
    [
        (-2.0, -1.0, f"{SUPPORTED} {MORE}", f"{CONTRADICTED}: better {MORE}"),
        (-2.0, -0.5, SUPPORTED, f"{NOT_RESOLVED}, but better"),
        (-2.0, -0.1, SUPPORTED, f"{NOT_RESOLVED}, but better"),
        (-0.5, -0.1, f"{SUPPORTED} {LESS}", SUPPORTED),
        (-0.5, 0.0, NO_MATTER, SUPPORTED),
        (0.0, 0.0, NO_MATTER, SUPPORTED),
        (-0.5, 0.5, NO_MATTER, SUPPORTED),
        (-0.51, 0.5, NOT_RESOLVED, NOT_RESOLVED),
        (-0.5, 0.51, NOT_RESOLVED, NOT_RESOLVED),
        (-2.0, 0.0, NOT_RESOLVED, NOT_RESOLVED),
        (-np.inf, np.inf, NOT_RESOLVED, NOT_RESOLVED),
        (0.0, 0.3, NO_MATTER, SUPPORTED),
        (0.1, 0.5, f"{CONTRADICTED} {LESS}", SUPPORTED),
        (0.1, 2.0, CONTRADICTED, f"{NOT_RESOLVED}, but worse"),
        (0.5, 2.0, CONTRADICTED, f"{NOT_RESOLVED}, but worse"),
        (1.0, 2.0, f"{CONTRADICTED} {MORE}", f"{CONTRADICTED}: worse {MORE}"),
        (1.0, np.inf, f"{CONTRADICTED} {MORE}", f"{CONTRADICTED}: worse {MORE}"),
    ],
)
def test_verdicts(low, high, better, same):
    assert decide("better", low, high, 0.5) == better
    assert decide("same", low, high, 0.5) == same


def said(verdict, expects):
    """What a verdict says of the difference: its direction, and whether the margin holds it."""
    facts = {word for word in ("better", "worse") if word in verdict}
    if expects == "better" and (SUPPORTED in verdict or CONTRADICTED in verdict):
        facts.add("better" if SUPPORTED in verdict else "worse")
    if LESS in verdict or verdict == NO_MATTER or (expects == "same" and verdict == SUPPORTED):
        facts.add("within")
    return facts | ({"beyond"} if MORE in verdict else set())


@given(
    st.sampled_from(["better", "same"]),
    st.lists(st.integers(-9, 9), min_size=4, max_size=4),
    st.integers(1, 6),
)
def test_a_wider_interval_is_never_more_decided(expects, ends, margin):
    """All that it says the narrower one says as well; direction is unsaid of what is the same."""
    low, inner_low, inner_high, high = sorted(ends)
    wide, narrow = (
        said(decide(expects, *e, margin), expects) for e in ((low, high), (inner_low, inner_high))
    )
    assert wide <= narrow or (expects == "same" and narrow == {"within"} and "beyond" not in wide)


@pytest.mark.parametrize(
    ("expects", "low", "high", "margin"),
    [
        ("worse", -1, 1, 0.5),
        ("better", 1, -1, 0.5),
        ("better", -1, 1, 0),
        ("same", -1, 1, -0.5),
        ("same", float("nan"), 1, 0.5),
        ("better", -1, float("nan"), 0.5),
        ("better", -1, 1, float("nan")),
    ],
)
def test_no_verdict_of_what_is_no_interval(expects, low, high, margin):
    with pytest.raises(ValueError, match="expected"):
        decide(expects, low, high, margin)


def test_benjamini_hochberg_is_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(6)
    for size in (1, 2, 5, 20):
        p = np.round(rng.random(size) ** 3, 2)  # with ties
        oracle = multitest.multipletests(p, method="fdr_bh")[1]
        assert np.allclose(benjamini_hochberg(p), oracle)
    assert benjamini_hochberg([]).size == 0
    for wrong in (float("nan"), -0.1, 1.1):
        with pytest.raises(ValueError, match="from 0 to 1"):
            benjamini_hochberg([0.5, wrong])


# --- bad input ---------------------------------------------------------------------------------

FEW = LEAST - 1
NAN = [float("nan"), *ERRORS[1:]]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mean_of(sample(errors=ERRORS[:FEW])), "a has 9 networks; .* at least 10"),
        (lambda: paired("p", range(FEW), ERRORS[:FEW], ERRORS[:FEW]), "p has 9 networks"),
        (
            lambda: slope("s", range(11), ERRORS[:11], KNOWN[:11, 0], KNOWN[:11, 1:]),
            "s has 11 networks; .* at least 12",
        ),
        (lambda: slope("s", [], [], []), "s has 0 networks"),
        (lambda: slope("s", range(40), ERRORS, np.ones(40)), "does not vary"),
        (
            lambda: slope("s", range(40), ERRORS, KNOWN[:, 0], 3 * KNOWN[:, [0]] + 0.1),
            "not apart from the others",
        ),
        (lambda: slope("s", range(40), ERRORS, np.arange(40) == 7), "1 networks that are alone"),
        (
            lambda: mean_of(sample(known=np.ones((40, 1)), expected=[0.9]), calibrated=True),
            "does not vary",
        ),
    ],
)
def test_too_little_to_tell(call, said):
    with pytest.raises(TooFew, match=said):
        call()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sample(errors=NAN), "a: errors has values that are not finite"),
        (lambda: sample(known=np.full((40, 3), np.inf)), "a: known has values that are not"),
        (lambda: sample(known=KNOWN[1:]), "a: known has 39 values; .* 40 units"),
        (lambda: Sample("a", [1, 2], [14.0]), "a: errors has 1 values; .* 2 units"),
        (lambda: mean_of(sample(), calibrated=True), "no known properties"),
        (lambda: mean_of(Sample("a", [1] * 40, ERRORS)), "39 networks are there twice"),
        (lambda: contrast(sample("a"), sample("a"), "c"), "c: 40 units are in a and in a"),
        (lambda: paired("p", range(40), NAN, ERRORS), "p: a has values that are not finite"),
        (lambda: paired("p", range(40), ERRORS, ERRORS[:1]), "p: b has 1 values"),
        (lambda: slope("s", range(40), NAN, ERRORS), "s: errors has values that are not"),
        (lambda: slope("s", range(40), ERRORS, NAN), "s: x has values that are not"),
        (lambda: slope("s", range(40), ERRORS, KNOWN[:, 0], NAN), "s: held has values"),
        (lambda: simultaneous([effect_of(1)], confidence=95), "0.0 < p < 1.0"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
