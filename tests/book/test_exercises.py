"""The one door to all checks: what it prints, and what it does with names it does not know."""

import pytest

import designspaces
from designspaces.book import exercises


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


def test_every_exercise_is_named_after_its_chapter():
    from importlib import import_module

    chapters = exercises.chapter_names()
    assert "discussion" in chapters
    for chapter in chapters:
        checks = import_module(f"designspaces.book.exercises.{chapter}").CHECKS
        assert checks
        assert all(name.startswith(f"{chapter}-") for name in checks)
