"""Right answers pass, typical mistakes get their hint, and no hint gives the answer away."""

import math
from itertools import pairwise

import pytest

from designspaces.book.exercises.discussion import CHECKS, TARGET
from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import generate, quantized_widths

EXPONENT = math.log(1.2 * 1.1 * 1.15**2) / math.log(1.2 * 1.1**2 * 1.15**2)
FOUR_STAGES = Architecture.from_lists((1, 4, 9, 18), (16, 40, 96, 248), 8)
PLAIN = Architecture.from_lists((4, 6), (16, 40), (16, 40), block="basic")
VIONETS = {
    "width": Architecture.from_lists((4, 6), (48, 32), 16),
    "depth": Architecture.from_lists((6, 4), (32, 80), 16),
    "groups": Architecture.from_lists((4, 6), (48, 112), 1),
    "bottleneck": Architecture.from_lists((4, 6), (64, 192), 16, 4),
}
LINE = (6, 24, 16.0, 1.5)

RIGHT = {
    "discussion-questions": "ecbdaf",
    "discussion-budgets": "bc",
    "discussion-exponent": EXPONENT,
    "discussion-stages": FOUR_STAGES,
    "discussion-resnet": PLAIN,
    "discussion-vionet": VIONETS,
    "discussion-mlp": LINE,
}


def hint(name: str, answer: object) -> str:
    found = CHECKS[f"discussion-{name}"](answer)
    assert found, "a wrong answer was taken for right"
    return found


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_answer_passes(name):
    assert CHECKS[name](RIGHT[name]) is None


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("questions", "cebdaf", "NAS and of random search"),
        ("questions", "ecbdfa", "DeiT and of ConvNeXt"),
        ("questions", "ecbdaa", "each once"),
        ("questions", "ecb", "each once"),
        ("budgets", "cb", "other order"),
        ("budgets", "ab", "at both budgets"),
        ("budgets", "bd", "neither interval"),
        ("budgets", "bb", "two rules"),
        ("budgets", "b", "two letters"),
    ],
)
def test_letters(name, answer, words):
    assert words in hint(name, answer)


def test_letters_may_be_capitals_and_apart():
    assert CHECKS["discussion-questions"]("E C B D A F") is None


def test_the_target_is_regnetx32():
    regnetx32 = generate(10, 32, 5.0, 2.5, group_width=16)
    assert complexity(regnetx32, 96).flops == TARGET == 40_293_162


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (math.log(1.2 * 1.1 * 1.15**2), "logarithm of the factor"),
        (math.log(1.2 * 1.1**2 * 1.15) / math.log(1.2 * 1.1**2 * 1.15**2), "changed places"),
        (math.log(1.2 * 1.1**2) / math.log(1.2 * 1.1**2 * 1.15**2), "parameters"),
        (1.0, "as fast as"),
        (0.5, "one step"),
        (float("nan"), "expected a number"),
    ],
)
def test_exponent(answer, words):
    found = hint("exponent", answer)
    assert words in found
    assert "0.85" not in found
    assert "0.854" not in found


def test_exponent_may_be_rounded():
    assert CHECKS["discussion-exponent"](0.85) is None
    assert CHECKS["discussion-exponent"](0.84) is not None


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (generate(10, 32, 5.0, 2.5, group_width=16), "2 stages"),
        (Architecture.from_lists((1, 2, 3, 4), (16, 32, 64, 128), 8), "10 blocks"),
        (Architecture.from_lists((2, 3, 4, 5), (48, 40, 96, 248), 8), "narrower"),
        (
            Architecture.from_lists((1, 4, 9, 18), (16, 40, 96, 248), (8, 8, 16, 8)),
            "group widths are (8, 8, 16, 8)",
        ),
        (Architecture.from_lists((1, 4, 9, 18), (32, 80, 192, 496), 16), "times the multiply-adds"),
        (
            Architecture.from_lists((1, 4, 9, 18), (16, 40, 96, 248), 8, stem_stride=1),
            "times the multiply-adds",
        ),
    ],
)
def test_stages(network, words):
    assert words in hint("stages", network)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (generate(10, 32, 5.0, 2.5, group_width=16), "still X blocks"),
        (Architecture.from_lists((2, 2), (32, 64), (32, 64), block="basic"), "depths are (2, 2)"),
        (Architecture.from_lists((4, 6), (40, 24), (40, 24), block="basic"), "narrower"),
        (Architecture.from_lists((4, 6), (32, 80), (32, 80), block="basic"), "3.44 times"),
        (Architecture.from_lists((4, 6), (8, 16), (8, 16), block="basic"), "times"),
    ],
)
def test_resnet(network, words):
    found = hint("resnet", network)
    assert words in found
    assert "16, 40" not in found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": generate(10, 32, 5.0, 2.5, group_width=16)}, "width: this network keeps"),
        ({"depth": VIONETS["width"]}, "depth: this network keeps"),
        ({"width": Architecture.from_lists((6, 4), (48, 32), 16)}, "principle of depth as well"),
        ({"groups": Architecture.from_lists((4, 6), (32, 80), 1)}, "groups: it has 0."),
        ({"bottleneck": Architecture.from_lists((4, 6), (64, 192), 1, 4)}, "of groups as well"),
        ({"bottleneck": "none"}, "bottleneck: expected an Architecture"),
        ({"height": FOUR_STAGES}, "keys width, depth, groups, bottleneck"),
    ],
)
def test_vionet(changes, words):
    assert words in hint("vionet", VIONETS | changes)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ((6, 48, 16.0), "got 3"),
        ((3, 48, 16.0, 1.5), "3 hidden layers"),
        ((6, 50, 16.0, 1.5), "multiple of 8"),
        ((6, 48, 16.0, 0.9), "above 1"),
        ((6, 48, 0.0, 1.5), "one width"),
        ((6, 128, 16.0, 1.5), "times the parameters"),
        ((4, 8, 4.0, 2.0), "0."),
    ],
)
def test_mlp(line, words):
    found = hint("mlp", line)
    assert words in found
    assert str(LINE) not in found


def test_mlp_counts_what_torch_counts():
    torch = pytest.importorskip("torch")
    sizes = [196, *quantized_widths(*LINE).tolist(), 10]
    layers = [torch.nn.Linear(*pair) for pair in pairwise(sizes)]
    params = sum(weight.numel() for layer in layers for weight in layer.parameters())
    assert abs(params / 30_000 - 1) < 0.1
    # a line just outside the tenth is told its share, counted by torch
    wide = (6, 56, 16.0, 1.5)
    sizes = [196, *quantized_widths(*wide).tolist(), 10]
    params = sum(a * b + b for a, b in pairwise(sizes))
    assert f"{params / 30_000:.2f} times" in hint("mlp", wide)
