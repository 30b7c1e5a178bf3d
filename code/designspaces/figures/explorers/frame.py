"""What every explorer is: a still figure that a script, where there is one, brings to life.

Without scripts, in print and in a stored notebook the figure and its table stand as they are. Data
and script lie inline, since a page opened as a file may load neither; nothing comes from a network.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from designspaces.figures.canvas import Picture

HEIGHT = 760
"""Pixels of the frame on Colab, which shows an output with a script in a document of its own."""


@dataclass(frozen=True)
class Explorer:
    """A still picture with what a script needs to let readers ask it.

    name: of `<name>.js` and `<name>.css` beside this module. The script runs once for each
        explorer: it finds the element as `document.currentScript.parentElement`, in it the still
        figure (.explorer-still), awaits the data as the element's `given`, and puts what it makes
        beside the figure.
    data: whatever JSON can hold. table: HTML of a table with the same numbers; none unless given.
    also: names of scripts, and styles where there are any, that this one needs before it.
    """

    name: str
    picture: Picture
    data: Mapping[str, Any]
    table: str = ""
    also: tuple[str, ...] = ()

    @property
    def made(self) -> str:
        return self.picture.made

    @property
    def alt(self) -> str:
        return self.picture.alt

    def html(self) -> str:
        table = f"<details><summary>As a table</summary>{self.table}</details>" * bool(self.table)
        data = json.dumps(self.data, allow_nan=False, separators=(",", ":")).encode()
        packed = base64.b64encode(gzip.compress(data, mtime=0)).decode()
        scripts = ("frame", *self.also, self.name)
        return (
            f'<div class="explorer explorer-{self.name}"><style>{self._texts("css")}</style>'
            f'<div class="explorer-still">{self.picture.html()}{table}</div>'
            f'<script type="text/plain" class="explorer-data">{packed}</script>'
            + "".join(f"<script>{_text(one, 'js')}</script>" for one in scripts)
            + "</div>"
        )

    def _texts(self, kind: str) -> str:
        return "\n".join(filter(None, (_text(one, kind) for one in (*self.also, self.name))))

    def _repr_mimebundle_(self, **_) -> dict[str, str]:
        html = self.html()
        if "google.colab" in sys.modules:
            html = (
                f'<iframe srcdoc="{escape(html, quote=True)}" '
                'sandbox="allow-scripts allow-downloads" '
                f'title="{escape(self.alt, quote=True)}" '
                f'style="width:100%;height:{HEIGHT}px;border:0"></iframe>'
            )
        return {"text/html": html, "text/plain": self.alt}


def table_head(names: Iterable[str]) -> str:
    """HTML of a row of column names."""
    columns = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f"<thead><tr>{columns}</tr></thead>"


@cache
def _text(name: str, kind: str) -> str:
    """A file's text as pages carry it: no indentation, no lines of comment; "" for no style."""
    path = Path(__file__).parent / f"{name}.{kind}"
    text = path.read_text("utf-8") if kind == "js" or path.exists() else ""
    return re.sub(r"^ *(//.*\n)?", "", text, flags=re.M).strip()
