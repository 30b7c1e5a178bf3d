"""A folded solution runs for whoever skipped the others: visible cells give all its names."""

import builtins
import re
import symtable
from pathlib import Path

import pytest

import prose

PAGES = prose.pages(Path(__file__).parents[2] / "chapters")
SOLUTION = re.compile(
    r"^`{3,}\{solution-start\} (?P<label>\S+)$.*?^`{3,}\{solution-end\}", re.M | re.S
)
GIVEN = {*dir(builtins), "__file__", "__name__", "__class__"}


def bound(code: str) -> set[str]:
    """The names that a cell assigns, imports or defines at its top."""
    table = symtable.symtable(code, "cell", "exec")
    return {
        name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported()
    }


def needed(code: str) -> set[str]:
    """The names that a cell, or a function in it, takes from outside."""

    def taken(table: symtable.SymbolTable) -> set[str]:
        at_top = table.get_type() == "module"
        here = {
            name.get_name()
            for name in table.get_symbols()
            if name.is_referenced() and (at_top or name.is_global())
        }
        return here.union(*map(taken, table.get_children()))

    return taken(symtable.symtable(code, "cell", "exec")) - bound(code) - GIVEN


def borrowed(text: str) -> dict[str, set[str]]:
    """By solution: names that no visible cell before it gives, or that one before it binds anew."""
    found, rebound = {}, set()
    for match in SOLUTION.finditer(text):
        code = "\n".join(cell.code for cell in prose.cells(match[0]))
        before = SOLUTION.sub("", text[: match.start()])
        visible = [bound(cell.code) for cell in prose.cells(before) if not cell.hidden]
        missing = needed(code) - set().union(*visible)
        found[match["label"]] = missing | (needed(code) & rebound)
        rebound |= bound(code)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_solution_takes_no_name_from_another(name):
    assert {label: names for label, names in borrowed(PAGES[name]).items() if names} == {}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_takes_no_name_from_a_solution(name):
    given = set()
    for cell in prose.cells(SOLUTION.sub("", PAGES[name])):
        assert needed(cell.code) - given == set(), cell.code
        given |= bound(cell.code)


def cell(code: str, *options: str) -> str:
    return "\n".join(["```{code-cell} python", *options, code, "```", ""])


def solution(label: str, code: str) -> str:
    return f"````{{solution-start}} {label}\n````\n{cell(code)}````{{solution-end}}\n````\n"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (solution("a", "target = 1") + solution("b", "print(target)"), {"target"}),
        (cell("n = 1") + solution("a", "n = 2") + solution("b", "print(n)"), {"n"}),
        (cell("n = 1", ":tags: [remove-cell]") + solution("b", "print(n)"), {"n"}),
        (solution("b", "def f(x):\n    return x + lost\nf(1)"), {"lost"}),
        (solution("b", "print([lost for _ in (1, 2)])"), {"lost"}),
        (cell("n = 1") + solution("b", "print([n + i for i in (1, 2)])"), set()),
        (cell("import numpy as np") + solution("b", "x = np.ones(1)\nprint(x)"), set()),
    ],
)
def test_a_borrowed_name_is_noticed(page, names):
    assert borrowed(page)["b"] == names
