"""The forest says of each claim what its interval says."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np

from designspaces.figures import evidence
from designspaces.figures.evidence import forest, one_step, shifts
from designspaces.judging.effects import Effect
from designspaces.judging.intervals import simultaneous
from designspaces.judging.questions import Means, Slope
from designspaces.judging.shift import shift
from designspaces.judging.study import NOT_YET, Answer, Family

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
    first, others = picture.panels
    for panel in picture.panels:
        ElementTree.fromstring(panel)
    assert "A-B: supported" in first
    assert "b: not resolved" in others, "not judged together with the first"
    assert "b: not resolved" not in first
    assert "A-B −0.40 (−0.62 to −0.18), supported" in picture.alt
    both = {"A-B": -0.3, "C-D": -30.0}
    assert forest(answers(), 0.25, both).panels == picture.panels, "C-D has no row yet"
    assert "line" not in picture.alt, "its number is in ranks"
    assert "C-D" not in picture.alt, "it has none yet"
    assert picture.alt.startswith("Intervals of 3 differences in points, the margin of 0.25")


def test_what_correction_takes_has_a_star():
    every = answers()
    lost = replace(every["b"], verdict="supported", survives=False)
    picture = forest(every | {"b": lost}, 0.25)
    assert ">b: supported*<" in picture.panels[1]
    assert "supported (not when the whole family is corrected)" in picture.alt
    assert "*<" not in picture.panels[0]
    assert "*<" not in "".join(forest(every, 0.25).panels)


def test_two_forests_of_a_page_have_no_id_in_common():
    every = answers()
    some = {name: every[name] for name in ("A-B", "b")}
    ids = [
        set(re.findall(r' id="([^"]+)"', "".join(forest(a, 0.25).panels))) for a in (every, some)
    ]
    assert all(ids)
    assert not ids[0] & ids[1]


def test_without_an_answer_there_is_no_figure():
    picture = forest({"C-D": answers()["C-D"]}, 0.25)
    assert picture.panels == ()
    assert "still growing" in picture.alt


def test_one_step_in_several_ways_is_a_row_a_way():
    seen = {name: answers()[name].interval for name in ("A-B", "b")}
    picture = one_step(seen, 0.25)
    (panel,) = picture.panels
    ElementTree.fromstring(panel)
    assert ">A-B<" in panel
    assert ">b<" in panel
    assert picture.alt == (
        "One step in 2 ways: A-B −0.40 (−0.60 to −0.20); b +0.30 (−0.09 to +0.69)."
    )


def test_each_step_has_a_panel_with_its_shift():
    errors = np.linspace(10, 15, 40)
    found = {"A-B": shift(errors, errors - 1), "B-C": shift(errors, errors)}
    picture = shifts(found, 0.25)
    assert len(picture.panels) == 2
    for panel, name in zip(picture.panels, found, strict=True):
        ElementTree.fromstring(panel)
        assert name in panel
    assert "A-B, in points: at 5% −1.00" in picture.alt


def test_no_curve_of_a_shift_is_cut(monkeypatch):
    errors = np.linspace(12, 18, 60)
    flat = shift(errors, errors + 0.01)
    steep = replace(flat, differences=np.linspace(-1, -9, len(flat.shares)))
    drawn = []
    monkeypatch.setattr(evidence, "as_svg", lambda figure, name: drawn.append(figure) or name)
    shifts({str(n): flat for n in range(40)} | {"steep": steep}, 0.25)
    low, high = drawn[-1].axes[0].get_ylim()
    assert low < -9
    assert high < 9, "the other end is the bands'"
