"""Which pages are executed again: those that opened a file which has changed since.

jupyter-cache looks at a page's code cells only, so a change in the package would ship stale
numbers; and to execute all pages for any change takes a quarter of an hour. So each Python process
of a page notes which files of the package it opens, modules, scripts and recorded data alike
(`traced/sitecustomize.py`). Beside a page's outputs in the cache lies what was in these files.

* Another version, profile or list of the package's files has a cache of its own, which is empty.
* A recorded file that comes or goes counts for the pages that read in its room, the folder below
  `recorded/`: a page may have asked for a file that was not there, and nothing notes that.
* Of what it is not known which files it opened is executed again, and so is what failed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

import nbformat
from jupyter_cache import get_cache
from myst_nb.core.read import is_myst_markdown_notebook
from myst_nb.sphinx_ import NbMetadataCollector

PROFILES = ("full", "quick", "preview")
BESIDE = ("d2l",)
"""What `make` installs although requirements.txt cannot have it."""
TRACED = Path(__file__).parent / "traced"
RECORDED = "recorded"


def profile_of(environment: Mapping[str, str]) -> str:
    """BOOK_PROFILE; where it is unset the package chooses, by whether there is a GPU."""
    profile = environment.get("BOOK_PROFILE", "unset")
    if profile not in (*PROFILES, "unset"):
        raise ValueError(f"BOOK_PROFILE is {profile!r}; the known profiles are {PROFILES}.")
    return profile


def installed_versions(root: Path) -> list[str]:
    """What is installed of requirements.txt, whatever that file asks for: "torch 2.14.1"."""
    lines = (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = {match[0] for line in lines if (match := re.match(r"[A-Za-z][\w.-]*", line))}
    found = [f"Python {platform.python_version()}"]
    for name in sorted({*asked, *BESIDE}):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return found


def contents(root: Path) -> dict[str, str]:
    """A digest of each file of the package, by its path below `code`; compiled modules left out."""
    folder = root / "code"
    return {
        path.relative_to(folder).as_posix(): digest(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not is_made(path.relative_to(folder))
    }


def is_made(path: Path) -> bool:
    """Whether a file below `code` is made from others."""
    return any(part == "__pycache__" or part.endswith(".egg-info") for part in path.parts)


def digest(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()[:16]


def room(name: str) -> str | None:
    """The folder below `recorded/` in which a recorded file lies, else None."""
    parts = PurePosixPath(name).parts
    place = parts.index(RECORDED) if RECORDED in parts else len(parts)
    return "/".join(parts[: place + 2]) if place + 2 < len(parts) else None


def cache_key(root: Path, profile: str, now: Mapping[str, str]) -> str:
    """A digest of the profile, the versions, and which files the package has outside the rooms."""
    names = sorted({room(name) or name for name in now})
    pins = digest((root / "requirements.txt").read_bytes())
    return digest("\n".join([profile, *installed_versions(root), pins, *names]))


def opened(lines: Iterable[str], root: Path) -> set[str]:
    """Files of the package, by their paths below `code`, from paths as processes noted them."""
    folder, names = root / "code", set()
    for line in lines:
        path = Path(line)
        if path.parent.name == "__pycache__":  # which module a compiled one is of
            path = path.parent.parent / f"{path.name.partition('.')[0]}.py"
        if path.is_relative_to(folder) and not is_made(path.relative_to(folder)):
            names.add(path.relative_to(folder).as_posix())
    return names


def facts(names: Iterable[str], now: Mapping[str, str]) -> dict[str, str]:
    """What was in these files, and which files the rooms have of which any is recorded."""
    names = set(names)
    rooms = {found: [name for name in now if room(name) == found] for found in map(room, names)}
    found = {name: now.get(name, "absent") for name in names}
    found |= {name: digest("\n".join(sorted(there))) for name, there in rooms.items() if name}
    return dict(sorted(found.items()))


class Outputs:
    """The outputs in a cache, and beside them what was in the files that made them."""

    def __init__(self, folder: Path, now: Mapping[str, str]):
        self.cache, self.folder, self.now = get_cache(folder), folder / "reads", now

    def drop_stale(self) -> set[Path]:
        """Forget outputs that a changed file may have made; returns the pages of all others."""
        kept = set()
        for record in self.cache.list_cache_records():
            path = self.folder / f"{record.hashkey}.json"
            known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            if known and known == facts(known, self.now):
                kept.add(Path(record.uri))
            else:
                path.unlink(missing_ok=True)
                self.cache.remove_cache(record.pk)
        return kept

    def keep(self, notebook, names: set[str]) -> None:
        """Note which files made a page's outputs. Without any it is executed again next time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{self.cache.match_cache_notebook(notebook).hashkey}.json"
        path.write_text(json.dumps(facts(names, self.now), indent=0), encoding="utf-8")


class Executing:
    """What Sphinx calls while it builds."""

    def begin(self, app, config) -> None:
        """Say where the cache lies, and let the pages' processes note what they open."""
        root, profile = Path(app.srcdir), profile_of(os.environ)
        now = contents(root)
        folder = root / "_build" / ".jupyter_cache" / cache_key(root, profile, now)
        config.nb_execution_cache_path = str(folder)
        self.outputs = None if profile == "preview" else Outputs(folder, now)
        self.noted = folder / "noted.txt"
        if self.outputs:
            paths = [str(TRACED), *filter(None, [os.environ.get("PYTHONPATH")])]
            os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
            os.environ |= {"READS_BELOW": str(root / "code"), "READS_TO": str(self.noted)}

    def outdated(self, app, env, added, changed, removed) -> list[str]:
        """Pages to be read again although their text is the same."""
        if self.outputs is None:
            return []
        there = self.outputs.drop_stale()
        paths = {name: Path(env.doc2path(name)) for name in env.found_docs}
        return [
            name
            for name, path in paths.items()
            if path not in there and is_myst_markdown_notebook(path.read_text(encoding="utf-8"))
        ]

    def before(self, app, docname, source) -> None:
        self.noted.unlink(missing_ok=True)

    def after(self, app, doctree) -> None:
        """Of a page that was executed now, and without fault."""
        page = app.env.docname
        path = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
        done = NbMetadataCollector.get_exec_data(app.env, page)
        if self.outputs and self.noted.exists() and done and done["succeeded"]:
            lines = self.noted.read_text(encoding="utf-8").splitlines()
            notebook = nbformat.read(path, as_version=4)
            self.outputs.keep(notebook, opened(lines, Path(app.srcdir)))


def setup(app) -> dict[str, object]:
    executing = Executing()
    app.connect("config-inited", executing.begin, priority=100)
    app.connect("env-get-outdated", executing.outdated)
    app.connect("source-read", executing.before)
    app.connect("doctree-read", executing.after)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
