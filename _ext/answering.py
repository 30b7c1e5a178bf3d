"""Lets a chapter's page answer its exercises: gives it the sheets that the package makes of them.

A preview, which runs without what the package needs, leaves them out: there `check` alone answers.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import house


@cache
def scripts() -> dict[str, str]:
    """By page, the script with its sheets."""
    if house.profile_of(os.environ) == "preview":
        return {}
    from designspaces.book import sheets

    return {f"chapters/{chapter}": script for chapter, script in sheets.scripts().items()}


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    if pagename in scripts():
        app.add_js_file(f"answers/{Path(pagename).name}.js", loading_method="defer")
        app.add_js_file("answers.js", loading_method="defer")


def write_sheets(app, exception) -> None:
    if exception is None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "answers"
        folder.mkdir(exist_ok=True)
        for page, script in scripts().items():
            (folder / f"{Path(page).name}.js").write_text(script, encoding="utf-8")


def setup(app) -> dict[str, object]:
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_sheets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
