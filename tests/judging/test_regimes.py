"""The recorded trainings of the choice of regime: which networks, which trials, how far."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging import calibration, fidelity, regimes
from designspaces.judging.calibration import expectation, known
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.trials import SETTINGS, recipe_of
from designspaces.spaces import SPACES


@pytest.fixture(scope="module")
def by_lot():
    """All that the choice takes, with errors by lot: nothing of the real ones is seen."""
    lot, places = np.random.default_rng(0), regimes.places()
    recorded = {(record.space, record.index): record for record in Population.recorded()}

    def train(*seeds):
        return {
            (*place, seed): replace(recorded[place], val_error=float(lot.normal(0.12, 0.01)))
            for seed in seeds
            for place in places
        }

    return regimes.Trainings(places, train(0), {name: train(0, 1) for name in regimes.CANDIDATES})


def test_the_sixty_are_those_of_the_trial_of_five_epochs():
    wanted = regimes.places()
    assert len(set(wanted)) == 60
    assert set(wanted) == {(r.space, r.index) for r in Population.trial("five-epochs")}


def test_each_candidate_trains_the_same_networks_by_a_recipe_of_its_own():
    trials = [trial for names in regimes.CANDIDATES.values() for trial in names]
    for name in (*trials, regimes.LONG):
        setting = SETTINGS[name]
        places = [
            (space, i)
            for space, chosen in setting.choose(setting.spaces, setting.n).items()
            for i in chosen
        ]
        assert places == regimes.places(), name
    recipes = [recipe_of(name) for name in trials if not name.endswith("again")]
    assert len({str(vars(recipe) | {"name": ""}) for recipe in recipes}) == len(recipes) == 8
    for name in trials:
        first, again = SETTINGS[name].repeats, name.endswith("again")
        assert first == ((1,) if again else (0,)), name


def test_today_has_its_sixty_and_the_rest_is_counted():
    trained = regimes.read()
    assert trained.count()[regimes.TODAY] == trained.count(1)[regimes.TODAY] == 60
    fewer = replace(trained, long=dict(list(trained.long.items())[1:]))
    assert fewer.count()["reference"] == trained.count()["reference"] - 1
    assert trained.count(1)["reference"] <= len(regimes.trained_thrice())
    with pytest.raises(TooFew, match="of 60 networks 59 are trained by reference; all are needed"):
        regimes.recorded(fewer)


def test_complete_trainings_become_candidates(monkeypatch):
    """With the five epochs as the long training, and today's regime alone."""
    monkeypatch.setattr(regimes, "LONG", "five-epochs")
    monkeypatch.setattr(regimes, "CANDIDATES", {regimes.TODAY: ("second-seed",)})
    trained = regimes.read()
    with pytest.raises(TooFew, match="second seeds of first study"):
        regimes.recorded(trained)
    monkeypatch.setattr(regimes, "front_runners", lambda *_: [])
    sixty, (today,) = regimes.recorded(trained)
    assert trained.count() == {"reference": 60, regimes.TODAY: 60}
    assert today.errors.shape == (1, 60), "the second seeds are of other networks"
    assert (today.cost, today.departures) == (1, 0)
    records = {(r.space, r.index): r for r in Population.recorded()}
    first = records[regimes.places()[0]]
    assert today.errors[0, 0] == 100 * first.val_error
    assert sixty.held[0] == pytest.approx(np.log([sum(first.network.depths), first.params]))
    assert not np.array_equal(sixty.long, today.errors[0])


def test_errors_by_lot_are_chosen_from_and_told(by_lot, monkeypatch):
    monkeypatch.setattr(fidelity, "DRAWS", 300)
    choice = regimes.chosen(by_lot)
    assert {each.candidate.name for each in choice} == set(regimes.CANDIDATES)
    assert all(each.candidate.errors.shape == (2, 60) for each in choice)
    told = regimes.rows(choice)
    assert list(told) == [each.candidate.name for each in choice]
    assert told[choice[0].candidate.name]["outcome"].startswith(("tied", "out, and the least"))
    assert told["identity-two-epochs"]["cost"] == "2"
    assert not any("-0." in text for columns in told.values() for text in columns.values())
    long = np.array([100 * by_lot.long[*place, 0].val_error for place in by_lot.places])
    spread = np.sqrt(np.mean([long[i : i + 10].var(ddof=1) for i in range(0, 60, 10)]))
    assert regimes.screen(by_lot) == pytest.approx(0.38 * spread, abs=0.026)
    once = {key: record for key, record in by_lot.short["identity-0.1"].items() if not key[2]}
    fewer = {name: by_lot.short[name] for name in (regimes.TODAY, "identity-0.2")}
    with pytest.raises(TooFew, match=r"second seeds of identity-0.1 are not complete"):
        regimes.recorded(replace(by_lot, short=fewer | {"identity-0.1": once}))


def with_long_errors(by_lot, first, again, identity):
    """The trainings with these errors, in percent, of the networks that are trained long thrice."""
    places = regimes.trained_thrice()

    def train(errors, seed):
        return {
            (*place, seed): replace(by_lot.long[*place, 0], val_error=error / 100)
            for place, error in zip(places, errors, strict=True)
        }

    long = by_lot.long | train(first, 0) | train(again, 1)
    return replace(by_lot, long=long, identity=train(identity, 0))


@pytest.fixture(scope="module")
def held(by_lot):
    return known(by_lot.long[*place, 0] for place in regimes.trained_thrice())[:, :2]


def test_what_depth_adds_between_two_starts_is_found(by_lot, held):
    """A slope of depth and one of parameters, planted, are what each step is found to be moved."""
    lot = np.random.default_rng(1)
    long = lot.normal(9, 0.5, 18)
    identity = long + held @ [-0.7, 0.2] + 3
    found = regimes.between_starts(with_long_errors(by_lot, long - 0.2, long + 0.2, identity))
    assert list(found) == list(fidelity.SCREENED)
    for (a, b), interval in found.items():
        step = (expectation(b).mean - expectation(a).mean)[:2]
        assert interval.effect.value == pytest.approx(step @ [-0.7, 0.2])
        assert (interval.effect.n, interval.effect.freedom) == ((18,), 15)
        assert interval.width < 1e-6
    above = with_long_errors(by_lot, np.full(18, 25.0), np.full(18, 25.0), np.full(18, 30.0))
    with pytest.raises(TooFew, match="all errors are alike, or at the cap of 20%"):
        regimes.between_starts(above)


@pytest.mark.simulation
def test_starts_that_differ_by_chance_are_seldom_told_apart(by_lot, held):
    lot, apart, rounds = np.random.default_rng(2), 0, 200
    for _ in range(rounds):
        long, *noise = lot.normal(9, 0.5, 18), *lot.normal(0, 0.3, (3, 18))
        found = regimes.between_starts(with_long_errors(by_lot, *(long + each for each in noise)))
        apart += found["AnyNetX_E", "RegNetX"].low > 0 or found["AnyNetX_E", "RegNetX"].high < 0
    assert 0.01 * rounds <= apart <= 0.1 * rounds


def test_trainings_agree_with_either_start(by_lot):
    long = np.random.default_rng(3).normal(9, 0.5, 18)
    trained = with_long_errors(by_lot, long, 10 - long, long + 1)
    other = {
        (*place, 0): replace(by_lot.long[*place, 0], val_error=error / 100)
        for place, error in zip(regimes.trained_thrice(), long + 2, strict=True)
    }
    own = trained.short | {"identity-0.4": trained.short["identity-0.4"] | other}
    found = regimes.agreements(replace(trained, short=own))
    assert list(found) == [regimes.LONG, regimes.IDENTITY]
    for by in found.values():
        assert list(by) == [regimes.AGAIN, regimes.TODAY, "identity-0.4"]
        assert by[regimes.AGAIN].value == pytest.approx(-1)
        assert by["identity-0.4"].value == pytest.approx(1)
        assert abs(by[regimes.TODAY].value) < 0.8
        assert {(each.n, each.held) for each in by.values()} == {(18, 5)}


def test_the_rule_is_asked_by_either_start(by_lot, monkeypatch):
    monkeypatch.setattr(fidelity, "DRAWS", 300)
    lot = np.random.default_rng(4)
    trained = with_long_errors(by_lot, *lot.normal(9, 0.5, (3, 18)))
    today = by_lot.short[regimes.TODAY]
    short = [100 * today[*place, 0].val_error for place in regimes.trained_thrice()]
    within = np.array([100 * trained.identity[*p, 0].val_error for p in regimes.trained_thrice()])
    spread = np.sqrt(within.reshape(6, 3).var(axis=1, ddof=1).mean())
    assert regimes.margins(trained)[regimes.IDENTITY] == pytest.approx(0.38 * spread, abs=0.026)
    judged = regimes.chosen_by(trained)
    assert list(judged) == [regimes.LONG, regimes.IDENTITY]
    for start, choice in judged.items():
        assert {each.candidate.name for each in choice} == set(regimes.CANDIDATES)
        today = {each.candidate.name: each for each in choice}[regimes.TODAY]
        assert today.candidate.errors[0] == pytest.approx(short)
        told = regimes.in_short(choice)
        assert next(iter(told.values()))["outcome"] == "chosen"
        assert {row["outcome"] for row in told.values()} <= {"chosen", "tied", "less", "out"}
        value, low, high = today.biases["AnyNetX_E", "RegNetX"]
        assert low < high
        assert f"{abs(value):.2f}" in told[regimes.TODAY]["bias, E to RegNetX"], start


def test_before_all_are_trained_long_thrice_it_is_said_what_is_missing(by_lot):
    with pytest.raises(TooFew, match="of 18 networks 0 are trained by ten-epochs-again"):
        regimes.agreements(by_lot)
    trained = with_long_errors(by_lot, *np.full((3, 18), 9.0))
    fewer = dict(list(trained.identity.items())[1:])
    with pytest.raises(TooFew, match="of 18 networks 17 are trained by ten-epochs-identity; all"):
        regimes.between_starts(replace(trained, identity=fewer))


def test_what_is_known_foretells_part_of_the_errors():
    """Against least squares without each network in turn."""
    population = Population.recorded("AnyNetX_D", "AnyNetX_E")
    left, total = [], []
    for space in ("AnyNetX_D", "AnyNetX_E"):
        records = list(population.space(space))
        errors = np.minimum([100 * record.val_error for record in records], 20)
        design = np.column_stack([np.ones(len(records)), known(records)])
        for i in range(len(records)):
            others = np.arange(len(records)) != i
            found = np.linalg.lstsq(design[others], errors[others], rcond=None)[0]
            left.append(errors[i] - design[i] @ found)
            total.append(errors[i] - errors[others].mean())
    expected = 1 - np.sum(np.square(left)) / np.sum(np.square(total))
    assert calibration.foretold(population, ["AnyNetX_D", "AnyNetX_E"]) == pytest.approx(expected)
    assert 0.2 < expected < 0.8


def test_expectations_are_means_over_the_space():
    found = expectation("RegNetX")
    other = SPACES["RegNetX"].sample(500, 7)
    depths = np.log([sum(network.depths) for network in other])
    assert found.mean[0] == pytest.approx(depths.mean(), abs=4 * depths.std() / 500**0.5)
    assert found.doubt.shape == (3, 3)
    assert found.doubt[0, 0] == pytest.approx(depths.var() / calibration.DRAWS, rel=0.2)
    records = list(Population.recorded("RegNetX"))
    away = known(records).mean(axis=0) - found.mean
    assert (np.abs(away) < 5 * np.sqrt(np.diag(found.doubt) * calibration.DRAWS / 100)).all()


def test_two_trainings_agree_over_the_networks_of_both():
    first = Population.recorded("AnyNetX_C", "AnyNetX_D")
    again = Population.trial("again")
    found = regimes.agreement(first, again)
    assert found.n == 20, "ten of either space, and none of the other four"
    assert 0 < found.value < 1
    assert regimes.agreement(first, first).value == pytest.approx(1)
    assert isinstance(regimes.agreement(first, Population()), TooFew)
    one, *rest = again
    astray, worse = (Population([replace(one, val_error=e), *rest]) for e in (0.2, 0.9))
    assert regimes.agreement(first, astray) == regimes.agreement(first, worse), "both at the cap"
    both = Population([*first, *again])
    for sides in ((first, both), (both, first)):
        with pytest.raises(PopulationError, match="are one network that is there twice"):
            regimes.agreement(*sides)
