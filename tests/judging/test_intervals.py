"""Intervals that hold all at once, against formulas; verdicts; corrected p-values."""

from dataclasses import replace
from statistics import NormalDist

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from designspaces.judging.effects import Effect
from designspaces.judging.intervals import (
    CONTRADICTED,
    NO_MATTER,
    NOT_RESOLVED,
    SUPPORTED,
    benjamini_hochberg,
    decide,
    simultaneous,
)

NORMAL = NormalDist().inv_cdf(0.975)


def critical(effects, **options):
    found = simultaneous(effects, **options)
    sizes = [(one.high - one.low) / 2 / one.effect.error for one in found]
    assert np.ptp(sizes) < 1e-9
    assert all(one.width == one.high - one.low for one in found)
    return sizes[0]


def effect_of(unit, value=0.0, part=1.0):
    return Effect(str(unit), value, {unit: part}, (1,))


@pytest.mark.parametrize("number", [2, 6, 20])
def test_independent_effects_have_sidaks_interval(number):
    family = [effect_of(i, part=1.0 + i) for i in range(number)]
    sidak = NormalDist().inv_cdf((1 + 0.95 ** (1 / number)) / 2)
    assert critical(family) == pytest.approx(sidak, abs=0.02)
    assert critical(family, confidence=0.8) == pytest.approx(
        NormalDist().inv_cdf((1 + 0.8 ** (1 / number)) / 2), abs=0.02
    )


def test_identical_effects_have_the_interval_of_one():
    assert critical([effect_of(0)]) == pytest.approx(NORMAL, abs=1e-12)
    same = [effect_of(0), effect_of(0, 2.0, -3.0), effect_of(0, 1.0)]
    assert critical(same) == pytest.approx(NORMAL, abs=0.02)
    assert simultaneous([]) == []


def test_an_interval_alone_is_narrower_and_both_are_around_the_value():
    for one in simultaneous([effect_of(0, 1.0), effect_of(1, 5.0, 2.0)]):
        assert one.low < one.alone[0] < one.alone[1] < one.high
        middle = one.effect.value
        assert ((one.low + one.high) / 2, sum(one.alone) / 2) == pytest.approx((middle, middle))
        assert (one.alone[1] - one.alone[0]) / 2 / one.effect.error == pytest.approx(NORMAL)


def test_an_effect_without_spread_widens_no_other():
    sure = Effect("sure", 1.0, {"x": 0.0}, (10,))
    found = simultaneous([sure, effect_of(1)])
    assert (found[0].low, found[0].high) == (1, 1)
    assert found[1].width / 2 == pytest.approx(NORMAL, abs=0.02)
    assert (sure.p, replace(sure, value=0.0).p) == (0, 1)


def test_simultaneous_intervals_are_seeded():
    family = [effect_of(i) for i in range(3)]
    assert simultaneous(family) == simultaneous(family) != simultaneous(family, seed=1)


def test_a_confidence_is_a_probability():
    with pytest.raises(ValueError, match="0.0 < p < 1.0"):
        simultaneous([effect_of(1)], confidence=95)


# --- verdicts ----------------------------------------------------------------------------------

LESS, MORE = "by less than the margin", "by more than the margin"


@pytest.mark.parametrize(
    ("low", "high", "better", "same"),
    [
        (-2.0, -1.0, f"{SUPPORTED} {MORE}", f"{CONTRADICTED}: better {MORE}"),
        (-2.0, -0.5, SUPPORTED, f"{NOT_RESOLVED}, but better"),
        (-2.0, -0.1, SUPPORTED, f"{NOT_RESOLVED}, but better"),
        (-0.5, -0.1, f"{SUPPORTED} {LESS}", SUPPORTED),
        (-0.5, 0.0, NO_MATTER, SUPPORTED),
        (0.0, 0.0, NO_MATTER, SUPPORTED),
        (-0.5, 0.5, NO_MATTER, SUPPORTED),
        (-0.51, 0.5, NOT_RESOLVED, NOT_RESOLVED),
        (-0.5, 0.51, NOT_RESOLVED, NOT_RESOLVED),
        (-2.0, 0.0, NOT_RESOLVED, NOT_RESOLVED),
        (-np.inf, np.inf, NOT_RESOLVED, NOT_RESOLVED),
        (0.0, 0.3, NO_MATTER, SUPPORTED),
        (0.1, 0.5, f"{CONTRADICTED} {LESS}", SUPPORTED),
        (0.1, 2.0, CONTRADICTED, f"{NOT_RESOLVED}, but worse"),
        (0.5, 2.0, CONTRADICTED, f"{NOT_RESOLVED}, but worse"),
        (1.0, 2.0, f"{CONTRADICTED} {MORE}", f"{CONTRADICTED}: worse {MORE}"),
        (1.0, np.inf, f"{CONTRADICTED} {MORE}", f"{CONTRADICTED}: worse {MORE}"),
    ],
)
def test_verdicts(low, high, better, same):
    assert decide("better", low, high, 0.5) == better
    assert decide("same", low, high, 0.5) == same


def said(verdict, expects):
    """What a verdict says of the difference: its direction, and whether the margin holds it."""
    facts = {word for word in ("better", "worse") if word in verdict}
    if expects == "better" and (SUPPORTED in verdict or CONTRADICTED in verdict):
        facts.add("better" if SUPPORTED in verdict else "worse")
    if LESS in verdict or verdict == NO_MATTER or (expects == "same" and verdict == SUPPORTED):
        facts.add("within")
    return facts | ({"beyond"} if MORE in verdict else set())


@given(
    st.sampled_from(["better", "same"]),
    st.lists(st.integers(-9, 9), min_size=4, max_size=4),
    st.integers(1, 6),
)
def test_a_wider_interval_is_never_more_decided(expects, ends, margin):
    """All that it says the narrower one says as well; direction is unsaid of what is the same."""
    low, inner_low, inner_high, high = sorted(ends)
    wide, narrow = (
        said(decide(expects, *e, margin), expects) for e in ((low, high), (inner_low, inner_high))
    )
    assert wide <= narrow or (expects == "same" and narrow == {"within"} and "beyond" not in wide)


@pytest.mark.parametrize(
    ("expects", "low", "high", "margin"),
    [
        ("worse", -1, 1, 0.5),
        ("better", 1, -1, 0.5),
        ("better", -1, 1, 0),
        ("same", -1, 1, -0.5),
        ("same", float("nan"), 1, 0.5),
        ("better", -1, float("nan"), 0.5),
        ("better", -1, 1, float("nan")),
    ],
)
def test_no_verdict_of_what_is_no_interval(expects, low, high, margin):
    with pytest.raises(ValueError, match="expected"):
        decide(expects, low, high, margin)


def test_benjamini_hochberg_is_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(6)
    for size in (1, 2, 5, 20):
        p = np.round(rng.random(size) ** 3, 2)  # with ties
        oracle = multitest.multipletests(p, method="fdr_bh")[1]
        assert np.allclose(benjamini_hochberg(p), oracle)
    assert benjamini_hochberg([]).size == 0
    for wrong in (float("nan"), -0.1, 1.1):
        with pytest.raises(ValueError, match="from 0 to 1"):
            benjamini_hochberg([0.5, wrong])
