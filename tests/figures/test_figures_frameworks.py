"""The figure of the trainings says what its data say."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from designspaces.figures.frameworks import trainings
from designspaces.training.history import Epoch, History
from designspaces.training.recipe import ELSEWHERE


def history(end: float, trace: list[float]) -> History:
    epochs = [Epoch(1.0, 0.5, 1.0, accuracy, 1.0) for accuracy in (0.3, 0.5, end)]
    return History(ELSEWHERE, 0, "cpu", {}, 1, "x", "trained", epochs, trace)


def test_titles_and_alt_text_tell_the_gap_and_the_ends():
    picture = trainings(
        {
            "PyTorch": history(0.61, [2.3, 1.5, 1.0]),
            "JAX": history(0.625, [2.3, 1.25, 1.1]),
        }
    )
    left, right = picture.panels
    assert "Never further apart than 0.25" in left
    assert "They end at 61.0% to 62.5%" in right
    assert "In PyTorch the loss goes from 2.30 to 1.00 nats" in picture.alt
    assert "ends at 62.5 percent" in picture.alt
    assert not picture.note, "few images are the recipe here, in every profile"


def test_the_gap_is_the_largest_from_the_first():
    traces = {"A": [2.3, 1.0], "B": [2.3, 1.2], "C": [2.3, 0.7], "D": [2.3, 1.1]}
    picture = trainings({name: history(0.6, trace) for name, trace in traces.items()})
    assert "Never further apart than 0.30" in picture.panels[0]
    assert "4 lines each" in picture.alt
