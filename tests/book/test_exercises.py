"""The one door to all checks: what it prints, and what it does with names it does not know."""

from importlib import import_module

import numpy as np
import pytest

import designspaces
from designspaces.book import exercises
from designspaces.book.exercises._answers import READERS

NONSENSE = [
    None,
    "a sentence",
    "",
    5j,
    [],
    {},
    {"a": 1},
    True,
    object(),
    float("nan"),
    (None, None),
]

OTHERWISE = ("anynet-buildable", "weights-name", "stem-", "stages-")
"""How exercises begin that read some nonsense as an answer, or tell their form in other words."""


@pytest.fixture
def one_exercise(monkeypatch):
    """A chapter with one exercise, whose right answer is 3."""
    from designspaces.book.exercises import discussion

    checks = {"discussion-three": lambda answer: None if answer == 3 else "count again."}
    monkeypatch.setattr(discussion, "CHECKS", checks)


def test_a_right_answer_is_right(one_exercise, capsys):
    designspaces.check("discussion-three", 3)
    assert capsys.readouterr().out == "Right.\n"


def test_a_wrong_answer_gets_its_hint(one_exercise, capsys):
    designspaces.check("discussion-three", 4)
    assert capsys.readouterr().out == "Not yet: count again.\n"


def test_an_unknown_chapter_is_met_with_those_there_are(one_exercise):
    with pytest.raises(ValueError, match=r"no exercise 'discusion-three'.*chapters.*discussion"):
        exercises.check("discusion-three", 3)


def test_an_unknown_exercise_is_met_with_those_of_its_chapter(one_exercise):
    with pytest.raises(ValueError, match=r"no exercise 'discussion-four'.*discussion-three"):
        exercises.check("discussion-four", 3)


@pytest.mark.parametrize("kind", ["number", "whole"])
def test_a_number_is_one_whatever_made_it(kind):
    """Of a framework, and a whole one as a division leaves it."""
    torch = pytest.importorskip("torch")
    for one in (21, 21.0, np.float32(21), np.array(21), torch.tensor(21.0)):
        assert READERS[kind](one, 1) == [21]
    assert READERS[kind](torch.tensor([[21.0], [4.0]]), 2) == [21, 4]
    assert READERS["whole"](21.5, 1) is None
    for none in ([21], np.array([21]), "21", True):
        assert READERS[kind](none, 1) is None


def test_every_exercise_is_named_after_its_chapter():
    chapters = exercises.chapter_names()
    assert "discussion" in chapters
    for chapter in chapters:
        checks = import_module(f"designspaces.book.exercises.{chapter}").CHECKS
        assert checks
        assert all(name.startswith(f"{chapter}-") for name in checks)


@pytest.mark.parametrize("chapter", exercises.chapter_names())
def test_nonsense_is_told_what_was_expected(chapter):
    checks = import_module(f"designspaces.book.exercises.{chapter}").CHECKS
    for name, check in checks.items():
        for answer in NONSENSE:
            said = check(answer)
            assert said, f"{name} accepts {answer!r}"
            if not name.startswith(OTHERWISE):
                assert "expected" in said, f"{name}: {answer!r} is answered by {said!r}"
