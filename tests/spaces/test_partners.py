"""partners.py and study.py: who belongs to whom, by what, and that chance has drawn the rest."""

import hashlib
import json
from collections import Counter
from math import log
from statistics import mean

import numpy as np
import pytest
from scipy.stats import ks_2samp

from designspaces.designs.complexity import complexity
from designspaces.spaces import SPACES, STUDY_SPACES, find_space
from designspaces.spaces import draw as drawing
from designspaces.spaces.partners import BLOCKS, BOTH, PartnerSpace, draw_like
from refusals import refusal

PAIRS = [name for name, space in STUDY_SPACES.items() if isinstance(space, PartnerSpace)]


def params(draw) -> int:
    return complexity(draw.architecture, 28).params


@pytest.fixture(scope="module")
def pairs():
    """Name -> 200 networks of the narrower space and their partners, as the study has them."""
    found = {}
    for name in PAIRS:
        space = STUDY_SPACES[name]
        found[name] = space.like.draw(200, 1), space.draw(200, 1, resolution=28)
    return found


def test_the_wider_space_is_drawn_to_the_values_of_the_narrower():
    assert PAIRS == [
        "AnyNetX_E_like_RegNetX",
        "AnyNetX_D_like_AnyNetX_E",
        "AnyNetX_C_like_AnyNetX_D",
    ]


def count_alike(partners) -> tuple[int, int]:
    """How many partners were drawn by blocks and parameters, and how many by blocks alone."""
    both = sum(partner.drawn["like"] == BOTH for partner in partners)
    return both, len(partners) - both


@pytest.mark.parametrize("name", PAIRS)
def test_partners_are_alike_as_they_say_and_lie_in_the_band(pairs, name):
    both = 0
    for network, partner in zip(*pairs[name], strict=True):
        assert partner.index == network.index
        assert partner.architecture.depth == network.architecture.depth
        assert 900_000 <= complexity(partner.architecture, 28).flops <= 1_100_000
        near = abs(params(partner) / params(network) - 1) <= 0.1
        assert partner.drawn["like"] == (BOTH if near else BLOCKS)
        both += near
    assert count_alike(pairs[name][1]) == (both, 200 - both)


def test_every_partner_of_the_study_was_found_by_both(pairs):
    assert {name: count_alike(partners) for name, (_, partners) in pairs.items()} == {
        "AnyNetX_E_like_RegNetX": (200, 0),
        "AnyNetX_D_like_AnyNetX_E": (200, 0),
        "AnyNetX_C_like_AnyNetX_D": (200, 0),
    }


def test_the_narrower_space_has_not_all_values_of_the_wider():
    """Why E is drawn to RegNetX's values, and not the other way round."""
    partners = PartnerSpace(SPACES["RegNetX"], SPACES["AnyNetX_E"]).draw(50, 1)
    assert count_alike(partners) == (45, 5)


@pytest.mark.parametrize("name", PAIRS)
def test_parameters_are_the_same_on_the_whole(pairs, name):
    ratios = [log(params(p) / params(n)) for n, p in zip(*pairs[name], strict=True)]
    assert abs(mean(ratios)) < 0.02


@pytest.mark.parametrize("name", PAIRS)
def test_no_network_is_used_twice(pairs, name):
    networks, partners = pairs[name]
    drawn = [json.dumps(draw.drawn) for draw in partners]
    assert len(set(drawn)) == 200
    assert not {d.architecture for d in partners} & {d.architecture for d in networks}


def test_partners_are_what_drawing_until_one_fits_would_give(pairs):
    """By rejection from the space itself, for one network, in what nobody has matched."""
    space, networks = SPACES["AnyNetX_D"], pairs["AnyNetX_D_like_AnyNetX_E"][0]
    network = next(draw.architecture for draw in networks if draw.architecture.depth == 10)
    count = complexity(network, 28).params
    every = space.sample(1500, 2, params=(0.5 * count, 1.5 * count))
    fitting = [other for other in every if other.depth == network.depth]
    assert len(fitting) > 80
    generator = np.random.default_rng(3)
    drawn = [draw_like(space, network, generator, tolerance=0.5) for _ in range(100)]
    assert count_alike(drawn) == (100, 0)
    for number in (
        lambda network: complexity(network, 28).activations,
        lambda network: complexity(network, 28).params,
        lambda network: network.depths[0],
        lambda network: network.group_widths[-1],
    ):
        one, other = [*map(number, fitting)], [number(draw.architecture) for draw in drawn]
        assert ks_2samp(one, other).pvalue > 1e-3


@pytest.mark.parametrize("name", STUDY_SPACES)
def test_a_prefix_is_a_sample_whatever_the_batch(name, monkeypatch):
    space = STUDY_SPACES[name]
    expected = space.draw(8, 3)
    monkeypatch.setattr(drawing, "BATCH", 700)
    assert space.draw(5, 3, resolution=28) == expected[:5]
    assert space.draw(5, 4) != expected[:5]
    assert json.loads(json.dumps([draw.drawn for draw in expected])) == [d.drawn for d in expected]


# Of 20 networks each: another digest means that recorded populations cannot be continued.
DIGESTS = {
    "AnyNetX_E_like_RegNetX": "c68396a76c2a150b",
    "AnyNetX_D_like_AnyNetX_E": "5e269de269b08ab5",
    "AnyNetX_C_like_AnyNetX_D": "23cb0a582cacc4c0",
    "RegNetY": "de6bf46aa03e89cc",
    "RegNetX_inverted_bottlenecks": "e101dd266ce31b8b",
    "RegNetX_without_bottlenecks": "d3a203762baed32b",
    "RegNetX_half_flops": "2280ca174d048319",
    "RegNetX_double_flops": "dee78d29ebd931be",
    "RegNetX_fourfold_flops": "0fff7d87f97a838d",
}


@pytest.mark.parametrize("name", STUDY_SPACES)
def test_samples_are_the_recorded_ones(name):
    sample = [[draw.drawn, draw.architecture.to_dict()] for draw in STUDY_SPACES[name].draw(20, 1)]
    digest = hashlib.sha256(json.dumps(sample, sort_keys=True).encode()).hexdigest()[:16]
    assert digest == DIGESTS[name]


@pytest.mark.parametrize("batch", [700, 5000])
def test_depth_alone_when_the_parameters_are_not_to_be_had(batch, monkeypatch):
    network = SPACES["AnyNetX_C"].sample(1, 2)[0]
    (expected,) = SPACES["AnyNetX_E"].with_(blocks=network.depth).draw(1, 5)
    monkeypatch.setattr(drawing, "BATCH", batch)
    found = draw_like(SPACES["AnyNetX_E"], network, 5, tolerance=0, tries=1000)
    assert found.architecture == expected.architecture
    assert found.drawn == expected.drawn | {"like": BLOCKS}
    assert found.architecture.depth == network.depth


def test_a_generator_goes_on():
    network, generator = SPACES["AnyNetX_E"].sample(1)[0], np.random.default_rng(1)
    one, other = (draw_like(SPACES["AnyNetX_D"], network, generator) for _ in range(2))
    assert one != other


def test_what_no_partner_can_have_is_named():
    deep = SPACES["RegNetX"].with_(blocks=20).sample(1)[0]
    shallow = SPACES["AnyNetX_E"].with_(depth=(1, 4))
    assert "blocks is 20; expected a sum that 4 stages of 1 to 4" in refusal(
        draw_like, shallow, deep
    )
    assert "tolerance is -1; expected" in refusal(draw_like, SPACES["RegNetX"], deep, tolerance=-1)
    generator = np.random.default_rng(0)
    assert "expected an integer" in refusal(STUDY_SPACES[PAIRS[0]].draw, 1, generator)


def test_regnety_is_regnetx_with_squeeze_and_excitation():
    for x, y in zip(
        SPACES["RegNetX"].draw(50, 1), STUDY_SPACES["RegNetY"].draw(50, 1), strict=True
    ):
        assert (x.index, x.drawn) == (y.index, y.drawn)
        assert y.architecture.se_ratio == 0.25
        assert x.architecture.stages == y.architecture.stages


@pytest.mark.parametrize(
    ("name", "ratios", "low"),
    [
        ("RegNetX_inverted_bottlenecks", {0.5}, 900_000),
        ("RegNetX_without_bottlenecks", {1}, 900_000),
        ("RegNetX_half_flops", {1, 2, 4}, 450_000),
        ("RegNetX_double_flops", {1, 2, 4}, 1_800_000),
        ("RegNetX_fourfold_flops", {1, 2, 4}, 3_600_000),
    ],
)
def test_other_ratios_and_sizes(name, ratios, low):
    networks = STUDY_SPACES[name].sample(120, 1)
    assert set(Counter(n.bottleneck_ratios[0] for n in networks)) == ratios
    assert all(low <= complexity(n, 28).flops <= low * 11 / 9 for n in networks)


def test_spaces_are_found_by_their_names():
    assert not SPACES.keys() & STUDY_SPACES.keys()
    assert all(find_space(name) is space for name, space in (SPACES | STUDY_SPACES).items())
    assert all(space.name == name for name, space in STUDY_SPACES.items())
    assert "space is 'RegNetZ'; expected one of AnyNetX_A, " in refusal(find_space, "RegNetZ")
