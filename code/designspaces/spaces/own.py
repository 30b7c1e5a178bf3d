"""Spaces of one's own: found by a file or module and a name, as in `my_space.py:SPACE`.

Such a space is an object with a `name` and `draw(n, seed, *, resolution)`, which gives `Draw`s:
a `DesignSpace` with other rules, or anything else. What it draws may be an `Architecture`, or
a network of one's own: an object with

    to_dict()           its settings, ready for JSON, among them "kind", a name of one's own
    cost(resolution)    its `complexity.Complexity`
    build(seed)         the PyTorch module, its weights drawn from that seed
    residual            False, where it has no shortcuts: a recipe that lets residual blocks begin
                        as the identity then asks nothing of it, and is not refused

and the space then has `read(settings)`, which makes the object again.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import checked_natural, positive_integer
from designspaces.designs.complexity import Complexity, complexity
from designspaces.spaces.draw import Draw
from designspaces.spaces.regime import BOOK
from designspaces.spaces.spaces import SPACES
from designspaces.spaces.study import STUDY_SPACES

NEEDED = ("name", "draw")
BOOKS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class OwnSpace:
    """A space of one's own, with where it is defined and a checksum of that source."""

    space: Any
    where: str
    checksum: str

    @property
    def name(self) -> str:
        return self.space.name

    @property
    def origin(self) -> dict[str, str]:
        """What a record keeps."""
        return {"space": self.where, "checksum": self.checksum}

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """Raises ValueError, naming the file, for what cannot be drawn, counted or read again."""
        n = checked_natural(n, "n")
        if resolution is not None:
            resolution = positive_integer(resolution, "resolution")
        try:
            draws = list(self.space.draw(n, seed, resolution=resolution))
            again = list(self.space.draw(1, seed, resolution=resolution))[:1] if n else []
            told, repeated = ([d.architecture.to_dict() for d in some] for some in (draws, again))
        except (Exception, SystemExit) as error:
            raise ValueError(
                f"{self.where} draws no networks: {type(error).__name__}: {error}"
            ) from error
        self._check_places(draws, n)
        for draw, settings in zip(draws, told, strict=True):
            self._check_kept(draw, settings)
            self._check_cost(draw, resolution or self.resolution)
        if repeated != told[:1]:
            raise ValueError(
                f"{self.where} draws other networks the second time from seed {seed}; expected "
                "the same ones: take every number from a generator of that seed"
            )
        return draws

    @property
    def resolution(self) -> int:
        """Pixels along a side of its images: its own word, else its regime's or the book's."""
        own = getattr(self.space, "resolution", None)
        return own or getattr(self.space, "regime", BOOK).resolution

    def _check_places(self, draws: list[Draw], n: int) -> None:
        if [draw.index for draw in draws] != list(range(n)):
            places = ", ".join(str(draw.index) for draw in draws[:5]) or "none"
            raise ValueError(
                f"{self.where} draws {len(draws)} networks at the places {places}{' ...' * (n > 5)}"
                f"; expected {n}, at the places 0 to {n - 1} in this order"
            )

    def _check_cost(self, draw: Draw, resolution: int) -> None:
        try:
            cost = cost_of(draw.architecture, resolution)
        except (Exception, SystemExit) as error:
            raise ValueError(
                f"{self.where}: network {draw.index} cannot be counted: {type(error).__name__}: "
                f"{error}"
            ) from error
        counts = vars(cost).values() if isinstance(cost, Complexity) else [cost]
        if not all(type(count) is int for count in counts):
            raise ValueError(
                f"{self.where}: network {draw.index} costs {cost!r}; expected a Complexity of "
                "whole numbers, of Python's type int"
            )

    def _check_kept(self, draw: Draw, architecture: dict[str, Any]) -> None:
        """What would else be found out after a training, or by nobody."""
        settings = {"drawn": draw.drawn, "architecture": architecture}
        try:
            kept = json.loads(json.dumps(settings, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{self.where}: network {draw.index} has settings that no record can keep "
                f"({error}): {settings}; expected plain numbers, texts, lists and dicts"
            ) from None
        if kept["drawn"] != draw.drawn:
            raise ValueError(
                f"{self.where}: what was drawn for network {draw.index}, {draw.drawn}, is "
                f"{kept['drawn']} in a record; expected lists, not tuples, and texts as keys"
            )
        try:
            read = self.read(kept["architecture"])
        except (Exception, SystemExit) as error:
            raise ValueError(
                f"{self.where} cannot read network {draw.index} from its settings "
                f"{kept['architecture']}: {type(error).__name__}: {error}"
            ) from error
        if read != draw.architecture:
            raise ValueError(
                f"{self.where}: what read(settings) makes of {architecture} is not the network "
                "that has them; expected an equal one, as of a dataclass"
            )

    def read(self, settings: Mapping[str, Any]):
        """The network that has these settings."""
        if "kind" not in settings:
            return Architecture.from_dict(settings)
        if not hasattr(self.space, "read"):
            raise ValueError(
                f"{self.where} draws networks of its own kind {settings['kind']!r}; expected a "
                "method read(settings), which makes them again"
            )
        return self.space.read(settings)


def cost_of(network, resolution: int) -> Complexity:
    """What a network of whatever kind costs for images of so many pixels a side."""
    if isinstance(network, Architecture):
        return complexity(network, resolution)
    return network.cost(resolution)


def load_space(where: str) -> OwnSpace:
    """The space at `FILE.py:NAME` or `MODULE:NAME`.

    Raises ValueError where it is not there, does not import, or is no space, and for a name that
    one of the book's spaces has.
    """
    space, checksum = _find(where)
    if space is None:
        raise ValueError(f"{where} is None: there is no such space, or not yet")
    if isinstance(space, type):
        made = f"{where.rpartition(':')[2]}()"
        raise ValueError(f"{where} is a class; expected a space, such as {made} makes")
    if missing := [name for name in NEEDED if not hasattr(space, name)]:
        raise ValueError(
            f"{where} is a {type(space).__name__} without {' and '.join(missing)}; expected a space"
        )
    if not (isinstance(space.name, str) and re.fullmatch(r"\w[\w.-]*", space.name)):
        raise ValueError(
            f"{where} is named {space.name!r}; expected letters, digits, _, - and ., for its file "
            "bears that name"
        )
    if space.name in SPACES | STUDY_SPACES:
        raise ValueError(f"{where} is named {space.name!r}, as a space of the book; rename it")
    return OwnSpace(space, where, checksum)


def load_object(where: str) -> Any:
    """What else is at `FILE.py:NAME` or `MODULE:NAME`, such as a plan. Raises as `load_space`."""
    return _find(where)[0]


def load_origin(origin: Mapping[str, str]) -> OwnSpace:
    """The space that a record came from. Raises ValueError where its source has changed since.

    A file is looked for by the path that the record has and, since whoever reads may be in another
    folder, by the ends of that path; the checksum says which is the one.
    """
    place, _, name = origin["space"].rpartition(":")
    if not place.endswith(".py"):
        _check_unchanged(origin, _file_of(place))
        return load_space(origin["space"])
    parts = Path(place).parts
    ends = (Path(*parts[begin:]) for begin in range(len(parts)))
    same = (end for end in ends if end.is_file() and _sum(end) == origin["checksum"])
    found = next(same, Path(place))
    _check_unchanged(origin, found)
    return load_space(f"{found}:{name}")


def _check_unchanged(origin: Mapping[str, str], path: Path) -> None:
    """Before the file is imported: a state that nobody recorded need not run, nor be able to."""
    if path.is_file() and (now := _sum(path)) != origin["checksum"]:
        raise ValueError(
            f"{origin['space']} has changed since its records were made (checksum "
            f"{origin['checksum']} then, {now} now); bring the old source back, or "
            "give the new space a folder of its own"
        )


def _find(where: str) -> tuple[Any, str]:
    place, _, attribute = where.rpartition(":")
    if not place or not attribute:
        raise ValueError(f"{where!r} names nothing; expected FILE.py:NAME or MODULE:NAME")
    module, checksum = _import(place)
    if not hasattr(module, attribute):
        public = ", ".join(name for name in vars(module) if name.isupper()) or "none in capitals"
        raise ValueError(f"{place} has no {attribute}; it has {public}")
    return getattr(module, attribute), checksum


def _import(place: str) -> tuple[ModuleType, str]:
    path = Path(place) if place.endswith(".py") else _file_of(place)
    if not path.is_file():
        raise ValueError(f"there is no file {place} in {Path.cwd()}; go to where it is")
    checksum = _sum(path)
    of_file = place.endswith(".py")
    try:
        module = _load(path.resolve(), checksum) if of_file else import_module(place)
    except (Exception, SystemExit) as error:
        raise ValueError(f"{place} does not import: {type(error).__name__}: {error}") from error
    # a module is imported once: a later state of its source is not looked at
    if not of_file and vars(module).setdefault("_checksum_at_first", checksum) != checksum:
        raise ValueError(f"{place} has changed since it was imported; start Python anew")
    return module, checksum


def _file_of(module: str) -> Path:
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        raise ValueError(f"there is no module {module!r} ({error})") from None
    except (Exception, SystemExit) as error:  # of what the module is in, which it imports
        raise ValueError(f"{module} does not import: {type(error).__name__}: {error}") from error
    if found is None or not found.origin:
        raise ValueError(f"there is no module {module!r} with a file of its own")
    return Path(found.origin)


def _sum(path: Path) -> str:
    """Of the file, of its folder's __init__.py, and of what they import from the package around it.

    Without a package, from the folder and below. So a plan, a test or a notebook beside them may
    change, and the records stay valid; and so may the book's own package. Line ends of Windows
    count as others.
    """
    path = path.resolve()
    files, first = {path}, path.parent / "__init__.py"
    if first.is_file():
        files.add(first)
    for one in tuple(files):
        _add_neighbours(one, files)
    ordered = sorted(files, key=lambda file: (file.name, file.as_posix()))
    content = b"\0".join(file.name.encode() + b"\0" + _text(file) for file in ordered)
    return sha256(content).hexdigest()[:16]


def _text(file: Path) -> bytes:
    return file.read_bytes().replace(b"\r\n", b"\n")


def _add_neighbours(path: Path, files: set[Path]) -> None:
    """Add the modules of the package around it that the file imports, and what they import."""
    for file in _candidates(path.read_bytes(), path.parent):
        if file.is_file() and file not in files:
            files.add(file)
            _add_neighbours(file, files)


@cache
def _candidates(source: bytes, folder: Path) -> tuple[Path, ...]:
    """Where the modules may be that a source imports: once for each state, not for each record."""
    return tuple(dict.fromkeys(file for name in _names(source) for file in _files_of(name, folder)))


def _files_of(name: str, folder: Path) -> list[Path]:
    """Where the modules of a dotted name may be: in the folder, below, or in packages around it."""
    parts = tuple(part for part in name.split(".") if part)
    around = _around(folder)
    level = len(name) - len(name.lstrip("."))
    if level:
        starts = [(around[level - 1], parts)] if level <= len(around) else []
    else:  # each where the name begins with that folder's own; in its folder with none as well
        starts = [(folder, parts)] + [
            (one, parts[end:])
            for one in around
            for end in range(1, len(parts) + 1)
            if one.parts[-end:] == parts[:end]
        ]
    stems = [
        start.joinpath(*rest[:end]) for start, rest in starts for end in range(1, len(rest) + 1)
    ]
    files = [one for s in stems for one in (s / "__init__.py", s.with_name(f"{s.name}.py"))]
    packages = starts if level else starts[1:]
    return [start / "__init__.py" for start, _ in packages] + files


def _around(folder: Path) -> list[Path]:
    """The folder and the packages that it is in, without the book's own, whose names stay."""
    found = [folder]
    while (found[-1] / "__init__.py").is_file() and (found[-1].parent / "__init__.py").is_file():
        found.append(found[-1].parent)
    return found if BOOKS not in found else found[:1]


def _names(source: bytes) -> list[str]:
    """The dotted names that a source imports."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []  # importing it says what is wrong, and where
    return [name for node in ast.walk(tree) for name in _names_imported(node)]


def _names_imported(node: ast.AST) -> list[str]:
    """The dotted names that may be modules: `a.b` and `a.b.c` of `from a.b import c`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    start = "." * node.level + (node.module or "")
    join = "." if node.module else ""
    return [start, *(f"{start}{join}{alias.name}" for alias in node.names)]


@cache
def _load(path: Path, checksum: str) -> ModuleType:
    """Import a file once for each state of the source, so that equal networks are of one class.

    A file gets a name that nobody else has, for the next state of it is another module. In a
    package it finds its neighbours as `from .neighbour import`.
    """
    folder = path.parent
    name = f"own_{checksum}_{sha256(str(folder).encode()).hexdigest()[:8]}"
    if not (folder / "__init__.py").is_file():
        return _execute(f"{name}_{path.stem}", path)
    if name not in sys.modules:
        _execute(name, folder / "__init__.py", [str(folder)])
    return import_module(f"{name}.{path.stem}")


def _execute(name: str, path: Path, parts: list[str] | None = None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=parts)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]  # half made, it would pass for whole the next time
        raise
    return module
