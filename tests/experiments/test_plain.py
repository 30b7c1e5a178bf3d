"""RegNets of basic blocks: the depths of the RegNetX beside them, at the cost that is asked."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.designs.complexity import complexity
from designspaces.experiments.plain import beyond, plan, space, timing
from designspaces.experiments.plain.space import BESIDE, EQUAL_FLOPS, PlainSpace
from designspaces.judging.study import Plan, evaluate
from designspaces.networks.anynet import build
from designspaces.networks.counting import count
from designspaces.populations.population import Population
from designspaces.spaces.own import load_space
from designspaces.training.recipe import POPULATION


@pytest.mark.parametrize("times", [1.0, 2.0])
def test_depths_are_those_beside_and_the_cost_is_a_multiple(times):
    plain = PlainSpace("Plain", times).draw(40, 1)
    ratios = []
    for draw, beside in zip(plain, BESIDE.draw(40, 1), strict=True):
        network, own = draw.architecture, beside.architecture
        assert network.block == "basic"
        assert network.depths == own.depths
        assert draw.index == beside.index
        ratios.append(complexity(network, 28).flops / complexity(own, 28).flops)
    assert np.mean(ratios) == pytest.approx(times, rel=0.01)
    assert np.ptp(ratios) < 0.15 * times


def test_one_of_them_is_counted_as_it_is_built():
    network = EQUAL_FLOPS.draw(1, 1)[0].architecture
    assert count(build(network, 0), 28) == complexity(network, 28)


def test_it_is_found_by_its_module():
    found = load_space("designspaces.experiments.plain.space:EQUAL_FLOPS")
    network = found.draw(1, 1, resolution=28)[0].architecture
    assert found.read(network.to_dict()) == network
    assert set(plan.N) == {"RegNetX", found.name, space.EQUAL_TIME.name}


@pytest.mark.parametrize("times", [0, -1, float("nan"), "twice"])
def test_what_is_no_multiple_is_refused(times):
    with pytest.raises(ValueError, match="times is"):
        PlainSpace("Plain", times)


# --- at equal time --------------------------------------------------------------------------------


def made_up(power: float = 0.8, start: float = 0.5) -> list[tuple[int, float, float, float]]:
    """Times of pairs whose plain networks take `start` of the X networks' times at equal cost."""
    return [
        (pair, times, 10.0 * pair, 10.0 * pair * start * times**power)
        for pair in (1, 2, 3)
        for times in timing._MULTIPLES
    ]


def test_the_multiple_is_where_both_take_equally_long(tmp_path):
    """A power law lies on a straight line of logarithms: the answer is exact, but for rounding."""
    path = tmp_path / "times.csv"
    timing._write(made_up(), path)
    assert timing._read(path) == made_up()
    found = timing.multiple(timing._read(path))
    assert found == round(2 ** (1 / 0.8), 2)
    assert timing.ratios(made_up())[1.0].tolist() == [0.5] * 3


@pytest.mark.parametrize("start", [0.1, 1.5])
def test_a_time_that_no_multiple_reaches_is_refused(start):
    with pytest.raises(ValueError, match="expected 1 within"):
        timing.multiple(made_up(start=start))


def test_one_pair_is_timed_at_each_multiple(monkeypatch):
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    for name, value in (("_PAIRS", 1), ("_BATCH", 2), ("_TURNS", 1)):
        monkeypatch.setattr(timing, name, value)
    try:
        rows = timing._measure()
    finally:
        torch.set_num_threads(threads)
    assert [row[:2] for row in rows] == [(0, times) for times in timing._MULTIPLES]
    assert min(min(row[2:]) for row in rows) > 0


def test_what_was_measured_is_what_the_space_takes():
    assert timing.multiple(timing._read()) == space.TIMES == space.EQUAL_TIME.times


def test_the_plan_asks_at_equal_cost_and_at_equal_time():
    """On errors that are made: X is better by a point at equal cost, and by nothing in time."""
    model = next(iter(Population.recorded("RegNetX")))
    lot, worse = np.random.default_rng(0), {EQUAL_FLOPS.name: 0.01}
    records = [
        replace(
            model,
            space=name,
            sample_seed=1,
            index=index,
            seed=index,
            val_error=0.1 + worse.get(name, 0) + float(lot.normal(0, 0.001)),
        )
        for name in plan.N
        for index in range(plan.N[name])
    ]
    whole = Plan(None, POPULATION, 1, plan.N, 0.3, False, plan.FAMILIES)
    verdicts = {name: one.verdict for name, one in evaluate(Population(records), whole).items()}
    assert verdicts["x-plain"].startswith("supported")
    assert verdicts["x-plain-time"] == "no difference that matters"


# --- beyond the plan ------------------------------------------------------------------------------


def test_parts_are_means_of_the_pairs_that_they_name():
    evidence = plan.evidence()
    for question in plan.PLAN.families[0].questions:
        x, plain = question.pairs(evidence)
        gains = {
            one.index: min(20, 100 * one.val_error) - min(20, 100 * other.val_error)
            for one, other in zip(x, plain, strict=True)
        }
        found = beyond.parts(question, evidence)
        alone = [gains[r.index] for r in x if {s.group_width for s in r.network.stages} == {1}]
        assert found["depthwise"] == pytest.approx(np.mean(alone))
        middle = np.median([r.network.depth for r in x])
        longer = [gains[r.index] for r in x if sum(r.network.depths) > middle]
        assert found["longer"] == pytest.approx(np.mean(longer))
        halves = np.average(
            [found["shorter"], found["longer"]], weights=[100 - len(longer), len(longer)]
        )
        assert halves == pytest.approx(np.mean(list(gains.values())))


def test_what_the_chapter_says_of_the_pairs_beyond_the_plan_holds():
    evidence = plan.evidence()
    at_cost, in_time = (beyond.parts(q, evidence) for q in plan.PLAN.families[0].questions)
    assert abs(at_cost["shorter"]) < 0.1 < 0.5 < at_cost["longer"]
    assert at_cost["depthwise"] > at_cost["longer"], "most of all where groups are single channels"
    assert min(in_time["shorter"], in_time["longer"]) > 0.5, "ahead in both halves"


def test_a_part_without_pairs_is_refused():
    question = plan.X_IS_BETTER
    few = [r for r in plan.evidence() if r.index == 0]
    with pytest.raises(ValueError, match="none of 1 pairs are longer"):
        beyond.parts(question, Population(few))
