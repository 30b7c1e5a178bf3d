"""Prints pages by headless Chromium: PDF with tags, an outline and links."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import browser

FOOTER = (
    '<div style="width:100%;text-align:center;font:8pt sans-serif;color:#5a626c">'
    '<span class="pageNumber"></span></div>'
)
READY = """async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
}"""


def print_pages(files: Iterable[tuple[Path, Path]]) -> None:
    """Each HTML file to its PDF; the paper's size and margins are those of its @page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = browser.launch(driver)
        page = chromium.new_page()
        page.set_default_timeout(300_000)  # ms: a whole book on a busy machine
        for source, target in files:
            page.goto(source.resolve().as_uri(), wait_until="load")
            page.evaluate(READY)
            page.pdf(
                path=target,
                prefer_css_page_size=True,
                tagged=True,
                outline=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=FOOTER,
            )
        chromium.close()
