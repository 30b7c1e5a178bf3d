"""What the book says about the package itself, so that it cannot fall behind the code.

`reference` turns a module's source into Markdown: each public name with its signature and its
docstring. `data_dictionary` does the same for the fields of what is recorded. The source is read,
not imported, so that a module is documented also where what it needs is not installed.
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

PACKAGE = Path(__file__).parent

ORDER = (
    "architecture",
    "regnet",
    "complexity",
    "spaces",
    "blocks",
    "anynet",
    "tensors",
    "torchvision_names",
    "files",
    "weights",
    "fetch",
    "fashion_mnist",
    "device",
    "run_time",
    "training",
    "source",
    "recipes",
    "profiles",
    "progress",
    "results",
    "record",
    "population",
    "sweep",
    "executors",
    "cluster",
    "statistics",
    "properties",
    "rules",
    "claims",
    "sensitivity",
    "plots",
    "book",
    "exercises",
    "documentation",
    "environment",
    "d2l",
    "frameworks",
    "frameworks.carrying",
    "frameworks.parity",
    "frameworks.pytorch",
    "frameworks.loop",
    "frameworks.flax",
    "frameworks.linen",
    "frameworks.keras",
    "frameworks.gluon",
    "frameworks.gluon_environment",
    "frameworks.mxnet_result",
    "__main__",
)
"""The modules in the order of the data's way; each has a section of its own in the book."""

CODE_WIDTH = 76
"""Letters that a signature may be long before it is broken up, as the book's own code."""

_COLUMNS = re.compile(r"\S+ {2,}\S")
_ENTRY = re.compile(r"(?P<names>[a-z_0-9]+(?:, [a-z_0-9]+)*): ")
_BEGINNINGS = ("Raises", "Returns", "Source:", "- ", "* ")

FIELDS = {
    "Recipe": {
        "name": "what the recipe is called; decides nothing",
        "epochs": "passes over the training images",
        "batch_size": "images a step",
        "lr": "learning rate, or its peak where the schedule moves it",
        "momentum": "of stochastic gradient descent; 0 is none",
        "nesterov": "whether the momentum is Nesterov's",
        "weight_decay": "L2 penalty on all weights; 0 is none",
        "schedule": "constant, cosine or one_cycle: how the learning rate moves over the run",
        "precision": "float32, bfloat16 or float16: of the products within the network",
        "split": "test (judged by the test images) or validation (by held-out training images)",
        "resolution": "pixels along one side of an image",
        "train_images": "only the first so many training images; null for all",
        "val_images": "only the first so many images to judge by; null for all",
    },
    "Epoch": {
        "train_loss": "mean cross-entropy over the epoch's batches as they passed, nats",
        "train_accuracy": "share of training images named rightly as they passed, 0 to 1",
        "val_loss": "mean cross-entropy on the images to judge by after the epoch, nats",
        "val_accuracy": "share of those images named rightly after the epoch, 0 to 1",
        "seconds": "wall time of the epoch, its evaluation included",
    },
    "History": {
        "recipe": "the Recipe, its precision as it was on that device",
        "seed": "decides the fresh weights and the order of the batches",
        "device": "the processor or GPU in words",
        "versions": "of python, torch, numpy and designspaces",
        "params": "learnable numbers of the network",
        "data_checksum": "of the four verified files of Fashion-MNIST together",
        "status": "trained, diverged (the loss was no longer finite) or unfinished",
        "epochs": "a list of Epoch, in order",
        "train_loss_trace": "training loss averaged over each twentieth of an epoch, nats",
    },
    "Record": {
        "space": "name of the design space",
        "sample_seed": "of the sample that the network belongs to",
        "index": "place in the sample, from 0, in draw order",
        "drawn": "the values drawn, before they were made compatible",
        "architecture": "the network built of them, as Architecture.to_dict gives it",
        "recipe": "all fields of the Recipe",
        "seed": "of the training: fresh weights and the order of the batches",
        "commit": "of the checkout that trained; null outside one",
        "modified": "whether the source differed from the commit; null outside a checkout",
        "schema": "version of this list of fields",
        "params": "learnable numbers",
        "flops": "multiply-adds for one image",
        "activations": "numbers that the convolutions and the linear layer put out for one image",
        "data_checksum": "of the four verified files of Fashion-MNIST together",
        "status": "trained or diverged",
        "val_error": "share of the held-out images named wrongly, 0 to 1; 0.9 if diverged",
        "train_loss": "mean cross-entropy of each epoch, nats",
        "seconds": "wall time of training and judging",
        "device": "the processor or GPU in words",
        "versions": "of python, torch, numpy and designspaces",
        "source": "checksum of the modules that train",
        "finished": "when, in UTC",
    },
}
"""What each recorded field means, and its unit."""


def modules() -> list[str]:
    """All public modules of the package: those of `ORDER` first, then the others by name."""
    files = {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("_")}
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    inside = {f"frameworks.{path.stem}" for path in (PACKAGE / "frameworks").glob("[!_]*.py")}
    there = files | folders | inside | {"__main__"}
    return [name for name in ORDER if name in there] + sorted(there - set(ORDER))


def purpose(module: str) -> str:
    """The first sentence of a module's docstring."""
    text = " ".join(_docstring(_tree(module)).split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", text)[0]


def overview() -> str:
    """Every module with its purpose, as a Markdown list."""
    return "\n".join(f"- `{name}`: {_escaped(purpose(name))}" for name in modules())


def reference(module: str) -> str:
    """A module's docstring, then each public name with signature and docstring, as Markdown.

    Raises ValueError for a module that is not there, naming those that are.
    """
    tree = _tree(module)
    parts = [prose(_docstring(tree))]
    for statement, after in _with_next(tree.body):
        if isinstance(statement, ast.FunctionDef) and _public(statement.name):
            parts += _entry(signature(statement), _docstring(statement))
        elif isinstance(statement, ast.ClassDef) and _public(statement.name):
            parts += _class(statement, tree)
        elif name := _constant(statement):
            parts += _entry(_assignment(name, statement), _text(after))
    return "\n\n".join(part for part in parts if part)


def data_dictionary(kind: type) -> str:
    """The fields of a recorded dataclass with type and meaning, as a Markdown list."""
    meanings = FIELDS.get(kind.__name__, {})
    return "\n".join(
        f"- `{field.name}` ({_type(field.type)}): {meanings.get(field.name, 'not described')}"
        for field in fields(kind)
    )


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
    paragraphs = re.split(r"\n\s*\n", docstring)
    return "\n\n".join(_paragraph(text) for text in paragraphs if text.strip())


def _tree(module: str) -> ast.Module:
    path = PACKAGE / f"{module.replace('.', '/')}.py"
    if not path.exists():
        path = PACKAGE / module / "__init__.py"
    if not path.exists():
        raise ValueError(f"there is no module {module!r}; expected one of {', '.join(modules())}")
    return ast.parse(path.read_text(encoding="utf-8"))


def _class(node: ast.ClassDef, tree: ast.Module) -> list[str]:
    decorators = [f"@{ast.unparse(one)}\n" for one in node.decorator_list]
    bases = ", ".join(f"`{ast.unparse(base)}`" for base in node.bases)
    head = "".join(decorators) + _call(f"class {node.name}", _constructor(node, tree), "")
    parts = _entry(head, _docstring(node) + (f"\n\nExtends {bases}." if bases else ""))
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and _public(method.name):
            parts += _entry(_method(node.name, method), _docstring(method))
    return parts


def _constructor(node: ast.ClassDef, tree: ast.Module) -> list[str]:
    """The arguments that make an instance: those of __init__, or the annotated fields.

    What a class inherits is found where its base stands in the same module.
    """
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            return list(_arguments(method.args))[1:]
    bases = {ast.unparse(base) for base in node.bases}
    inherited = [
        argument
        for other in tree.body
        if isinstance(other, ast.ClassDef) and other.name in bases
        for argument in _constructor(other, tree)
    ]
    own = [ast.unparse(one) for one in node.body if isinstance(one, ast.AnnAssign)]
    # a field that is annotated anew keeps its place
    return list({text.partition(":")[0]: text for text in inherited + own}.values())


def _method(owner: str, method: ast.FunctionDef) -> str:
    kinds = [ast.unparse(one) for one in method.decorator_list]
    name = f"{owner}.{method.name}"
    if "property" in kinds:
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
    return f"{name}(\n" + "".join(f"    {one},\n" for one in arguments) + f"){returns}"


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


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    indented = all(line.startswith("    ") for line in lines)
    columns = len(lines) > 1 and all(_COLUMNS.match(line) for line in lines)
    if indented or columns:
        return f"```text\n{dedent(text)}\n```"
    parts: list[str] = []  # items of a list and sentences
    for line in lines:
        entry = _ENTRY.match(line) if not parts or parts[-1].startswith("- ") else None
        goes_on = parts and (
            line.startswith(" ")
            or not (entry or line.startswith(_BEGINNINGS) or parts[-1].startswith("- "))
        )
        if goes_on:
            parts[-1] += f" {_escaped(line.strip())}"
        elif entry:
            names = ", ".join(f"`{name}`" for name in entry["names"].split(", "))
            parts.append(f"- {names}: {_escaped(line[entry.end() :])}")
        elif line.startswith("* "):
            parts.append(f"- {_escaped(line[2:])}")
        else:
            parts.append(_escaped(line))
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


def _with_next(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.stmt | None]]:
    yield from zip(body, [*body[1:], None], strict=True)


def _public(name: str) -> bool:
    return bool(name) and not name.startswith("_")
