"""Networks of ConvNeXt blocks: their cost, how they learn, which are drawn, and the plan."""

import copy
from dataclasses import replace
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest

from designspaces.designs.regnet import quantized_widths
from designspaces.experiments.convnext import plan
from designspaces.experiments.convnext.network import STEM, ConvNeXt
from designspaces.experiments.convnext.space import (
    EXPANSIONS,
    KERNELS,
    LINE,
    REGIME,
    A,
    B,
    C,
    D,
    E,
)
from designspaces.judging.study import NOT_YET, evaluate
from designspaces.populations.population import Population
from designspaces.spaces import SPACES
from designspaces.spaces.own import load_space

ALL = plan.SPACES
each_space = pytest.mark.parametrize("space", ALL, ids=lambda space: space.name)
SMALL = ConvNeXt((1, 2), (8, 16), (3, 5), (2, 4))


# --- the networks ---------------------------------------------------------------------------------


@each_space
def test_the_cost_in_closed_form_is_that_of_the_built_network(space):
    counting = pytest.importorskip("designspaces.networks.counting")
    for draw in space.draw(3):
        network = draw.architecture
        assert network.cost(28) == counting.count(network.build(0), 28)


@pytest.mark.parametrize("resolution", [4, 7, 11, 32])
def test_the_cost_counts_odd_sides_too(resolution):
    counting = pytest.importorskip("designspaces.networks.counting")
    assert SMALL.cost(resolution) == counting.count(SMALL.build(0), resolution)


def test_a_map_of_one_position_cannot_be_halved():
    with pytest.raises(ValueError, match="stage 2: cannot halve a resolution of 1x1"):
        SMALL.cost(2)
    with pytest.raises(ValueError, match="resolution is 0"):
        SMALL.cost(0)


def test_settings_make_the_same_network_again():
    settings = SMALL.to_dict()
    assert settings["depths"] == [1, 2]
    assert A.read(settings) == SMALL


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kernels": (3, 4)}, "kernels: value 2 is 4; expected an odd number"),
        ({"widths": (8, 0)}, "widths: value 2 is 0; expected a positive integer"),
        ({"expansions": (1, 0.5)}, "expansions: value 2 is 0.5; expected a positive integer"),
        ({"depths": ()}, "depths is empty"),
        ({"widths": (8, 16, 24)}, "widths has 3 values; expected one a stage, 2 as in depths"),
        ({"kind": "x"}, "kind is 'x'; expected one of convnext"),
    ],
)
def test_what_cannot_be_built_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        replace(SMALL, **changes)


def test_layer_norm_is_over_the_channels_of_each_position_in_either_layout():
    torch = pytest.importorskip("torch")
    from designspaces.experiments.convnext.block import LayerNorm

    x = torch.randn(2, 5, 3, 4)
    mean, variance = x.mean(1, keepdim=True), x.var(1, keepdim=True, correction=0)
    expected = (x - mean) / (variance + 1e-6).sqrt()
    last = x.to(memory_format=torch.channels_last)
    torch.testing.assert_close(LayerNorm(5)(x), expected)
    found = LayerNorm(5)(last)
    torch.testing.assert_close(found, expected)
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_how_a_block_starts():
    """With a weight of 1, or by the recipe's `zero_init_residual` as the identity."""
    torch = pytest.importorskip("torch")
    from designspaces.experiments.convnext.block import ConvNeXtBlock
    from designspaces.networks.blocks import start_as_identity

    block, x = ConvNeXtBlock(8, 5, 2), torch.randn(2, 8, 4, 4)
    assert not torch.equal(block(x), x)
    body = block.body[:-1](x)
    torch.testing.assert_close(block(x), x + body)
    start_as_identity(block)
    assert torch.equal(block(x), x)
    block(x).sum().backward()
    assert block.body[-1].weight.grad.abs().min() > 0, "it can leave the identity"


def test_the_block_is_torchvisions():
    torch = pytest.importorskip("torch")
    convnext = pytest.importorskip("torchvision.models.convnext")
    from designspaces.experiments.convnext.block import ConvNeXtBlock

    theirs, ours = convnext.CNBlock(8, 0.5, 0.0), ConvNeXtBlock(8, 7, 4)
    scale, *others = theirs.parameters()
    with torch.no_grad():
        for own, other in zip(ours.parameters(), [*others, scale], strict=True):
            own.copy_(other.reshape(own.shape))
    x = torch.randn(2, 8, 7, 7)
    torch.testing.assert_close(ours(x), theirs(x))


def test_weights_come_from_the_seed_alone():
    torch = pytest.importorskip("torch")
    before = torch.random.get_rng_state()
    first, again, other = (SMALL.build(seed) for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    x = torch.randn(2, 1, 28, 28)
    for network in (first, again, other):
        network.eval()
    assert torch.equal(first(x), again(x))
    assert not torch.allclose(first(x), other(x))


@pytest.mark.parametrize("as_identity", [False, True])
def test_it_learns(as_identity):
    torch = pytest.importorskip("torch")
    from designspaces.networks.blocks import start_as_identity

    generator = torch.Generator().manual_seed(0)
    x = torch.rand(16, 1, 14, 14, generator=generator).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (16,), generator=generator)
    network = SMALL.build(0).to(memory_format=torch.channels_last)
    if as_identity:
        start_as_identity(network)
    frozen = copy.deepcopy(network.state_dict())
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    losses = []
    for _ in range(30):
        loss = torch.nn.functional.cross_entropy(network(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0], losses
    still = [name for name, p in network.named_parameters() if torch.equal(p, frozen[name])]
    assert not still, "every weight moves"


# --- the spaces -----------------------------------------------------------------------------------


@each_space
def test_the_same_seed_draws_the_same_networks(space):
    assert space.draw(8)[:3] == space.draw(3)
    assert space.draw(3, 1) != space.draw(3, 2)


def test_spaces_of_other_names_draw_other_networks():
    assert A.sample(5) != replace(A, name="other").sample(5)


@each_space
def test_all_networks_lie_in_the_band_and_in_the_ranges(space):
    low, high = SPACES["AnyNetX_A"].regime.flops
    for draw in space.draw(60, 1):
        network = draw.architecture
        assert low <= network.cost(28).flops <= high
        assert len(network.depths) == 4
        assert set(network.widths) <= set(REGIME.width.values)
        assert set(network.kernels) <= set(KERNELS)
        assert set(network.expansions) <= set(EXPANSIONS)


RULES = {
    "one expansion": lambda network: len(set(network.expansions)) == 1,
    "one kernel": lambda network: len(set(network.kernels)) == 1,
    "widths never fall": lambda network: list(network.widths) == sorted(network.widths),
    "depths never fall": lambda network: list(network.depths) == sorted(network.depths),
}


@pytest.mark.parametrize("space", ALL[:5], ids=lambda space: space.name)
def test_each_step_adds_a_rule_and_nothing_else(space):
    kept = list(RULES)[: ALL.index(space)]
    networks = space.sample(60, 1)
    for name, rule in RULES.items():
        assert all(map(rule, networks)) == (name in kept), name


def test_the_line_decides_depths_and_widths():
    for draw in LINE.draw(40, 1):
        network, drawn = draw.architecture, draw.drawn
        line = quantized_widths(*(drawn[name] for name in ("depth", "w_0", "w_a", "w_m")))
        assert np.repeat(network.widths, network.depths).tolist() == line.tolist()
        assert (set(network.kernels), set(network.expansions)) == (
            {drawn["kernel"]},
            {drawn["expansion"]},
        )


@each_space
def test_what_was_drawn_is_what_is_built(space):
    for draw in space.draw(3):
        assert not {"group_width", "group_widths"} & draw.drawn.keys()
        if space is not LINE:
            assert draw.drawn == {
                name: list(getattr(draw.architecture, name))
                for name in ("depths", "widths", "expansions", "kernels")
            }


def test_a_space_is_found_by_its_module_and_reads_what_it_drew():
    found = load_space("designspaces.experiments.convnext.space:LINE")
    (draw,) = found.draw(1, resolution=28)
    assert draw == LINE.draw(1)[0]
    assert found.read(draw.architecture.to_dict()) == draw.architecture


def test_a_sweep_trains_what_can_be_read_and_verified(tmp_path):
    faults = pytest.importorskip("faults")
    from designspaces.populations.checks import check_drawn
    from designspaces.populations.population import Population
    from designspaces.populations.sweep import train_population

    names = ("A", "LINE")
    spaces = [load_space(f"designspaces.experiments.convnext.space:{name}") for name in names]
    recipe = replace(faults.RECIPE, zero_init_residual=True)
    trained = train_population(spaces, 1, recipe, faults.Here(), tmp_path)
    again = Population.load(*sorted(tmp_path.glob("*.jsonl")))
    check_drawn(again)
    assert [record.status for record in again] == ["trained", "trained"]
    assert {record.network for record in again} == {*A.sample(1), *LINE.sample(1)}
    assert len(trained) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stem_width": 32}, f"stem_width is 32; ConvNeXt_A has networks with {STEM} alone"),
        ({"in_channels": 3}, "in_channels is 3"),
        ({"strides": (1, 2)}, "expected a 2 for each stage"),
        ({"flops": (0, 10)}, "found 0 of 1 networks"),
        ({"group_width": (4,)}, "expected an odd number"),
    ],
)
def test_a_regime_that_these_networks_do_not_have_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        A.with_(**changes).draw(1, tries=2000)


# --- the plan -------------------------------------------------------------------------------------


def test_the_plan_asks_the_five_steps_and_waits_for_its_networks():
    expected = [q.expects for q in plan.STEPS]
    assert expected == ["same", "same", "better", "better", "better"]
    assert [(q.a, q.b) for q in plan.STEPS] == [(a.name, b.name) for a, b in pairwise(ALL)]
    answers = evaluate(Population(), plan.PLAN)
    assert {answer.verdict for answer in answers.values()} == {NOT_YET}


def test_what_so_many_networks_can_show():
    """The shares in the docstring of N, by the normal distribution."""
    margin, error = 0.38, np.sqrt(2 / 100)
    reach = NormalDist().inv_cdf(1 - 0.05 / len(plan.STEPS) / 2)
    beyond = NormalDist().cdf(margin / error - reach)
    assert reach * error == pytest.approx(0.36, abs=0.005)
    assert beyond == pytest.approx(1 / 2, abs=0.05)
    assert 2 * beyond - 1 == pytest.approx(1 / 10, abs=0.02)
    many = 2 * NormalDist().cdf(margin / np.sqrt(2 / 210) - reach) - 1
    assert many == pytest.approx(4 / 5, abs=0.02)


@pytest.mark.parametrize("space", [B, C, D, E], ids=lambda space: space.name)
def test_the_spaces_are_those_of_the_paper_but_for_the_block(space):
    model = SPACES[space.name.replace("ConvNeXt", "AnyNetX")]
    for name in ("depths", "widths", "bottleneck_ratios", "group_widths"):
        assert getattr(space, name) == getattr(model, name)
