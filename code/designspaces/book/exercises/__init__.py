"""Checks of the readers' answers: what is wrong, without giving the answer away.

Each chapter has a module here whose CHECKS maps an exercise's name ("stem-shape") to a function.
It takes the answer and returns None if the answer is right, else a sentence that helps. Where the
answer is numbers or words, it is made of cases (`_answers.py`), which a built page can ask as well.
"""

from importlib import import_module
from pkgutil import iter_modules


def chapter_names() -> list[str]:
    """The chapters that have exercises, by the alphabet."""
    return sorted(one.name for one in iter_modules(__path__) if not one.name.startswith("_"))


def check(name: str, answer: object, seed: int | None = None) -> None:
    """Print whether `answer` solves the exercise called `name`, and if not, what to look at.

    seed: the student's own number, for homework ("hw-...", see `designspaces.book.homework`) alone.

    Raises ValueError for an exercise that does not exist, naming those of its chapter or, where
    there is no such chapter, the chapters; for homework without a seed, and for a seed elsewhere.
    """
    if name.startswith("hw-"):
        from designspaces.book import homework

        _tell(homework.hint(name, answer, seed))
        return
    if seed is not None:
        raise ValueError(f"seed is {seed!r}; expected none, as {name!r} is the same for everybody")
    chapters = chapter_names()
    chapter = name.split("-")[0]
    if chapter not in chapters:
        raise ValueError(f"there is no exercise {name!r}; the chapters are {', '.join(chapters)}")
    checks = import_module(f"{__name__}.{chapter}").CHECKS
    if name not in checks:
        raise ValueError(f"there is no exercise {name!r}; expected one of {', '.join(checks)}")
    _tell(checks[name](answer))


def _tell(help_: str | None) -> None:
    print("Right." if help_ is None else f"Not yet: {help_}")
