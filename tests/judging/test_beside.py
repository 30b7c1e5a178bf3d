"""A step in other ways: each is what its own module says, and each of 95%."""

import numpy as np
import pytest

from designspaces.judging import beside
from designspaces.judging.effects import capped
from designspaces.judging.properties import values
from designspaces.judging.questions import Means, Strata
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import ASTRAY, Population

EVIDENCE = Population.recorded("AnyNetX_C", "AnyNetX_D")
STEP = Means(id="C-D", text="", source="", expects="better", a="AnyNetX_C", b="AnyNetX_D")


def test_a_step_is_measured_in_all_ways():
    found = beside.look(STEP, EVIDENCE, 0.5)
    a, b = (values(list(EVIDENCE.space(name)), "error") for name in STEP.populations)
    tame = [side[side <= 100 * ASTRAY] for side in (a, b)]
    assert len(tame[0]) < len(a), "a network went astray, so that the ways can differ"
    assert found.plain.effect.value == pytest.approx(capped(b).mean() - capped(a).mean())
    assert found.without_astray.effect.value == pytest.approx(tame[1].mean() - tame[0].mean())
    assert found.median.value == pytest.approx(np.median(b) - np.median(a))
    tenths = [np.quantile(side, 0.1) for side in (b, a)]
    assert found.lower_tenth.value == pytest.approx(tenths[0] - tenths[1])
    assert found.better.value == pytest.approx((b[:, None] < a).mean(), abs=0.01)
    assert found.calibrated.width < found.plain.width
    assert (found.plain.low, found.plain.high) == found.plain.alone


def test_a_row_has_each_number_with_its_interval():
    (row,) = beside.rows([beside.look(STEP, EVIDENCE, 0.5)])
    assert row.pop("step") == "C-D"
    assert len(row) == 6
    assert all(" to " in number and number.endswith(")") for number in row.values())


def test_a_step_by_each_regime_that_has_both_its_sides():
    trained = {"today": EVIDENCE, "half": Population(EVIDENCE.space("AnyNetX_C"))}
    found = beside.by_regime(STEP, trained)
    ways = ("as drawn", "at equal depth", "at equal depth, parameters")
    assert list(found) == [f"{way}, today" for way in ways]
    told = {"id": "C-D", "text": "", "source": "", "expects": "better"}
    asked = told | {"a": "AnyNetX_C", "b": "AnyNetX_D"}
    questions = STEP, Strata(**asked), Strata(**asked, held=("params",))
    for one, question in zip(found.values(), questions, strict=True):
        assert one.effect.value == question.measure(EVIDENCE).value
        assert (one.low, one.high) == one.alone


def test_few_networks_are_told():
    few = Population(record for record in EVIDENCE if record.index < 12)
    with pytest.raises(TooFew, match="12 networks"):
        beside.look(STEP, few, 0.5)
