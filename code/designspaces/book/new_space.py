"""A new space of one's own: a small package that runs at once, to be changed."""

import keyword
import re
from importlib.util import find_spec
from pathlib import Path

TEMPLATE = Path(__file__).parent / "template"

INSIDE = "designspaces.book.template."
"""How the template's modules name each other here; in a package of their own, relatively."""


def write_space(name: str, into: Path = Path()) -> list[Path]:
    """Write the package `into`/`name`; returns its files.

    Raises ValueError for a name that Python cannot import or that another module has, and where
    there is something of that name: nothing is overwritten.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"the name is {name!r}; expected small letters, digits and _, as my_space")
    folder = into / name
    if folder.exists():
        raise ValueError(f"{folder} is there already; choose another name or move it away")
    if keyword.iskeyword(name) or find_spec(name):
        raise ValueError(
            f"{name!r} is a word or a module of Python's; expected a name of your own, as my_space"
        )
    folder.mkdir(parents=True)
    for source in sorted(TEMPLATE.iterdir()):
        if source.is_file():
            text = source.read_text(encoding="utf-8").replace(INSIDE, ".").replace("template", name)
            (folder / source.name).write_text(text, encoding="utf-8", newline="\n")
    return sorted(folder.iterdir())
