"""A notebook's pictures as PNG, since Colab and GitHub show neither our SVG files nor our HTML.

A picture is taken anew only if what it shows has changed, so that another version of the browser
does not change every notebook.
"""

from __future__ import annotations

import base64
import hashlib
import io
from contextlib import ExitStack
from typing import Self

from PIL import Image

import browser

PAGE = """<!doctype html><meta charset="utf-8"><body style="margin:0; background:#fff;
color:#20242a; font-family:sans-serif"><div id="picture" style="width:{width}px;
padding:8px; box-sizing:border-box">{inside}</div>"""
WIDTH = 760
SHARPNESS = 1.5  # device pixels a CSS pixel
COLORS = 96


class Camera:
    """Takes pictures of HTML; starts the browser when the first is asked for."""

    def __init__(self, known: dict[str, str] | None = None):
        self.known = dict(known or {})  # digest -> PNG in base 64
        self._stack, self._page = ExitStack(), None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def take(self, inside: str) -> tuple[str, str]:
        """The picture of some HTML: its digest, and a PNG in base 64."""
        html = PAGE.format(width=WIDTH, inside=inside)
        digest = hashlib.sha256(html.encode()).hexdigest()[:16]
        if digest not in self.known:
            self.known[digest] = base64.b64encode(small(self._shoot(html))).decode()
        return digest, self.known[digest]

    def _shoot(self, html: str) -> bytes:
        if self._page is None:
            from playwright.sync_api import sync_playwright

            driver = self._stack.enter_context(sync_playwright())
            chromium = browser.launch(driver)
            self._stack.callback(chromium.close)
            self._page = chromium.new_page(device_scale_factor=SHARPNESS)
        self._page.set_content(html)
        return self._page.locator("#picture").screenshot()


def small(png: bytes) -> bytes:
    """The same picture in few colors, without the white around it."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    margin = round(8 * SHARPNESS)
    inked = Image.eval(image.convert("L"), lambda value: 255 * (value < 250)).getbbox()
    if inked:
        left, top = (max(side - margin, 0) for side in inked[:2])
        right, bottom = (min(inked[2 + i] + margin, image.size[i]) for i in range(2))
        image = image.crop((left, top, right, bottom))
    buffer = io.BytesIO()
    image.quantize(COLORS).save(buffer, "png", optimize=True)
    return buffer.getvalue()
