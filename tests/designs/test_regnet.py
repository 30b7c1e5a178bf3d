"""regnet.py against the published family, the authors' rule in plain Python, and brute force."""

import csv
from itertools import product
from math import lcm, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designspaces.designs import regnet
from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.published import PUBLISHED
from designspaces.designs.regnet import (
    W_A_GRID,
    W_M_GRID,
    WIDTH_STEP,
    compatible,
    fit,
    quantized_line,
    quantized_widths,
)
from refusals import refusal

with open(Path(__file__).parents[1] / "data" / "regnet_published.csv", newline="") as file:
    ROWS = {row["name"]: row for row in csv.DictReader(file)}

# torchvision rounds half up and never below 90%, so that it builds three networks differently.
TORCHVISION = {
    "regnet_x_1_6gf": "RegNetX-1.6GF",
    "regnet_x_3_2gf": "RegNetX-3.2GF",
    "regnet_x_800mf": "RegNetX-800MF",
    "regnet_x_8gf": "RegNetX-8.0GF",
    "regnet_x_16gf": "RegNetX-16GF",
    "regnet_x_32gf": "RegNetX-32GF",
    "regnet_y_400mf": "RegNetY-400MF",
    "regnet_y_1_6gf": "RegNetY-1.6GF",
    "regnet_y_3_2gf": "RegNetY-3.2GF",
    "regnet_y_16gf": "RegNetY-16GF",
    "regnet_y_32gf": "RegNetY-32GF",
}

lines = st.tuples(
    st.integers(1, 24),
    st.integers(1, 32).map(lambda eighth: 8 * eighth),
    st.floats(0, 256),
    st.floats(1.5, 3),
)


def pycls_compatible(w, b, g):
    """adjust_block_compatibility of pycls for one stage, in its own terms: b is a multiplier."""
    v = int(max(1, w * b))
    g = int(min(g, v))
    m = lcm(g, int(b)) if b > 1 else g
    v = max(m, int(round(v / m) * m))
    return int(v / b), g


def spread(block_widths, w_0, w_a, w_m):
    """The error that fit() minimizes, a block at a time."""
    predicted = quantized_widths(len(block_widths), w_0, w_a, w_m)
    logs = [abs(log(p / o)) for p, o in zip(predicted, block_widths, strict=True)]
    return sum(logs) / len(logs)


def test_equations_on_a_line_done_by_hand():
    # u = 8, 16, 24, 32; s = 0, 1, 1.58, 2 in powers of 2; rounded 0, 1, 2, 2.
    widths = quantized_widths(4, 8, 8, 2.0)
    assert widths.dtype == np.int64
    assert widths.tolist() == [8, 16, 32, 32]
    assert quantized_widths(3, 24, 0, 2.5).tolist() == [24, 24, 24]


def test_multiples_of_eight_break_ties_to_even():
    # w_0 * w_m = 24 * 1.5 = 36, halfway between 32 and 40: 4.5 eighths become 4.
    assert quantized_widths(2, 24, 12, 1.5).tolist() == [24, 32]


@pytest.mark.parametrize("way", [-np.inf, np.inf])
def test_the_last_bit_of_a_logarithm_decides_nothing(way, monkeypatch):
    """Processors with AVX-512 and those without round logarithms differently."""
    roots = np.array([1.1, 1.2, 1.25, 1.3, 1.5, 1.6, 1.7])
    w_0 = WIDTH_STEP * np.arange(1, 65)
    halfway = np.array([1, 3, 5])  # half powers of w_m
    slopes = w_0[:, None, None] * (roots[:, None] ** halfway - 1)
    lines = 1, w_0[:, None, None], slopes, (roots**2)[:, None]
    widths, log = quantized_line(*lines), np.log
    to_even = w_0[:, None, None] * (roots[:, None] ** 2) ** [0, 2, 2]
    assert np.max(np.abs(widths - to_even)) <= WIDTH_STEP / 2 + 1e-6
    monkeypatch.setattr(np, "log", lambda x: np.nextafter(log(x), way))
    assert np.array_equal(quantized_line(*lines), widths)


@given(lines)
def test_quantized_widths_never_fall_and_are_multiples_of_eight(line):
    widths = quantized_widths(*line)
    assert widths.shape == (line[0],)
    assert widths[0] == line[1]
    assert np.all(widths % 8 == 0)
    assert np.all(np.diff(widths) >= 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth": 0}, "depth is 0; expected a positive integer"),
        ({"depth": 2.5}, "depth is 2.5; expected a positive integer"),
        ({"w_0": 0}, "w_0 is 0; expected a positive integer"),
        ({"w_0": 12}, "w_0 is 12; expected a multiple of 8"),
        ({"w_a": -1}, "w_a is -1; expected a number of at least 0"),
        ({"w_a": np.float64(-1)}, "w_a is -1.0; expected a number of at least 0"),
        ({"w_a": float("inf")}, "w_a is inf; expected a number of at least 0"),
        ({"w_m": 1}, "w_m is 1; expected a number above 1"),
        ({"w_m": float("nan")}, "w_m is nan; expected a number above 1"),
        ({"w_m": "2"}, "w_m is 2; expected a number above 1"),
        ({"group_width": 0}, "group_width is 0; expected a positive integer"),
        ({"bottleneck_ratio": 0}, "stage 1: bottleneck_ratio is 0; expected a positive number"),
        (
            {"bottleneck_ratio": 1.5},
            "stage 1: bottleneck_ratio is 1.5; expected a whole number or one over it",
        ),
        ({"stem_width": 0}, "stem_width is 0; expected a positive integer"),
    ],
)
def test_generate_refuses(change, message):
    good = {"depth": 10, "w_0": 32, "w_a": 5.0, "w_m": 2.5, "group_width": 16}
    assert refusal(regnet.generate, **(good | change)) == message


def test_compatible_breaks_ties_to_even_and_clips_groups():
    widths, group_widths = compatible([152, 392, 24], 16, 1)
    assert widths.tolist() == [160, 384, 32]
    assert group_widths.tolist() == [16, 16, 16]
    widths, group_widths = compatible([8, 24], [16, 16], [1, 2])
    assert widths.tolist() == [8, 24]
    assert group_widths.tolist() == [8, 12]


@given(
    st.lists(st.integers(1, 2000), min_size=1, max_size=4),
    st.integers(1, 64),
    # Not 3: pycls multiplies by the float 1/3, and int() may then lose a channel.
    st.sampled_from([1, 2, 4, 1 / 2, 1 / 3, 1 / 4, 1 / 7]),
)
def test_compatible_is_the_authors_rule_and_builds(widths, group_width, ratio):
    multiplier = 1 / ratio if ratio >= 1 else round(1 / ratio)
    expected = [pycls_compatible(w, multiplier, group_width) for w in widths]
    adjusted, groups = compatible(widths, group_width, ratio)
    assert list(zip(adjusted.tolist(), groups.tolist(), strict=True)) == expected
    Architecture.from_lists([1] * len(widths), adjusted, groups, ratio)


@given(st.integers(1, 500), st.integers(1, 64), st.sampled_from([1, 2, 3, 5, 1 / 3, 1 / 49]))
def test_compatible_again_changes_nothing(width, group_width, ratio):
    once = compatible([width], group_width, ratio)
    twice = compatible(*once, ratio)
    assert once[0] == twice[0]
    assert once[1] == twice[1]


def test_compatible_takes_many_networks_at_once():
    widths, groups = compatible(np.array([[8, 24], [152, 392]]), [[4], [16]], 1)
    assert widths.tolist() == [[8, 24], [160, 384]]
    assert groups.tolist() == [[4, 4], [16, 16]]


def test_compatible_refuses():
    assert refusal(compatible, [8, 0], 8, 1) == "stage 2: width is 0; expected a positive integer"
    message = refusal(compatible, [[8, 8], [8, 8]], [[8, 8], [8, -1]], 1)
    assert message == "row 1, stage 2: group_width is -1; expected a positive integer"
    assert refusal(compatible, [8.0], 8, 1) == "stage 1: width is 8.0; expected a positive integer"
    assert refusal(compatible, 8, True, 1) == "group_width is True; expected a positive integer"
    message = refusal(compatible, [8, 8], 8, [1, np.inf])
    assert message == "stage 2: bottleneck_ratio is inf; expected a positive number"
    message = refusal(compatible, [8, 8], 8, "1")
    assert message == "stage 1: bottleneck_ratio is '1'; expected a positive number"


def test_regnetx32():
    network = regnet.generate(10, 32, 5.0, 2.5, group_width=16)
    assert network == Architecture.from_lists([4, 6], [32, 80], 16)


def test_generate_passes_everything_on():
    network = regnet.generate(
        10, 32, 5.0, 2.5, group_width=8, bottleneck_ratio=2, stem_width=16, stem_stride=1,
        se_ratio=0.25,
    )  # fmt: skip
    expected = Architecture.from_lists(
        [4, 6], [32, 80], 8, 2, stem_width=16, stem_stride=1, se_ratio=0.25
    )
    assert network == expected


def test_generate_with_an_inverted_bottleneck():
    network = regnet.generate(4, 24, 8.0, 2.0, group_width=16, bottleneck_ratio=0.25)
    assert network.bottleneck_ratios == (0.25,) * len(network.stages)
    assert all(stage.bottleneck_width == 4 * stage.width for stage in network.stages)


def test_published_are_the_24():
    assert list(PUBLISHED) == list(ROWS)
    assert len(PUBLISHED) == 24


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_network_to_the_integer(name):
    row, published = ROWS[name], PUBLISHED[name]
    network = published.architecture
    assert published.name == name
    assert network.widths == tuple(map(int, row["widths"].split()))
    assert network.depths == tuple(map(int, row["depths"].split()))
    assert network.depth == published.depth == int(row["depth"])
    assert network.se_ratio == {"X": 0.0, "Y": 0.25}[row["family"]]
    for field in ("w_0", "w_a", "w_m", "group_width", "top1_error"):
        assert getattr(published, field) == float(row[field])
    cost = complexity(network, 224, in_channels=3, num_classes=1000)
    for field in ("params", "flops", "activations"):
        assert getattr(cost, field) == getattr(published, field) == int(row[field])


def test_published_errors_are_those_of_one_training_with_the_spread_of_five():
    """In units of one validation image of 50,000; spreads as the paper's figures 15 and 16 have."""
    for one in PUBLISHED.values():
        assert round(one.top1_error * 500, 6).is_integer()
        assert 0.03 <= one.top1_std <= 0.19
    for size, stds in {"200MF": [0.09, 0.11], "12GF": [0.04, 0.06], "32GF": [0.12, 0.12]}.items():
        assert [PUBLISHED[f"RegNet{letter}-{size}"].top1_std for letter in "XY"] == stds


def test_numbers_as_the_papers_figures_print_them_make_other_networks():
    larger = PUBLISHED["RegNetX-3.2GF"]
    assert larger.line == regnet.Line(25, 88, 26.31, 2.25)
    assert larger.architecture.depths == (2, 6, 15, 2)
    assert larger.printed == regnet.generate(25, 88, 26, 2.2, group_width=48)
    assert larger.printed.depths == (2, 6, 13, 4)
    squeezed = PUBLISHED["RegNetY-200MF"]
    assert squeezed.printed.widths != squeezed.architecture.widths
    assert squeezed.printed.se_ratio == 0.25
    unharmed = [name for name, label in PUBLISHED.items() if label.printed == label.architecture]
    assert unharmed == [
        "RegNetX-800MF", "RegNetX-8.0GF", "RegNetX-16GF", "RegNetX-32GF", "RegNetY-800MF"
    ]  # fmt: skip


def test_a_line_is_its_numbers_and_its_widths():
    line = regnet.Line(np.int64(10), 32, 5, np.float64(2.5))
    assert line == regnet.Line(10, 32, 5.0, 2.5)
    assert [type(number) for number in line] == [int, int, float, float]
    assert regnet.generate(*line, group_width=16) == regnet.REGNETX32
    assert line.widths.tolist() == [32] * 4 + [80] * 6
    assert isinstance(fit(line.widths), regnet.Line)
    assert fit(line.widths).widths.tolist() == line.widths.tolist()
    with pytest.raises(AttributeError):
        line.w_0 = 40


@pytest.mark.parametrize(("torchvision_name", "name"), TORCHVISION.items())
def test_torchvision_agrees_on_the_parameters(torchvision_name, name, monkeypatch):
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("torchvision.models")
    block_params = models.regnet.BlockParams
    from_init_params = block_params.from_init_params

    def computed_on_cpu(**parameters):
        with torch.device("cpu"):
            return from_init_params(**parameters)

    # torchvision computes the widths with tensors; those need values, the weights only shapes.
    monkeypatch.setattr(block_params, "from_init_params", computed_on_cpu)
    with torch.device("meta"):
        network = models.get_model(torchvision_name, weights=None)
    assert sum(p.numel() for p in network.parameters()) == PUBLISHED[name].params


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 20),
    st.integers(1, 12).map(lambda eighth: 8 * eighth),
    st.sampled_from(W_A_GRID.tolist()),
    st.sampled_from(W_M_GRID.tolist()),
)
def test_fit_recovers_what_the_rule_generates(depth, w_0, w_a, w_m):
    widths = quantized_widths(depth, w_0, w_a, w_m)
    best = fit(widths)
    assert best.error == 0
    assert quantized_widths(depth, best.w_0, best.w_a, best.w_m).tolist() == widths.tolist()
    # The least of all lines that fit, so no later than the one that made it.
    assert (best.w_0, best.w_a, best.w_m) <= (w_0, w_a, w_m)


@pytest.mark.parametrize("name", PUBLISHED)
def test_fit_is_near_for_the_published_networks(name):
    # Group widths up to 232 move the widths off the line, but only so far.
    assert fit(PUBLISHED[name].architecture).error < 0.08


def test_fit_takes_a_network_or_its_block_widths():
    network = regnet.generate(10, 32, 5.0, 2.5, group_width=16)
    assert fit(network) == fit(network.block_widths)
    assert fit(network).error == 0


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=6),
    st.sets(st.sampled_from([8, 16, 24, 64, 256]), min_size=1),
    st.sets(st.sampled_from([0.0, 3.0, 10.0, 55.5]), min_size=1),
    st.sets(st.sampled_from([1.5, 2.0, 2.5, 3.0]), min_size=1),
)
def test_fit_equals_brute_force(block_widths, w_0s, w_as, w_ms):
    # In the order of the tie rule; rounded as in fit, lest a last bit decide between equals.
    grid = product(sorted(w_0s), sorted(w_as), sorted(w_ms))
    error, *line = min((round(spread(block_widths, *line), 12), *line) for line in grid)
    best = fit(block_widths, list(w_0s), list(w_as), list(w_ms))
    assert best.error == pytest.approx(error, abs=2e-12)
    assert best.error >= 0
    assert best.error == pytest.approx(spread(block_widths, *line), abs=2e-12)
    assert best.error == pytest.approx(
        spread(block_widths, best.w_0, best.w_a, best.w_m), abs=2e-12
    )


@pytest.mark.parametrize("lines", [{}, {"w_m_grid": [1.001, 1.5, 2.5], "w_a_grid": [0, 5, 36.4]}])
def test_fit_is_the_same_by_powers_and_by_the_equations(lines, monkeypatch):
    """A few powers of w_m serve many slopes, unless w_m is near 1: then the equations do it."""
    lot = np.random.default_rng(2)
    networks = [
        np.repeat(8 * lot.integers(1, 40, 4), lot.integers(1, 6, 4)).tolist() for _ in range(6)
    ]
    found = [fit(network, **lines) for network in networks]
    by_powers = regnet._errors_by_power([8, 16], 8, *map(np.array, ([0.0, 8.0], [1.001])))
    assert by_powers is None
    monkeypatch.setattr(regnet, "_errors_by_power", lambda *_: None)
    assert [fit(network, **lines) for network in networks] == found


def test_fit_prefers_the_smallest_of_equals():
    # Without slope every w_m is as good, and 24 lies as far from 16 as from 36.
    assert fit([24], [16, 24], [2.0, 0.0], [3.0, 2.0]) == regnet.LinearFit(1, 24, 0.0, 2.0, 0.0)
    # One block between two starts at equal ratios, 8 and 32 around 16: the smaller is taken.
    assert fit([16], [32, 8], [0.0], [2.0]).w_0 == 8


def test_fit_of_falling_widths_is_a_constant():
    best = fit([128, 64, 64, 32])
    assert (best.w_0, best.w_a) == (64, 0.0)
    assert best.error == pytest.approx(log(2) / 2)


def test_fit_covers_a_first_width_beyond_the_papers_bound():
    assert fit([1024] * 3).error == 0


def test_fit_refuses():
    assert refusal(fit, []) == "block_widths is []; expected one width for each block"
    assert refusal(fit, [[8]]) == "block_widths is [[8]]; expected one width for each block"
    assert refusal(fit, [8, 0]) == "block 2: width is 0; expected a positive integer"
    assert refusal(fit, [8.5]) == "block 1: width is 8.5; expected a positive integer"
    expected = "expected at least one value, and only"
    assert refusal(fit, [8], []) == f"w_0_grid is []; {expected} multiples of 8"
    assert refusal(fit, [8], [12]) == f"w_0_grid is [12]; {expected} multiples of 8"
    assert refusal(fit, [8], [0]) == f"w_0_grid is [0]; {expected} multiples of 8"
    assert refusal(fit, [8], [8], [-1]) == f"w_a_grid is [-1]; {expected} numbers of at least 0"
    assert refusal(fit, [8], [8], [1], [1]) == f"w_m_grid is [1]; {expected} numbers above 1"
