"""Lets a chapter's page answer its exercises: gives it the sheets that the package makes of them.

A preview, which runs without what the package needs, leaves them out: there `check` alone answers.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from rerun import profile_of


@cache
def scripts() -> dict[str, str]:
    """By page, the script with its sheets."""
    if profile_of(os.environ) == "preview":
        return {}
    from designspaces.book import sheets

    return {f"chapters/{chapter}": script for chapter, script in sheets.scripts().items()}


def digest_sheets(app, config) -> None:
    """Pages are written again when a sheet has changed, for each names a digest of its own."""
    config.answering_sheets = hashlib.sha256(repr(scripts()).encode()).hexdigest()


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    if pagename in scripts():
        app.add_js_file(f"answers/{Path(pagename).name}.js", loading_method="defer")
        app.add_js_file("answers.js", loading_method="defer")


def write_sheets(app) -> None:
    """Before the pages, so that each names a digest of its sheets: no browser keeps old ones."""
    folder = Path(app.outdir) / "_static" / "answers"
    for page, script in scripts().items() if app.builder.format == "html" else ():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{Path(page).name}.js").write_text(script, encoding="utf-8")


def setup(app) -> dict[str, object]:
    app.add_config_value("answering_sheets", "", "html", str)
    app.connect("config-inited", digest_sheets)
    app.connect("builder-inited", write_sheets)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
