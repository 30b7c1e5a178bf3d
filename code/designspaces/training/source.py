"""A digest of what source code does, blind to comments, docstrings and layout."""

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path


def source_checksum(paths: Iterable[Path]) -> str:
    """One digest for the modules at `paths`, in their order; the same on every Python."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(meaning(path.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:20]


def meaning(source: str) -> str:
    """The syntax tree of `source` as text, without its free-standing strings.

    Empty fields are left out, since newer Pythons add such fields to the same tree.
    """
    return _text(ast.parse(source))


def _text(node: object) -> str:
    if isinstance(node, ast.JoinedStr):  # Python 3.12.1 adds empty strings to nested f-strings
        node.values = [part for part in node.values if getattr(part, "value", None) != ""]
    if isinstance(node, ast.AST):
        parts = (
            f"{name}={_text(value)}" for name, value in ast.iter_fields(node) if not _empty(value)
        )
        return f"{type(node).__name__}({','.join(parts)})"
    if isinstance(node, list):
        return f"[{','.join(_text(item) for item in node if not _is_free_string(item))}]"
    return repr(node)


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, list) and not value)


def _is_free_string(node: object) -> bool:
    """A docstring, or the string under a constant that documents it."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
