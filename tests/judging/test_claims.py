"""Verdicts on populations whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging import telling
from designspaces.judging import verdicts as rules
from designspaces.judging.claims import CLAIMS, evaluate
from designspaces.judging.properties import values
from designspaces.judging.resampling import bootstrap_spearman
from designspaces.judging.sensitivity import sensitivity
from designspaces.judging.statistics import matched, or_too_few
from designspaces.judging.telling import tell_estimate
from designspaces.populations.population import Population, PopulationError

SPACES = ("AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E", "RegNetX")
REAL = {name: list(Population.recorded(name))[:25] for name in SPACES}


def population(n, means, spread=0.012, seed=0, copies=8):
    """Real networks with errors made up: `n` a space around the mean of the space."""
    rng = np.random.default_rng(seed)
    made = []
    for space, mean in means.items():
        records = [replace(r, index=r.index + 1000 * k) for k in range(copies) for r in REAL[space]]
        errors = rng.normal(mean, spread, n)
        made += [replace(r, val_error=e) for r, e in zip(records[:n], errors, strict=True)]
    return Population(made)


EVEN = dict.fromkeys(SPACES, 0.14)


def verdicts(n, means, **how):
    return {name: one.verdict for name, one in evaluate(population(n, means, **how)).items()}


def test_clear_differences_are_seen_and_their_direction_counts():
    falling = dict(zip(SPACES, [0.19, 0.18, 0.17, 0.16, 0.15, 0.14], strict=True))
    found = verdicts(100, falling)
    assert found["C-D"] == found["D-E"] == found["E-RegNetX"] == rules.SUPPORTED
    assert found["A-B"] == found["B-C"] == rules.CONTRADICTED, "the claim says they are equal"
    rising = dict(zip(SPACES, reversed(falling.values()), strict=True))
    found = verdicts(100, rising)
    assert found["C-D"] == found["D-E"] == found["E-RegNetX"] == rules.CONTRADICTED


def test_what_is_surely_within_the_margin_is_equivalent():
    found = verdicts(200, EVEN, spread=0.006)
    assert found["A-B"] == found["B-C"] == rules.SUPPORTED
    assert found["C-D"] == found["D-E"] == rules.EQUIVALENT


def test_a_wide_spread_resolves_nothing():
    found = verdicts(50, EVEN, spread=0.03)
    assert {found[name] for name in ("A-B", "B-C", "C-D", "D-E", "E-RegNetX")} == {
        rules.NOT_RESOLVED
    }


@pytest.mark.simulation
def test_a_false_finding_among_the_primary_ones_is_rare():
    """Of 100 rounds without any difference, Holm's correction lets about 5 find one."""
    rounds = 100
    primary = [claim for claim in CLAIMS if claim.family == "primary"]
    false = sum(
        any(
            one.p is not None and one.p < rules.LEVEL
            for one in evaluate(population(60, EVEN, seed=seed), primary).values()
        )
        for seed in range(rounds)
    )
    assert false <= 12


@pytest.mark.parametrize("n", [0, 1, 9])
def test_too_few_networks_are_counted_and_resolve_nothing(n):
    findings = evaluate(population(n, EVEN))
    finding = findings["C-D"]
    assert finding.verdict == rules.NOT_RESOLVED
    assert f"C has {n} networks; this takes at least 10" in finding.measured
    assert findings["squeeze"].verdict == rules.NOT_TESTABLE
    assert all(one.verdict in rules.VERDICTS for one in findings.values())


def test_a_difference_within_the_margin_is_equivalent_even_if_it_is_there():
    means = dict(EVEN, AnyNetX_B=0.139, AnyNetX_D=0.139)
    found = evaluate(population(200, means, spread=0.002))
    assert found["C-D"].p < rules.LEVEL
    assert found["C-D"].verdict == rules.EQUIVALENT
    assert found["A-B"].verdict == rules.SUPPORTED


def test_equality_is_contradicted_only_beyond_the_margin():
    near = evaluate(population(60, dict(EVEN, AnyNetX_B=0.133), spread=0.008))["A-B"]
    assert near.p < rules.LEVEL
    assert near.verdict == rules.NOT_RESOLVED, "the difference may be one within the margin"


def test_the_family_keeps_its_size_when_a_space_is_missing():
    both = {"AnyNetX_C": 0.14, "AnyNetX_D": 0.1345}
    found = evaluate(population(60, both, seed=3))["C-D"]
    assert found.p == pytest.approx(5 * found.estimate.p)
    alone = evaluate(population(60, both, seed=3), [c for c in CLAIMS if c.id == "C-D"])
    assert alone["C-D"] == found


@pytest.mark.simulation
def test_what_most_networks_have_is_no_merit_of_the_best():
    """Errors that have nothing to do with the networks lead to few verdicts on the best ones."""
    best = [claim for claim in CLAIMS if isinstance(claim.rule, rules.BestWithin)]
    found = [
        one.verdict
        for seed in range(15)
        for one in evaluate(population(100, EVEN, seed=seed, copies=4), best).values()
    ]
    assert sum(verdict != rules.NOT_RESOLVED for verdict in found) <= 8


def test_the_best_are_found_where_they_were_put():
    made = population(100, EVEN)
    wide = {16.0, 32.0}
    for space in ("AnyNetX_C", "AnyNetX_D", "AnyNetX_E"):
        for record in made.space(space):
            group_width = values([record], "group_width")[0]
            better = 0.05 * (group_width in wide) - 0.02 * (group_width == 1)
            made.records[record.id] = replace(record, val_error=record.val_error - better)
    found = evaluate(made)
    assert found["g-above-1"].verdict == rules.SUPPORTED
    assert found["depthwise"].verdict == rules.SUPPORTED
    low, _, high, _ = found["g-above-1"].estimate
    assert {low, high} <= wide


def test_one_bad_value_among_good_ones_cannot_be_told_by_the_best():
    """As constraints.md says: even where groups of one channel fail outright."""
    made = Population.recorded()
    for record in list(made.space("AnyNetX_C")):
        if values([record], "group_width")[0] == 1:
            made.records[record.id] = replace(record, val_error=min(1, record.val_error + 0.3))
    found = evaluate(made, [claim for claim in CLAIMS if claim.id == "g-above-1"])
    assert found["g-above-1"].verdict == rules.NOT_RESOLVED


def test_an_error_that_rises_with_the_distance_from_a_line_is_seen():
    made = population(100, EVEN, spread=0.002)
    far = values(made.space("AnyNetX_C"), "fit_error")
    for record, distance in zip(made.space("AnyNetX_C"), far, strict=True):
        made.records[record.id] = replace(record, val_error=record.val_error + 0.1 * distance)
    found = evaluate(made)
    assert found["line-C"].verdict == rules.SUPPORTED
    assert found["line-D"].verdict == rules.NOT_RESOLVED


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: {"recipe": r.recipe | {"lr": 0.3}}, r"recipe: lr 0\.\d+ and 0\.\d+"),
        (lambda r: {"sample_seed": 7}, "sample: "),
        (lambda r: {"device": "cuda:0 NVIDIA L4"}, "kind of device: "),
        (lambda r: {"data_checksum": "0" * 64}, "data: "),
    ],
)
def test_records_that_were_trained_otherwise_are_refused_by_name(change, said):
    made = population(20, EVEN)
    record = next(iter(made))
    other = replace(record, **change(record))
    mixed = Population([*(r for r in made if r is not record), other])
    with pytest.raises(PopulationError, match=rf"{other.id} differ in their {said}"):
        evaluate(mixed)


def test_a_network_that_was_trained_twice_is_refused_by_name():
    made = population(20, EVEN)
    first = next(iter(made))
    again = replace(first, seed=first.seed + 1_000_000)
    with pytest.raises(PopulationError, match=f"{first.id} and {again.id} are one network that is"):
        evaluate(Population([*made, again]))


def test_other_ways_to_compare_see_what_they_should():
    made = population(100, dict(EVEN, AnyNetX_D=0.13))
    diverged = list(made.space("AnyNetX_D"))[:8]
    for record in diverged:
        made.records[record.id] = replace(record, val_error=0.9, status="diverged")
    longer = Population(
        replace(r, val_error=r.val_error - (0.05 if r.space == "AnyNetX_D" else 0.03))
        for r in made
        if r.status == "trained"
    )
    ways = sensitivity(made, longer)["C-D"]
    assert ways["medians"].value < 0, "a median does not mind a few diverged networks"
    assert ways["means"].value > 0
    assert ways["without diverged"].value == pytest.approx(-1, abs=0.4)
    assert ways["interaction"].value == pytest.approx(-2)
    assert ways["interaction"].high < 0
    few = sensitivity(made, Population())["C-D"]
    assert "has 0 networks" in str(few["longer"])


def test_each_claim_has_an_id_of_its_own_and_five_are_primary():
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert [claim.id for claim in CLAIMS if claim.family == "primary"] == [
        "A-B",
        "B-C",
        "C-D",
        "D-E",
        "E-RegNetX",
    ]


def test_headlines_and_the_table_say_what_was_found():
    findings = evaluate(population(100, dict(EVEN, AnyNetX_D=0.12, AnyNetX_E=0.13), spread=0.004))
    assert telling.headline(findings["A-B"]) == "A to B: equal within 0.5 points"
    for name, direction in (("C-D", "better"), ("D-E", "worse")):
        size = abs(findings[name].estimate.value)
        title = f"{name[0]} to {name[2]}: {direction} by {size:.1f} points"
        assert telling.headline(findings[name]) == title
    few = evaluate(population(3, EVEN))
    assert telling.headline(few["D-E"]) == "D to E: too few networks"
    wide = evaluate(population(50, EVEN, spread=0.03))
    assert telling.headline(wide["D-E"]) == "D to E: not resolved"
    rows = telling.table(findings.values())
    assert [row["verdict"] for row in rows][:4] == [
        "supported",
        "supported",
        "supported",
        "contradicted",
    ]
    assert rows[5]["verdict"] == "equivalent within the margin (exploratory)"
    assert rows[-1]["verdict"] == "not testable here"
    assert "100 and 100 networks; p = " in rows[0]["here"]
    assert rows[0]["here"].endswith("after Holm's correction")
    title = telling.controls_headline(findings, "C", "widths")
    assert title == "Widths: equal ?, falling ? points"
    few = telling.table(evaluate(population(20, EVEN)).values())
    assert few[2]["verdict"].endswith("(provisional)")


def test_prose_and_table_have_one_spelling_of_a_p_value():
    findings = evaluate(population(100, dict(EVEN, AnyNetX_D=0.12), spread=0.004))
    words = telling.in_words(findings)
    assert words["p_C-D"] == "< 0.001"
    assert "p < 0.001" in telling.table([findings["C-D"]])[0]["here"]
    assert words["measured_C-D"] == findings["C-D"].measured
    assert words["verdict_A-B"] == findings["A-B"].verdict
    assert words["p_inverted"] == words["equal_b-is-1"] == "unknown"
    assert float(words["p_A-B"]) == pytest.approx(findings["A-B"].p, abs=5e-4)


def test_differences_are_told_with_a_minus_that_is_one():
    ways = sensitivity(population(100, dict(EVEN, AnyNetX_B=0.12)), Population())["A-B"]
    assert tell_estimate(ways["medians"]).startswith("−")
    assert "(−" in tell_estimate(ways["medians"])
    assert tell_estimate(ways["longer"]) == "too few networks"
    assert tell_estimate(or_too_few(bootstrap_spearman, [1, 2], [2, 1])) == "too few networks"
    rising = np.arange(20)
    assert tell_estimate(or_too_few(bootstrap_spearman, rising, -rising)).startswith("−1.00 (−1.00")
    with pytest.raises(TypeError):
        or_too_few(bootstrap_spearman, rising)


def test_each_way_to_compare_takes_the_networks_that_it_says():
    """Counted by hand: of 60 and 60 networks 20 diverged, and blocks are not costs."""
    made = population(60, {"AnyNetX_C": 0.14, "AnyNetX_D": 0.13})
    for record in list(made.space("AnyNetX_D"))[:20]:
        made.records[record.id] = replace(record, val_error=0.9, status="diverged")
    ways = sensitivity(made, Population())["C-D"]
    assert ways["medians"].n == ways["means"].n == (60, 60)
    assert ways["without diverged"].n == (60, 40)
    sides = [list(made.space(name)) for name in ("AnyNetX_C", "AnyNetX_D")]
    blocks = [values(side, "depth")[:, None] for side in sides]
    costs = [np.log([[r.params, r.activations] for r in side]) for side in sides]
    like = {"like blocks": matched(*blocks, caliper=0.2), "like cost": matched(*costs)}
    for way, (rows, _) in like.items():
        assert ways[way].n == (len(rows), len(rows))
    assert ways["like blocks"].n != ways["like cost"].n
