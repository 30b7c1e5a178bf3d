"""The signed plan of the second study is what the rule makes of the recorded trainings."""

from dataclasses import asdict, replace

import pytest

from designspaces.experiments.stages import plan as stages
from designspaces.judging import plan, regimes
from designspaces.judging.calibration import foretold
from designspaces.judging.study import evaluate, fingerprint
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.study import GROUPS, SAMPLE_SEED
from designspaces.populations.trials import SIX


def test_the_signed_plan_is_the_one_on_paper_by_the_regime_that_is_named():
    second = plan.SECOND
    assert second.signed
    assert (second.recipe, plan.recipe_for("primary")) == (plan.recipe_for("bands"),) * 2
    assert plan.recipe_for("runner-up") != second.recipe
    assert (second.sample_seed, second.n, second.images) == (SAMPLE_SEED, plan.N, True)
    assert second.families == plan.FAMILIES
    assert fingerprint(second) == "12fde7c12fc0", "the plan is not the one that was signed"


def test_the_intervals_of_the_primary_contrasts_are_as_narrow_as_was_asked():
    answers = evaluate(plan.evidence(), plan.SECOND)
    widths = {id_: a.interval.width for id_, a in answers.items() if a.family.name == "primary"}
    assert len(widths) >= 6
    assert max(widths.values()) <= 0.6, widths


def test_regime_margin_and_means_are_those_of_the_rule():
    trained = regimes.read()
    first, other, *_ = regimes.chosen(trained)
    assert other.candidate.name == plan.RUNNER_UP
    assert plan.SECOND.recipe == first.candidate.recipe
    assert plan.recipe_for("runner-up") == other.candidate.recipe
    assert plan.SECOND.margin == pytest.approx(first.margin)
    assert pytest.approx(regimes.screen(trained)) == stages.MARGIN
    sixty = Population(trained.short[first.candidate.name][*place, 0] for place in trained.places)
    assert plan.SECOND.calibrated == (foretold(sixty, SIX) >= plan.ENOUGH_KNOWN)


def test_what_stands_beside_is_complete_and_trained_as_its_group_is(monkeypatch):
    wanted = GROUPS["runner-up"].networks
    now = "2999-01-01T00:00:00+00:00"
    recipe = asdict(plan.recipe_for("runner-up"))
    records = [
        replace(record, sample_seed=SAMPLE_SEED, recipe=recipe, finished=now)
        for space, n in wanted.items()
        for record in list(Population.recorded(space))[: n - (space == "AnyNetX_D")]
    ]
    monkeypatch.setattr(Population, "study", classmethod(lambda cls, group: Population(records)))
    there = {record.space for record in plan.beside("runner-up")}
    assert there == set(wanted) - {"AnyNetX_D"}, "one of D is missing"
    with pytest.raises(PopulationError, match=r"plan's: .*zero_init_residual True and False"):
        plan.beside("second-seeds")
    whole = records[0]
    records[0] = replace(whole, device="cuda:0 NVIDIA L4")
    with pytest.raises(PopulationError, match=r"AnyNetX_C.* on one kind of device"):
        plan.beside("runner-up")
    records[0] = replace(whole, finished="2000-01-01T00:00:00+00:00")
    with pytest.raises(PopulationError, match="before the plan was signed"):
        plan.beside("runner-up")
    with pytest.raises(ValueError, match="'runners-up'"):
        plan.beside("runners-up")
