"""RegNets of basic blocks: the depths of the RegNetX beside them, at the cost that is asked."""

import numpy as np
import pytest

from designspaces.designs.complexity import complexity
from designspaces.experiments.plain import plan
from designspaces.experiments.plain.space import BESIDE, EQUAL_FLOPS, PlainSpace
from designspaces.networks.anynet import build
from designspaces.networks.counting import count
from designspaces.spaces.own import load_space


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
    space = load_space("designspaces.experiments.plain.space:EQUAL_FLOPS")
    network = space.draw(1, 1, resolution=28)[0].architecture
    assert space.read(network.to_dict()) == network
    assert set(plan.N) == {"RegNetX", space.name}


@pytest.mark.parametrize("times", [0, -1, float("nan"), "twice"])
def test_what_is_no_multiple_is_refused(times):
    with pytest.raises(ValueError, match="times is"):
        PlainSpace("Plain", times)
