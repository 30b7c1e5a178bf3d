"""A chapter taken apart: its cells of code, its prose, and the numbers that are typed in it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

HIDING = {"remove-cell", "remove-input", "hide-cell", "hide-input"}
"""The tags under which a reader of the book does not see a cell's code."""

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?P<body>.*?)^```$", re.M | re.S)
OPTIONS = re.compile(r"\A---\n(?P<yaml>.*?)^---\n|\A(?P<lines>(:[^\n]*\n)+)", re.M | re.S)
FRONT = re.compile(r"\A---\n.*?^---\n", re.M | re.S)
CODE_BLOCK = re.compile(r"^(`{3,})(\w+\n|\{code[\w-]*\}|\{literalinclude\}).*?^\1$", re.M | re.S)
NOT_PROSE = re.compile(r"^(%|[`:]{3,}|:[\w-]+:|\([\w-]+\)=).*$", re.M)
MATH = re.compile(r"\$\$.*?\$\$(\s*\([\w:-]+\))?|\$[^$]+\$", re.S)
SPAN = re.compile(r"(?P<role>\{[\w:]+\})?(?P<quote>`+)(?P<text>.+?)(?P=quote)", re.S)
EXERCISE = re.compile(r"^`{3,}\{exercise-start\}.*?^`{3,}\{solution-end\}", re.M | re.S)
LINK = re.compile(r"\]\([^)]*\)|https?://\S+")


@dataclass(frozen=True)
class Cell:
    code: str
    hidden: bool
    caption: str = ""

    @property
    def lines(self) -> list[str]:
        return self.code.splitlines()


def cells(text: str) -> list[Cell]:
    """The code cells of a page, without their options, which say whether one is hidden."""
    return [_cell(match["body"]) for match in CELL.finditer(text)]


def _cell(body: str) -> Cell:
    options = OPTIONS.match(body)
    if not options:
        return Cell(body, False)
    code = body[options.end() :]
    if options["lines"]:
        return Cell(code, bool(HIDING & set(re.findall(r"[\w-]+", options["lines"]))))
    found = yaml.safe_load(options["yaml"])
    figure = found.get("mystnb", {}).get("figure", {})
    return Cell(code, bool(HIDING & set(found.get("tags", []))), figure.get("caption", ""))


@dataclass(frozen=True)
class Prose:
    """What a reader reads, without formulas, code and roles; and what those state."""

    read: str
    stated: str


def prose(text: str) -> Prose:
    text = FRONT.sub("", text)
    stated = [cell.code for cell in cells(text)]

    def put_away(match: re.Match) -> str:
        stated.append(match[0])
        return ""

    def span(match: re.Match) -> str:
        return " " if match["role"] else put_away(match) + " "

    text = CELL.sub(lambda match: f"\n{_cell(match['body']).caption}\n", text)
    text = CODE_BLOCK.sub(put_away, text)
    text = NOT_PROSE.sub("", text)
    text = MATH.sub(put_away, SPAN.sub(span, LINK.sub("", text)))
    return Prose(text, "\n".join(stated))


def pages(folder: Path) -> dict[str, str]:
    """The texts of a folder's chapters by their names."""
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.md"))}


# --- numbers --------------------------------------------------------------------------------------

NUMBER = re.compile(
    r"(?<![\w.,/-])(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?![\w.-]*[A-Za-z_])"
    r"(?P<unit>\s?(%|percent|points?|(milli)?seconds?|minutes?|hours?|days?|ms|times|[MGk]B)(?!\w))?"
)
"""A number that stands by itself, not in a name such as RegNetX32 or 3x3, and what is measured."""

YEAR = re.compile(r"(19|20)\d\d")


def typed_numbers(text: str) -> Iterator[tuple[str, str]]:
    """Numbers that prose has although nothing states them, each with the words around it.

    Stated is a number that the page's own code or formulas have, as 0.05 in a list of learning
    rates. With a unit of what runs measure ("%", "seconds", "times"), that does not count. Whole
    numbers up to twelve without a unit count things, and years date them. Exercises are left out.
    """
    page = prose(EXERCISE.sub("", text))
    stated = {_value(one) for one in re.findall(r"\d[\d,_]*(?:\.\d+)?", page.stated)}
    for match in NUMBER.finditer(page.read):
        value = _value(match["number"])
        small = "." not in match["number"] and value <= 12
        if match["unit"] or not (value in stated or small or YEAR.fullmatch(match["number"])):
            around = page.read[max(0, match.start() - 30) : match.end() + 20]
            yield match["number"] + (match["unit"] or "").strip(), " ".join(around.split())


def _value(number: str) -> float:
    return float(re.sub(r"[,_]", "", number))


# --- code that makes sentences --------------------------------------------------------------------


def hidden_logic(cell: Cell) -> list[str]:
    """What a hidden cell decides or defines, which a reader would have to know."""
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.IfExp, ast.Try, ast.Match)
    return [
        f"{type(node).__name__} in {ast.unparse(node)[:60]!r}"
        for node in ast.walk(ast.parse(cell.code))
        if isinstance(node, kinds) or (isinstance(node, ast.BoolOp) and _has_words(node))
    ]


def assembled(cell: Cell) -> list[str]:
    """Texts in a cell's code that belong into the prose.

    In a hidden cell and in what is handed to `say`, that is any text of words; elsewhere one that
    reads as a sentence. Keys, names of columns and docstrings are none.
    """
    tree = ast.parse(cell.code)
    handed = [node for node in ast.walk(tree) if _is_call(node, "say")]
    found = []
    for root in [tree] if cell.hidden else handed:
        found += [
            text for text in _texts(root) if re.search(r"[A-Za-z]{2}\S*\s|\s[A-Za-z]{2}", text)
        ]
    sentence = re.compile(r"[A-Z]\S*(\s\S+){3,}[.!?]$")
    return found + [text for text in _texts(tree) if sentence.match(text)]


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", None) == name


def _has_words(node: ast.AST) -> bool:
    return any(re.search("[A-Za-z]", text) for text in _texts(node))


def _texts(node: ast.AST) -> Iterator[str]:
    """Strings and f-strings below a node (their values as {}), without keys and docstrings."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    elif isinstance(node, ast.Subscript):
        yield from _texts(node.value)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.DictComp):
        yield from _texts(node.value)
    elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)
