"""The checks of the chapter that turns exercises into experiments."""

import numpy as np
import pytest

from designspaces import check


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("questions-pairs", 87, "Right"),
        ("questions-pairs", 86.4, "round up"),
        ("questions-pairs", 288, "without the correlation"),
        ("questions-pairs", 43, "both errors vary"),
        ("questions-pairs", 1000, "standard error"),
        ("questions-pairs", "x", "expected a number of pairs"),
        ("questions-ranking", 21, "Right"),
        ("questions-ranking", 42, "the second with the first"),
        ("questions-ranking", 7, "keeps all principles"),
        ("questions-ranking", 5040, "chosen of seven"),
        ("questions-ranking", 21.5, "expected a number of comparisons"),
        ("questions-alike", (48, 112), "Right"),
        ("questions-alike", [48, 112], "Right"),
        ("questions-alike", (32, 80), "leave room"),
        ("questions-alike", (64, 64), "96 pixels"),
        ("questions-alike", 48, "expected two widths"),
    ],
)
def test_answers_get_their_hint(name, answer, said, capsys):
    check(name, answer)
    assert said in capsys.readouterr().out


def test_so_many_pairs_have_that_error():
    generator = np.random.default_rng(0)
    covariance = 1.2**2 * np.array([[1, 0.7], [0.7, 1]])
    errors = generator.multivariate_normal([0, 0], covariance, (4000, 87))
    means = (errors[..., 0] - errors[..., 1]).mean(axis=1)
    assert means.std() == pytest.approx(0.1, rel=0.05)
