"""Figures of a training: described by their data, with a note where a run was not the real one."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from designspaces.figures import canvas, training
from designspaces.training.history import Epoch, History
from designspaces.training.recipe import QUICK, TEXTBOOK


@pytest.fixture
def history():
    epochs = [Epoch(2.0 - e / 10, 0.5, 1.5, 0.6 + e / 100, 10.0) for e in range(10)]
    trace = list(np.linspace(2.3, 0.25, 200))
    return History(TEXTBOOK, 0, "a device", {}, 1, "data", "trained", epochs, trace)


def svgs(picture):
    return [ElementTree.fromstring(panel) for panel in picture.panels]


def test_curves_are_described_by_their_numbers(history):
    picture = training.learning_curves(history, replace(history, epochs=history.epochs[:5]))
    assert len(svgs(picture)) == 2
    for words in ("over 10 epochs", "from 2.30 to 0.25 nats", "from 60.0 to 69.0 percent"):
        assert words in picture.alt
    assert "plain ResNet ends at 64.0 percent" in picture.alt
    assert f'aria-label="{picture.alt}"' in picture.html()


def test_a_quick_run_says_so_on_the_figures_face(history):
    quick = training.learning_curves(replace(history, recipe=QUICK))
    assert "Quick profile: 5,120 images, 3 epochs" in quick.html()
    assert "Quick profile" not in training.learning_curves(history).html()


def test_ink_is_the_pages_and_ids_do_not_meet(history):
    picture = training.learning_curves(history)
    text = "".join(picture.panels)
    assert "currentColor" in text
    assert canvas.INK not in text
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', text)) <= set(ids)


def test_figures_are_the_same_bytes_every_time(history):
    assert training.learning_curves(history) == training.learning_curves(history)


def test_mistakes_are_named():
    pixels = np.zeros((3, 28, 28), np.uint8)
    picture = training.predictions(pixels, np.array([0, 1, 9]), np.array([0, 6, 9]), TEXTBOOK)
    assert picture.alt.endswith("1 of them wrong: trouser taken for shirt.")
    assert picture.html().count("<img alt=") == 3
    right = training.predictions(pixels, np.array([0, 1, 9]), np.array([0, 1, 9]), TEXTBOOK)
    assert right.alt.endswith("0 of them wrong: none.")


def test_the_confusion_matrix_names_the_best_the_worst_and_the_mistake():
    matrix = np.diag(np.full(10, 90))
    matrix[:, 0] += 10
    matrix[3, 3], matrix[3, 8] = 50, 40
    picture = training.confusion(matrix, TEXTBOOK)
    assert "Confusion matrix of 1,000 images" in picture.alt
    assert "Found best: t-shirt, 100 percent; worst: dress, 50 percent." in picture.alt
    assert "Most frequent mistake: dress called bag, 40 percent." in picture.alt
    matrix[3, 3], matrix[3, 8], matrix[3, 0] = 485, 405, 110
    assert "dress, 49 percent" in training.confusion(matrix, TEXTBOOK).alt, "48.5, as it is drawn"
    assert len(svgs(picture)) == 1
