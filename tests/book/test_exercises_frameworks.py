"""Right answers pass, typical mistakes get their hint: the chapters on other frameworks."""

import math

import numpy as np
import pytest

from designspaces.book.exercises import jax, mxnet, tensorflow

RIGHT = {
    "jax-same": (0, 1, 2),
    "jax-momentum": 230,
    "jax-layout": lambda weight: np.transpose(weight, (2, 3, 1, 0)),
    "tensorflow-epsilon": math.sqrt(2e-3 / 1.01e-3),
    "tensorflow-training": 33,
    "mxnet-step": 0.05 / 128,
    "mxnet-variance": 576 / 575,
}
CHECKS = jax.CHECKS | tensorflow.CHECKS | mxnet.CHECKS

WRONG = [
    ("jax-same", (-1, 0, 1), "zero"),
    ("jax-same", (1, 2, 3), "skipped"),
    ("jax-same", (0, 2, 4), "neighbors"),
    ("jax-same", 0, "tuple"),
    ("jax-momentum", 22, "0.9"),
    ("jax-momentum", 229, "whole number"),
    ("jax-momentum", 99, "power"),
    ("jax-momentum", "many", "number"),
    ("jax-layout", np.zeros(3), "function"),
    ("jax-layout", lambda weight: weight, "shape"),
    ("jax-layout", lambda weight: weight.permute(2, 3, 1, 0), "the function fails: AttributeError"),
    ("jax-layout", lambda weight: weight.reshape(3, 3, 16, 80), "reshape"),
    ("jax-layout", lambda weight: np.transpose(weight, (3, 2, 1, 0)), "places"),
    ("tensorflow-epsilon", 1 / math.sqrt(2e-3 / 1.01e-3), "inverse"),
    ("tensorflow-epsilon", 2e-3 / 1.01e-3, "variances"),
    ("tensorflow-epsilon", 10, "divides"),
    ("tensorflow-epsilon", None, "number"),
    ("tensorflow-training", 31, "projections"),
    ("tensorflow-training", 41, "every block"),
    ("tensorflow-training", 10, "count"),
    ("tensorflow-training", [33], "number"),
    ("mxnet-step", 0.05, "sum"),
    ("mxnet-step", 0.05 / 128**2, "one division"),
    ("mxnet-step", 6.4, "divided"),
    ("mxnet-step", "slow", "number"),
    ("mxnet-variance", 575 / 576, "inverse"),
    ("mxnet-variance", 144 / 143, "one image"),
    ("mxnet-variance", 4 / 3, "position"),
    ("mxnet-variance", 2, "one less"),
    ("mxnet-variance", (), "number"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_passes(name):
    assert CHECKS[name](RIGHT[name]) is None


@pytest.mark.parametrize(("name", "answer", "word"), WRONG)
def test_a_wrong_answer_gets_its_hint(name, answer, word):
    hint = CHECKS[name](answer)
    assert hint is not None
    assert word in hint


def test_every_exercise_has_a_right_answer_here():
    assert set(RIGHT) == set(CHECKS)
