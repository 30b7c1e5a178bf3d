"""Right answers pass, typical mistakes get their hint, and no hint gives the answer away."""

import pytest

from designspaces.book.exercises import family
from designspaces.book.exercises.family import CHECKS
from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.published import PUBLISHED
from designspaces.designs.regnet import generate

EXCITATION = 668_024
SHELF = Architecture.from_lists((2, 4, 7, 9), (64, 128, 256, 416), 32)

RIGHT = {
    "family-excitation": EXCITATION,
    "family-balance": 4.0,
    "family-shelf": SHELF,
}


def hint(name: str, answer: object) -> str:
    found = CHECKS[f"family-{name}"](answer)
    assert found, "a wrong answer was taken for right"
    return found


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_answer_passes(name):
    assert CHECKS[name](RIGHT[name]) is None


def test_excitation_is_what_the_network_has_more_than_without_it():
    from dataclasses import replace

    with_it = PUBLISHED["RegNetY-400MF"].architecture
    without = replace(with_it, se_ratio=0.0)
    assert complexity(with_it, 224).params - complexity(without, 224).params == EXCITATION


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (662_816, "biases"),
        (
            sum(d * (w * w // 2 + w + w // 4) for d, w in ((1, 48), (3, 104), (6, 208), (6, 440))),
            "own width",
        ),
        (
            sum(2 * w * s + w + s for w, s in ((48, 8), (104, 12), (208, 26), (440, 52))),
            "one block",
        ),
        (1, "block by block"),
        (float("nan"), "expected a number"),
    ],
)
def test_excitation(answer, words):
    found = hint("excitation", answer)
    assert words in found
    assert "668" not in found


@pytest.mark.parametrize(
    ("answer", "words"), [(0.25, "changed places"), (2, "root of f"), (1, "two terms equal")]
)
def test_balance(answer, words):
    assert words in hint("balance", answer)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (generate(10, 32, 5.0, 2.5, group_width=16), "2 stages"),
        (PUBLISHED["RegNetY-800MF"].architecture, "not X blocks"),
        (Architecture.from_lists((1, 1, 1, 1), (8,) * 4, (8,) * 4, block="basic"), "not X blocks"),
        (Architecture.from_lists((2, 4, 7, 9), (64, 128, 256, 448), 32, 2), "ratios are (2, 2, 2"),
        (PUBLISHED["RegNetX-800MF"].architecture, "depths fall somewhere: (1, 3, 7, 5)"),
        (Architecture.from_lists((2, 4, 7, 9), (128, 64, 256, 416), 32), "widths fall"),
        (
            Architecture.from_lists((2, 4, 7, 9), (64, 128, 256, 416), (32, 64, 32, 32)),
            "share one",
        ),
        (PUBLISHED["RegNetX-600MF"].architecture, "0.60 billion"),
        (
            Architecture.from_lists((1, 1, 3, 5), (112, 224, 400, 864), 16),
            "parameters that the rule",
        ),
        (
            Architecture.from_lists((4, 4, 8, 8), (96, 160, 256, 320), 8),
            "activations that the rule",
        ),
    ],
)
def test_shelf(network, words):
    assert words in hint("shelf", network)


def test_shelf_takes_the_bounds_at_the_multiply_adds_that_the_network_has():
    cost = complexity(SHELF, **family.PHOTOGRAPHS)
    assert abs(cost.flops / 1e9 - 1) < 0.05
    assert cost.params / 1e6 < 3 + 5.5 * cost.flops / 1e9
    assert cost.activations / 1e6 < 6.5 * (cost.flops / 1e9) ** 0.5
