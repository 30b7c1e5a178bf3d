"""Right answers pass, typical mistakes get their hint, and no hint gives the answer away."""

import pytest

from designspaces.book.exercises import weights
from designspaces.book.exercises.weights import CHECKS

NAME = "trunk_output.block2.block2-1.f.b.0.weight"
RIGHT = {"weights-name": NAME, "weights-bytes": 15_744}


def hint(name: str, answer: object) -> str:
    found = CHECKS[f"weights-{name}"](answer)
    assert found, "a wrong answer was taken for right"
    return found


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_answer_passes(name):
    assert CHECKS[name](RIGHT[name]) is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (weights.TENSOR, "in ours"),
        ("trunk_output.block2.block2-2.f.b.0.weight", "another block"),
        ("f.b.0.weight", "another block"),
        ("trunk_output.block2.block2-1.f.a.0.weight", "layer is not"),
        ("trunk_output.block2.block2-1.f.b.1.weight", "batch norm"),
        ("", "another block"),
    ],
)
def test_name(answer, words):
    found = hint("name", answer)
    assert words in found
    assert NAME not in found


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (1_968, "four bytes"),
        (3_936, "takes four bytes"),
        (7_872, "mean and a variance"),
        (14_848, "projections"),
        (14_592, "the stem"),
        (177_322, "each convolution"),
        (float("nan"), "expected a number"),
    ],
)
def test_bytes(answer, words):
    found = hint("bytes", answer)
    assert words in found
    assert "15" not in found


def test_the_bytes_are_those_of_a_network():
    pytest.importorskip("torch")
    from designspaces.networks.anynet import REGNETX32, build

    state = build(REGNETX32, seed=0).state_dict()
    kept = [tensor for name, tensor in state.items() if "running" in name]
    assert 4 * sum(tensor.numel() for tensor in kept) == RIGHT["weights-bytes"]
