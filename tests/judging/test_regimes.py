"""The recorded trainings of the choice of regime: which networks, which trials, how far."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging import calibration, regimes
from designspaces.judging.calibration import expectation, known
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population
from designspaces.populations.trials import SETTINGS, recipe_of
from designspaces.spaces import SPACES


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
    found = regimes.progress(trained)
    assert found.short[regimes.TODAY] == found.networks == 60
    fewer = replace(trained, long=dict(list(trained.long.items())[1:]))
    assert regimes.progress(fewer).long == found.long - 1
    with pytest.raises(TooFew, match="all are needed"):
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
    assert regimes.progress(trained).complete
    assert today.errors.shape == (1, 60), "the second seeds are of other networks"
    assert (today.cost, today.departures) == (1, 0)
    records = {(r.space, r.index): r for r in Population.recorded()}
    first = records[regimes.places()[0]]
    assert today.errors[0, 0] == 100 * first.val_error
    assert sixty.held[0] == pytest.approx(np.log([sum(first.network.depths), first.params]))
    assert not np.array_equal(sixty.long, today.errors[0])


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
