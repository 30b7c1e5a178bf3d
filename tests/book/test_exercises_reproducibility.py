"""The checks of the page on reproducibility, against the real keys and the recorded run."""

from dataclasses import replace

import pytest

pytest.importorskip("torch")

from designspaces.book.exercises.reproducibility import CHECKS, TRAIN_AGAIN
from designspaces.networks.anynet import REGNETX32
from designspaces.training.recipe import TEXTBOOK
from designspaces.training.results import TRAINING_MODULES, key, recorded, source_checksum


def hint(name: str, answer: object) -> str:
    found = CHECKS[f"reproducibility-{name}"](answer)
    assert found, "a wrong answer was taken for right"
    return found


@pytest.mark.parametrize("answer", ["bdfg", "gfdb", "B, D, F, G", {"b", "d", "f", "g"}])
def test_key_right(answer):
    assert CHECKS["reproducibility-key"](answer) is None


def test_the_right_letters_are_those_that_change_the_key():
    recipe = replace(TEXTBOOK, precision="float32")
    questions = {
        "a": (REGNETX32, replace(recipe, name="mine"), 0),
        "b": (REGNETX32, recipe, 1),
        "d": (REGNETX32, replace(recipe, weight_decay=1e-4), 0),
        "f": (replace(REGNETX32, stem_stride=1), recipe, 0),
        "g": (REGNETX32, replace(recipe, precision="bfloat16"), 0),
    }
    asked = key(REGNETX32, recipe, 0)
    assert {one for one, question in questions.items() if key(*question) != asked} == TRAIN_AGAIN
    # c and e: comments and canvas.py do not enter
    assert "figures/canvas" not in TRAINING_MODULES
    from designspaces.training import source

    assert source.meaning("x = 1  # one") == source.meaning('"""Text."""\nx = 1')
    assert len(source_checksum()) == 20


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("abdfg", "1 of your letters does not"),
        ("bd", "2 more"),
        ("abd", "1 of your letters does not enter the key, and 2 that do are missing"),
        ("acbdf", "2 of your letters do not enter the key, and 1 that does is missing"),
        ("bdfz", "letters from a to g"),
        ("", "letters from a to g"),
        (3, "letters from a to g"),
        (None, "letters from a to g"),
    ],
)
def test_key_wrong(answer, words):
    found = hint("key", answer)
    assert words in found
    assert "bdfg" not in found


def right() -> tuple[float, float]:
    """The distance of the accuracies and its standard error, from the recorded run."""
    theirs = recorded("plain_resnet")[0].val_accuracy
    variance = (0.86 * 0.14 + theirs * (1 - theirs)) / 10_000
    return abs(theirs - 0.86), variance**0.5


def test_noise_right():
    distance, error = right()
    assert CHECKS["reproducibility-noise"](distance / error) is None
    assert CHECKS["reproducibility-noise"](-round(distance / error, 2)) is None


def test_noise_wrong():
    distance, error = right()
    assert "Variances add" in hint("noise", distance / (0.86 * 0.14 / 10_000) ** 0.5)
    assert "percentage points" in hint("noise", 100 * distance / error)
    assert "the difference itself" in hint("noise", distance)
    assert "divide the difference" in hint("noise", 0.3 * distance / error)
    for answer in (None, "two", True):
        assert "expected a number" in hint("noise", answer)
