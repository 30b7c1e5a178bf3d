"""The book's own Sphinx extension: what Jupyter Book and its theme do not do by themselves.

* A preview (BOOK_PROFILE=preview) executes nothing: its pages show the outputs that are kept.
* The Colab button stands only on pages whose notebook git tracks: elsewhere it would open nothing.
* The published address follows from the repository's, so that a fork changes one.
* The executed notebooks beside the pages keep their outputs also when a page came from the cache.
* No page mentions another host's script, not even one that only a click would load; MathJax, which
  is large, is loaded by the pages that have formulas, and others by those with tabs or exercises.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from myst_nb.core.read import is_myst_markdown_notebook
from myst_nb.sphinx_ import NbMetadataCollector

import kept
from rerun import profile_of

ASSETS = {
    "mathjax": 'class="math',  # 1.2 MB
    "sphinx-design": 'class="sd-',
    "design-tabs": 'class="sd-',
    "exercise.css": "exercise",
    "proof.css": "proof",
}
"""What a page loads only if its text holds the sign beside it."""


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
    config.house_notebooks = tracked_notebooks(Path(app.srcdir))


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
