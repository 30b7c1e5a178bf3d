"""Sheets hide the answers that they hold. What a page says: tests/pages/test_answers.py."""

import base64
import json
import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

from designspaces.book import sheets
from designspaces.book.exercises import chapter_names
from designspaces.book.exercises._answers import below, hint, numbers, right, since, words

CHAPTERS = Path(__file__).parents[2] / "chapters"
IN_A_CELL_ONLY = {
    "anynet-buildable",
    "anynet-four-stages",
    "clusters-shares",
    "discussion-budgets",
    "discussion-questions",
    "discussion-stages",
    "discussion-resnet",
    "discussion-vionet",
    "discussion-mlp",
    "family-shelf",
    "jax-layout",
    "paper-draws",
    "paper-untrained",
    "regnet-same-network",
}
"""Exercises whose answer is a network, a function or a list of lists, is one of very many, or whose
hint names what is wrong in the answer."""
EXERCISES = {
    name: one for chapter in chapter_names() for name, one in sheets.exercises_of(chapter).items()
}


def checks():
    from importlib import import_module

    modules = (import_module(f"designspaces.book.exercises.{name}") for name in chapter_names())
    return {name for module in modules for name in module.CHECKS}


def test_the_exercises_without_a_sheet_are_known():
    assert checks() - set(EXERCISES) == IN_A_CELL_ONLY


@pytest.mark.parametrize("name", EXERCISES)
def test_the_exercise_names_its_check_so_that_the_form_finds_it(name):
    text = (CHAPTERS / f"{name.split('-')[0]}.md").read_text("utf-8")
    boxes = re.findall(r"^```\{exercise-start\}.*?^```\{exercise-end\}", text, re.M | re.S)
    assert sum(f'check("{name}"' in box for box in boxes) == 1


def opened(sheet):
    """All that a reader finds in a sheet who does not guess."""
    bare = {key: value for key, value in sheet.items() if key != "hidden"}
    hidden = [base64.b64decode(text).decode("latin-1") for text in sheet["hidden"].values()]
    return json.dumps(bare) + "".join(hidden)


@pytest.mark.parametrize("name", EXERCISES)
def test_neither_answers_nor_their_hints_can_be_read(name):
    exercise = EXERCISES[name]
    sheet = sheets.sheet(name, exercise, rounds=2)
    found = opened(sheet)
    shown = {said for _, _, said in sheet["open"]}
    assert None not in shown
    for case in exercise.cases():
        if case.said not in shown:
            assert case.said is None or case.said not in found
        if case.said is None and exercise.kind != "words":
            assert not any(str(end) in found for span in case.where for end in ends(span))
    assert any(case.said is None for case in exercise.cases())


def ends(where):
    """What of a right answer is long enough not to stand in a sheet by chance."""
    return [one for one in (where if isinstance(where, tuple) else [where]) if len(str(one)) > 3]


@numbers(1, "expected a number.")
def one():
    yield right(0.5, within=0.1)
    yield hint("twice.", 1)
    yield hint("below.", below(0))
    yield hint("far.", since(100))
    yield hint("other.")


@words(2, "expected two.", "two words")
def two():
    yield right("a", "b")
    yield hint("the second.", "a", None)


@pytest.mark.parametrize(
    ("exercise", "answer", "said"),
    [
        (one, 0.55, None),
        (one, 1, "twice."),
        (one, -1e-300, "below."),
        (one, 100, "far."),
        (one, 0, "other."),
        (one, True, "expected a number."),
        (one, [0.5], "expected a number."),
        (one, float("inf"), "expected a number."),
        (two, "a, B", None),
        (two, ["a", "b"], None),
        (two, "a,c", "the second."),
        (two, "b, a", "expected two."),
        (two, "a", "expected two."),
        (two, 5, "expected two."),
    ],
)
def test_the_first_case_that_holds_speaks(exercise, answer, said):
    assert exercise(answer) == said


def test_a_sheet_shows_what_is_no_secret():
    sheet = sheets.sheet("x-one", one, rounds=2)
    assert [said for _, _, said in sheet["open"]] == ["below.", "far.", "other."]
    assert sheet["looks"] == [[0]]
    assert sheet["expected"] == "expected a number."


def test_the_same_cases_have_other_tags_elsewhere():
    tags = [set(sheets.sheet(name, one, r)["hidden"]) for name, r in (("x", 2), ("y", 2), ("x", 3))]
    assert not tags[0] & tags[1]
    assert not tags[0] & tags[2]


def test_a_preview_has_no_sheets(monkeypatch):
    answering = pytest.importorskip("answering")
    monkeypatch.setenv("BOOK_PROFILE", "preview")
    answering.scripts.cache_clear()
    assert answering.scripts() == {}
    answering.scripts.cache_clear()
