"""Plans and answers: no verdict before n, none on older records, few where there is nothing."""

from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import pytest

from designspaces.experiments.mlps.foretelling import BestQuarter
from designspaces.judging import plan, study
from designspaces.judging.answer_tables import side_by_side, table, tell_verdict
from designspaces.judging.effects import Effect
from designspaces.judging.intervals import NO_MATTER
from designspaces.judging.questions import Means, Partners, Slope
from designspaces.judging.study import NOT_YET, Family, Plan, evaluate
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import pack_mistakes
from designspaces.populations.trials import SIX
from designspaces.training.recipe import POPULATION
from second import permute

EVIDENCE = Population.recorded(*SIX)
EVER = "2000-01-01T00:00:00+00:00"
SIX_STEPS = (Family("primary", True, plan.PRIMARY),)
FIRST = Plan(EVER, POPULATION, 0, dict.fromkeys(SIX, 100), 0.5, False, SIX_STEPS)


def test_the_plan_asks_only_what_it_has_networks_for_and_each_thing_once():
    whole = Plan(EVER, POPULATION, 1, plan.N, 0.5, False, plan.FAMILIES)
    ids = [q.id for family in whole.families for q in family.questions]
    assert len(set(ids)) == len(ids) == 24
    assert [len(family.questions) for family in whole.families] == [6, 3, 15]
    asked = {n for family in whole.families for q in family.questions for n in q.populations}
    assert asked == set(plan.N)
    with pytest.raises(ValueError, match="RegNetX"):
        replace(FIRST, n=dict.fromkeys(SIX[:-1], 100))
    with pytest.raises(ValueError, match="time zone"):
        replace(FIRST, signed="2026-01-01")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"signed": "yesterday"}, "signed is 'yesterday'; expected a moment"),
        ({"recipe": "x"}, "recipe is 'x'; expected a Recipe"),
        ({"margin": -1}, "margin is -1"),
        ({"margin": float("nan")}, "margin is nan"),
        ({"n": dict.fromkeys(SIX, 0)}, "n of AnyNetX_A is 0"),
        ({"n": dict.fromkeys(SIX, 2.5)}, "n of AnyNetX_A is 2.5"),
        ({"n": dict.fromkeys(SIX, "5")}, "n of AnyNetX_A is '5'"),
        ({"families": 2 * SIX_STEPS}, "two questions have the id 'A-B'"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changed, fault):
    with pytest.raises(ValueError, match=fault):
        replace(FIRST, **changed)


def test_the_first_studys_populations_answer_the_six_steps():
    answers = evaluate(EVIDENCE, FIRST)
    assert [a.family.name for a in answers.values()] == ["primary"] * 6
    for answer in answers.values():
        low, high = answer.interval.low, answer.interval.high
        assert low < answer.interval.alone[0] < answer.interval.effect.value < high
        assert answer.verdict == answer.question.decide(low, high, 0.5)
    # steps add up, since means do
    value = {name: answer.interval.effect.value for name, answer in answers.items()}
    steps = sum(value[name] for name in ("A-B", "B-C", "C-D", "D-E", "E-RegNetX"))
    assert steps == pytest.approx(value["A-RegNetX"])


def test_below_n_there_are_counts_and_no_interval():
    few = Population(r for r in EVIDENCE if r.space != "AnyNetX_D" or r.index < 99)
    answers = evaluate(few, FIRST)
    for name in ("C-D", "D-E"):
        answer = answers[name]
        assert (answer.verdict, answer.interval, answer.p) == (NOT_YET, None, None)
        assert "99 of 100" in answer.why
    whole = evaluate(EVIDENCE, FIRST)
    assert answers["A-B"].interval.width >= whole["A-B"].interval.width
    assert answers["A-B"].interval.alone == whole["A-B"].interval.alone
    rows = {row["population"]: row for row in study.counts(few, dict.fromkeys(SIX, 100))}
    assert (rows["AnyNetX_D"]["trained"], rows["AnyNetX_D"]["planned"]) == (99, 100)
    assert set(rows["AnyNetX_D"]) == {"population", "trained", "planned", "spread", "failed"}


def test_places_beyond_the_plan_change_nothing_and_replace_nothing():
    """Whoever goes on until an answer pleases gets the answer of the planned networks."""
    half = replace(FIRST, n=dict.fromkeys(SIX, 50))
    planned = Population(r for r in EVIDENCE if r.index < 50)
    more, exact = evaluate(EVIDENCE, half), evaluate(planned, half)
    assert {k: a.interval for k, a in more.items()} == {k: a.interval for k, a in exact.items()}
    assert more["A-B"].n == (50, 50)
    lacking = Population(r for r in EVIDENCE if (r.space, r.index) != ("AnyNetX_A", 7))
    assert evaluate(lacking, half)["A-B"].why == "49 of 50, 50 of 50 networks"


def test_what_is_said_of_the_margin_is_corrected_too():
    """One slope in ten lies beyond the margin by little: its sign stays, its size does not."""
    effect = Effect("x", -0.75, dict.fromkeys(range(100), 0.01), (100,))  # 0.5 by 2.5 errors
    sure, none = replace(effect, value=-5.0), replace(effect, value=-0.45)
    found = {"x": effect, "sure": sure} | {f"none {k}": none for k in range(8)}
    told = {"text": "", "source": "", "expects": "better", "spaces": ("AnyNetX_A",)}

    class Given(Slope):
        def measure(self, evidence, *, calibrated=False):
            return found[self.id]

    family = Family("given", False, tuple(Given(id=k, property="depth", **told) for k in found))
    answers = evaluate(EVIDENCE, replace(FIRST, families=(family,)))
    assert answers["x"].verdict == "supported by more than the margin"
    assert answers["x"].survives
    assert answers["x"].size_survives is False
    assert "(of this size not when" in tell_verdict(answers["x"])
    assert answers["sure"].size_survives
    assert tell_verdict(answers["sure"]) == answers["sure"].verdict
    assert answers["none 0"].size_survives is None


def test_a_plans_fingerprint_is_the_same_wherever_it_is_installed():
    def at(folder):
        told = {"text": "", "source": "", "expects": "better"}
        path = PurePosixPath(folder) / "recorded" / "experiments" / "foretold.json"
        question = BestQuarter(id="q", small="A", large="B", written=path, **told)
        family = (Family("foretold", True, (question,)),)
        return study.fingerprint(replace(FIRST, n={"A": 1, "B": 1}, families=family))

    assert at("/home/one") == at("/opt/another's") != at("/home/one/recorded")


def test_only_populations_that_are_complete_are_whole():
    few = Population(r for r in EVIDENCE if r.space != "AnyNetX_D" or r.index < 99)
    found = study.whole(few, dict.fromkeys(SIX[1:], 100))
    assert {r.space for r in found} == {*SIX[1:]} - {"AnyNetX_D"}, "A is not asked for, D lacks one"
    assert len(found) == 400
    one = next(iter(EVIDENCE.space("AnyNetX_D")))
    beyond = Population([*few, replace(one, index=100, seed=100)])
    found = study.whole(beyond, dict.fromkeys(SIX, 100))
    assert "AnyNetX_D" not in {r.space for r in found}, "another place does not stand for its 100th"
    more = Population([*EVIDENCE, replace(one, index=100, seed=100)])
    assert len(study.whole(more, dict.fromkeys(SIX, 100))) == 600, "nor does it count beside them"


def test_a_network_that_was_trained_twice_does_not_stand_for_one_that_is_missing():
    few = [r for r in EVIDENCE if r.space != "AnyNetX_D" or r.index < 99]
    first = next(r for r in few if r.space == "AnyNetX_D")
    again = replace(first, seed=first.seed + 1_000_000)
    with pytest.raises(PopulationError, match=f"{first.id} and {again.id} are one network that is"):
        study.whole(Population([*few, again]), dict.fromkeys(SIX, 100))


def test_records_that_do_not_belong_are_refused_by_name():
    with pytest.raises(PopulationError, match=r"AnyNetX_A/0/0/0 is of sample 0.*sample 1"):
        evaluate(EVIDENCE, replace(FIRST, sample_seed=1))
    with pytest.raises(PopulationError, match=r"before the plan was signed on 2999"):
        evaluate(EVIDENCE, replace(FIRST, signed="2999-01-01T00:00:00+00:00"))
    other = replace(
        next(iter(EVIDENCE)), index=5000, recipe=next(iter(EVIDENCE)).recipe | {"lr": 0.3}
    )
    with pytest.raises(PopulationError, match=r"AnyNetX_A/0/5000/0 .* the plan's: lr 0.3 and 0.1"):
        evaluate(Population([*EVIDENCE, other]), FIRST)
    elsewhere = [
        replace(r, device="H100") if (r.space, r.index) == ("RegNetX", 3) else r for r in EVIDENCE
    ]
    with pytest.raises(PopulationError, match=r"AnyNetX_E/0/3/3.*RegNetX/0/3/3 on H100"):
        evaluate(Population(elsewhere), FIRST)
    processor = [
        replace(r, device="Another, 2 threads") if r.device == "H100" else r for r in elsewhere
    ]
    assert evaluate(Population(processor), FIRST), "processors are one kind"
    block = [replace(r, device="H100") if r.index < 50 else r for r in EVIDENCE]
    assert evaluate(Population(block), FIRST), "a whole block of places on one device is fine"
    data = [replace(r, data_checksum="0") if r.index == 7 else r for r in EVIDENCE]
    with pytest.raises(PopulationError, match="other data"):
        evaluate(Population(data), FIRST)


@pytest.mark.simulation
def test_permuted_errors_hold_no_answer():
    """The whole family errs in 5% of permutations, or as few as 60 of them can tell."""
    wrong = 0
    for seed in range(60):
        answers = evaluate(permute(EVIDENCE, seed), FIRST).values()
        wrong += any(a.interval.low > 0 or a.interval.high < 0 for a in answers)
    assert wrong <= 8, "more than 8 of 60 has a chance below 1% at 5%"


def test_permuting_deals_the_same_errors():
    dealt = permute(EVIDENCE, 1)
    assert sorted(dealt.errors) == sorted(EVIDENCE.errors)
    assert dealt.errors != EVIDENCE.errors
    assert [r.id for r in dealt] == [r.id for r in EVIDENCE]


def test_secondary_claims_say_whether_they_survive_the_correction():
    """Two true differences among many that are none."""
    generator = np.random.default_rng(0)
    records = []
    for number, space in enumerate(SIX):
        for record in list(EVIDENCE.space(space))[:60]:
            error = generator.normal(0.12 + 0.02 * (number == 5), 0.01)
            records.append(replace(record, val_error=float(error)))
    told = {"text": "", "source": "", "expects": "better"}
    pairs = [(a, b) for a in range(6) for b in range(6) if a < b]
    questions = tuple(Means(id=f"{a}{b}", a=SIX[a], b=SIX[b], **told) for a, b in pairs)
    family = Family("secondary", False, questions)
    answers = evaluate(
        Population(records),
        Plan(EVER, POPULATION, 0, dict.fromkeys(SIX, 60), 0.5, False, (family,)),
    )
    found = {name: a.verdict for name, a in answers.items() if a.survives}
    different = {f"{a}5" for a in range(5)}
    assert different - found.keys() == set(), "they do differ"
    equal = [name for name, verdict in found.items() if verdict == NO_MATTER]
    assert len(found) - len(equal) <= 6
    assert len(equal) >= 2, "what lies within the margin stays though its p is not below 0.05"
    assert not different & set(equal)
    assert all(answers[name].p > 0.05 for name in equal)
    for answer in answers.values():
        assert answer.interval.low == answer.interval.alone[0], "each by itself"


def test_the_fingerprint_changes_with_anything_that_a_plan_says():
    own = study.fingerprint(FIRST)
    assert len(own) == 12
    assert own == study.fingerprint(replace(FIRST, n=dict(reversed(FIRST.n.items()))))
    others = [
        replace(FIRST, margin=0.45),
        replace(FIRST, images=True),
        replace(FIRST, n=dict.fromkeys(SIX, 101)),
        replace(FIRST, recipe=replace(POPULATION, lr=0.3)),
        replace(FIRST, families=(Family("primary", True, plan.PRIMARY[:-1]),)),
    ]
    assert len({own, *map(study.fingerprint, others)}) == 6


def test_two_studies_stand_side_by_side():
    first = evaluate(EVIDENCE, FIRST)
    second = {name: answer for name, answer in first.items() if name != "A-B"}
    own = {"B-C": "supported", "g-above-1": "not testable"}
    *rows, last = side_by_side(first, second, own)
    assert [row["claim"] for row in rows] == [*list(first)[1:], "A-B"]
    assert (last["claim"], last["first, in its own way"]) == ("g-above-1", "not testable")
    assert last["first"] == last["second"] == "not asked"
    assert rows[0]["first, in its own way"] == "supported"
    assert rows[-1]["first, in its own way"] == rows[-1]["second"] == "not asked"
    assert rows[0]["verdict now"] == first["B-C"].verdict
    assert rows[0]["first"] == rows[0]["second"] != ""
    assert rows[0]["n then"] == rows[0]["n now"] == "100 and 100"
    assert rows[-1]["n now"] == ""
    lost = {"B-C": replace(first["B-C"], verdict="supported", survives=False)}
    (row,) = side_by_side(lost, lost, {})
    assert row["verdict then"] == row["verdict now"] == table(lost)[0]["verdict"]
    assert "not when" in row["verdict now"]
    none = {"B-C": replace(first["B-C"], interval=None, why="B-C: errors do not vary")}
    assert (
        side_by_side(none, none, {})[0]["first"] == table(none)[0]["number"] == "errors do not vary"
    )


def test_differences_of_means_stand_on_the_images_if_the_plan_says_so():
    generator = np.random.default_rng(0)
    hard = generator.random(200) ** 5  # the images that are named wrongly are the same by all
    wrong = {
        r.id: generator.random(200) < hard + 0.3 * (r.space[-1] == "D") * (1 - hard)
        for r in EVIDENCE
    }
    judged = Population(
        replace(
            r,
            schema=2,
            val_error=float(wrong[r.id].mean()),
            val_mistakes=pack_mistakes(wrong[r.id]),
        )
        for r in EVIDENCE
    )
    answers = [evaluate(judged, replace(FIRST, images=images)) for images in (False, True)]
    for name in answers[0]:
        over_networks, over_both = (found[name].interval for found in answers)
        assert over_both.effect.value == over_networks.effect.value
        assert over_both.width > over_networks.width
    with pytest.raises(ValueError, match="of schema 1"):
        evaluate(EVIDENCE, replace(FIRST, images=True))


def test_who_has_no_partner_is_named_while_networks_are_missing():
    alike = Partners(
        id="alike",
        text="At equal depth, E is better",
        source="made up",
        expects="better",
        networks="AnyNetX_E",
        partners="AnyNetX_D",
    )
    n = {"AnyNetX_E": 100, "AnyNetX_D": 100}
    of_pairs = replace(FIRST, n=n, families=(Family("pairs", True, (alike,)),))
    missing = [f"AnyNetX_D/0/{i}/{i}" for i in range(7)]
    for gone, told in ((1, ": AnyNetX_E/0/0/0"), (7, ", AnyNetX_E/0/4/4 and 2 more")):
        there = Population(r for r in EVIDENCE if r.id not in missing[:gone])
        answer = evaluate(there, of_pairs)["alike"]
        assert (answer.verdict, answer.interval) == (NOT_YET, None)
        assert answer.left_out == tuple(f"AnyNetX_E/0/{i}/{i}" for i in range(gone))
        (row,) = table({"alike": answer})
        assert row["networks"].startswith(f"100 and {100 - gone}; {gone} alone: ")
        assert row["networks"].endswith(told)
    assert evaluate(EVIDENCE, of_pairs)["alike"].left_out == ()
