"""What the book says about the package itself, so that it cannot fall behind the code.

`reference` turns a module's source into Markdown: each public name with its signature and its
docstring; `section` does so for a whole room of the package. `data_dictionary` does the same for
the fields of what is recorded. The source is read, not imported, so that a module is documented
also where what it needs is not installed.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from inspect import cleandoc
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import get_args

PACKAGE = Path(__file__).parents[1]

ROOMS = (
    "designs",
    "spaces",
    "networks",
    "training",
    "populations",
    "judging",
    "figures",
    "frameworks",
    "experiments",
    "book",
    "commands",
    "",
)
"""The package's folders in the order of the data's way; last what lies in the package itself."""

WINGS = ("figures", "frameworks", "experiments", "book", "commands")
"""Those that no other imports; they stand on a page of their own, `wings`."""

CODE_WIDTH = 76
"""Letters that a signature may be long before it is broken up, as the book's own code."""

_COLUMNS = re.compile(r"\S+ {2,}\S")
_NAMES = "[a-z_0-9]+(?:, [a-z_0-9]+)*"
_ENTRY = re.compile(f"(?P<names>{_NAMES}): ")
_BEGINNINGS = ("Raises", "Returns", "Source:", "- ", "* ")
_NEXT = re.compile(rf"(?<=[.])\s+(?={_NAMES}: |Raises\b|Returns\b)")
"""Between the description of an argument and what comes after it, on the same line or the next."""


def modules(*rooms: str) -> list[str]:
    """The public modules of these rooms, or of all, as "designs.regnet"; a room itself comes first.

    The checks of single exercises, which answer what the chapters ask, and the template of a space,
    which is copied, are left out.
    """
    return [name for room in rooms or ROOMS for name in _modules_in(room)]


def _modules_in(room: str) -> list[str]:
    found = (PACKAGE / room).rglob("*.py") if room else PACKAGE.glob("*.py")
    paths = [path.relative_to(PACKAGE).with_suffix("") for path in found]
    names = (".".join(path.parts).removesuffix(".__init__") for path in paths)
    return sorted(name for name in names if not re.search(r"[.]_|(exercises|template)[.]", name))


def purpose(module: str) -> str:
    """The first sentence of a module's docstring."""
    text = " ".join(_docstring(_tree(module)).split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", text)[0]


def overview() -> str:
    """Every room and its modules with their purposes, each linked to what `section` says of it."""
    lines = []
    for name in modules():
        inside = name not in (*ROOMS, "__init__")
        page = "wings.html" if name.split(".")[0] in WINGS else ""
        link = f'<a href="{page}#module-{name}">{name}</a>'
        lines.append(f"{'  ' * inside}- {link}: {_escaped(purpose(name))}")
    return "\n".join(lines)


def section(room: str) -> str:
    """What there is to say of each module of a room, under the module's name, as Markdown.

    Raises ValueError for a room that is not there, naming those that are.
    """
    if room not in ROOMS:
        raise ValueError(
            f"there is no room {room!r}; expected one of {', '.join(map(repr, ROOMS))}"
        )
    return "\n\n".join(
        f'<a id="module-{name}"></a>**`{name}`**\n\n{reference(name)}' for name in modules(room)
    )


def reference(module: str) -> str:
    """A module's docstring, then each public name with signature and docstring, as Markdown.

    Raises ValueError for a module that is not there, naming those that are.
    """
    tree = _tree(module)
    parts = [prose(_docstring(tree))]
    for statement, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(statement, ast.FunctionDef) and _public(statement.name):
            parts += _entry(signature(statement), _docstring(statement))
        elif isinstance(statement, ast.ClassDef) and _public(statement.name):
            parts += _class(statement, tree)
        elif name := _constant(statement):
            parts += _entry(_assignment(name, statement), _text(after))
    return "\n\n".join(part for part in parts if part)


def data_dictionary(kind: type) -> str:
    """The fields of a recorded dataclass with type and meaning, as a Markdown list."""
    known = meanings(kind)
    return "\n".join(
        f"- `{field.name}` ({_type(field.type)}): {known.get(field.name, 'not described')}"
        for field in fields(kind)
    )


def meanings(kind: type) -> dict[str, str]:
    """What each field of a class means: the entries "name: meaning" of its docstring."""
    found: dict[str, str] = {}
    for paragraph in _paragraphs(cleandoc(kind.__doc__ or "")):
        for entry in filter(None, map(_ENTRY.match, _parts(paragraph))):
            found |= dict.fromkeys(entry["names"].split(", "), entry.string[entry.end() :])
    return found


def signature(function: ast.FunctionDef, name: str = "", skip_first: bool = False) -> str:
    """A function's signature as Python, an argument a line where it would be too long.

    name: what to call it, its own name by default. skip_first: leave out self or cls.
    """
    arguments = list(_arguments(function.args))[int(skip_first) :]
    returns = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return _call(name or function.name, arguments, returns)


def prose(docstring: str) -> str:
    """A docstring as Markdown.

    A paragraph that is indented, or whose lines are columns, stays as it is; one of the form
    "name: meaning" becomes a list.
    """
    return "\n\n".join(map(_paragraph, _paragraphs(docstring)))


def _tree(module: str) -> ast.Module:
    place = PACKAGE.joinpath(*module.split("."))
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    if not path.exists():
        raise ValueError(f"there is no module {module!r}; expected one of {', '.join(modules())}")
    return ast.parse(path.read_text(encoding="utf-8"))


def _class(node: ast.ClassDef, tree: ast.Module) -> list[str]:
    decorators = [f"@{ast.unparse(decorator)}\n" for decorator in node.decorator_list]
    bases = ", ".join(f"`{ast.unparse(base)}`" for base in node.bases)
    head = "".join(decorators) + _call(f"class {node.name}", _constructor(node, tree), "")
    parts = _entry(head, _docstring(node) + (f"\n\nExtends {bases}." if bases else ""))
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and _public(method.name):
            parts += _entry(_method(node.name, method), _docstring(method))
    return parts


def _constructor(node: ast.ClassDef, tree: ast.Module) -> list[str]:
    """The arguments that make an instance: those of __init__, or the annotated fields.

    What a class inherits is found where its base stands, in this module or another of the package.
    """
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            return list(_arguments(method.args))[1:]
    inherited = [
        argument
        for base in map(ast.unparse, node.bases)
        for home in _homes(base, tree)
        for other in home.body
        if isinstance(other, ast.ClassDef) and other.name == base
        for argument in _constructor(other, home)
    ]
    own = [ast.unparse(field) for field in node.body if isinstance(field, ast.AnnAssign)]
    # a field that is annotated anew keeps its place
    return list({text.partition(":")[0]: text for text in inherited + own}.values())


def _homes(name: str, tree: ast.Module) -> list[ast.Module]:
    """This module, and those of the package from which it imports `name`."""
    imports = (each for each in tree.body if isinstance(each, ast.ImportFrom))
    return [tree] + [
        _tree(each.module.removeprefix("designspaces."))
        for each in imports
        if (each.module or "").startswith("designspaces.")
        and name in [alias.name for alias in each.names]
    ]


def _method(owner: str, method: ast.FunctionDef) -> str:
    kinds = [ast.unparse(decorator) for decorator in method.decorator_list]
    name = f"{owner}.{method.name}"
    if {"property", "cached_property"} & {*kinds}:
        returns = f": {ast.unparse(method.returns)}" if method.returns else ""
        return f"{name}{returns}  # property"
    text = signature(method, name, skip_first="staticmethod" not in kinds)
    return "".join(f"@{kind}\n" for kind in kinds) + text


def _arguments(arguments: ast.arguments) -> Iterator[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    for number, (argument, default) in enumerate(zip(plain, defaults, strict=True), start=1):
        yield _argument(argument, default)
        if number == len(arguments.posonlyargs):
            yield "/"
    if arguments.vararg:
        yield f"*{ast.unparse(arguments.vararg)}"
    elif arguments.kwonlyargs:
        yield "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _argument(argument, default)
    if arguments.kwarg:
        yield f"**{ast.unparse(arguments.kwarg)}"


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    text = ast.unparse(argument)
    if default is None:
        return text
    return f"{text}{' = ' if argument.annotation else '='}{ast.unparse(default)}"


def _call(name: str, arguments: list[str], returns: str) -> str:
    line = f"{name}({', '.join(arguments)}){returns}"
    if len(line) <= CODE_WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){returns}"


def _assignment(name: str, statement: ast.stmt) -> str:
    text = ast.unparse(statement)
    return text if len(text) <= CODE_WIDTH and "\n" not in text else f"{name} = ..."


def _constant(statement: ast.stmt) -> str:
    """The name that a statement gives to a constant of the module, if it does."""
    target = None
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    name = target.id if isinstance(target, ast.Name) else ""
    return name if _public(name) and name.isupper() else ""


def _entry(code: str, docstring: str) -> list[str]:
    return [f"```python\n{code}\n```", prose(docstring)]


def _paragraphs(docstring: str) -> list[str]:
    return [text for text in re.split(r"\n\s*\n", docstring) if text.strip()]


def _parts(paragraph: str) -> list[str]:
    """Its arguments with their descriptions, its items and its sentences, each as one line."""
    if _ENTRY.match(paragraph):
        paragraph = _NEXT.sub("\n", re.sub(r":\n\s*", ": ", paragraph))
    parts: list[str] = []
    for line in paragraph.split("\n"):
        argument = _ENTRY.match(line) and (not parts or _ENTRY.match(parts[-1]))
        if argument or not parts or line.startswith(_BEGINNINGS):
            parts.append(line)
        else:
            parts[-1] += f" {line.strip()}"
    return parts


def _marked(part: str) -> str:
    if entry := _ENTRY.match(part):
        names = ", ".join(f"`{name}`" for name in entry["names"].split(", "))
        return f"- {names}: {_escaped(part[entry.end() :])}"
    return f"- {_escaped(part[2:])}" if part.startswith(("- ", "* ")) else _escaped(part)


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    indented = all(line.startswith("    ") for line in lines)
    columns = len(lines) > 1 and all(_COLUMNS.match(line) for line in lines)
    if indented or columns:
        return f"```text\n{dedent(text)}\n```"
    parts = [_marked(part) for part in _parts(text)]
    result = parts[0]
    for before, after in pairwise(parts):
        tight = before.startswith("- ") and after.startswith("- ")
        result += ("\n" if tight else "\n\n") + after
    return result


def _escaped(text: str) -> str:
    """Markdown's marks made harmless, but for code in backticks."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"(?<!\w)_|_(?!\w)|[*<\[]", r"\\\g<0>", part) for part in parts[::2]]
    return "".join(parts)


def _docstring(node) -> str:
    return ast.get_docstring(node) or ""


def _text(statement: ast.stmt | None) -> str:
    """The string that stands under a constant and documents it."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return cleandoc(str(statement.value.value))
    return ""


def _type(annotation) -> str:
    """A field's type as it was written, without the modules of its names."""
    plain = isinstance(annotation, type) and not get_args(annotation)
    return re.sub(r"\b\w+\.", "", annotation.__name__ if plain else str(annotation))


def _public(name: str) -> bool:
    return bool(name) and not name.startswith("_")
