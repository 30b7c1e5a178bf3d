"""spaces.py against exhaustive enumeration of small spaces, the paper's table and its own rules."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from itertools import pairwise, product
from math import inf, log, prod
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, ks_2samp

from designspaces.designs import regnet
from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.spaces import BOOK, PAPER, SPACES, sampling, spaces, spaces_in
from designspaces.spaces import draw as drawing
from designspaces.spaces.draw import NotFound
from designspaces.spaces.regime import Range
from designspaces.spaces.spaces import AnyNetSpace
from refusals import outcome, refusal

ANYNETS = [name for name, space in SPACES.items() if isinstance(space, AnyNetSpace)]
PROPERTIES = ("depths", "widths", "bottleneck_ratios", "group_widths")
KEEPS = {
    "none": lambda values: True,
    "nondecreasing": lambda values: all(a <= b for a, b in pairwise(values)),
    "nonincreasing": lambda values: all(a >= b for a, b in pairwise(values)),
    "equal": lambda values: len(set(values)) == 1,
}

# Small enough to list every network, with ties of two and of three stages.
SMALL = {
    "strides": (2, 2, 2),
    "depth": (1, 2),
    "width": (8, 24, 8),
    "bottleneck_ratio": (1, 2),
    "group_width": (1, 8),
    "flops": (300_000, 800_000),
}
SMALLER = SMALL | {"strides": (2, 2), "width": (8, 16, 8), "flops": (250_000, 550_000)}
LINES = SMALL | {
    "strides": (2, 2),
    "depth": (1, 3),
    "width": (8, 64, 8),
    "w_0": (8, 24, 8),
    "w_a": (4, 32, 4),
    "w_m": (1.5, 3, 0.25),
    "flops": (300_000, 1_200_000),
}


def pycls_weights(values: Range) -> dict:
    """The chances of log_uniform of pycls, in its own terms."""
    low, q = values.low, values.step
    edge = {v: v - q if v > low else low - min(q, low / 2) for v in values.values}
    return {v: log(v) - log(edge[v]) for v in values.values}


def listed(weights, order, stages):
    """Every tuple of a property that keeps its order, with its weight by independent draws."""
    for values in product(weights, repeat=stages):
        if KEEPS[order](values):
            # "equal" is one value for all stages, so it weighs once.
            yield values, prod(weights[v] for v in (values[:1] if order == "equal" else values))


def all_settings(space):
    """Every setting of an AnyNet space with its weight."""
    regime = space.regime
    weights = {
        "depths": pycls_weights(regime.depth),
        "widths": pycls_weights(regime.width),
        "bottleneck_ratios": dict.fromkeys(regime.bottleneck_ratio, 1),
        "group_widths": dict.fromkeys(regime.group_width, 1),
    }
    each = [listed(weights[name], getattr(space, name), regime.stages) for name in PROPERTIES]
    return {
        tuple(values for values, _ in setting): prod(weight for _, weight in setting)
        for setting in product(*each)
    }


def flops(architecture, regime) -> int:
    return complexity(architecture, regime.resolution, regime.in_channels, regime.num_classes).flops


def built(regime, depths, widths, ratios, group_widths) -> Architecture:
    widths, group_widths = regnet.compatible(widths, group_widths, ratios)
    return Architecture.from_lists(
        depths,
        widths,
        group_widths,
        ratios,
        regime.strides,
        stem_width=regime.stem_width,
        stem_stride=regime.stem_stride,
        se_ratio=regime.se_ratio,
    )


def in_band(weights, space):
    """The chances of the settings whose networks lie in the band."""
    low, high = space.regime.flops
    kept = {
        setting: weight
        for setting, weight in weights.items()
        if low <= flops(built(space.regime, *setting), space.regime) <= high
    }
    assert 0.1 < len(kept) / len(weights) < 0.9
    total = sum(kept.values())
    return {setting: weight / total for setting, weight in kept.items()}


def p_value(observed, chances) -> float:
    """Of the chi-square test that `observed` was drawn with these chances, rare ones pooled."""
    counts = dict.fromkeys(chances, 0)
    for setting in observed:
        counts[setting] += 1
    expected = np.array(list(chances.values())) * len(observed)
    counts = np.array(list(counts.values()))
    cells = np.where(expected < 5, 0, np.arange(1, len(expected) + 1))
    _, cells = np.unique(cells, return_inverse=True)
    return chisquare(np.bincount(cells, counts), np.bincount(cells, expected)).pvalue


def as_setting(drawn) -> tuple:
    return tuple(tuple(drawn[name]) for name in PROPERTIES)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("AnyNetX_A", SMALLER),
        ("AnyNetX_B", SMALLER),
        *((name, SMALL) for name in ANYNETS if name not in ("AnyNetX_A", "AnyNetX_B")),
    ],
)
def test_samples_follow_the_enumerated_chances(name, changes):
    space = SPACES[name].with_(**changes)
    weights = all_settings(space)
    assert space.size() == len(weights)
    chances = in_band(weights, space)
    observed = [as_setting(draw.drawn) for draw in space.draw(3000, seed=1)]
    assert p_value(observed, chances) > 1e-3


@pytest.mark.parametrize("name", [name for name in ANYNETS if name > "AnyNetX_B"])
def test_a_given_number_of_blocks_leaves_the_chances_of_those_that_have_it(name):
    space = SPACES[name].with_(**SMALL | {"depth": (1, 3), "flops": (400_000, 1_000_000)})
    blocks = 6  # also of stages that are alike
    weights = {s: w for s, w in all_settings(space).items() if sum(s[0]) == blocks}
    given = space.with_(blocks=blocks)
    assert given.size() == len(weights)
    chances = in_band(weights, space)
    observed = [as_setting(draw.drawn) for draw in given.draw(3000, seed=1)]
    assert p_value(observed, chances) > 1e-3


@pytest.mark.parametrize("name", ["AnyNetX_E", "RegNetX"])
def test_a_given_number_of_blocks_is_like_drawing_until_it_comes(name):
    space, blocks = SPACES[name], 12
    drawn = [network for network in space.sample(1500, seed=4) if network.depth == blocks]
    given = space.with_(blocks=blocks).sample(len(drawn), seed=5)
    assert {network.depth for network in given} == {blocks}
    for number in (lambda n: complexity(n, 28).params, lambda n: n.depths[0]):
        assert ks_2samp([*map(number, drawn)], [*map(number, given)]).pvalue > 1e-3


def test_a_number_of_blocks_that_a_space_does_not_have_is_refused():
    for name, blocks in (("AnyNetX_E", 33), ("AnyNetX_A", 3), ("AnyNetX_D_equal_depths", 6)):
        assert refusal(SPACES[name].with_, blocks=blocks) == (
            f"blocks is {blocks}; expected a sum that 4 stages of 1 to 8 blocks have in {name}"
        )
    for blocks in (3, 33):
        message = refusal(SPACES["RegNetX"].with_, blocks=blocks)
        assert message == f"blocks is {blocks}; expected 4 to 32 in RegNetX"
    assert "blocks is 0; expected a positive" in refusal(SPACES["RegNetX"].with_, blocks=0)
    many = SPACES["AnyNetX_A"].with_(depth=(1, 100))
    assert "number of arrangements is 100000000" in refusal(many.with_, blocks=200)


@pytest.mark.parametrize(
    ("name", "free", "index"), [("AnyNetX_D", "widths", 1), ("AnyNetX_E", "depths", 0)]
)
def test_sorting_would_fail_the_same_test(name, free, index):
    space = SPACES[name].with_(**SMALL)
    chances = in_band(all_settings(space), space)
    by_sorting = dict.fromkeys(all_settings(space), 0)
    for setting, weight in all_settings(space.with_(**{free: "none"})).items():
        values = list(setting)
        values[index] = tuple(sorted(values[index]))
        by_sorting[tuple(values)] += weight
    by_sorting = in_band(by_sorting, space)
    rows = np.random.default_rng(1).choice(len(chances), 3000, p=list(by_sorting.values()))
    observed = [list(by_sorting)[row] for row in rows]
    assert p_value(observed, by_sorting) > 1e-3
    assert p_value(observed, chances) < 1e-12


@pytest.mark.parametrize("order", ["none", "nondecreasing", "nonincreasing"])
def test_depths_of_the_book_follow_their_chances(order):
    # The full range of the book, without a band: fewer settings and more draws, so a finer test.
    weights = pycls_weights(BOOK.depth)
    chances = dict(listed(weights, order, 4))
    chances = {values: weight / sum(chances.values()) for values, weight in chances.items()}
    exact = sampling.weigh_by_log(BOOK.depth)
    drawn = sampling.draw_in_order(np.random.default_rng(2).random((200_000, 4)), *exact, order)
    assert p_value(list(map(tuple, drawn.tolist())), chances) > 1e-3


def test_weights_are_those_of_pycls():
    for values in (Range(1, 16), Range(8, 1024, 8), Range(16, 64, 8), Range(0.1, 256, 0.1)):
        numbers, weights = sampling.weigh_by_log(values)
        expected = pycls_weights(values)
        assert numbers == tuple(expected)
        assert np.array(weights) / 2.0**64 == pytest.approx(list(expected.values()), rel=1e-9)
        # Hence the chance of at most v is linear in log(v), as log-uniform says.
        share = np.cumsum(np.array(weights, float)) / sum(weights)
        slopes = np.diff(share) / np.diff(np.log(numbers))
        assert slopes == pytest.approx(slopes[0], rel=1e-6)


def line(depth, w_0, w_a, w_m):
    """The powers and widths of a line in exact arithmetic, or None where a tie is to be rounded."""
    w_a, w_m = Fraction(w_a), Fraction(w_m)
    powers = []
    for j in range(depth):
        rise = (w_0 + w_a * j) / w_0
        power = round(log(rise) / log(w_m))
        if any(rise**2 == w_m ** (2 * power + side) for side in (-1, 1)):
            return None
        powers.append(power)
    eighths = [w_0 * w_m**power / 8 for power in powers]
    if any((2 * eighth).denominator == 1 and eighth.denominator == 2 for eighth in eighths):
        return None
    return powers, [8 * round(eighth) for eighth in eighths]


def test_regnet_samples_follow_the_enumerated_chances():
    space = SPACES["RegNetX"].with_(**LINES)
    regime, chances, ties = space.regime, {}, 0
    ranges = [pycls_weights(values) for values in (regime.w_0, regime.w_a, regime.w_m)]
    for depth, *parameters in product(range(1, 7), *ranges):
        found = line(depth, *parameters)
        ties += found is None
        # As in pycls: as many widths as there are powers up to the highest.
        if found is None or not len(set(found[1])) == max(found[0]) + 1 == 2 or found[1][-1] > 64:
            continue
        weight = prod(each[value] for each, value in zip(ranges, parameters, strict=True))
        for ratio, group_width in product((1, 2), (1, 8)):
            network = regnet.generate(
                depth, *parameters, group_width=group_width, bottleneck_ratio=ratio,
                stem_width=16, stem_stride=1,
            )  # fmt: skip
            if regime.flops[0] <= flops(network, regime) <= regime.flops[1]:
                chances[depth, *parameters, ratio, group_width] = weight
    assert ties > 20
    assert space.size() == 6 * 3 * 8 * 7 * 2 * 2
    chances = {setting: weight / sum(chances.values()) for setting, weight in chances.items()}
    observed = [tuple(draw.drawn.values()) for draw in space.draw(3000, seed=1)]
    assert p_value(observed, chances) > 1e-3


@pytest.mark.parametrize(
    ("name", "size", "table"),
    [
        ("AnyNetX_A", (16 * 128 * 3 * 6) ** 4, "1.847e+18"),
        ("AnyNetX_B", (16 * 128 * 6) ** 4 * 3, "6.840e+16"),
        ("AnyNetX_C", (16 * 128) ** 4 * 3 * 6, "3.167e+14"),
        ("AnyNetX_D", 16**4 * 11_716_640 * 3 * 6, "1.382e+13"),
        ("AnyNetX_E", 3876 * 11_716_640 * 3 * 6, "8.174e+11"),
    ],
)
def test_sizes_of_the_papers_table(name, size, table):
    space = spaces_in(PAPER)[name]
    assert space.size() == size
    assert f"{size:.3e}" == table


def test_size_of_regnetx():
    # The paper's table counts 64 values for each of d, w_0, w_a and w_m, finer steps count more.
    coarse = {"w_0": (8, 512, 8), "w_a": (4, 256, 4), "w_m": (1.5, 3.075, 0.025)}
    space = spaces_in(PAPER)["RegNetX"]
    assert space.with_(**coarse).size() == 64**4 * 18 == 301_989_888
    assert space.size() == 64 * 32 * 2560 * 1501 * 18


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(list(SPACES)), st.integers(0, 40), st.integers(0, 40), st.integers(0, 2**70))
def test_a_prefix_is_a_sample(name, n, k, seed):
    n, k = max(n, k), min(n, k)
    assert SPACES[name].draw(n, seed)[:k] == SPACES[name].draw(k, seed)


@pytest.mark.parametrize("name", SPACES)
def test_samples_do_not_depend_on_the_batch(name, monkeypatch):
    expected = SPACES[name].draw(8, seed=3)
    monkeypatch.setattr(drawing, "BATCH", 64)
    assert SPACES[name].draw(8, seed=3) == expected


@pytest.mark.parametrize("name", SPACES)
def test_every_sample_lies_in_the_band_and_is_what_sample_gives(name):
    draws = SPACES[name].draw(150, seed=5)
    assert [draw.index for draw in draws] == list(range(150))
    assert [draw.architecture for draw in draws] == SPACES[name].sample(150, seed=5)
    assert json.loads(json.dumps([draw.drawn for draw in draws])) == [d.drawn for d in draws]
    for network in (draw.architecture for draw in draws):
        assert 900_000 <= complexity(network, 28, 1, 10).flops <= 1_100_000
        assert (network.stem_width, network.stem_stride) == (16, 1)
        assert network.strides == (2, 2, 2, 2)


@pytest.mark.parametrize("name", ANYNETS)
def test_every_anynet_keeps_ranges_and_rules_as_drawn(name):
    for draw in SPACES[name].draw(150, seed=6):
        drawn = draw.drawn
        assert draw.architecture == built(BOOK, *drawn.values())
        assert set(drawn["depths"]) <= set(range(1, 9))
        assert set(drawn["widths"]) <= set(range(8, 257, 8))
        assert set(drawn["bottleneck_ratios"]) <= {1, 2, 4}
        assert set(drawn["group_widths"]) <= {1, 2, 4, 8, 16, 32}
        for prop in PROPERTIES:
            assert len(drawn[prop]) == 4
            assert KEEPS[getattr(SPACES[name], prop)](drawn[prop])


def test_every_regnet_keeps_ranges_and_rules_as_drawn():
    for draw in SPACES["RegNetX"].draw(150, seed=6):
        drawn = draw.drawn
        assert draw.architecture == regnet.generate(**drawn, stem_width=16, stem_stride=1)
        widths = regnet.quantized_widths(*(drawn[n] for n in ("depth", "w_0", "w_a", "w_m")))
        assert len(set(widths)) == len(draw.architecture.stages) == 4
        assert 8 <= widths[0] <= widths[-1] <= 256
        assert drawn["depth"] in range(4, 33)
        assert drawn["w_0"] in range(8, 257, 8)
        assert drawn["w_a"] == round(drawn["w_a"], 1) <= 256
        assert drawn["w_m"] == round(drawn["w_m"], 3)
        assert 1.5 <= drawn["w_m"] <= 3
        assert drawn["bottleneck_ratio"] in (1, 2, 4)
        assert drawn["group_width"] in (1, 2, 4, 8, 16, 32)


def test_rules_are_the_papers():
    rules = {n: [getattr(SPACES[n], name) for name in PROPERTIES] for n in ANYNETS}
    assert rules == {
        "AnyNetX_A": ["none", "none", "none", "none"],
        "AnyNetX_B": ["none", "none", "equal", "none"],
        "AnyNetX_C": ["none", "none", "equal", "equal"],
        "AnyNetX_D": ["none", "nondecreasing", "equal", "equal"],
        "AnyNetX_E": ["nondecreasing", "nondecreasing", "equal", "equal"],
        "AnyNetX_C_equal_widths": ["none", "equal", "equal", "equal"],
        "AnyNetX_C_decreasing_widths": ["none", "nonincreasing", "equal", "equal"],
        "AnyNetX_D_equal_depths": ["equal", "nondecreasing", "equal", "equal"],
        "AnyNetX_D_decreasing_depths": ["nonincreasing", "nondecreasing", "equal", "equal"],
    }
    assert all(name == space.name for name, space in SPACES.items())


def test_rules_hold_for_the_values_drawn():
    networks = SPACES["AnyNetX_E"].draw(200)
    changed = [n for n in networks if n.drawn["widths"] != list(n.architecture.widths)]
    assert len(changed) > 20
    # Narrow bottlenecks clip the group width, so that a shared one need not stay shared.
    assert any(len(set(n.architecture.group_widths)) > 1 for n in networks)


# Of 20 networks each: another digest means that recorded populations cannot be continued.
DIGESTS = {
    "AnyNetX_A": "6ee61c656f325c79",
    "AnyNetX_B": "31e1dc094b3f05ee",
    "AnyNetX_C": "35705dc210a0535c",
    "AnyNetX_D": "2460caa34f6b61c1",
    "AnyNetX_E": "e037cd421a763ed3",
    "RegNetX": "3234b666b84aa03f",
    "AnyNetX_C_equal_widths": "b1079a561e7e0d0f",
    "AnyNetX_C_decreasing_widths": "bff8b1885c904359",
    "AnyNetX_D_equal_depths": "ca39ff89ce7cb973",
    "AnyNetX_D_decreasing_depths": "14211186bc412383",
}


def digest(name, n=20) -> str:
    sample = [[draw.drawn, draw.architecture.to_dict()] for draw in SPACES[name].draw(n)]
    return hashlib.sha256(json.dumps(sample, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", SPACES)
def test_samples_are_the_recorded_ones(name):
    assert digest(name) == DIGESTS[name]


def test_samples_do_not_depend_on_the_processor():
    # numpy's logarithms and powers differ in their last bits by the instructions that it may use.
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    code = "from test_spaces import digest; print(digest('RegNetX', 500))"
    here = Path(__file__).parent
    folders = [str(Path(spaces.__file__).parents[2]), str(here), str(here.parent / "support")]
    environment = {
        "PYTHONPATH": os.pathsep.join(folders),
        "NPY_DISABLE_CPU_FEATURES": " ".join(features),
    }
    without = subprocess.check_output(
        [sys.executable, "-c", code], env=os.environ | environment, text=True
    )
    assert without.strip() == digest("RegNetX", 500)


def test_bands_of_parameters_and_activations():
    bands = {"params": (20_000, 30_000), "activations": (30_000, 60_000)}
    for network in SPACES["AnyNetX_E"].sample(20, flops=(0, inf), **bands):
        cost = complexity(network, 28)
        assert 20_000 <= cost.params <= 30_000
        assert 30_000 <= cost.activations <= 60_000


def test_a_band_includes_its_ends():
    space = SPACES["AnyNetX_E"]
    some = complexity(space.sample(1, seed=9)[0], 28).flops
    assert complexity(space.sample(1, seed=9, flops=(some, some))[0], 28).flops == some


def test_without_a_band_everything_drawn_is_kept():
    networks = SPACES["AnyNetX_A"].sample(500, flops=(0, inf))
    outside = [network for network in networks if not 9e5 <= complexity(network, 28).flops <= 1.1e6]
    assert len(outside) > 400


@pytest.mark.parametrize("name", SPACES)
def test_other_images_stems_and_stages(name):
    space = SPACES[name].with_(
        resolution=40, in_channels=3, num_classes=7, stem_width=8, stem_stride=2,
        strides=(1, 2, 2), se_ratio=0.25, flops=(1e6, 2e6),
    )  # fmt: skip
    assert SPACES[name].regime == BOOK
    for network in space.sample(5):
        assert 1e6 <= complexity(network, 40, 3, 7).flops <= 2e6
        assert (network.stem_width, network.stem_stride, network.se_ratio) == (8, 2, 0.25)
        assert network.strides == (1, 2, 2)
    for network in space.sample(5, resolution=56):
        assert 1e6 <= complexity(network, 56, 3, 7).flops <= 2e6


def test_inverted_bottlenecks():
    space = SPACES["AnyNetX_A"].with_(bottleneck_ratio=(0.5, 1, 1 / 3))
    ratios = {ratio for network in space.sample(50) for ratio in network.bottleneck_ratios}
    assert ratios == {0.5, 1, 1 / 3}


def test_the_papers_regime():
    for space in spaces_in(PAPER).values():
        for network in space.sample(2):
            assert 360e6 <= complexity(network, 224, 3, 1000).flops <= 400e6


def test_seeds_and_names_decide_and_generators_do():
    a, b = SPACES["AnyNetX_A"], SPACES["AnyNetX_B"]
    assert a.sample(3, seed=1) != a.sample(3, seed=2)
    assert a.sample(3) == a.sample(3, np.int64(0)) != a.with_(name="another").sample(3)
    # The same rules under the same name are the same space; B has other rules and numbers.
    as_a = b.with_(bottleneck_ratios="none")
    assert as_a.sample(3) != a.sample(3) == as_a.with_(name="AnyNetX_A").sample(3)
    generator, other = np.random.default_rng(4), np.random.default_rng(4)
    assert a.sample(6, generator)[:3] == as_a.sample(3, other)
    assert a.sample(3, generator) != a.sample(3, np.random.default_rng(4))


def test_500_networks_in_half_a_second():
    SPACES["AnyNetX_E"].sample(1)
    seconds = []
    for seed in range(3):
        start = time.process_time()
        SPACES["AnyNetX_E"].sample(500, seed)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.5


def test_import_leaves_torch_alone():
    code = "import sys, designspaces.spaces.spaces as s; s.SPACES['RegNetX'].sample(1); "
    code += "sys.exit('torch' in sys.modules)"
    path = str(Path(spaces.__file__).parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": path})


def test_spaces_are_data():
    space = SPACES["AnyNetX_E"]
    assert space == AnyNetSpace(
        "AnyNetX_E", BOOK, "nondecreasing", "nondecreasing", "equal", "equal"
    )
    with pytest.raises(FrozenInstanceError):
        space.name = "mine"
    with pytest.raises(FrozenInstanceError):
        space.regime.depth = Range(1, 2)
    assert space.with_(regime=PAPER, stem_width=16).regime == replace(PAPER, stem_width=16)


def test_ranges_count_decimal_fractions_as_written():
    assert Range(0.1, 0.5, 0.1).values == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert Range(8, 24, 8).values == (8, 16, 24)
    assert all(type(value) is int for value in Range(8, 24, 8).values)
    assert len(Range(1.5, 3, 0.001).values) == 1501
    assert Range(3, 3).values == (3,)


@pytest.mark.parametrize(
    ("name", "band", "unformed"), [("AnyNetX_E", (1, 2), False), ("RegNetX", (10**9, inf), True)]
)
def test_an_impossible_band_says_where_the_draws_fell(name, band, unformed, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_DRAWS", 50_000)
    message = refusal(SPACES[name].sample, 2, flops=band)
    assert message.startswith(f"{name}: found 0 of 2 networks in 50,000 draws; ")
    assert f"flops from {band[0]:,} to {band[1]:,}: " in message
    assert message.endswith("expected bands in which more of the space lies")
    others = re.search(r"([\d,]+) made no network of 4 stages in range", message)
    assert bool(others) == unformed
    counts = re.search(r"([\d,]+) below, ([\d,]+) above", message).groups()
    below, above = (int(count.replace(",", "")) for count in counts)
    assert (below == 0) == (band == (1, 2))
    assert (above == 0) == (band != (1, 2))
    unformed = int(others[1].replace(",", "")) if others else 0
    assert below + above + unformed == 50_000


@pytest.mark.parametrize("batch", [64, 5000])
def test_a_search_ends_after_its_tries(batch, monkeypatch):
    monkeypatch.setattr(drawing, "BATCH", batch)
    space = SPACES["AnyNetX_E"].with_(blocks=20)
    with pytest.raises(NotFound, match="found 0 of 1 networks of 20 blocks in 100 draws"):
        space.draw(1, tries=100, flops=(1, 2))
    assert "tries is 0; expected a positive integer" in refusal(space.draw, 1, tries=0)


def test_a_band_too_narrow_says_how_many_were_found(monkeypatch):
    monkeypatch.setattr(drawing, "MOST_DRAWS", 5_000)
    monkeypatch.setattr(drawing, "MOST_DRAWS_EACH", 10)
    message = refusal(SPACES["AnyNetX_A"].sample, 1000, params=(20_000, 30_000))
    found, draws = re.match(
        r"AnyNetX_A: found (\d+) of 1000 networks in ([\d,]+) draws", message
    ).groups()
    assert 0 < int(found) < 1000
    assert draws == "10,000"
    assert "; params from 20,000 to 30,000: " in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": -1}, "n is -1; expected an integer of at least 0"),
        ({"n": 2.0}, "n is 2.0; expected an integer of at least 0"),
        ({"n": True}, "n is True; expected an integer of at least 0"),
        ({"seed": -1}, "seed is -1; expected an integer of at least 0 or a numpy Generator"),
        ({"seed": "0"}, "seed is '0'; expected an integer of at least 0 or a numpy Generator"),
        ({"flops": (2, 1)}, "flops is (2, 1); expected a band (low, high) with low <= high"),
        ({"flops": 1e6}, "flops is 1000000.0; expected a band (low, high) with low <= high"),
        ({"flops": ()}, "flops is (); expected a band (low, high) with low <= high"),
        (
            {"params": (float("nan"), 1)},
            "params is (nan, 1); expected a band (low, high) with low <= high",
        ),
        (
            {"activations": ("1", 2)},
            "activations is ('1', 2); expected a band (low, high) with low <= high",
        ),
        ({"resolution": 0}, "resolution is 0; expected a positive integer"),
        (
            {"resolution": 8},
            "stage 4: cannot halve a resolution of 1x1; "
            "expected a larger input image, fewer stages or a stride of 1",
        ),
    ],
)
def test_sample_refuses(arguments, message):
    assert refusal(SPACES["AnyNetX_A"].sample, **({"n": 1} | arguments)) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"depth": (0, 8)}, "depth: low is 0; expected a positive number"),
        ({"depth": (8, 1)}, "depth: low is 8; expected at most the high of 1"),
        ({"depth": (0.5, 8, 0.5)}, "depth: low is 0.5; expected a multiple of 1"),
        ({"depth": 8}, "depth is 8; expected a Range or (low, high, step)"),
        ({"depth": (1, 2, 3, 4)}, "depth is (1, 2, 3, 4); expected a Range or (low, high, step)"),
        ({"width": (8, 250, 8)}, "width: high is 250; expected a multiple of the step 8"),
        ({"width": (8, inf, 8)}, "width: high is inf; expected a positive number"),
        ({"width": (8, "9", 8)}, "width: high is '9'; expected a positive number"),
        ({"w_0": (4, 256, 4)}, "w_0: low is 4; expected a multiple of 8"),
        ({"w_m": (1, 3, 0.5)}, "w_m: low is 1; expected a number above 1"),
        ({"strides": ()}, "strides is empty or no list; expected at least one value"),
        ({"strides": 2}, "strides is empty or no list; expected at least one value"),
        ({"strides": (2, 3)}, "strides: value 2 is 3; expected 1 or 2"),
        (
            {"bottleneck_ratio": (1, 1.5)},
            "bottleneck_ratio: value 2 is 1.5; expected a whole number or one over it",
        ),
        (
            {"bottleneck_ratio": (0,)},
            "bottleneck_ratio: value 1 is 0; expected a whole number or one over it",
        ),
        ({"bottleneck_ratio": (2, 2.0)}, "bottleneck_ratio is (2, 2); expected each value once"),
        ({"group_width": (1, 0)}, "group_width: value 2 is 0; expected a positive integer"),
        ({"flops": (1, None)}, "flops is (1, None); expected a band (low, high) with low <= high"),
        ({"stem_width": 0}, "stem_width is 0; expected a positive integer"),
        ({"stem_stride": 3}, "stem_stride is 3; expected 1 or 2"),
        ({"num_classes": 1.5}, "num_classes is 1.5; expected a positive integer"),
        ({"se_ratio": 2}, "se_ratio is 2; expected a number from 0 to 1"),
        (
            {"widths": "increasing"},
            "widths is 'increasing'; expected one of none, nondecreasing, nonincreasing, equal",
        ),
    ],
)
def test_with_refuses(changes, message):
    assert refusal(SPACES["AnyNetX_A"].with_, **changes) == message


absurd = st.one_of(
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from([sys.float_info.max, 1e300, 5e-324, 1 + 2**-52, 2**20 + 1, 2**63, 2**64]),
)


@settings(deadline=None, max_examples=300)
@given(*[st.one_of(absurd, st.sampled_from([1, 8, 256, 0.1, 1e-9, 0.001]))] * 3)
def test_a_range_counts_its_values_or_is_refused(low, high, step):
    values = outcome(Range, low, high, step)
    if values is not None:
        assert 1 <= len(values.values) <= 2**16
        assert values.values[0] == pytest.approx(low, rel=1e-15)
        assert values.values[-1] == pytest.approx(high, rel=1e-15)
        assert min(sampling.weigh_by_log(values)[1]) > 0


SCALARS = ("resolution", "in_channels", "num_classes", "stem_width", "stem_stride", "se_ratio")
RANGES = {"depth": 1, "width": 8, "w_0": 8, "w_a": 0.5, "w_m": 0.25}


@st.composite
def absurd_changes(draw):
    """One or two fields of a regime, absurd."""
    changes = {}
    for name in draw(st.lists(st.sampled_from([*SCALARS, *RANGES, "choice"]), max_size=2)):
        if name in SCALARS:
            changes[name] = draw(absurd)
        elif name in RANGES:
            high = draw(st.one_of(absurd, st.sampled_from([2**10, 2**16, 2**20])))
            changes[name] = (draw(st.sampled_from([RANGES[name], high])), high, RANGES[name])
        else:
            choices = draw(st.sampled_from(["bottleneck_ratio", "group_width"]))
            changes[choices] = (1, draw(absurd))
    return changes


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["AnyNetX_A", "AnyNetX_E", "RegNetX"]), absurd_changes())
def test_an_absurd_regime_is_sampled_or_refused(name, changes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "MOST_DRAWS", 2000)
        patch.setattr(drawing, "MOST_DRAWS_EACH", 1000)
        patch.setattr(drawing, "BATCH", 200)
        space = outcome(SPACES[name].with_, **changes)
        found = space and outcome(space.sample, 2, flops=(0, inf))
    for network in found or ():
        assert 1 <= min(network.widths) <= max(network.widths) <= 2**20
        regime = space.regime
        cost = complexity(network, regime.resolution, regime.in_channels, regime.num_classes)
        assert 0 < cost.flops < 2**63


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["n", "seed", "resolution", "flops", "params"]), absurd))
def test_absurd_arguments_are_sampled_or_refused(arguments):
    arguments = {
        name: (0, value) if name in ("flops", "params") else value
        for name, value in arguments.items()
        if name != "n" or not 3 < value <= 10**6 or value != int(value)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "MOST_DRAWS", 2000)
        patch.setattr(drawing, "MOST_DRAWS_EACH", 1000)
        patch.setattr(drawing, "BATCH", 200)
        outcome(SPACES["AnyNetX_A"].sample, **({"n": 1} | arguments))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"depth": (1, 257)}, "depth: high is 257; expected at most 256"),
        ({"width": (8, 2**20 + 8, 2**17 + 1)}, "width: low is 8; expected a multiple of the step"),
        ({"width": (8, 2**21, 8)}, f"step is 8; expected at most {2**16} steps from 8 to {2**21}"),
        ({"width": (2**21, 2**21, 8)}, f"width: high is {2**21}; expected at most {2**20}"),
        ({"w_a": (1e300, 1e300, 1e300)}, f"w_a: high is 1e+300; expected at most {2**20}"),
        ({"w_a": (1, 1, 1e-20)}, f"step is 1e-20; expected at most {2**16} steps from 1 to 1"),
        ({"w_m": (1.0000000001, 2, 0.0000000001)}, "step is 1e-10; expected at most"),
        ({"w_m": (1.0000005, 1.0000005, 0.0000005)}, "w_m: low is 1.0000005; expected at least"),
        ({"bottleneck_ratio": (1, 10**400)}, f"bottleneck_ratio: value 2 is {10**400}; expected"),
        (
            {"bottleneck_ratio": (1, 5e-324)},
            "bottleneck_ratio: value 2 is 5e-324; expected at",
        ),
        ({"group_width": (1, 2**21)}, f"group_width: value 2 is {2**21}; expected at most {2**20}"),
        ({"stem_width": 2**21}, f"stem_width is {2**21}; expected at most {2**20} channels"),
        ({"strides": (1,) * 1025}, "the number of strides is 1025; expected at most 1024 stages"),
    ],
)
def test_with_refuses_absurd_numbers_with_their_value(changes, message):
    assert message in refusal(SPACES["AnyNetX_A"].with_, **changes)


def test_sample_refuses_more_than_anybody_trains():
    message = refusal(SPACES["AnyNetX_A"].sample, 10**12)
    assert message == "n is 1000000000000; expected at most 1000000 networks"
    message = refusal(SPACES["AnyNetX_A"].sample, 1, resolution=10**9)
    assert message.endswith("the resolution 1000000000; expected counts that fit 64-bit integers")


def test_with_refuses_unknown_fields():
    message = refusal(SPACES["RegNetX"].with_, widths="equal")
    expected = "with_ got 'widths'; expected one of name, regime, blocks, resolution, "
    assert message.startswith(expected)
