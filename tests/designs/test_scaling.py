"""The same network at another cost."""

import numpy as np
import pytest

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.scaling import at_cost
from designspaces.spaces import SPACES

DRAWN = SPACES["AnyNetX_A"].sample(20, seed=3)


def cost(network):
    return complexity(network, 28).flops


@pytest.mark.parametrize("network", DRAWN[:5])
def test_at_its_own_cost_a_network_stays_as_it_is(network):
    assert cost(at_cost(network, cost(network), 28)) == cost(network)


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_widths_alone_change_all_by_one_factor(factor):
    for network in DRAWN:
        other = at_cost(network, factor * cost(network), 28)
        kept = ("depths", "strides", "bottleneck_ratios", "stem_width", "stem_stride", "block")
        assert all(getattr(other, name) == getattr(network, name) for name in kept)
        groups = zip(other.group_widths, network.group_widths, strict=True)
        assert all(group <= old for group, old in groups)
        # one factor for all, but for the step of 8 and the room that groups take
        low = max((w - 36) / old for w, old in zip(other.widths, network.widths, strict=True))
        high = min((w + 36) / old for w, old in zip(other.widths, network.widths, strict=True))
        assert low < high
        assert np.log(cost(other) / cost(network)) == pytest.approx(np.log(factor), abs=0.35)


def test_no_step_of_the_factor_comes_nearer():
    """Against plain search: one stage of basic blocks, every multiple of 8."""
    network = Architecture.from_lists(
        [3], 32, 32, 1, 2, stem_width=16, stem_stride=1, block="basic"
    )
    for goal in (1e5, 4e6, 3e7):
        widths = range(8, 513, 8)
        tried = [
            Architecture.from_lists([3], w, w, 1, 2, stem_width=16, stem_stride=1, block="basic")
            for w in widths
        ]
        nearest = min(tried, key=lambda one: abs(np.log(cost(one) / goal)))
        assert at_cost(network, goal, 28) == nearest


def test_groups_that_had_no_room_find_it_again():
    network = Architecture.from_lists([2, 2], 16, 4, 4, 2, stem_width=16, stem_stride=1)
    wider = at_cost(network, 30 * cost(network), 28, group_widths=(16, 8))
    assert min(wider.widths) >= 64
    assert wider.group_widths == (16, 8)


@pytest.mark.parametrize("count", ["params", "activations"])
def test_other_costs_are_met_as_well(count):
    for network in DRAWN:
        goal = 2 * getattr(complexity(network, 28), count)
        found = getattr(complexity(at_cost(network, goal, 28, count=count), 28), count)
        assert np.log(found) == pytest.approx(np.log(goal), abs=0.45)
    with pytest.raises(ValueError, match="count"):
        at_cost(network, goal, 28, count="seconds")


@pytest.mark.parametrize("flops", [0, -1.0, float("nan"), "many"])
def test_what_is_no_cost_is_refused(flops):
    with pytest.raises(ValueError, match="flops is"):
        at_cost(DRAWN[0], flops, 28)
