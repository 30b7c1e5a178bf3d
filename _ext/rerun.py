"""Which pages are executed again: those that opened a file which has changed since.

jupyter-cache looks at a page's code cells only, so a change in the package would ship stale
numbers; and to execute all pages for any change takes a quarter of an hour. So each Python process
of a page notes which files of the package it opens, modules, scripts and recorded data alike
(`traced/sitecustomize.py`). What was in them lies beside a page's outputs in the cache, and in the
environment that Sphinx keeps, for a page as it was read last.

* Another version, profile or list of the package's files has a cache of its own, which is empty.
* On a shelf, a folder of `recorded/` whose readers read much of it, a file that comes or goes
  counts for them alone: one may have asked for it when it was not there, and nothing notes that.
* Of what it is not known which files it opened is executed again, and so is what failed.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.cache.db import NbCacheRecord
from myst_nb.core.read import is_myst_markdown_notebook
from myst_nb.sphinx_ import NbMetadataCollector

from kept import digest

PROFILES = ("full", "quick", "preview")
BESIDE = ("d2l",)
"""What `make` installs although requirements.txt cannot have it."""
READS = "reads"  # under which name Sphinx keeps the facts of a page
TRACED = Path(__file__).parent / "traced"
SHELVES = tuple(f"designspaces/recorded/{name}/" for name in ("populations", "second", "trials"))
UNSEEN = {
    "designspaces/frameworks/mxnet/exchange.py": (
        "designspaces/frameworks/mxnet/answer.py",
        "designspaces/frameworks/mxnet/network.py",
    )
}
"""What is opened, under other names, by a process that a module starts in a Python of its own."""
BESIDE_CODE = ("requirements.txt", "CITATION.cff")
"""What pages depend on outside the package."""


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
    """Whether a file below `code` is made from others, or by a system or a sweep that runs."""
    hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
    return hidden or ".egg-info" in str(path) or path.suffix in (".lock", ".holder")


def shelf(name: str) -> str | None:
    """The shelf on which a recorded file lies, if any."""
    return next((one for one in SHELVES if name.startswith(one)), None)


def cache_key(root: Path, profile: str, now: Mapping[str, str]) -> str:
    """A digest of the profile, the versions, and which files the package has beside the shelves."""
    names = sorted(name for name in now if shelf(name) is None)
    others = [root / name for name in BESIDE_CODE]
    known = [digest(path.read_bytes()) if path.exists() else "absent" for path in others]
    return digest("\n".join([profile, *installed_versions(root), *known, *names]))


def opened(lines: Iterable[str], root: Path) -> set[str]:
    """Files of the package, by their paths below `code`, from paths as processes noted them."""
    folder, names = root / "code", set()
    for line in lines:
        path = Path(line)
        if path.parent.name == "__pycache__":  # which module a compiled one is of
            path = path.parent.parent / f"{path.name.partition('.')[0]}.py"
        if path.is_relative_to(folder) and not is_made(path.relative_to(folder)):
            names.add(path.relative_to(folder).as_posix())
    return names.union(*(UNSEEN.get(name, ()) for name in names))


def facts(names: Iterable[str], now: Mapping[str, str]) -> dict[str, str]:
    """What is in these files, and which files the shelves have of which any is among them."""
    found = {name: now.get(name, "absent") for name in names if name not in SHELVES}
    for one in {*filter(None, map(shelf, found)), *(set(names) & set(SHELVES))}:
        found[one] = digest("\n".join(sorted(name for name in now if shelf(name) == one)))
    return dict(sorted(found.items()))


def same(known: Mapping[str, str] | None, now: Mapping[str, str]) -> bool:
    """Whether these facts are known and hold still."""
    return bool(known) and known == facts(known, now)


class Outputs:
    """The outputs in a cache, and beside them what was in the files that made them."""

    def __init__(self, folder: Path, now: Mapping[str, str]):
        self.cache, self.folder, self.now = get_cache(folder), folder / "reads", now

    def drop_stale(self) -> None:
        """Forget the outputs that a changed file may have made."""
        for record in self.cache.list_cache_records():
            if not same(self.known(record), self.now):
                self.of(record).unlink(missing_ok=True)
                with suppress(KeyError):  # there is none: the build that wrote it was killed
                    self.cache.remove_cache(record.pk)
                    continue
                NbCacheRecord.remove_records([record.pk], self.cache.db)

    def known(self, record) -> dict[str, str] | None:
        """The facts beside an output; None where there are none or the file is cut."""
        try:
            return json.loads(self.of(record).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def facts_of(self, notebook, names: set[str]) -> dict[str, str] | None:
        """The facts of a page; names: the files it has opened if it was executed now."""
        record = self.cache.match_cache_notebook(notebook)
        if not self.of(record).exists():  # and not of an output from the cache
            self.folder.mkdir(parents=True, exist_ok=True)
            self.of(record).write_text(json.dumps(facts(names, self.now), indent=0), "utf-8")
        return self.known(record)

    def of(self, record) -> Path:
        return self.folder / f"{record.hashkey}.json"


class Rerun:
    """What Sphinx calls while it builds."""

    def begin(self, app, config) -> None:
        """Say where the cache lies, and let the pages' processes note what they open."""
        root, profile = Path(app.srcdir), profile_of(os.environ)
        self.now = contents(root)
        folder = root / "_build" / ".jupyter_cache" / cache_key(root, profile, self.now)
        config.nb_execution_cache_path = str(folder)
        self.outputs = None if profile == "preview" else Outputs(folder, self.now)
        self.noted = folder / f"noted-{os.getpid()}.txt"
        if self.outputs:
            paths = [str(TRACED), *filter(None, [os.environ.get("PYTHONPATH")])]
            os.environ |= {
                "PYTHONPATH": os.pathsep.join(paths),
                "READS_BELOW": str(root / "code"),
                "READS_TO": str(self.noted),
            }
            os.environ.pop("PYTHONPYCACHEPREFIX", None)  # compiled modules tell which they are of

    def outdated(self, app, env, added, changed, removed) -> list[str]:
        """Pages to be read again although their text is the same."""
        if self.outputs is None:
            return []
        self.outputs.drop_stale()
        stale = []
        for name in env.found_docs:
            text = Path(env.doc2path(name)).read_text(encoding="utf-8")
            known = NbMetadataCollector.get_doc_data(env).get(name, {}).get(READS)
            if is_myst_markdown_notebook(text) and not same(known, self.now):
                stale.append(name)
        return stale

    def before(self, app, docname, source) -> None:
        self.noted.unlink(missing_ok=True)

    def after(self, app, doctree) -> None:
        """Keep what a page depends on, whether it was executed now or came from the cache."""
        page = app.env.docname
        done = NbMetadataCollector.get_exec_data(app.env, page)
        if self.outputs and done and done["succeeded"]:
            path = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
            noted = self.noted.read_text(encoding="utf-8") if self.noted.exists() else ""
            names = opened(noted.splitlines(), Path(app.srcdir))
            known = self.outputs.facts_of(nbformat.read(path, as_version=4), names)
            NbMetadataCollector.set_doc_data(app.env, page, READS, known)

    def end(self, app, exception) -> None:
        self.noted.unlink(missing_ok=True)


def setup(app) -> dict[str, object]:
    listener = Rerun()
    app.connect("config-inited", listener.begin, priority=100)
    app.connect("env-get-outdated", listener.outdated)
    app.connect("source-read", listener.before)
    app.connect("doctree-read", listener.after)
    app.connect("build-finished", listener.end)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
