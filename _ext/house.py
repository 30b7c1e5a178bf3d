"""The book's own Sphinx extension: what Jupyter Book and its theme do not do by themselves.

* The execution cache is keyed by content. jupyter-cache looks at a page's code cells only, so a
  change in the package would ship stale numbers. Here the cache's folder is named after everything
  that the cells' results depend on; a new name means that the pages are read and run again.
  The versions of what is installed are part of it.
* A preview (BOOK_PROFILE=preview) executes nothing: its pages show the outputs that are kept.
* The Colab button stands only on pages whose notebook git tracks: elsewhere it would open nothing.
* The published address follows from the repository's, so that a fork changes one.
* The executed notebooks beside the pages keep their outputs also when a page came from the cache.
* No page mentions another host's script, not even one that only a click would load; MathJax, which
  is large, is loaded by the pages that have formulas, and others by those with tabs or exercises.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from myst_nb.core.read import is_myst_markdown_notebook
from myst_nb.sphinx_ import NbMetadataCollector

import kept

PROFILES = ("full", "quick", "preview")
ASSETS = {
    "mathjax": 'class="math',  # 1.2 MB
    "sphinx-design": 'class="sd-',
    "design-tabs": 'class="sd-',
    "exercise.css": "exercise",
    "proof.css": "proof",
}
"""What a page loads only if its text holds the sign beside it."""
BESIDE = ("d2l",)
"""What `make` installs although requirements.txt cannot have it."""


def executed_sources(root: Path) -> Iterator[Path]:
    """The files that a page's results depend on, beside the page itself."""
    package = root / "code"
    for kind in ("py", "js", "css"):  # an explorer's script lies in its page
        yield from package.rglob(f"*.{kind}")
    yield from (path for path in package.glob("*/recorded/**/*") if path.is_file())
    yield root / "requirements.txt"


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


def cache_key(root: Path, profile: str) -> str:
    """A SHA-256 over names and contents of `executed_sources`, versions, and the profile."""
    digest = hashlib.sha256("\n".join([profile, *installed_versions(root), ""]).encode())
    for path in sorted(set(executed_sources(root))):
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "absent"
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def profile_of(environment: dict[str, str]) -> str:
    """BOOK_PROFILE; where it is unset the package chooses, by whether there is a GPU."""
    profile = environment.get("BOOK_PROFILE", "unset")
    if profile not in (*PROFILES, "unset"):
        raise ValueError(f"BOOK_PROFILE is {profile!r}; the known profiles are {PROFILES}.")
    return profile


def tracked_notebooks(root: Path) -> list[str]:
    """Notebooks that git tracks; without git (a source archive), those that are there."""
    listing = ["git", "-C", str(root), "ls-files", "-z", "--", "*.ipynb"]
    try:
        done = subprocess.run(listing, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return sorted(path.relative_to(root).as_posix() for path in root.glob("chapters/*.ipynb"))
    return sorted(name for name in done.stdout.split("\0") if name)


def pages_address(repository: str) -> str:
    """Where GitHub Pages publishes the site of a repository."""
    owner, name = repository.rstrip("/").removesuffix(".git").split("/")[-2:]
    return f"https://{owner}.github.io/{name}/"


def set_config(app, config) -> None:
    drop_thebe(app)
    # For the kernels: threads that sleep while they wait for each other, so that a training does
    # not slow tenfold while a browser keeps a core busy. It counts before torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # A fork changes one address; wherever its pages stand elsewhere, html.baseurl says so.
    config.html_baseurl = config.html_baseurl or pages_address(
        config.html_theme_options["repository_url"]
    )
    config.ogp_site_url = config.html_baseurl
    root = Path(app.srcdir)
    profile = profile_of(os.environ)
    key = cache_key(root, profile)
    config.nb_execution_cache_path = str(root / "_build" / ".jupyter_cache" / key[:16])
    config.house_notebooks = tracked_notebooks(root)


def set_reader(app, config) -> None:
    """In a preview each page is read together with its kept outputs, and no page is executed."""
    if profile_of(os.environ) != "preview":
        return
    config.nb_execution_mode = "off"
    extensions = list(config.myst_enable_extensions)
    for path in [*Path(app.srcdir).glob("*.md"), *Path(app.srcdir).glob("chapters/*.md")]:
        page = path.relative_to(app.srcdir).with_suffix("").as_posix()
        arguments = {"root": str(app.srcdir), "page": page, "extensions": extensions}
        if is_myst_markdown_notebook(path.read_text(encoding="utf-8")):
            config.nb_custom_formats[f"/{page}.md"] = ("kept.read", arguments, False)


def fill_outputs(app, doctree) -> None:
    """MyST-NB writes a page's notebook without outputs when it took them from the cache.

    Beside the outputs stands when and how long the page was executed; in a preview, what was kept
    of that goes into the table of executions.
    """
    page = app.env.docname
    if profile_of(os.environ) == "preview":
        if known := kept.execution(Path(app.srcdir), page):
            done = {"method": "kept", "succeeded": True, "error": None, "traceback": None}
            NbMetadataCollector.set_exec_data(app.env, page, known | done)
        return
    path = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
    if path.exists():
        notebook = nbformat.read(path, as_version=4)
        cache = get_cache(app.config.nb_execution_cache_path)
        with suppress(KeyError):  # a page that was not to be executed
            notebook = cache.merge_match_into_notebook(notebook)[1]
            executed = NbMetadataCollector.get_exec_data(app.env, page)
            notebook.metadata["execution"] = {key: executed[key] for key in ("mtime", "runtime")}
            nbformat.write(notebook, path)


def cure_page(app, pagename, templatename, context, doctree) -> None:
    """Runs last: drops a launch button that would open nothing, and files the page does not use."""
    if f"{pagename}.ipynb" not in app.config.house_notebooks:
        buttons = context.get("header_buttons", [])
        context["header_buttons"] = [one for one in buttons if one.get("label") != "launch-buttons"]
    body = context.get("body", "")
    unused = ["thebe", *(name for name, sign in ASSETS.items() if sign not in body)]
    for kind in ("script_files", "css_files"):
        context[kind] = [
            asset
            for asset in context.get(kind, [])
            if not any(word in describe(asset) for word in unused)
        ]


def describe(asset) -> str:
    """The name and the inline body of one of Sphinx's scripts or style sheets."""
    return f"{getattr(asset, 'filename', asset)} {getattr(asset, 'attributes', '')}".lower()


def drop_thebe(app) -> None:
    """Jupyter Book always loads sphinx-thebe, which writes a CDN's address and a Binder
    repository into every page. The book does not use it, so it hears of no event."""
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if one.handler.__module__ != "sphinx_thebe"]


def setup(app) -> dict[str, object]:
    # "html": the pages are written again when a notebook joins or leaves the repository.
    app.add_config_value("house_notebooks", [], "html", list)
    app.connect("config-inited", set_config, priority=100)
    # After MyST-NB has taken each of these names for the suffix of a file.
    app.connect("config-inited", set_reader, priority=900)
    app.connect("doctree-read", fill_outputs)
    app.connect("html-page-context", cure_page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
