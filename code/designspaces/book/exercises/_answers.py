"""Answers of numbers or words, and what is said of them: in a cell by `check`, or in a built page.

Such an exercise yields cases, and the first that holds the answer speaks. They are the only copy of
the answers: `check` goes through them, and `designspaces.book.sheets` hides them in the page.
"""

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from designspaces.designs.checks import is_finite, is_integer

FAR = sys.float_info.max
Span = tuple[float, float]


class Case(NamedTuple):
    """What is said of the answers in one place; None means that they are right.

    where: for each item of the answer None for any, a word, or the span in which a number lies,
    both ends included. Without items it is any answer of the right length.
    """

    said: str | None
    where: tuple[str | Span | None, ...]

    def holds(self, items: list) -> bool:
        return len(items) == len(self.where) and all(map(_lies, items, self.where))


def _lies(item: object, where: str | Span | None) -> bool:
    if where is None or isinstance(where, str):
        return where is None or item == where
    return where[0] <= item <= where[1]


def hint(said: str | None, *where: str | float | Span | None, within: float = 0.0) -> Case:
    """What to say of a mistake; `within` says how far from a number the answer may lie."""
    spans = ((one - within, one + within) if isinstance(one, int | float) else one for one in where)
    return Case(said, tuple(spans))


def right(*where: str | float | Span | None, within: float = 0.0) -> Case:
    return hint(None, *where, within=within)


def below(number: float) -> Span:
    """All numbers less than this. A span without an end is no secret."""
    return (-FAR, math.nextafter(number, -math.inf))


def since(number: float) -> Span:
    """This number and all above, no secret either."""
    return (number, FAR)


@dataclass(frozen=True)
class Exercise:
    """An exercise that a page can ask: called with an answer it returns None or a hint.

    count: how many items the answer has, kind: how they are read (see READERS), expected: what is
    said where no case holds, form: what the reader shall enter.
    """

    declare: Callable[[], Iterable[Case]]
    kind: str
    count: int
    expected: str
    form: str

    def cases(self) -> Iterator[Case]:
        for case in self.declare():
            yield case if case.where else Case(case.said, (None,) * self.count)

    def __call__(self, answer: object) -> str | None:
        items = READERS[self.kind](answer, self.count)
        if items is not None:
            for case in self.cases():
                if case.holds(items):
                    return case.said
        return self.expected


def integers(answer: object) -> list[int] | None:
    """The answer's numbers, from a tuple, a list, a torch.Size or an array; else None."""
    try:
        values = [v.item() if hasattr(v, "item") else v for v in answer]
    except (TypeError, ValueError):
        return None
    return [int(v) for v in values] if all(map(is_integer, values)) else None


def numbers(count: int, expected: str, whole: bool = False, form: str = ""):
    """Makes an exercise, whose answer are so many numbers, of a function that yields cases."""
    names = ("a", "two", "three", "four", "five", "six")
    one = f"{names[count - 1] if count <= len(names) else count} {'whole ' if whole else ''}number"
    form = form or (one if count == 1 else f"{one}s, with commas")
    return lambda declare: _exercise(declare, "whole" if whole else "number", count, expected, form)


def words(count: int, expected: str, form: str, kind: str = "words"):
    """Makes an exercise, whose answer are so many words, of a function that yields cases."""
    return lambda declare: _exercise(declare, kind, count, expected, form)


def _exercise(declare, *of) -> Exercise:
    made = Exercise(declare, *of)
    object.__setattr__(made, "__doc__", declare.__doc__)
    return made


# --- how an answer is read: answers.js does the same with what stands in a form ------------------


def _number(answer: object, count: int) -> list | None:
    """One number alone; several from tuples, lists, arrays, however they are nested."""
    items = list(_flat(answer)) if count > 1 else [_single(answer)]
    return items if all(map(is_finite, items)) else None


def _whole(answer: object, count: int) -> list | None:
    """The same of whole numbers; a float such as 21.0 is one."""
    items = _number(answer, count)
    whole = items and [int(one) if one == int(one) else one for one in items]
    return whole if whole and all(map(is_integer, whole)) else None


def _flat(answer: object) -> Iterator:
    if isinstance(answer, str | bytes):
        yield answer
        return
    try:
        parts = list(answer)
    except TypeError:
        yield _single(answer)
        return
    for part in parts:
        yield from _flat(part)


def _single(answer: object) -> object:
    """A number of Python's for one of whichever framework that has no sides."""
    if getattr(answer, "shape", None) != ():
        return answer
    return answer.item() if hasattr(answer, "item") else answer.numpy().item()


def _words(answer: object, count: int) -> list | None:
    """Words from a list, or from a string with commas between them."""
    parts = answer.split(",") if isinstance(answer, str) else answer
    if not isinstance(parts, list | tuple) or not all(isinstance(one, str) for one in parts):
        return None
    return [part.strip().lower() for part in parts]


def _letters(answer: object, count: int) -> list | None:
    """All letters of the answer as one word, in the order of the alphabet, each once."""
    found = "".join(map(str, answer)) if isinstance(answer, str | list | tuple | set) else ""
    return ["".join(sorted({one for one in found.lower() if one.isalnum()}))]


def _name(answer: object, count: int) -> list | None:
    """The name of a tensor in three: its block, its layer, and what follows."""
    if not isinstance(answer, str):
        return None
    parts = answer.strip().split(".")
    return [".".join(parts[start:end]) for start, end in ((0, 3), (3, 5), (5, None))]


READERS = {
    "number": _number,
    "whole": _whole,
    "words": _words,
    "letters": _letters,
    "name": _name,
}
