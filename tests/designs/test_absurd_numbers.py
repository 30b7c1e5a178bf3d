"""Absurd but finite numbers: a network or a ValueError, never a wrapped one or a warning."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrays import complexity_of_arrays
from designspaces.designs import regnet
from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.checks import DEEPEST, WIDEST, is_finite
from designspaces.designs.complexity import breakdown, complexity
from designspaces.designs.regnet import (
    Line,
    compatible,
    fit,
    generate,
    quantized_line,
    quantized_widths,
)
from refusals import outcome, refusal

LARGEST = sys.float_info.max
absurd = st.one_of(
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from([2**k + d for k in (10, 20, 21, 31, 53, 62, 63, 64) for d in (-1, 0, 1)]),
    st.sampled_from([LARGEST, 1e300, 1e20, 5e-324, 1e-320, 1 + 2**-52, 1.0000001, 1024.0]),
    st.sampled_from([np.float32(3e38), np.float64(1e308), np.uint64(2**64 - 1), np.int8(8)]),
)


def rarely(good):
    """Mostly good values, so that one absurd one is not hidden behind others."""
    return st.integers(0, 3).flatmap(lambda k: absurd if k == 0 else st.sampled_from(good))


lines = st.tuples(
    rarely([1, 2, 10, 64, DEEPEST]),
    rarely([8, 32, 256, WIDEST]),
    rarely([0, 0.1, 36.44, 256.0]),
    rarely([1.5, 2.49, 3.0]),
)


@settings(deadline=None, max_examples=500)
@given(lines)
def test_a_line_rises_in_eights_or_is_refused(numbers):
    line = outcome(Line, *numbers)
    widths = outcome(quantized_widths, *numbers)
    assert (line is None) == (widths is None)
    if line is None:
        return
    assert widths.tolist() == line.widths.tolist()
    assert len(widths) == numbers[0]
    assert widths[0] == numbers[1]
    assert np.all(np.diff(widths) >= 0)
    assert np.all(widths % 8 == 0)
    assert widths[-1] <= WIDEST


@settings(deadline=None, max_examples=300)
@given(lines, rarely([1, 8, 48]), rarely([1, 2, 0.25]), rarely([0, 0.25]))
def test_a_generated_network_can_be_counted_or_is_refused(numbers, group_width, ratio, se_ratio):
    network = outcome(
        generate, *numbers, group_width=group_width, bottleneck_ratio=ratio, se_ratio=se_ratio
    )
    if network is None:
        return
    assert 1 <= min(network.widths) <= max(network.widths) <= WIDEST
    assert network.depth == numbers[0]
    cost = outcome(complexity, network, 2**12)
    assert cost is None or min(vars(cost).values()) > 0


@settings(deadline=None, max_examples=300)
@given(
    st.lists(rarely([8, 24, 256]), min_size=1, max_size=3), rarely([1, 16]), rarely([1, 4, 1 / 3])
)
def test_compatible_widths_are_positive_or_refused(widths, group_width, ratio):
    found = outcome(compatible, widths, group_width, ratio)
    if found is not None:
        adjusted, groups = found
        assert adjusted.dtype == groups.dtype == np.int64
        assert np.all(adjusted >= 1)
        assert np.all((groups >= 1) & (groups <= group_width))
        # Groups make wider by a half at the most, or by the step that keeps the width whole.
        assert np.all(adjusted <= 2 * np.maximum(WIDEST, np.array(widths, float)) * WIDEST)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(rarely([1, 2, 8]), min_size=1, max_size=2),
    st.lists(rarely([8, 64]), min_size=1, max_size=2),
    rarely([8, 1]),
    rarely([1, 2, 0.25]),
    rarely([28, 224]),
    rarely([0, 0.25]),
)
def test_arrays_cost_what_each_network_costs_or_are_refused(
    depths, widths, group_width, ratio, resolution, se_ratio
):
    arguments = {"resolution": resolution, "se_ratio": se_ratio}
    cost = outcome(complexity_of_arrays, [depths], [widths], group_width, ratio, **arguments)
    if cost is None:
        return
    count = max(len(depths), len(widths))
    network = outcome(
        Architecture.from_lists,
        (depths * count)[:count],
        (widths * count)[:count],
        [group_width] * count,
        [ratio] * count,
        se_ratio=se_ratio,
    )
    if network is not None:  # arrays go beyond WIDEST and DEEPEST as far as 64 bits do
        exact = complexity(network, resolution)
        assert {name: values.item() for name, values in vars(cost).items()} == vars(exact)
    assert all(values.item() > 0 for values in vars(cost).values())


@settings(deadline=None, max_examples=100)
@given(
    st.lists(rarely([8, 24, 256]), min_size=1, max_size=3),
    st.none() | st.lists(rarely([8, 16]), min_size=1, max_size=2),
    st.lists(rarely([0.0, 8.0]), min_size=1, max_size=2),
    st.lists(rarely([1.5, 2.0]), min_size=1, max_size=2),
)
def test_a_fit_is_finite_or_refused(widths, w_0_grid, w_a_grid, w_m_grid):
    found = outcome(fit, widths, w_0_grid, w_a_grid, w_m_grid)
    assert found is None or (is_finite(found.error) and found.error >= 0)


@settings(deadline=None, max_examples=300)
@given(rarely([1, 2]), rarely([8, 64]), rarely([8]), rarely([1, 2, 0.5]), rarely([1, 2]))
def test_a_stage_can_be_built_or_is_refused(depth, width, group_width, ratio, stride):
    stage = outcome(Stage, depth, width, group_width, ratio, stride)
    if stage is not None:
        network = Architecture((stage,))
        assert len(network.block_widths) == depth <= DEEPEST
        assert 1 <= stage.bottleneck_width <= WIDEST
        assert stage.groups * stage.group_width == stage.bottleneck_width


@given(rarely([28]), rarely([1, 3]), rarely([10, 1000]))
def test_costs_for_absurd_images_are_exact_or_refused(resolution, in_channels, num_classes):
    network = generate(10, 32, 5.0, 2.5, group_width=16)
    parts = outcome(breakdown, network, resolution, in_channels, num_classes)
    if parts is not None:
        assert parts["stem"].params == 9 * 32 * int(in_channels) + 64
        assert parts["head"].params == 81 * int(num_classes)
        assert {type(count) for cost in parts.values() for count in vars(cost).values()} == {int}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth": 1025}, "depth is 1025; expected at most 1024 blocks"),
        ({"w_0": 2**20 + 8}, "w_0 is 1048584; expected at most 1048576 channels"),
        ({"w_a": 1e300}, "w_a is 1e+300; expected at most 1048576 channels a block"),
        ({"w_a": 10**400}, f"w_a is {10**400}; expected a number of at least 0"),
        ({"w_m": 1e300}, "w_m is 1e+300; expected at most 1048576 times as wide"),
        ({"w_m": 10**400}, f"w_m is {10**400}; expected a number above 1"),
        (
            {"w_a": 200_000, "w_m": 2},
            "w_a is 200000 and w_m is 2: block 10 is 2097152 wide; "
            "expected at most 1048576 channels",
        ),
        ({"group_width": 2**21}, "group_width is 2097152; expected at most 1048576 channels"),
        (
            {"bottleneck_ratio": 2**21},
            "stage 1: bottleneck_ratio is 2097152; expected at most 1048576, or one over that",
        ),
        (
            {"bottleneck_ratio": 1e-320},
            "stage 1: bottleneck_ratio is 1e-320; expected at most 1048576, or one over that",
        ),
    ],
)
def test_generate_refuses_with_the_value(change, message):
    good = {"depth": 10, "w_0": 32, "w_a": 5.0, "w_m": 2.5, "group_width": 16}
    assert refusal(generate, **(good | change)) == message


def test_a_factor_next_to_one_makes_a_step_of_every_block():
    widths = Line(10, 80, 8, 1 + 2**-52).widths
    assert widths.tolist() == list(range(80, 160, 8))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1025, 32, 5.0, 2.5), "j is 1025; expected a number from 0 to 1024"),
        ((9, 0, 5.0, 2.5), "w_0 is 0; expected a number from 1 to 1048576"),
        ((9, 32, [5.0, 1e300], 2.5), "place 2: w_a is 1e+300; expected a number from 0 to 1048576"),
        ((9, 32, float("nan"), 2.5), "w_a is nan; expected a number from 0 to 1048576"),
    ],
)
def test_the_line_of_arrays_refuses(arguments, message):
    assert refusal(quantized_line, *arguments) == message


def test_the_line_of_arrays_refuses_a_factor_of_one():
    assert refusal(quantized_line, 9, 32, 5.0, 1).startswith("w_m is 1; expected a number from 1.0")


def test_a_fit_that_would_not_end_is_refused():
    message = refusal(fit, [2**20] * 3)
    assert message == (
        f"blocks times lines is {3 * 2**17 * len(regnet.W_A_GRID) * len(regnet.W_M_GRID)}; "
        "expected at most 1073741824 widths; give coarser grids"
    )
    assert refusal(fit, [8] * 1025) == "the number of blocks is 1025; expected at most 1024 blocks"
    assert refusal(fit, [8, 2**21]) == "block 2: width is 2097152; expected at most 1048576"
    assert refusal(fit, [8], [8], [1e300]).startswith("w_a_grid is [1e+300]; expected")
    assert refusal(fit, [8], [8], [8], [10**400]).startswith("w_m_grid is [1000")


def test_a_fit_in_parts_of_the_grid_is_the_fit_in_one(monkeypatch):
    widths, grids = [24, 24, 56, 112], ([8, 16, 24], [0.0, 3.0, 20.0, 30.0], [1.5, 2.0, 2.5, 3.0])
    whole = fit(widths, *grids)
    for size in (1, 7, 30):
        monkeypatch.setattr(regnet, "_PLANE", size)
        assert fit(widths, *grids) == whole


def test_huge_integers_in_arrays_are_named():
    message = refusal(complexity_of_arrays, [[1, 2**70]], 8, 8, 1, resolution=28)
    assert message == f"row 0, stage 2: depth is {2**70}; expected at most {2**62}"
    message = refusal(compatible, [8, 10**400], 8, 1)
    assert message == f"stage 2: width is {10**400}; expected at most 1048576"
    message = refusal(compatible, [8, 8], 8, [1, 10**400])
    assert message == f"stage 2: bottleneck_ratio is {10**400}; expected a positive number"
    wrapped = np.array([[2**64 - 8]], np.uint64)
    assert "18446744073709551608" in refusal(complexity_of_arrays, wrapped, 8, 8, 1, resolution=28)


def test_textbook_stages_refuse_a_vanishing_multiplier():
    message = refusal(Architecture.from_textbook, ((1, 8, 8, 5e-324),), 8)
    assert message == "stage 1: bottleneck_ratio is inf; expected a positive number"
