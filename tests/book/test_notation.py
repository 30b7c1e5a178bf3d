"""A letter means one thing in the whole book, and the page of notation says what."""

import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import designspaces
import prose

ROOT = Path(__file__).parents[2]
PAGES = prose.pages(ROOT / "chapters")
ROOMS = ("designs", "spaces", "networks", "training", "populations", "judging")
HEAD = "| letter | meaning | in the package | textbook | paper | first in |"
WORDS = re.compile(r"(?<!_)\\(?:text|operatorname|mathrm|mathbf|begin|end)\{[^}]*\}")
SYMBOL = re.compile(r"(\\[A-Za-z]+|[A-Za-z])(?:_(\\text\{\w+\}|\{[^}]*\}|\w))?")
GREEK = ["alpha", "beta", "gamma", "varepsilon", "eta", "theta", "lambda", "rho", "ell"]
INDEX = re.compile(r"[ijy\d{}()+, -]+")


def formulas(page: str) -> list[str]:
    """What stands between dollars, cells of code left out."""
    text = prose.CODE_BLOCK.sub("", prose.CELL.sub("", PAGES[page]))
    return [match[0] for match in prose.MATH.finditer(re.sub(r"`[^`\n]*`", "", text))]


def symbols(formula: str) -> set[str]:
    """Its letters with their subscripts: {"w", "w_i", "w_\\text{stem}"}."""
    found = set()
    for letter, below in SYMBOL.findall(WORDS.sub(" ", re.sub(r"\$\$\s*\([\w:-]+\)", "", formula))):
        if not letter.startswith("\\") or letter[1:] in GREEK:
            found.add(f"{letter}_{below}" if below else letter)
            if INDEX.fullmatch(below):
                found |= set(re.findall("[a-z]", below))
    return found


def rows() -> list[dict[str, str]]:
    """The rows of all tables of letters, by the columns' heads."""
    names = [name.strip() for name in HEAD.strip("|").split("|")]
    tables = re.findall(re.escape(HEAD) + r"\n\|[-|]+\n((?:\|.*\n)+)", PAGES["notation"])
    lines = [line for table in tables for line in table.splitlines()]
    return [dict(zip(names, map(str.strip, line.split("|")[1:-1]), strict=True)) for line in lines]


def there(page: str) -> set[str]:
    return set().union(*map(symbols, formulas(page)))


def letters(cell: str) -> list[str]:
    return [re.sub(r"\\(bar|hat) ", "", one) for one in re.findall(r"\$([^$]+)\$", cell)]


def named(name: str):
    """A class or function of a room by its own name, which must not be that of another."""
    folder = Path(designspaces.__file__).parent
    found = [
        (room, path.stem)
        for room in ROOMS
        for path in sorted((folder / room).glob("*.py"))
        if re.search(rf"^(def|class) {name}\b", path.read_text("utf-8"), re.M)
    ]
    assert len(found) == 1, f"{name} is in {found}"
    return getattr(importlib.import_module("designspaces.{}.{}".format(*found[0])), name)


def has(thing, name: str) -> bool:
    return hasattr(thing, name) or (
        is_dataclass(thing) and name in [field.name for field in fields(thing)]
    )


ROWS = rows()
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["letter"])


def test_a_letter_has_one_row():
    told = [one for row in ROWS for one in letters(row["letter"])]
    assert len(ROWS) > 30
    assert sorted(set(told)) == sorted(told)


@each_row
def test_a_letter_stands_in_the_formulas_of_its_chapter(row):
    """The first of the row in the chapter that is named, the others there or elsewhere."""
    (page,) = re.findall(r"\{doc\}`\w+ <(\w+)>`", row["first in"])
    first, *others = [one.removesuffix("^2") for one in letters(row["letter"])]
    assert first in there(page), f"{page} has {sorted(there(page))}"
    assert set(others) <= set().union(*map(there, PAGES.keys() - {"notation", "glossary"}))


@each_row
def test_a_name_in_code_exists(row):
    pytest.importorskip("torch")
    for name in re.findall(r"`([^`]+)`", row["in the package"]):
        path, _, argument = name.rstrip(")").partition("(")
        first, _, field = path.partition(".")
        thing = named(first)
        assert not field or has(thing, field), name
        assert not argument or argument in inspect.signature(thing).parameters, name


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"notation"}))
def test_a_letter_in_a_formula_is_on_the_page(page):
    """Itself, or without an index: $w_3$ and $w_{i+1}$ are $w$. Others' letters are theirs."""
    known = {one for row in ROWS for one in letters(row["letter"])}
    known |= {one for row in ROWS for name in ("textbook", "paper") for one in letters(row[name])}
    bases = {one.partition("_")[0].removesuffix("^2") for one in known}
    for formula in formulas(page):
        for one in symbols(formula):
            base, _, below = one.partition("_")
            indexed = base in bases and (not below or INDEX.fullmatch(below))
            assert one in known or indexed, f"{one} in {formula}: give it a row in notation.md"


def test_symbols_are_read():
    assert symbols(r"$w_\text{stem}^2 + \text{stride} \cdot \frac{w}{b}$") == {
        r"w_\text{stem}",
        "w",
        "b",
    }
    assert symbols(r"$$d_{i+1} \ge \sqrt{\beta_1}\, e^2$$ (eq-some)") == {
        "d_{i+1}",
        "i",
        r"\beta_1",
        "e",
    }


def test_the_width_of_the_stem_has_a_letter_of_its_own():
    for page in ("stem", "stages", "anynet"):
        assert not re.search("w_?0", PAGES[page])
    drawing = (ROOT / "figures" / "template.svg").read_text("utf-8")
    assert re.findall(r"w<tspan[^>]*>(\w+)<", drawing) == ["stem", "1", "n"]
