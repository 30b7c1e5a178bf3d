"""The checks of the chapter on choosing a regime."""

import numpy as np
import pytest

from designspaces import check


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("regime-twice", 0.5 * 2**0.5, "Right"),
        ("regime-twice", 1.0, "squares"),
        ("regime-twice", 0.6, "solve"),
        ("regime-twice", "x", "expected a number"),
        ("regime-ceiling", 0.8 / 0.8**0.5, "Right"),
        ("regime-ceiling", 0.8, "its root"),
        ("regime-ceiling", 0.5, "plus that of the noise"),
        ("regime-ceiling", None, "expected a number"),
    ],
)
def test_answers_get_their_hint(name, answer, said, capsys):
    check(name, answer)
    assert said in capsys.readouterr().out


def test_the_ceiling_is_what_a_simulation_finds(capsys):
    generator = np.random.default_rng(0)
    truth = generator.normal(0, 0.8, 200_000)
    single = truth + generator.normal(0, 0.4, 200_000)
    check("regime-ceiling", round(float(np.corrcoef(truth, single)[0, 1]), 2))
    assert "Right" in capsys.readouterr().out
