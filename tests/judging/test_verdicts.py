"""Each constant of a rule at its boundary: what lies just on this side and just beyond."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging import claims, resampling, statistics, telling, verdicts
from designspaces.judging.claims import CLAIMS, CONTROLS, PRIMARY, Claim, Finding, evaluate
from designspaces.judging.resampling import Difference, Estimate
from designspaces.judging.statistics import DRAWS, EDF, TooFew
from designspaces.judging.verdicts import (
    CONTRADICTED,
    EQUIVALENT,
    LEVEL,
    MARGIN,
    NOT_RESOLVED,
    SHUFFLES,
    SUPPORTED,
    BestWithin,
    Contrast,
    Judgement,
    Rises,
    Untestable,
    Without,
)
from designspaces.populations.population import ASTRAY, Population

BELOW, AT, ABOVE = 0.0499, 0.05, 0.0501
BETTER, SAME = Contrast("AnyNetX_C", "AnyNetX_D", "better"), Contrast("A", "B", "same")
RECORDS = list(Population.recorded("AnyNetX_C"))[:25]


def test_the_constants_are_those_that_were_written_down():
    assert (LEVEL, MARGIN, claims.PLANNED, ASTRAY) == (0.05, 0.5, 100, 0.2)
    assert (DRAWS, SHUFFLES) == (10_000, 500)


def difference(value=-1.0, low=-1.5, high=-0.6) -> Difference:
    return Difference(value, low, high, p=1.0, margin=MARGIN, p_equivalent=1.0, n=(100, 100))


@pytest.mark.parametrize(
    ("rule", "found", "p", "p_equivalent", "verdict"),
    [
        (BETTER, difference(), BELOW, AT, SUPPORTED),
        (BETTER, difference(), AT, AT, NOT_RESOLVED),
        (BETTER, difference(), ABOVE, AT, NOT_RESOLVED),
        (BETTER, difference(), BELOW, BELOW, EQUIVALENT),
        (BETTER, difference(), 1.0, BELOW, EQUIVALENT),
        (BETTER, difference(1e-9), BELOW, 1.0, CONTRADICTED),
        (BETTER, difference(-1e-9), BELOW, 1.0, SUPPORTED),
        (BETTER, difference(0.0), BELOW, 1.0, CONTRADICTED),
        (SAME, difference(), BELOW, BELOW, SUPPORTED),
        (SAME, difference(), 1.0, BELOW, SUPPORTED),
        (SAME, difference(high=-0.5001), BELOW, AT, CONTRADICTED),
        (SAME, difference(high=-0.5), BELOW, AT, NOT_RESOLVED),
        (SAME, difference(1.0, 0.5001, 1.5), BELOW, AT, CONTRADICTED),
        (SAME, difference(1.0, 0.5, 1.5), BELOW, AT, NOT_RESOLVED),
        (SAME, difference(1.0, 0.5001, 1.5), AT, AT, NOT_RESOLVED),
    ],
)
def test_a_contrast_is_decided_at_its_level_and_its_margin(rule, found, p, p_equivalent, verdict):
    assert rule.decide_verdict(found, p, p_equivalent) == verdict


def test_a_contrast_that_expects_something_else_is_refused():
    with pytest.raises(ValueError, match="expects is 'worse'; expected one of better, same"):
        Contrast("A", "B", "worse")


@pytest.mark.parametrize(
    ("value", "p", "verdict"),
    [
        (0.2, BELOW, SUPPORTED),
        (-0.2, BELOW, CONTRADICTED),
        (0.2, AT, NOT_RESOLVED),
        (-0.2, ABOVE, NOT_RESOLVED),
    ],
)
def test_a_correlation_is_decided_at_its_level(value, p, verdict, monkeypatch):
    monkeypatch.setattr(verdicts, "bootstrap_spearman", lambda *_: Estimate(value, -0.1, 0.3, p))
    judgement = Rises("AnyNetX_C", "params").judge(Population(RECORDS))
    assert (judgement.verdict, judgement.p, judgement.n) == (verdict, p, (25,))


@pytest.mark.parametrize(
    ("low", "high", "p", "verdict"),
    [
        (1.0, 2.0, BELOW, SUPPORTED),
        (1.0, 2.0, AT, NOT_RESOLVED),
        (0.99, 2.0, BELOW, NOT_RESOLVED),
        (1.0, 2.01, BELOW, NOT_RESOLVED),
        (0.5, 0.99, BELOW, CONTRADICTED),
        (0.5, 1.0, BELOW, NOT_RESOLVED),
        (2.01, 4.0, BELOW, CONTRADICTED),
        (2.0, 4.0, BELOW, NOT_RESOLVED),
        (2.01, 4.0, ABOVE, NOT_RESOLVED),
    ],
)
def test_a_best_range_is_decided_at_its_ends_and_its_level(low, high, p, verdict, monkeypatch):
    monkeypatch.setattr(verdicts, "best_range", lambda *_, **__: (low, low, high))
    rule = BestWithin("AnyNetX_C", "params", 1.0, 2.0)
    monkeypatch.setattr(BestWithin, "estimate_chance", lambda *_: p)
    judgement = rule.judge(Population(RECORDS))
    decided = rule.place_range(low, high) != NOT_RESOLVED
    assert judgement.verdict == verdict
    assert judgement.p == judgement.estimate.p == (p if decided else None)


def test_chance_is_counted_with_what_was_found_itself(monkeypatch):
    """So that it is never 0: of 500 shuffles with the same verdict in k, (k + 1) / 501."""
    outcomes = iter([(1.5, 1.5, 1.5)] * 24 + [(9.0, 9.0, 9.0)] * (SHUFFLES - 24))
    monkeypatch.setattr(verdicts, "best_range", lambda *_, **__: next(outcomes))
    rule = BestWithin("AnyNetX_C", "params", 1.0, 2.0)
    chance = rule.estimate_chance(SUPPORTED, np.zeros(3), np.arange(3.0))
    assert chance == 25 / 501 < LEVEL
    assert next(outcomes, None) is None


@pytest.mark.parametrize(
    ("call", "least"),
    [
        (lambda x: resampling.difference(x, np.arange(50.0), margin=1, draws=20), 10),
        (lambda x: resampling.difference(np.arange(50.0), x, margin=1, draws=20), 10),
        (lambda x: resampling.bootstrap_spearman(x, x, draws=20), 10),
        (lambda x: statistics.repeatability(x, x[::-1]), 10),
        (lambda x: resampling.best_range(x, x, draws=20), 20),
        (lambda x: resampling.kolmogorov_smirnov(x, np.arange(9.0), draws=20), 1),
        (lambda x: resampling.bootstrap(x, np.mean, draws=20), 1),
    ],
)
def test_each_statistic_takes_its_least_number_of_networks(call, least):
    call(np.arange(float(least)))
    with pytest.raises(TooFew, match=rf"has {least - 1} networks; this takes at least {least}"):
        call(np.arange(float(least - 1)))


def test_astray_is_what_lies_above_and_did_not_diverge():
    errors = [ASTRAY, np.nextafter(ASTRAY, 1), 0.9]
    records = [replace(RECORDS[i], val_error=float(e)) for i, e in enumerate(errors)]
    records[2] = replace(records[2], status="diverged")
    population = Population(records)
    assert (population.astray, population.diverged) == (1, 1)


@pytest.mark.parametrize(("n", "provisional"), [((100, 99), True), ((100, 100), False)])
def test_a_verdict_is_provisional_below_the_number_planned(n, provisional):
    finding = Finding(claim=PRIMARY[0], verdict=SUPPORTED, measured="", n=n)
    (row,) = telling.table([finding])
    assert row["verdict"].endswith("(provisional)") == provisional


def test_a_family_is_corrected_before_it_is_judged(monkeypatch):
    """By hand: the smallest of five p-values counts five times, and decides the verdict."""

    def judge(self, population):
        found = difference()
        p = {"AnyNetX_D": 0.0099, "AnyNetX_E": 0.0124}.get(self.b, 1.0)
        found = replace(found, p=p)
        return Judgement(self.decide_verdict(found, p, 1.0), "it", (100, 100), found, p, 1.0)

    monkeypatch.setattr(Contrast, "judge", judge)
    findings = evaluate(Population(), PRIMARY)
    assert findings["C-D"].p == pytest.approx(5 * 0.0099)
    assert findings["D-E"].p == pytest.approx(4 * 0.0124)
    assert findings["C-D"].verdict == findings["D-E"].verdict == SUPPORTED
    assert findings["A-B"].verdict == findings["E-RegNetX"].verdict == NOT_RESOLVED


def test_every_rule_gives_a_judgement_of_its_own_kind():
    population = Population(RECORDS)
    untestable = Untestable("why not").judge(population)
    assert untestable == Judgement(verdicts.NOT_TESTABLE, "why not")
    for claim in CLAIMS:
        try:
            judgement = claim.rule.judge(population)
        except TooFew:
            continue
        assert isinstance(judgement, Judgement)
        assert (judgement.p_equivalent is None) == (not isinstance(claim.rule, Contrast))
    with pytest.raises(TypeError, match="spaces"):
        Without("these", "the others", "better")


def test_the_claims_are_the_primary_ones_first_and_hold_the_controls():
    assert CLAIMS[: len(PRIMARY)] == PRIMARY
    assert set(CONTROLS) < set(CLAIMS)
    assert {claim.family for claim in CONTROLS} == {"exploratory"}
    assert all(isinstance(claim, Claim) and claim.rule.expects == "better" for claim in CONTROLS)


def test_the_edf_has_one_door():
    shuffled = np.array([0.3, 0.1, 0.2, 0.1])
    curve = EDF(shuffled)
    assert list(curve.errors) == [0.1, 0.1, 0.2, 0.3]
    assert list(shuffled) == [0.3, 0.1, 0.2, 0.1], "the caller's array stays as it is"
    assert curve(0.2) == 0.5
    assert EDF([0.2]).n == 1
    for bad, said in (([], "is empty"), ([0.1, np.inf], "not finite"), ([np.nan], "not finite")):
        with pytest.raises(ValueError, match=said):
            EDF(bad)
