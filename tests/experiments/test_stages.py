"""Four stages beside two: who is sent, by which rule, and what five seeds can tell."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import REGNETX32
from designspaces.experiments.stages import picking, plan
from designspaces.experiments.stages.picking import pick, picked_from, planned, write_down
from designspaces.experiments.stages.space import (
    CHOSEN_FILE,
    COST,
    DEEPER,
    FOUR_STAGES,
    Contestant,
    contestants,
)
from designspaces.judging.effects import welch
from designspaces.judging.statistics import TooFew
from designspaces.judging.study import draft, evaluate
from designspaces.populations.population import Population, PopulationError
from designspaces.spaces.own import load_space

MODEL = next(iter(Population.recorded("AnyNetX_A")))


def trained(draws, errors):
    return [
        replace(
            MODEL,
            space=FOUR_STAGES.name,
            sample_seed=1,
            index=draw.index,
            seed=draw.index,
            recipe=asdict(plan.PICKING.recipe),
            finished="2999-01-01T00:00:00+00:00",
            architecture=draw.architecture.to_dict(),
            val_error=float(error),
        )
        for draw, error in zip(draws, errors, strict=True)
    ]


DRAWS = FOUR_STAGES.draw(plan.PICKED_FROM, 1)


def test_four_stages_cost_what_two_do():
    for draw in DRAWS:
        network = draw.architecture
        assert len(network.depths) == 4
        assert network.stem_width == REGNETX32.stem_width
        assert complexity(network, 96).flops == pytest.approx(COST.flops, rel=0.05)


def test_the_rule_picks_by_error_and_depth():
    depths = np.array([draw.architecture.depth for draw in DRAWS])
    errors = 0.1 + depths / 1000  # the shorter the better
    sent = pick(trained(DRAWS, errors))
    assert sent["best"].depth == depths.min()
    assert sent["deeper"].depth == depths[depths >= DEEPER * depths.min()].min()
    alike = complexity(sent["alike"], 96).activations
    assert alike == pytest.approx(COST.activations, rel=picking.NEAR)
    assert sent["alike"].depths == sent["deeper"].depths
    longest = pick(trained(DRAWS, 0.2 - depths / 1000))
    assert list(longest) == ["best"], "none is half as deep again"
    assert longest["best"].depth == depths.max()


def test_a_network_that_comes_not_near_enough_is_not_sent(monkeypatch):
    monkeypatch.setattr(picking, "NEAR", 1e-9)
    records = trained(DRAWS, [0.1 + draw.architecture.depth / 1000 for draw in DRAWS])
    assert list(pick(records)) == ["best", "deeper"]


def test_only_the_planned_networks_are_picked_from(tmp_path):
    records = trained(DRAWS, [0.1 + draw.architecture.depth / 1000 for draw in DRAWS])
    for wrong, kind, said in (
        (records[1:], TooFew, "of 24 networks 23 are trained; all are needed"),
        ([*records, replace(records[0], index=24, seed=24)], PopulationError, "none of the 24"),
        ([replace(records[0], space="RegNetX"), *records[1:]], PopulationError, "none of the 24"),
        ([replace(r, recipe=MODEL.recipe) for r in records], PopulationError, "another recipe"),
        ([replace(r, sample_seed=0) for r in records], PopulationError, "of sample 0"),
        ([replace(r, finished=MODEL.finished) for r in records], PopulationError, "before the"),
    ):
        with pytest.raises(kind, match=said):
            write_down(Population(wrong), tmp_path / "chosen.json")
    assert not (tmp_path / "chosen.json").exists()


def test_what_was_written_down_is_what_the_rule_picks():
    if not CHOSEN_FILE.exists():
        assert list(contestants()) == ["RegNetX32"]
        return
    found = contestants()
    assert {f"four_{name}": one for name, one in pick(planned(picked_from())).items()} == {
        name: each.architecture for name, each in found.items() if name != "RegNetX32"
    }


def test_what_is_picked_is_written_once_and_read_again(tmp_path):
    path = tmp_path / "stages" / "chosen.json"
    assert list(contestants(path)) == ["RegNetX32"]
    records = trained(DRAWS, [0.1 + draw.architecture.depth / 1000 for draw in DRAWS])
    write_down(Population(records), path)
    found = contestants(path)
    assert set(found) == set(plan.N)
    assert found["four_best"].architecture == pick(records)["best"]
    with pytest.raises(ValueError, match="nothing is chosen twice"):
        write_down(Population(records), path)


def test_a_contestant_is_one_network_from_many_seeds():
    own = Contestant("RegNetX32", REGNETX32)
    draws = own.draw(plan.SEEDS)
    assert [draw.index for draw in draws] == list(range(plan.SEEDS))
    assert {draw.architecture for draw in draws} == {REGNETX32}
    space = load_space("designspaces.experiments.stages.space:TWO_STAGES")
    assert space.draw(1, resolution=96)[0].architecture == REGNETX32


def test_the_interval_is_welchs():
    stats = pytest.importorskip("scipy.stats")
    generator = np.random.default_rng(0)
    a, b = generator.normal(10, 0.2, 5), generator.normal(9.8, 0.5, 5)
    found = welch("x", (range(5), b), (range(5, 10), a))
    theirs = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    half = found.reach(0.05)
    assert found.value == pytest.approx(b.mean() - a.mean())
    assert (found.value - half, found.value + half) == pytest.approx(tuple(theirs), abs=2e-3)
    assert found.p == pytest.approx(stats.ttest_ind(b, a, equal_var=False).pvalue, abs=1e-3)
    for sides in [
        ((range(2), b[:2]), (range(5, 10), a)),
        ((range(5), b * 0), (range(5, 10), a * 0)),
    ]:
        with pytest.raises(TooFew):
            welch("x", *sides)


def test_it_covers_with_five_seeds():
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(1000):
        a, b = generator.normal(10, (0.2, 0.5), (5, 2)).T
        found = welch("x", (range(5), b), (range(5, 10), a))
        held += abs(found.value) <= found.reach(0.05)
    assert 0.93 <= held / 1000 <= 0.975


def test_the_plan_answers():
    generator = np.random.default_rng(2)
    records = [
        replace(
            MODEL,
            space=name,
            sample_seed=1,
            index=seed,
            seed=seed,
            val_error=0.1 - 0.02 * (name == "four_deeper") + float(generator.normal(0, 0.001)),
        )
        for name in plan.N
        for seed in range(plan.SEEDS)
    ]
    asked = draft(plan.FAMILIES, plan.N, 0.3, images=False)
    answers = evaluate(Population(records), asked)
    assert answers["four-deeper"].verdict == "supported by more than the margin"
    assert not answers["four-best"].verdict.startswith("supported")
    assert answers["four-deeper"].n == (5, 5)
    assert answers["four-deeper-than-best"].verdict == "supported by more than the margin"
    assert len(answers) == 4
