"""The checks of the chapter on a question of one's own, and what it says of blocks and numbers."""

from statistics import NormalDist

import numpy as np
import pytest

from designspaces import check
from designspaces.book.template.plan import PLAN as TEMPLATE
from designspaces.book.template.plan import N as TEMPLATE_N
from designspaces.experiments.convnext import plan
from designspaces.experiments.convnext.network import cost
from designspaces.judging.effects import capped
from designspaces.populations.population import Population


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("own-kernel", 25 / 4, "Right"),
        ("own-kernel", 25 / 2, "up and down again"),
        ("own-kernel", 5 / 4, "not as many as along its side"),
        ("own-kernel", 49 / 8, "set the weights"),
        ("own-kernel", "x", "expected a width"),
        ("own-pair", "c", "Right"),
        ("own-pair", "C", "Right"),
        ("own-pair", "a", "widths are in order as well"),
        ("own-pair", "b", "leaves them free"),
        ("own-pair", "d", "neither kernels"),
        ("own-pair", "e", "one letter from a to d"),
        ("own-pair", 3, "one letter from a to d"),
        ("own-networks", 70, "Right"),
        ("own-networks", 69.1488, "round up"),
        ("own-networks", 69, "round up"),
        ("own-networks", 35, "the errors of both"),
        ("own-networks", 140, "both spaces together"),
        ("own-networks", 100, "solve for n"),
        ("own-networks", None, "expected a number of networks"),
    ],
)
def test_answers_get_their_hint(name, answer, said, capsys):
    check(name, answer)
    assert said in capsys.readouterr().out


def test_the_width_is_where_the_cost_in_closed_form_says():
    """A larger kernel adds what it has more of pixels, a larger expansion 2 w^2 weights."""

    def blocks(kernel, expansion, width=100):
        more, fewer = (cost([(d, width, kernel, expansion)], 28).params for d in (2, 1))
        return more - fewer

    wider = blocks(5, 3) - blocks(5, 2) - 100  # without its biases
    larger = blocks(7, 2) - blocks(5, 2)
    assert wider == 2 * 100**2
    assert larger == (49 - 25) * 100


def test_so_many_networks_reach_so_far():
    generator = np.random.default_rng(0)
    means = generator.normal(0, 1.2, (2, 4000, 70)).mean(axis=2)
    assert np.quantile(abs(means[0] - means[1]), 0.95) == pytest.approx(0.4, abs=0.02)


def test_what_the_chapter_says_of_the_power_of_its_plans_holds():
    """Of a hundred networks a space and five questions, and of forty and one."""
    errors = 100 * np.array(Population.recorded("AnyNetX_C").errors)
    spread, normal = capped(errors).std(ddof=1), NormalDist()
    error = {n: np.hypot(spread * np.sqrt(2 / n), 0.06) for n in (100, TEMPLATE_N)}
    widened = normal.inv_cdf(1 - 0.05 / len(plan.STEPS) / 2)
    assert normal.cdf(plan.PLAN.margin / error[100] - widened) < 0.5, "less often than not"
    assert normal.inv_cdf(0.975) * error[TEMPLATE_N] > TEMPLATE.margin, "a half point stays open"
