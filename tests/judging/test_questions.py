"""What a question measures, against the plain formulas and statsmodels."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging.effects import capped
from designspaces.judging.properties import values
from designspaces.judging.questions import Means, Partners, Seeds, Slope, Strata
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import pack_mistakes

EVIDENCE = Population.recorded("AnyNetX_C", "AnyNetX_D", "AnyNetX_E", "RegNetX")
TOLD = {"text": "", "source": ""}


@pytest.mark.parametrize(
    ("expects", "told"),
    [
        ("better", "below 0"),
        ("rises", "above 0"),
        ("same", "about 0"),
        ((-0.25, 0.25), "from -0.25 to 0.25"),
    ],
)
def test_a_question_tells_where_the_number_of_a_true_claim_lies(expects, told):
    question = Means(id="C-D", expects=expects, a="AnyNetX_C", b="AnyNetX_D", **TOLD)
    assert question.holds_if == told


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"expects": "worse"}, "what C-D expects is 'worse'; expected one of better, rises, same"),
        ({"expects": (0.25, -0.25)}, "C-D expects a number from 0.25 to -0.25; the first end has"),
        ({"expects": (0.25, 0.25)}, "C-D expects a number from 0.25 to 0.25; the first end has"),
        ({"expects": "same", "margin": 0}, "the margin of C-D is 0; expected a positive number"),
    ],
)
def test_a_question_that_no_number_could_answer_is_refused(told, fault):
    with pytest.raises(ValueError, match=fault):
        Means(id="C-D", a="AnyNetX_C", b="AnyNetX_D", **TOLD | told)


def test_means_are_those_of_capped_errors():
    question = Means(id="C-D", expects="better", a="AnyNetX_C", b="AnyNetX_D", **TOLD)
    found = question.measure(EVIDENCE)
    a, b = (capped(values(EVIDENCE.space(name), "error")) for name in question.populations)
    assert found.value == pytest.approx(b.mean() - a.mean())
    assert found.error == pytest.approx(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))
    narrower = question.measure(EVIDENCE, calibrated=True)
    assert narrower.error < found.error
    assert narrower.value == pytest.approx(found.value, abs=3 * found.error)


def test_means_are_not_calibrated_by_what_is_known_of_images_of_another_size():
    question = Means(id="C-D", expects="better", a="AnyNetX_C", b="AnyNetX_D", **TOLD)
    larger = Population(replace(r, recipe=r.recipe | {"resolution": 56}) for r in EVIDENCE)
    assert question.measure(larger).value == question.measure(EVIDENCE).value
    with pytest.raises(ValueError, match=r"AnyNetX_C/0/0/0 has images of 56 pixels; .* of 28, so"):
        question.measure(larger, calibrated=True)


def test_of_a_space_of_ones_own_nothing_is_known_to_calibrate_by():
    own = Population(replace(r, space=f"my_{r.space}") for r in EVIDENCE)
    question = Means(id="C-D", expects="better", a="my_AnyNetX_C", b="my_AnyNetX_D", **TOLD)
    assert question.measure(own).n == (100, 100)
    with pytest.raises(ValueError, match=r"nothing is known of my_AnyNetX_C.* calibrated=False"):
        question.measure(own, calibrated=True)


@pytest.mark.parametrize(
    "question",
    [
        Means(id="means", expects="better", a="AnyNetX_C", b="AnyNetX_D", **TOLD),
        Seeds(id="seeds", expects="better", a="AnyNetX_C", b="AnyNetX_D", **TOLD),
        Partners(id="pairs", expects="better", networks="AnyNetX_D", partners="AnyNetX_C", **TOLD),
    ],
    ids=lambda question: question.id,
)
def test_where_all_trainings_of_one_side_diverged_the_other_sides_images_count(question):
    rng, judged = np.random.default_rng(0), []
    for record in EVIDENCE.space("AnyNetX_C"):
        wrong = rng.random(200) < 0.1
        told = {"val_error": float(wrong.mean()), "val_mistakes": pack_mistakes(wrong)}
        judged.append(replace(record, schema=2, **told))
    lost = {"schema": 2, "status": "diverged", "val_error": 0.9, "val_mistakes": None}
    diverged = [replace(record, **lost) for record in EVIDENCE.space("AnyNetX_D")]
    evidence = Population([*judged, *diverged])
    effect = question.measure(evidence)
    found = question.over_images(effect, evidence)
    assert found.value == effect.value == pytest.approx(10, abs=1), "from about 10 to the cap of 20"
    assert found.error > effect.error


def test_strata_weigh_each_depth_by_what_its_networks_tell():
    question = Strata(id="E-X", expects="better", a="AnyNetX_E", b="RegNetX", **TOLD)
    sides = [list(EVIDENCE.space(name)) for name in question.populations]
    differences, weights = [], []
    for depth in np.intersect1d(*(values(side, "depth") for side in sides)):
        own = [capped(values(side, "error"))[values(side, "depth") == depth] for side in sides]
        differences.append(own[1].mean() - own[0].mean())
        weights.append(1 / sum(1 / len(each) for each in own))
    found = question.measure(EVIDENCE)
    assert found.value == pytest.approx(np.average(differences, weights=weights))
    assert -0.6 < found.value - 2 * found.error < found.value + 2 * found.error < 0


def test_strata_hold_what_else_they_are_told_to():
    api = pytest.importorskip("statsmodels.api")
    asked = {"id": "E-X", "expects": "better", "a": "AnyNetX_E", "b": "RegNetX", **TOLD}
    question = Strata(held=("params",), **asked)
    records = [record for name in question.populations for record in EVIDENCE.space(name)]
    sides = [values(list(EVIDENCE.space(name)), "depth") for name in question.populations]
    shared = np.intersect1d(*sides)
    kept = [r for r in records if values([r], "depth")[0] in shared]
    design = np.column_stack(
        [
            [record.space == "RegNetX" for record in kept],
            np.log(values(kept, "params")),
            values(kept, "depth")[:, None] == shared[1:],
        ]
    )
    fitted = api.OLS(capped(values(kept, "error")), api.add_constant(design.astype(float))).fit(
        cov_type="HC3"
    )
    found = question.measure(EVIDENCE)
    assert (found.value, found.error) == pytest.approx((fitted.params[1], fitted.bse[1]))
    assert found.value != Strata(**asked).measure(EVIDENCE).value


def test_partners_are_compared_in_pairs_and_those_without_are_named():
    shift = np.random.default_rng(0).normal(0.5, 0.1, 100)
    partners = [
        replace(record, val_error=record.val_error + more / 100, space="E_like_RegNetX")
        for record, more in zip(EVIDENCE.space("RegNetX"), shift, strict=True)
    ]
    evidence = Population([*EVIDENCE, *partners[3:]])
    question = Partners(
        id="alike", expects="better", networks="RegNetX", partners="E_like_RegNetX", **TOLD
    )
    found = question.measure(evidence)
    assert found.n == (97,)
    assert found.value == pytest.approx(-0.5, abs=0.05)
    assert found.error < 0.05, "as two samples it would be ten times as much"
    lonely = question.unpaired(evidence, 100)
    assert lonely == [f"RegNetX/0/{i}/{i}" for i in range(3)]
    assert question.unpaired(evidence, 2) == lonely[:2], "of networks that are to have one"


@pytest.mark.parametrize("space", ["AnyNetX_E", "RegNetX"])
def test_partners_of_which_one_was_trained_twice_are_refused(space):
    question = Partners(
        id="alike", expects="better", networks="RegNetX", partners="AnyNetX_E", **TOLD
    )
    first = next(iter(EVIDENCE.space(space)))
    again = replace(first, seed=first.seed + 1_000_000)
    with pytest.raises(PopulationError, match=f"{first.id} and {again.id} are one network that is"):
        question.pairs(Population([*EVIDENCE, again]))


def test_a_slope_holds_depth_and_each_spaces_level():
    api = pytest.importorskip("statsmodels.api")
    question = Slope(
        id="g",
        expects="better",
        spaces=("AnyNetX_C", "AnyNetX_D"),
        property="group_width",
        values=(2, 4, 8, 16, 32),
        **TOLD,
    )
    records = [record for name in question.spaces for record in EVIDENCE.space(name)]
    design = np.column_stack(
        [
            values(records, "group_width") > 1,
            np.log(values(records, "depth")),
            [record.space == "AnyNetX_D" for record in records],
        ]
    )
    fitted = api.OLS(capped(values(records, "error")), api.add_constant(design.astype(float))).fit(
        cov_type="HC3"
    )
    found = question.measure(EVIDENCE)
    assert (found.value, found.error) == pytest.approx((fitted.params[1], fitted.bse[1]))


def test_a_slope_of_ranks_is_zero_where_the_partial_rank_correlation_is():
    question = Slope(
        id="line",
        expects="rises",
        spaces=("AnyNetX_C",),
        property="fit_error",
        held=("depth", "params"),
        ranked=True,
        **TOLD,
    )
    stats = pytest.importorskip("scipy.stats")
    records = list(EVIDENCE.space("AnyNetX_C"))
    x, y, *held = (
        stats.rankdata(values(records, name)) for name in ("fit_error", "error", "depth", "params")
    )
    design = np.column_stack([np.ones(len(x)), *held])
    left = [side - design @ np.linalg.lstsq(design, side, rcond=None)[0] for side in (x, y)]
    partial = np.corrcoef(*left)[0, 1]
    found = question.measure(EVIDENCE).value
    assert found == pytest.approx(partial * left[1].std() / left[0].std(), rel=0.02)


def test_a_slope_may_look_at_some_values_only():
    told = {"expects": "better", "spaces": ("RegNetX",), "property": "bottleneck_ratio", **TOLD}
    found = Slope(id="b", values=(1,), among=(1, 2), **told).measure(EVIDENCE)
    ratios = values(EVIDENCE.space("RegNetX"), "bottleneck_ratio")
    assert found.n == (int(np.isin(ratios, (1, 2)).sum()),)
    assert found.value != Slope(id="b", values=(1,), **told).measure(EVIDENCE).value


def test_what_rises_is_supported_above_zero():
    question = Means(id="x", expects="rises", a="a", b="b", margin=0.1, **TOLD)
    assert question.decide(0.2, 0.4, 9) == "supported by more than the margin"
    assert question.decide(-0.4, -0.2, 9) == "contradicted by more than the margin"
    assert question.decide(-0.05, 0.05, 9) == "no difference that matters"
