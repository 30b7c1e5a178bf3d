"""architecture.py: what is accepted, what is refused and in which words, and the round trip."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from designspaces.designs import architecture
from designspaces.designs.architecture import Architecture, Stage
from refusals import refusal

REGNETX32 = Architecture((Stage(4, 32, 16), Stage(6, 80, 16)))
TWO = {"depths": [1, 2], "widths": [32, 64], "group_widths": 16}


@st.composite
def architectures(draw):
    """X, Y and basic networks of one to four stages, with every bottleneck ratio in use."""
    block = draw(st.sampled_from(["x", "basic"]))
    stages = []
    for _ in range(draw(st.integers(1, 4))):
        group_width = draw(st.sampled_from([1, 2, 8, 12]))
        # A multiple of twelve groups, so that even an inverted bottleneck by 1/3 divides evenly.
        bottleneck_width = 12 * group_width * draw(st.integers(1, 3))
        ratio = 1 if block == "basic" else draw(st.sampled_from([1, 2, 4, 1.5, 0.5, 0.25, 1 / 3]))
        width = round(bottleneck_width * ratio)
        if block == "basic":
            group_width = width
        depth, stride = draw(st.integers(1, 3)), draw(st.sampled_from([1, 2]))
        stages.append(Stage(depth, width, group_width, ratio, stride))
    return Architecture(
        stages,
        stem_width=draw(st.sampled_from([4, 8, 32])),
        stem_stride=draw(st.sampled_from([1, 2])),
        se_ratio=0.0 if block == "basic" else draw(st.sampled_from([0.0, 0.25, 0.3, 1.0])),
        block=block,
    )


def test_stage_has_the_papers_bottleneck_and_groups():
    stage = Stage(2, 64, 8, bottleneck_ratio=2)
    assert (stage.bottleneck_width, stage.groups) == (32, 4)
    inverted = Stage(2, 64, 8, bottleneck_ratio=0.25)
    assert (inverted.bottleneck_width, inverted.groups) == (256, 32)


@pytest.mark.parametrize("parts", range(1, 200))
def test_ratio_of_one_over_a_whole_number_divides_despite_its_float(parts):
    stage = Stage(1, 7, 1, bottleneck_ratio=1 / parts)
    assert stage.bottleneck_width == 7 * parts


def test_architecture_lists_its_stages():
    assert REGNETX32.depths == (4, 6)
    assert REGNETX32.widths == (32, 80)
    assert REGNETX32.group_widths == (16, 16)
    assert REGNETX32.bottleneck_ratios == (1, 1)
    assert REGNETX32.strides == (2, 2)
    assert REGNETX32.depth == 10
    assert REGNETX32.block_widths == (32,) * 4 + (80,) * 6


def test_from_lists_shares_single_numbers_and_passes_the_rest_on():
    assert Architecture.from_lists([4, 6], [32, 80], 16) == REGNETX32
    listed = Architecture.from_lists((1, 2), (8, 8), (4, 2), (1, 2), (1, 2), se_ratio=0.25)
    assert listed.stages == (Stage(1, 8, 4, 1, 1), Stage(2, 8, 2, 2, 2))
    assert listed.se_ratio == 0.25


def test_numpy_numbers_become_pythons():
    numpy_made = Architecture.from_lists(
        np.array([4, 6]),
        np.array([32, 80]),
        np.int32(16),
        np.array([1.0, 1.0]),
        stem_width=np.int64(32),
        se_ratio=np.float64(0),
    )
    assert numpy_made == REGNETX32
    assert hash(numpy_made) == hash(REGNETX32)
    stage = numpy_made.stages[0]
    assert {type(value) for value in vars(stage).values()} == {int}
    assert type(numpy_made.stem_width) is int
    assert type(numpy_made.se_ratio) is float


def test_frozen():
    with pytest.raises(AttributeError):
        REGNETX32.stem_width = 64
    with pytest.raises(AttributeError):
        REGNETX32.stages[0].width = 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth": 0}, "depth is 0; expected a positive integer"),
        ({"depth": True}, "depth is True; expected a positive integer"),
        ({"depth": 2.0}, "depth is 2.0; expected a positive integer"),
        ({"depth": "2"}, "depth is '2'; expected a positive integer"),
        ({"width": np.int64(-8)}, "width is -8; expected a positive integer"),
        ({"group_width": 2.5}, "group_width is 2.5; expected a positive integer"),
        ({"bottleneck_ratio": 0}, "bottleneck_ratio is 0; expected a positive number"),
        ({"bottleneck_ratio": True}, "bottleneck_ratio is True; expected a positive number"),
        ({"bottleneck_ratio": float("nan")}, "bottleneck_ratio is nan; expected a positive number"),
        ({"bottleneck_ratio": float("inf")}, "bottleneck_ratio is inf; expected a positive number"),
        ({"bottleneck_ratio": "1"}, "bottleneck_ratio is '1'; expected a positive number"),
        ({"bottleneck_ratio": 3}, "bottleneck_ratio is 3; expected one that divides the width 64"),
        (
            {"bottleneck_ratio": 1e-320},
            "bottleneck_ratio is 1e-320; expected one that divides the width 64",
        ),
        ({"width": 2**21}, "width is 2097152; expected at most 1048576 channels"),
        (
            {"bottleneck_ratio": 1e-200},
            "bottleneck_ratio is 1e-200; expected one that divides the width 64",
        ),
        ({"group_width": 24}, "group_width is 24; expected a divisor of the bottleneck width 32"),
        ({"group_width": 64}, "group_width is 64; expected a divisor of the bottleneck width 32"),
        ({"stride": 3}, "stride is 3; expected 1 or 2"),
        ({"stride": True}, "stride is True; expected 1 or 2"),
        ({"stride": 1.0}, "stride is 1.0; expected 1 or 2"),
    ],
)
def test_bad_stage_is_named_alone_by_word_and_in_a_network_by_number(change, message):
    good = {"depth": 2, "width": 64, "group_width": 8, "bottleneck_ratio": 2, "stride": 2}
    assert refusal(Stage, **(good | change)) == f"stage: {message}"
    lists = {f"{name}s": [value, (good | change)[name]] for name, value in good.items()}
    assert refusal(Architecture.from_lists, **lists) == f"stage 2: {message}"
    data = REGNETX32.to_dict() | {"stages": [good, good, good | change]}
    assert refusal(Architecture.from_dict, data) == f"stage 3: {message}"


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"stem_width": 0}, "stem_width is 0; expected a positive integer"),
        ({"stem_stride": 4}, "stem_stride is 4; expected 1 or 2"),
        ({"se_ratio": -0.1}, "se_ratio is -0.1; expected a number from 0 to 1"),
        ({"se_ratio": 1.5}, "se_ratio is 1.5; expected a number from 0 to 1"),
        ({"se_ratio": float("nan")}, "se_ratio is nan; expected a number from 0 to 1"),
        ({"se_ratio": True}, "se_ratio is True; expected a number from 0 to 1"),
        ({"se_ratio": None}, "se_ratio is None; expected a number from 0 to 1"),
        ({"block": "y"}, "block is 'y'; expected one of x, basic"),
        (
            {"se_ratio": 0.01},
            "stage 1: se_ratio is 0.01, which squeezes 32 channels to none; expected at least one",
        ),
        (
            {"block": "basic"},
            "stage 1: group_width is 16; expected the width 32, since a basic block has one group",
        ),
        (
            {"block": "basic", "group_widths": [32, 32], "bottleneck_ratios": [1, 2]},
            "stage 2: bottleneck_ratio is 2; expected 1, since a basic block has no bottleneck",
        ),
        (
            {"block": "basic", "group_widths": [32, 64], "se_ratio": 0.25},
            "se_ratio is 0.25; expected 0 with basic blocks",
        ),
    ],
)
def test_bad_architecture(rest, message):
    assert refusal(Architecture.from_lists, **(TWO | rest)) == message


def test_squeezing_to_nothing_is_refused_by_the_width_that_enters_the_stage():
    message = "stage 2: se_ratio is 0.1, which squeezes 4 channels to none; expected at least one"
    assert refusal(Architecture.from_lists, [1, 1], [4, 64], 4, se_ratio=0.1) == message
    Architecture.from_lists([1, 1], [64, 4], 4, se_ratio=0.1)  # what leaves the last does not count


def test_bad_stages_argument():
    assert refusal(Architecture, ()) == "stages is empty; expected at least one Stage"
    assert refusal(Architecture, 3) == "stages is 3; expected a list"
    assert refusal(Architecture, "ab") == "stages is 'ab'; expected a list"
    message = refusal(Architecture, [Stage(1, 8, 8), (1, 8, 8)])
    assert message == "stage 2 is (1, 8, 8); expected a Stage"


def test_bad_lists():
    message = refusal(Architecture.from_lists, [1, 2], [8, 8, 8], 8)
    assert message == "widths has 3 values; expected 2, as many as depths"
    message = refusal(Architecture.from_lists, 2, [8, 8], 8)
    assert message == "depths is 2; expected a list, one depth for each stage"
    assert refusal(Architecture.from_lists, [], [], 8).startswith("stages is empty")


def test_resolutions_round_up():
    assert REGNETX32.resolutions(96) == (48, 24, 12)
    assert REGNETX32.resolutions(np.int64(97)) == (49, 25, 13)
    flat = Architecture.from_lists([1, 1], 8, 8, strides=[1, 2], stem_stride=1)
    assert flat.resolutions(7) == (7, 7, 4)
    assert Architecture.from_lists([1], 8, 8, strides=1, stem_stride=1).resolutions(1) == (1, 1)


def test_resolutions_refuse_to_halve_a_single_pixel():
    message = refusal(REGNETX32.resolutions, 4)
    assert REGNETX32.resolutions(5) == (3, 2, 1)
    assert message == (
        "stage 2: cannot halve a resolution of 1x1; "
        "expected a larger input image, fewer stages or a stride of 1"
    )
    assert refusal(REGNETX32.resolutions, 1).startswith("stem: cannot halve a resolution of 1x1")
    assert refusal(REGNETX32.resolutions, 0) == "resolution is 0; expected a positive integer"


@given(architectures())
def test_dict_survives_json(network):
    assert Architecture.from_dict(json.loads(json.dumps(network.to_dict()))) == network
    assert json.loads(json.dumps(network.to_dict())) == network.to_dict()


def test_dict_is_plain():
    stage = {"depth": 4, "width": 32, "group_width": 16, "bottleneck_ratio": 1, "stride": 2}
    assert REGNETX32.to_dict() == {
        "stages": [stage, stage | {"depth": 6, "width": 80}],
        "stem_width": 32,
        "stem_stride": 2,
        "se_ratio": 0.0,
        "block": "x",
    }


def test_from_dict_refuses_other_keys():
    data = REGNETX32.to_dict()
    fields = "stages, stem_width, stem_stride, se_ratio, block"
    message = refusal(Architecture.from_dict, data | {"head": 1})
    assert message == f"architecture: unknown key 'head'; expected {fields}"
    without = {key: value for key, value in data.items() if key != "block"}
    message = refusal(Architecture.from_dict, without)
    assert message == f"architecture: missing key 'block'; expected {fields}"
    assert refusal(Architecture.from_dict, [data]).endswith("expected a dict")
    assert refusal(Architecture.from_dict, data | {"stages": None}) == (
        "stages is None; expected a list"
    )


def test_from_dict_refuses_other_keys_of_a_stage_by_number():
    data = REGNETX32.to_dict()
    fields = "depth, width, group_width, bottleneck_ratio, stride"
    data["stages"][1]["groups"] = 2
    message = refusal(Architecture.from_dict, data)
    assert message == f"stage 2: unknown key 'groups'; expected {fields}"
    del data["stages"][0]["depth"]
    message = refusal(Architecture.from_dict, data)
    assert message == f"stage 1: missing key 'depth'; expected {fields}"
    data["stages"][0] = 4
    assert refusal(Architecture.from_dict, data) == "stage 1 is 4; expected a dict"


@pytest.mark.parametrize("name", ["architecture", "regnet", "complexity"])
def test_import_leaves_torch_alone(name):
    code = f"import sys, designspaces.{name}; sys.exit('torch' in sys.modules)"
    path = str(Path(architecture.__file__).parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": path})
