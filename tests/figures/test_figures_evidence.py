"""The forest says of each claim what its interval says."""

from xml.etree import ElementTree

from designspaces.figures.evidence import claims_forest, forest
from designspaces.judging.claims import evaluate
from designspaces.judging.effects import Effect, simultaneous
from designspaces.judging.questions import Means, Slope
from designspaces.judging.statistics import Difference
from designspaces.judging.study import NOT_YET, Answer, Family
from designspaces.populations.population import Population
from designspaces.words import signed

PRIMARY, SECONDARY = Family("primary", True, ()), Family("secondary", False, ())
TOLD = {"text": "", "source": "", "expects": "better"}


def answers():
    effects = [Effect("A-B", -0.4, {1: 0.1}, (100, 100)), Effect("B-C", 0.1, {2: 0.2}, (100, 100))]
    first, second = simultaneous(effects)
    alone = simultaneous([Effect("b", 0.3, {3: 0.2}, (50,))])[0]
    questions = [Means(id=name, a="a", b="b", **TOLD) for name in ("A-B", "B-C", "C-D")]
    ranks = Slope(id="line", spaces=("a",), property="fit_error", unit="of ranks", **TOLD)
    return {
        "A-B": Answer(questions[0], PRIMARY, "supported", (100, 100), first),
        "B-C": Answer(questions[1], PRIMARY, "not resolved", (100, 100), second),
        "b": Answer(Means(id="b", a="a", b="b", **TOLD), SECONDARY, "not resolved", (50,), alone),
        "line": Answer(ranks, SECONDARY, "supported", (50,), alone),
        "C-D": Answer(questions[2], PRIMARY, NOT_YET, (3, 100), why="3 of 100"),
    }


def test_each_difference_in_points_is_a_row_and_nothing_else():
    picture = forest(answers(), 0.25, {"A-B": -0.3})
    (panel,) = picture.panels
    ElementTree.fromstring(panel)
    assert "A-B: supported" in panel
    assert "A-B −0.40 (−0.62 to −0.18), supported" in picture.alt
    assert "line" not in picture.alt, "its number is in ranks"
    assert "C-D" not in picture.alt, "it has none yet"
    assert picture.alt.startswith("Intervals of 3 differences in points, the margin of 0.25")


def test_without_an_answer_there_is_no_figure():
    picture = forest({"C-D": answers()["C-D"]}, 0.25)
    assert picture.panels == ()
    assert "still growing" in picture.alt


def test_each_claim_about_a_difference_is_a_row():
    findings = evaluate(Population.recorded())
    picture = claims_forest(findings.values())
    (panel,) = picture.panels
    ElementTree.fromstring(panel)
    for name, finding in findings.items():
        there = f"{name.replace('AnyNetX_', '')}: {finding.verdict}"
        assert (there in panel) == isinstance(finding.estimate, Difference), name
        if isinstance(finding.estimate, Difference):
            assert f"{name} {signed(finding.estimate.value, 2)} (" in picture.alt
    assert claims_forest([]).panels == ()
