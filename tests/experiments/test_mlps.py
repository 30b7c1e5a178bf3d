"""MLPs of two sizes: drawn, counted, built and foretold."""

import json
from dataclasses import replace
from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from designspaces.designs.regnet import quantized_widths
from designspaces.experiments.mlps import plan, space
from designspaces.experiments.mlps.beyond import look_at, ranks_within
from designspaces.experiments.mlps.block import MLP
from designspaces.experiments.mlps.foretelling import (
    BestQuarter,
    below_the_cut,
    foretell,
    rank_slope,
    read_down,
    write_down,
)
from designspaces.judging import properties
from designspaces.judging.effects import CAP
from designspaces.judging.properties import nearest_line, values
from designspaces.judging.statistics import TooFew
from designspaces.judging.study import Plan, evaluate
from designspaces.populations.checks import check_drawn
from designspaces.populations.population import Population
from designspaces.populations.record import pack_mistakes
from designspaces.spaces.own import load_space
from refusals import refusal

SPACES = {one.name: one for one in (*space.SMALL, *space.LARGE)}
SETTINGS = {"depths": (2, 1), "widths": (16, 24), "expansion": 2, "residual": True}
RECORD = next(iter(Population.recorded("RegNetX")))


@cache
def drawn(name: str, n: int = 20):
    return SPACES[name].draw(n)


def recorded(name: str, errors_of, n: int = 20) -> list:
    """The first networks of a space as if trained; errors_of: networks to errors in percent."""
    own = load_space(f"{space.__name__}:{name.upper()}")
    draws = drawn(name, n)
    errors = errors_of([draw.architecture for draw in draws])
    return [
        replace(
            RECORD,
            schema=3,
            space=name,
            index=draw.index,
            drawn=draw.drawn,
            architecture=draw.architecture.to_dict(),
            flops=draw.architecture.cost(28).flops,
            params=draw.architecture.cost(28).params,
            activations=draw.architecture.cost(28).activations,
            origin=own.origin,
            val_error=round(error * 10) / 1000,
            val_mistakes=pack_mistakes(np.arange(1000) < round(error * 10)),
        )
        for draw, error in zip(draws, errors, strict=True)
    ]


def errors(networks) -> np.ndarray:
    """Deep is good where there are shortcuts and bad where there are none; and some luck."""
    depth = np.log([sum(network.depths) for network in networks])
    residual = np.array([network.residual for network in networks])
    luck = np.random.default_rng(len(networks)).normal(0, 0.2, len(networks))
    return 12 - 2 * residual + np.where(residual, -0.5, 1) * depth + luck


# --- the networks ---


@pytest.mark.parametrize("name", SPACES)
def test_the_cost_in_closed_form_is_that_of_the_built_network(name):
    pytest.importorskip("torch")
    from designspaces.networks.counting import count

    for draw in drawn(name)[:4]:
        network = draw.architecture
        assert network.cost(28) == count(network.build(0), 28)


def test_shortcuts_cost_only_where_the_width_changes():
    with_, without = (replace(MLP(**SETTINGS), residual=either) for either in (True, False))
    assert with_.cost(28).flops - without.cost(28).flops == 16 * 24
    equal = [replace(one, widths=(16, 16)) for one in (with_, without)]
    assert equal[0].cost(28) == equal[1].cost(28)


def test_blocks_begin_as_the_identity_and_still_learn():
    torch = pytest.importorskip("torch")
    from designspaces.networks.blocks import ResidualBlock, start_as_identity

    network = MLP(**SETTINGS).build(0)
    start_as_identity(network)
    block, *_ = [module for module in network if isinstance(module, ResidualBlock)]
    x = torch.rand(5, 16, 1, 1)
    assert torch.equal(block(x), x)
    block(x).square().sum().backward()
    norms = [m for m in block.body.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert norms[-1].weight.grad.abs().max() > 0


@pytest.mark.parametrize("residual", [True, False])
def test_a_network_learns_a_batch_within_a_few_steps(residual):
    torch = pytest.importorskip("torch")
    from designspaces.networks.blocks import start_as_identity

    network = replace(MLP(**SETTINGS), residual=residual).build(1)
    if residual:
        start_as_identity(network)
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(64, 1, 28, 28, generator=generator)
    images = images.to(memory_format=torch.channels_last)
    labels = torch.randint(10, (64,), generator=generator)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(25):
        loss = torch.nn.functional.cross_entropy(network(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(np.log(10), abs=0.2)
    assert losses[-1] < losses[0] / 2


def test_weights_hang_on_the_seed_alone():
    torch = pytest.importorskip("torch")
    network, state = MLP(**SETTINGS), torch.random.get_rng_state()
    first, again, other = (network.build(seed).state_dict() for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    assert any(not torch.equal(value, other[name]) for name, value in first.items())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"depths": (2,)}, "depths are"),
        ({"depths": (0, 1)}, "depths: value 1 is 0"),
        ({"widths": (16, 2.5)}, "widths: value 2 is 2.5"),
        ({"expansion": -1}, "expansion is -1"),
        ({"expansion": 0.3}, "whole hidden units"),
        ({"residual": 1}, "residual is 1"),
        ({"resolution": 0}, "resolution is 0"),
    ],
)
def test_what_is_no_mlp_is_refused(wrong, said):
    assert said in refusal(MLP, **SETTINGS | wrong)


def test_costs_and_settings_of_something_else_are_refused():
    network = MLP(**SETTINGS)
    assert "expected 28" in refusal(network.cost, 96)
    settings = network.to_dict()
    for wrong in (settings | {"kind": "other"}, settings | {"colour": 1}, {"kind": "mlp"}):
        assert "to_dict" in refusal(MLP.from_dict, wrong)


# --- the spaces ---


@pytest.mark.parametrize("name", SPACES)
def test_networks_are_drawn_again_read_again_and_in_the_band(name):
    own = SPACES[name]
    assert own.draw(5) == drawn(name)[:5]
    assert own.draw(5, 1) != own.draw(5, 2)
    low, high = own.flops
    for index, draw in enumerate(drawn(name)):
        assert draw.index == index
        assert low <= draw.architecture.cost(28).flops <= high
        settings = json.loads(json.dumps(draw.architecture.to_dict()))
        assert own.read(settings) == draw.architecture
        assert json.loads(json.dumps(draw.drawn)) == draw.drawn


@pytest.mark.parametrize("size", ["small", "large"])
def test_every_network_keeps_its_rule(size):
    orders = {
        "rising": lambda before, after: before <= after,
        "falling": lambda before, after: before >= after,
        "equal": lambda before, after: before == after,
    }
    for rule, keeps in orders.items():
        for draw in drawn(f"MLP_{rule}_{size}"):
            assert all(keeps(*pair) for pair in pairwise(draw.architecture.widths))
    for draw in drawn(f"MLP_line_{size}"):
        line = [draw.drawn[name] for name in ("depth", "w_0", "w_a", "w_m")]
        widths = quantized_widths(*line)[:: -1 if draw.drawn["falls"] else 1]
        assert draw.architecture.block_widths.tolist() == widths.tolist()
    free = [draw.architecture for draw in drawn(f"MLP_A_{size}")]
    assert {len(network.depths) for network in free} == {4}
    assert {network.residual for network in free} == {True, False}
    assert {draw.drawn["falls"] for draw in drawn(f"MLP_line_{size}")} == {True, False}


def test_sizes_are_far_apart_and_images_of_another_size_are_read_too(monkeypatch):
    assert space.MLP_A_LARGE.flops[0] >= 8 * space.MLP_A_SMALL.flops[1]
    (draw,) = space.MLP_A_SMALL.draw(1, resolution=14)
    assert draw.architecture.cost(14).flops >= space.MLP_A_SMALL.flops[0]
    monkeypatch.setattr(space, "TRIES", 16)
    said = refusal(space.MLP_A_SMALL.draw, 1, resolution=500)
    assert "MLP_A_small: found 0 of 1 networks in 160 draws; expected" in said
    assert "n is -1" in refusal(space.MLP_A_SMALL.draw, -1)
    assert "seed is 0.5" in refusal(space.MLP_A_SMALL.draw, 1, 0.5)
    assert "resolution is 0" in refusal(space.MLP_A_SMALL.draw, 1, resolution=0)


@pytest.mark.parametrize("start", [True, False])
def test_a_sweep_trains_both_kinds_by_one_recipe_and_reads_them_again(tmp_path, start):
    pytest.importorskip("torch")
    from designspaces.populations.sweep import train_population
    from faults import RECIPE, Here

    recipe = replace(RECIPE, zero_init_residual=start)
    own = load_space(f"{space.__name__}:MLP_A_SMALL")
    train_population([own], 4, recipe, Here(), tmp_path)
    again = Population.load(tmp_path / "MLP_A_small.jsonl")
    check_drawn(again)
    assert {record.network.residual for record in again} == {True, False}
    assert again.recipe == recipe
    assert [record.network for record in again] == [d.architecture for d in drawn(own.name)[:4]]


# --- what is known of the records ---


def test_properties_are_those_of_the_networks():
    records = recorded("MLP_line_small", errors, 4)
    networks = [record.network for record in records]
    assert list(values(records, "depth")) == [sum(network.depths) for network in networks]
    assert list(values(records, "expansion")) == [network.expansion for network in networks]
    assert list(values(records, "residual")) == [network.residual for network in networks]
    assert values(records, "fit_error").max() < 2
    turned = replace(records[0], architecture=_turned(records[0].architecture))
    assert nearest_line(turned) == nearest_line(records[0])


def _turned(settings):
    return settings | {name: settings[name][::-1] for name in ("depths", "widths")}


# --- what is foretold ---


def test_what_holds_of_small_networks_is_foretold_of_large_ones():
    small = recorded("MLP_A_small", errors, 60)
    large = [draw.architecture for draw in drawn("MLP_A_large", 60)]
    foretold = foretell(small, large)
    assert foretold == pytest.approx(errors(large), abs=1)
    assert np.corrcoef(foretold, errors(large))[0, 1] > 0.95


def test_no_large_error_can_have_a_part_in_what_is_foretold():
    small = recorded("MLP_A_small", errors, 30)
    large = recorded("MLP_A_large", errors, 30)
    assert "is a Record; expected an MLP" in refusal(foretell, small, large)
    networks = [record.network for record in large]
    assert "expected large ones to cost more" in refusal(foretell, [*small, large[0]], networks)
    question = BestQuarter(
        id="q", text="", source="", expects="better", small="MLP_A_small", large="MLP_A_large"
    )
    other = recorded("MLP_A_large", lambda networks: 20 - errors(networks), 30)
    either = [question._foretold(Population([*small, *records]))[1] for records in (large, other)]
    assert np.array_equal(*either)
    with pytest.raises(TooFew, match="17 small networks; this takes 18"):
        foretell(small[:17], networks)


def test_what_is_foretold_is_written_once(tmp_path):
    small, draws = recorded("MLP_A_small", errors, 30), drawn("MLP_A_large", 30)
    path = tmp_path / "foretold.json"
    write_down(small, draws, path)
    content = json.loads(path.read_text("utf-8"))
    foretold = foretell(small, [draw.architecture for draw in draws])
    assert list(content["foretold"].values()) == pytest.approx(foretold, abs=1e-5)
    assert list(content["foretold"]) == [str(index) for index in range(30)]
    assert content["small"] == [record.id for record in small]
    assert "nothing is foretold twice" in refusal(write_down, small, draws, path)


def test_what_was_written_is_what_is_judged(tmp_path):
    """And nothing else: not without the file, nor by other small networks, nor if it changed."""
    small, draws = recorded("MLP_A_small", errors, 30), drawn("MLP_A_large", 40)
    large, path = recorded("MLP_A_large", errors, 40), tmp_path / "foretold.json"
    evidence = Population([*small, *large])
    sides = {"small": "MLP_A_small", "large": "MLP_A_large"}
    told = {"id": "q", "text": "", "source": "", "expects": "better"}
    question = BestQuarter(**told, **sides, written=path)
    assert "there is no" in refusal(question.measure, evidence)
    write_down(small, draws, path)
    expected = BestQuarter(**told, **sides).measure(evidence)
    assert question.measure(evidence).value == pytest.approx(expected.value)
    fewer = Population([*small[1:], *large])
    assert "by other small networks" in refusal(question.measure, fewer)
    content = json.loads(path.read_text("utf-8"))
    lacking = content | {"foretold": {k: v for k, v in content["foretold"].items() if k != "3"}}
    path.write_text(json.dumps(lacking), "utf-8")
    assert "foretells nothing of MLP_A_large" in refusal(question.measure, evidence)
    content["foretold"]["3"] += 1
    path.write_text(json.dumps(content), "utf-8")
    assert "1.0000 points apart" in refusal(question.measure, evidence)


def test_the_difference_beyond_the_cut_is_that_of_two_means():
    rng = np.random.default_rng(0)
    foretold, found = rng.normal(size=(2, 80))
    effect = below_the_cut("cut", range(80), foretold, 10 + found)
    order = np.argsort(foretold)
    assert effect.value == pytest.approx(found[order[:20]].mean() - found[order[20:]].mean())
    assert effect.n == (20, 60)
    with pytest.raises(TooFew, match="39 networks; this takes at least 40"):
        below_the_cut("cut", range(39), foretold[:39], found[:39])
    with pytest.raises(TooFew, match="foretold the same"):
        below_the_cut("cut", range(80), np.ones(80), found)
    with pytest.raises(TooFew, match="errors do not vary on either side, or at the cap"):
        below_the_cut("cut", range(80), foretold, np.full(80, 90.0))


def test_rank_agreement_is_spearmans():
    stats = pytest.importorskip("scipy.stats")
    foretold, luck = np.random.default_rng(1).normal(size=(2, 50))
    found = 10 + foretold + luck
    effect = rank_slope("ranks", range(50), foretold, found)
    assert effect.value == pytest.approx(stats.spearmanr(foretold, found).statistic)


@pytest.mark.simulation
@pytest.mark.parametrize("share", [0.0, 0.6, 0.9])
def test_intervals_hold_the_truth_as_often_as_they_say(share):
    """Of 500 samples of 100, of errors that follow what was foretold to a degree.

    Where they follow closely the ranks' interval is wider than it need be.
    """
    rng = np.random.default_rng(2)
    foretold = rng.normal(size=(500, 100))
    found = 10 + share * foretold + np.sqrt(1 - share**2) * rng.normal(size=foretold.shape)
    density, quantile = 0.31778, 0.25  # of the normal distribution at its lower quartile
    truths = {
        below_the_cut: -share * density / (quantile * (1 - quantile)),
        rank_slope: 6 / np.pi * np.arcsin(share / 2),
    }
    for measure, truth in truths.items():
        effects = [measure("x", range(100), *pair) for pair in zip(foretold, found, strict=True)]
        held = np.mean([abs(e.value - truth) < e.reach(0.05) for e in effects])
        assert 0.92 < held < (0.97 if measure is below_the_cut else 1), (measure, held)


# --- the plan ---


def test_the_plan_asks_what_it_has_networks_for_and_each_thing_once():
    asked = [question for family in plan.FAMILIES for question in family.questions]
    assert len({question.id for question in asked}) == len(asked) == 20
    assert {name for question in asked for name in question.populations} == set(plan.N)
    assert plan.PLAN.families == plan.FAMILIES
    assert {record.space for record in plan.evidence()} <= set(plan.N)


def test_what_is_true_of_made_up_errors_is_found(monkeypatch, tmp_path):
    far = SimpleNamespace(percent=1.0)
    monkeypatch.setattr(properties, "_fit", lambda widths, may_fall: far)
    n = {name: 40 if "_A_" in name else 12 for name in plan.N}
    evidence = Population(r for name in n for r in recorded(name, errors, n[name]))
    recipe = next(iter(evidence)).trained_by
    path = tmp_path / "foretold.json"
    write_down(list(evidence.space("MLP_A_small")), drawn("MLP_A_large", 40), path)
    *others, foretold = plan.FAMILIES
    here = tuple(replace(question, written=path) for question in foretold.questions)
    families = (*others, replace(foretold, questions=here))
    signed = Plan(None, recipe, 0, n, 0.3, False, families, images=True)
    answers = evaluate(evidence, signed)
    for size in plan.SIZES:
        assert answers[f"residual-{size}"].verdict.startswith("supported")
        assert "does not vary" in answers[f"line-A-{size}"].why
    for name in ("best-quarter", "rank-agreement"):
        assert answers[name].verdict.startswith("supported"), name
    assert answers["best-quarter"].n == (10, 30)


@pytest.mark.slow
def test_what_the_chapter_says_of_the_recorded_ones_beyond_the_plan_holds():
    """Widths of the first stage, trainings beyond the cap, and who turns with shortcuts."""
    evidence = plan.evidence()
    seen = {name: look_at(evidence.space(name)) for name in plan.N}
    assert seen["MLP_rising_small"].first_width == 8
    beyond = {name: one.beyond_cap for name, one in seen.items() if name.endswith("_small")}
    assert beyond.pop("MLP_equal_small") < 50 <= min(beyond.values())
    for name in ("A", "rising", "falling", "equal"):
        own = evidence.space(f"MLP_{name}_large")
        assert sum(r.network.residual and 100 * r.val_error > CAP for r in own) <= 3, name
    answers = evaluate(evidence, plan.PLAN)
    rising, falling = seen["MLP_rising_large"], seen["MLP_falling_large"]
    apart = rising.with_shortcuts - falling.with_shortcuts
    assert apart > answers["falling-rising-large"].interval.effect.value
    ahead = [
        (size, way)
        for size in plan.SIZES
        for way in ("with_shortcuts", "without")
        if getattr(seen[f"MLP_falling_{size}"], way) < getattr(seen[f"MLP_equal_{size}"], way)
    ]
    assert ahead == [("large", "with_shortcuts")]
    small, large = (list(evidence.space(f"MLP_A_{size}")) for size in plan.SIZES)
    told = read_down(plan.FORETOLD_FILE, small, large)
    errors = [100 * record.val_error for record in large]
    assert np.mean(told > errors) > 0.5
    within = ranks_within(told, errors, [record.network.residual for record in large])
    assert all(one.alone[0] > 0 for one in within.values())


@pytest.mark.parametrize("size", plan.SIZES)
def test_those_far_from_a_line_have_unequal_widths_and_a_line_makes_longer_networks(size):
    stats = pytest.importorskip("scipy.stats")
    evidence = plan.evidence()
    for rule in ("A", "rising", "falling"):
        own = list(evidence.space(f"MLP_{rule}_{size}"))
        unequal = [max(one.network.widths) / min(one.network.widths) for one in own]
        assert stats.spearmanr(properties.values(own, "fit_error"), unequal).statistic > 0.5
    free, line = (
        [sum(one.network.depths) for one in evidence.space(f"MLP_{rule}_{size}")]
        for rule in ("A", "line")
    )
    assert np.median(line) > np.median(free)
    assert max(line) > max(free)


def test_what_is_told_of_both_halves_is_what_numpy_says():
    kinds = [(True, 0.1), (True, 0.5), (False, 0.3), (False, 0.1)]
    records = [
        SimpleNamespace(
            network=SimpleNamespace(residual=has, widths=(8 * (i + 1), 16)), val_error=error
        )
        for i, (has, error) in enumerate(kinds)
    ]
    assert vars(look_at(records)) == {
        "first_width": 20, "beyond_cap": 2, "with_shortcuts": 15, "without": 15
    }  # fmt: skip
    with pytest.raises(ValueError, match="2 of 2 have shortcuts"):
        look_at(records[:2])
    rng = np.random.default_rng(4)
    told, sides = rng.normal(size=60), np.arange(60) < 25
    stats = pytest.importorskip("scipy.stats")
    errors = told + rng.normal(size=60)
    for side, found in ranks_within(told, errors, sides).items():
        own = sides == side
        expected = stats.spearmanr(told[own], errors[own]).statistic
        assert found.effect.value == pytest.approx(expected)
        assert found.effect.n == (own.sum(),)
