"""VioNets: each breaks one principle and no other, at equal depth and cost."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import fit
from designspaces.experiments.violations import beyond, plan
from designspaces.experiments.violations.space import HOLDS, KEPT, VIOLATIONS, VioNets
from designspaces.judging.statistics import TooFew
from designspaces.judging.study import draft, evaluate
from designspaces.populations.population import Population
from designspaces.spaces.own import load_space

N = 6
DRAWN = {name: VioNets(name).draw(N, 1) for name in plan.N}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_family_breaks_what_it_says_and_nothing_else(name):
    for draw, kept in zip(DRAWN[name], DRAWN[KEPT.name], strict=True):
        network, own = draw.architecture, kept.architecture
        broken = {name for name, holds in HOLDS.items() if not holds(network)}
        violation = VIOLATIONS[name]
        assert violation.breaks <= broken <= violation.breaks | violation.spares
        assert sum(network.depths) == sum(own.depths)
        assert (network.depths != own.depths) == ("falling_depths" in name)
        if "falling" in name:
            falling = network.depths if "depths" in name else network.widths
            assert list(falling) == sorted(falling)[::-1]
            assert falling[0] > falling[-1]
        ratio = complexity(network, 28).flops / complexity(own, 28).flops
        assert 0.9 <= ratio <= 1.1
        assert draw.index == kept.index


@pytest.mark.parametrize("name", [name for name in VIOLATIONS if "falling" not in name])
def test_a_line_is_left_by_those_that_shall_leave_it(name):
    """Wider steps of width move others off it a little; those that fall need not follow one."""
    off = [fit(draw.architecture).percent for draw in DRAWN[name]]
    if name == "VioNet_no_line":
        assert min(off) >= 20
    else:
        assert np.median(off) < 12


def test_parameters_are_lost_and_won_as_the_chapter_says():
    """A tenth is left where widths fall, a third where depths do; without a line there are more."""
    kept, *others = (
        np.array([complexity(draw.architecture, 28).params for draw in VioNets(name).draw(12, 1)])
        for name in (
            KEPT.name,
            "VioNet_falling_widths",
            "VioNet_falling_depths",
            "VioNet_no_line",
        )
    )
    widths, depths, no_line = (np.median(one / kept) for one in others)
    assert 0.05 < widths < 0.15
    assert 0.28 < depths < 0.38
    assert no_line > 1.02


def test_what_is_kept_keeps_all():
    for draw in DRAWN[KEPT.name]:
        assert all(holds(draw.architecture) for holds in HOLDS.values())
        assert fit(draw.architecture).percent < 10


def test_networks_of_many_lengths_are_kept():
    lengths = [sum(draw.architecture.depths) for draw in KEPT.draw(20, 1)]
    assert min(lengths) <= 7
    assert max(lengths) >= 14


def test_the_same_seed_draws_the_same_networks_and_another_one_others():
    for name in plan.N:
        assert VioNets(name).draw(3, 1) == DRAWN[name][:3]
    assert KEPT.draw(3, 2) != DRAWN[KEPT.name][:3]


def test_each_family_is_found_by_its_module_and_draws_what_can_be_read_again():
    for name in ("KEPT", "FALLING_WIDTHS", "NO_LINE"):
        space = load_space(f"designspaces.experiments.violations.space:{name}")
        for draw in space.draw(2, 1, resolution=28):
            assert space.read(draw.architecture.to_dict()) == draw.architecture


def made_up():
    """Errors that are made: falling widths cost a point, and nothing else costs anything."""
    model = next(iter(Population.recorded("AnyNetX_A")))
    lot, records = np.random.default_rng(0), []
    for name, draws in DRAWN.items():
        worse = 0.01 * (name == "VioNet_falling_widths")
        for k in range(10):
            records += [
                replace(
                    model,
                    space=name,
                    sample_seed=1,
                    index=N * k + draw.index,
                    seed=N * k + draw.index,
                    drawn=draw.drawn,
                    architecture=draw.architecture.to_dict(),
                    val_error=0.1 + worse + float(lot.normal(0, 0.001)),
                )
                for draw in draws
            ]
    return Population(records)


def test_a_plan_in_which_nothing_but_falling_widths_harms_finds_that():
    n = dict.fromkeys(plan.N, 10 * N)
    answers = evaluate(made_up(), draft(plan.FAMILIES, n, 0.3, images=False))
    assert len(answers) == 7 + 6
    for name, answer in answers.items():
        verdict = answer.verdict.split()[0].strip(":")
        if name == "falling-widths":
            assert verdict == "supported", name
        elif name.startswith("falling-widths"):
            assert verdict == "contradicted", name
        elif "-or-" in name or name == "mixed-groups":
            assert verdict == "supported", name
        else:
            assert verdict not in ("supported", "contradicted"), name


def test_the_paper_expects_one_breach_to_do_nothing():
    expected = {breach.id: breach.expects for breach in plan.BREACHES}
    assert expected.pop("mixed-groups") == "same"
    assert set(expected.values()) == {"better"}
    assert {breach.partners for breach in plan.BREACHES} == set(VIOLATIONS)


def test_medians_and_what_else_differs(monkeypatch):
    evidence = made_up()
    astray = [
        replace(record, val_error=0.9) if record.id == first.id else record
        for first in [next(iter(evidence.space("VioNet_no_line")))]
        for record in evidence
    ]
    monkeypatch.setattr(beyond, "N", dict.fromkeys(plan.N, 10 * N))
    found = beyond.medians(Population(astray))
    assert found.keys() == {q.id for family in plan.FAMILIES for q in family.questions}
    assert found["falling-widths"].value == pytest.approx(-1, abs=0.1)
    assert found["falling-widths"].high < -0.8
    spared = beyond.medians(evidence)["no-line"]
    assert abs(found["no-line"].value - spared.value) < 0.05, "one astray hardly moves a median"
    told = beyond.lost_and_costs(Population(astray))
    assert [name for name, row in told.items() if row["above the cap"]] == ["no-line"]
    model = {(r.space, r.index): r for r in evidence}
    for name, cost in product(("depthwise", "no-line"), ("params", "activations")):
        family = f"VioNet_{name.replace('-', '_')}"
        sides = [[getattr(model[one, i], cost) for i in range(N)] for one in (family, KEPT.name)]
        assert told[name][cost] == pytest.approx(np.median(np.divide(*sides)))
    one_less = Population(list(evidence)[:-1])
    for tell in (beyond.lost_and_costs, beyond.medians):
        with pytest.raises(TooFew, match="VioNet_.* has not all of its 60 networks yet"):
            tell(one_less)


@pytest.mark.simulation
def test_the_medians_of_a_family_hold_at_once(monkeypatch):
    """Where families differ in nothing, some interval leaves 0 out in one family of twenty."""
    monkeypatch.setattr(beyond, "N", dict.fromkeys(plan.N, 10 * N))
    generator = np.random.default_rng(5)
    missed, widths = 0, []
    for _ in range(60):
        records = [
            replace(record, val_error=float(generator.normal(0.15, 0.02))) for record in made_up()
        ]
        found = beyond.medians(Population(records))
        widths += [median.high - median.low for median in found.values()]
        missed += any(not found[q.id].low <= 0 <= found[q.id].high for q in plan.BREACHES)
    assert missed <= 7
    assert np.mean(widths) < 4.5, "of the difference of two, each of a spread of 2, of 60 pairs"
