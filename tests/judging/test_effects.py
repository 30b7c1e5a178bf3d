"""Effects against direct formulas and statsmodels; their intervals against seeded simulations."""

from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest

from designspaces.judging.effects import (
    CAP,
    LEAST,
    Effect,
    Sample,
    capped,
    contrast,
    mean_of,
    paired,
    satterthwaite,
    slope,
    welch,
)
from designspaces.judging.images import with_images
from designspaces.judging.intervals import simultaneous
from designspaces.judging.ranks import rank
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


def test_nothing_is_told_where_nothing_varies():
    """All at the cap, say: a difference of 0 that would be sure of itself."""
    capped_out = np.full(20, 90.0)
    sides = [Sample(name, [(name, k) for k in range(20)], capped_out) for name in "ab"]
    unvaried = "errors do not vary on either side"
    x, known = np.arange(20.0), np.arange(20.0)[:, None] ** 2
    told = [Sample(one.name, one.units, capped_out, known, known.mean(axis=0)) for one in sides]
    for measure, why in (
        (lambda: contrast(*sides, "a-b"), unvaried),
        (lambda: contrast(*told, "a-b", calibrated=True), unvaried),
        (lambda: paired("a-b", range(20), capped_out, capped_out), "all 20 pairs differ alike"),
        (lambda: welch("a-b", (range(5), [30] * 5), (range(5, 10), [40] * 5)), unvaried),
        (lambda: slope("a-b", range(20), capped_out, x), "all errors are alike"),
        (lambda: slope("a-b", range(20), capped_out, x, known), "all errors are alike"),
    ):
        with pytest.raises(TooFew, match=f"a-b: {why}, or at the cap of 20%"):
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
@pytest.mark.parametrize("n", [12, 20])
def test_intervals_of_few_networks_hold_the_truth_as_often_as_they_say(n):
    """Of a contrast, of pairs and of a slope beside what is held; the last may hold more often."""
    rng, held, rounds = np.random.default_rng(n), np.zeros(3), 600
    for _ in range(rounds):
        a, b = 12 + rng.normal(0, 0.6, n), 11.7 + rng.normal(0, 1.2, n)
        sides = [Sample(name, [(name, k) for k in range(n)], e) for name, e in (("a", a), ("b", b))]
        x, other = rng.normal(size=(2, n))
        found = (
            contrast(*sides, ""),
            paired("", range(n), a, b),
            slope("", range(n), a + 0.3 * x + other, x, other),
        )
        for place, (effect, truth) in enumerate(zip(found, (-0.3, -0.3, 0.3), strict=True)):
            (interval,) = simultaneous([effect])
            held[place] += interval.low <= truth <= interval.high
    assert held_within_chance(held[0], rounds), held / rounds
    assert held_within_chance(held[1], rounds), held / rounds
    assert 0.94 < held[2] / rounds < 0.985, held / rounds


def test_degrees_of_freedom_are_those_of_the_variance():
    stats = pytest.importorskip("scipy.stats")
    sides = (sample("a", ERRORS[:15]), sample("b", ERRORS[15:] + 1.0))
    found = contrast(*sides, "a-b")
    theirs = stats.ttest_ind(*(capped(side.errors) for side in sides[::-1]), equal_var=False)
    assert found.freedom == pytest.approx(theirs.df)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-2)
    assert paired("", range(20), ERRORS[:20], ERRORS[20:]).freedom == 19
    assert slope("", range(40), ERRORS, KNOWN[:, 0], KNOWN[:, 1:]).freedom == 36
    calibrated = mean_of(sample(known=KNOWN, expected=KNOWN.mean(axis=0)), calibrated=True)
    assert calibrated.freedom == 36
    images = np.eye(2, 400, dtype=bool)
    both = with_images(found, images[:1], images[1:])
    parts = (found.error**2, found.freedom), (both.error**2 - found.error**2, 399)
    assert both.freedom == pytest.approx(satterthwaite(*parts))
    assert satterthwaite((4.0, 10), (4.0, 10)) == 20
    assert satterthwaite((4.0, 10), (1.0, np.inf)) == 15.625
    shared = mean_of(sample("a")).minus(mean_of(sample("a", ERRORS[::-1])), "")
    assert shared.freedom == 39, "no more than either, where networks are shared"


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
@pytest.mark.parametrize("n", [100, 300])
def test_intervals_of_slopes_of_ranks_hold_the_truth_as_often_as_they_say(n):
    """As a question about lines asks: errors, property and depth by their ranks, from 0 to 1."""
    rng, held, rounds = np.random.default_rng(5), 0, 400

    def draw(size):
        blocks = rng.normal(size=size)
        x = 0.5 * blocks + rng.normal(size=size)
        errors = 14 + 0.6 * blocks + 0.5 * x + rng.standard_t(4, size=size)
        x, errors, blocks = (rank(each) / size for each in (x, errors, blocks))
        return slope("", range(size), errors, x, blocks)

    truth = draw(100_000).value
    for _ in range(rounds):
        (found,) = simultaneous([draw(n)])
        held += found.low <= truth <= found.high
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
        (
            lambda: welch("w", (range(3), NAN[:3]), (range(3, 6), ERRORS[:3])),
            "w: errors has values",
        ),
        (lambda: welch("w", ([1, 1, 2], ERRORS[:3]), (range(3, 6), ERRORS[:3])), "are there twice"),
        (lambda: welch("w", (range(3), ERRORS[:3]), (range(2, 5), ERRORS[:3])), "on both sides"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
