"""The rule for the choice of a regime: what it screens, how it ranks, who wins a tie."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging import fidelity
from designspaces.judging.fidelity import Candidate, Sixty, choose, front_runners, margin_of
from designspaces.judging.statistics import TooFew
from designspaces.training.recipe import POPULATION

SPACES = [
    name
    for name in ("AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E", "RegNetX")
    for _ in range(10)
]
DEPTH = {"AnyNetX_C": 2.7, "AnyNetX_D": 2.7, "AnyNetX_E": 2.8, "RegNetX": 3.1}
IDENTITY = replace(POPULATION, zero_init_residual=True, lr=0.4)


def networks(seed):
    """Networks whose long errors are a quality and a little depth; more of both is no worse."""
    generator = np.random.default_rng(seed)
    expected = {space: np.array([DEPTH.get(space, 2.7), 11.0]) for space in SPACES}
    held = np.array([expected[space] for space in SPACES]) + generator.normal(0, 0.4, (60, 2))
    long = 10 + generator.normal(0, 1, 60)
    return Sixty(SPACES, held, expected, long)


@pytest.fixture
def sixty():
    return networks(0)


def candidate(sixty, name, *, noise=0.3, depth=0.0, recipe=IDENTITY, seeds=2, astray=0, seed=1):
    generator = np.random.default_rng(seed)
    true = sixty.long + depth * (sixty.held[:, 0] - 2.7)
    errors = true + generator.normal(0, noise, (seeds, 60))
    return Candidate(name, recipe, errors, astray)


def test_a_regime_that_hides_depth_is_out_and_one_that_does_not_stays(sixty):
    fair = candidate(sixty, "fair", noise=0.5)
    biased = candidate(sixty, "biased", noise=0.2, depth=3.0, seed=2)
    first, second = choose(sixty, [biased, fair])
    assert (first.candidate.name, first.reasons) == ("fair", ())
    assert second.candidate.name == "biased"
    assert ["AnyNetX_E to RegNetX" in reason for reason in second.reasons] == [True]
    # long = short - 3 (depth - 2.7): what the short errors charge too much for depth
    value, low, high = second.biases["AnyNetX_E", "RegNetX"]
    assert value == pytest.approx(-3 * (3.1 - 2.8), abs=0.1)
    assert low < value < high < -margin_of(fidelity.spread_within(sixty.long, SPACES))


def test_noise_in_the_short_errors_is_no_bias(sixty):
    """Uncorrected, a noisy short error lets depth stand in for the quality it goes with."""
    tilted = replace(sixty, long=sixty.long + 1.5 * (sixty.held[:, 0] - 2.7))
    noisy = candidate(tilted, "noisy", noise=0.8)
    (found,) = choose(tilted, [noisy])
    # the same first seed, and a second that pretends that there is no noise
    same = replace(noisy, errors=np.stack([noisy.errors[0]] * 2))
    (uncorrected,) = choose(tilted, [same])
    size = [abs(each.biases["AnyNetX_E", "RegNetX"][0]) for each in (found, uncorrected)]
    assert size[0] < size[1]
    assert found.noise == pytest.approx(0.8, rel=0.2)
    assert uncorrected.noise == 0
    with pytest.raises(TooFew, match="second seed"):
        choose(tilted, [replace(noisy, errors=noisy.errors[:1])])


def test_networks_astray_put_a_regime_out(sixty):
    wild = candidate(sixty, "wild", noise=0.1, astray=3)
    tame = candidate(sixty, "tame", noise=0.6, astray=2)
    assert [each.candidate.name for each in choose(sixty, [wild, tame])] == ["tame", "wild"]
    with pytest.raises(ValueError, match="astray by every candidate"):
        choose(sixty, [wild])


def test_of_candidates_that_are_all_out_the_least_biased_is_left(sixty):
    much = candidate(sixty, "much", noise=0.1, depth=4.0)
    less = candidate(sixty, "less", noise=0.2, depth=3.0, seed=2)
    wild = candidate(sixty, "wild", noise=0.1, astray=3)
    found = choose(sixty, [much, wild, less])
    assert next(each.candidate.name for each in found) == "less"
    assert len(found) == 3
    assert all(each.reasons for each in found)
    assert [each.tied for each in found] == [True, False, False]
    assert margin_of(fidelity.spread_within(sixty.long, SPACES)) < found[0].hidden < 0.9


def test_twice_the_cost_must_pay(sixty):
    twice = replace(IDENTITY, epochs=2)
    sharp = candidate(sixty, "sharp", noise=0.1, recipe=twice)
    blunt = candidate(sixty, "blunt", noise=0.2)
    best, other = choose(sixty, [sharp, blunt])
    assert (best.candidate.name, best.candidate.cost, other.candidate.cost) == ("blunt", 1, 2)
    assert other.ratio[1] < 0, "told apart, since the pairs of networks are drawn together"
    assert other.information == pytest.approx(other.correlation**2 / 2)


def test_of_the_tied_the_nearest_to_the_authors_recipe_wins_then_the_cheapest(sixty):
    recipes = {
        "far": replace(IDENTITY, train_images=25_000, epochs=2),
        "near": replace(IDENTITY, lr=0.1),
        "dear": replace(IDENTITY, lr=0.1, epochs=2),
    }
    made = [
        candidate(sixty, name, noise=noise, recipe=recipes[name], seed=3)
        for name, noise in (("far", 1.0), ("near", 1.01), ("dear", 0.5))
    ]
    assert [each.departures for each in made] == [3, 1, 1]
    found = choose(sixty, made)
    tied = [each.candidate.name for each in found if each.tied]
    assert {"far", "near"} <= set(tied)
    assert found[0].candidate.name == "near"
    assert Candidate("today", POPULATION, np.zeros((1, 60)), 0).departures == 0
    batches = replace(POPULATION, batch_size=256, lr=0.2)
    assert Candidate("in proportion", batches, np.zeros((1, 60)), 0).departures == 0


def test_the_correlation_is_blind_to_differences_between_spaces(sixty):
    shifted = replace(
        sixty, long=sixty.long + np.array([5.0 * (name == "RegNetX") for name in SPACES])
    )
    (found,) = choose(shifted, [candidate(sixty, "same")])
    (plain,) = choose(sixty, [candidate(sixty, "same")])
    assert found.correlation == pytest.approx(plain.correlation, abs=0.05)
    assert found.pooled[0] < found.correlation
    assert found.pooled[1] < found.pooled[0] < found.pooled[2]
    assert found.low < found.correlation < found.high


def test_today_and_the_four_of_most_information_are_trained_again(sixty):
    made = [
        candidate(sixty, f"noise {noise}", noise=noise, seeds=1, seed=5)
        for noise in (2.0, 0.1, 0.4, 1.0, 0.7, 3.0)
    ]
    today = candidate(sixty, "today", noise=3.0, recipe=POPULATION, seeds=1)
    assert front_runners(sixty, [*made, today]) == [
        "today",
        *(f"noise {noise}" for noise in (0.1, 0.4, 0.7, 1.0)),
    ]


def test_the_margin_is_a_share_of_the_spread():
    assert margin_of(1.3) == pytest.approx(0.5)  # as in the first study
    assert margin_of(0.55) == pytest.approx(0.2)
    assert margin_of(0.01) == 0.05


def test_networks_that_do_not_fit_are_refused(sixty):
    with pytest.raises(ValueError, match="shape"):
        choose(sixty, [Candidate("few", IDENTITY, np.zeros((1, 59)), 0)])
    with pytest.raises(ValueError, match="RegNetX"):
        replace(
            sixty, expected={"AnyNetX_A": np.zeros(2)} | dict.fromkeys(SPACES[:50], np.zeros(2))
        )
    with pytest.raises(TooFew, match="2 networks"):
        Sixty(["A", "A"], np.zeros((2, 2)), {"A": np.zeros(2)}, np.zeros(2))


@pytest.mark.simulation
def test_the_interval_of_a_bias_holds_the_truth(monkeypatch):
    """In 110 of 120 rounds: the noise is taken as known, so it is a little too narrow."""
    monkeypatch.setattr(fidelity, "DRAWS", 400)
    held = 0
    for seed in range(120):
        some = networks(seed)
        (found,) = choose(some, [candidate(some, "short", noise=0.5, depth=2, seed=1000 + seed)])
        _, low, high = found.biases["AnyNetX_E", "RegNetX"]
        held += low <= -2 * (DEPTH["RegNetX"] - DEPTH["AnyNetX_E"]) <= high
    assert 104 <= held <= 118
