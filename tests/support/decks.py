"""A deck of slides, opened in a browser as a file: does each slide fit?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from browser import find_browser, launch

MEASURE = """() => {
  const wrong = [];
  for (const slide of document.querySelectorAll(".slide")) {
    const body = slide.querySelector(".body"), box = body.getBoundingClientRect();
    const frame = slide.querySelector(".frame");
    if (frame.scrollHeight > frame.clientHeight + 1) wrong.push(slide.id + ": too high");
    for (const one of body.querySelectorAll("*")) {
      if (one.parentElement.closest("svg, mjx-container")) continue;
      const here = one.getBoundingClientRect();
      if (here.width && (here.right > box.right + 2 || here.left < box.left - 2
          || here.bottom > box.bottom + 2 || here.top < box.top - 2))
        wrong.push(slide.id + ": " + one.tagName + " sticks out");
      if (one.tagName !== "svg" && getComputedStyle(one).overflowX !== "visible" && one.clientWidth
          && (one.scrollWidth > one.clientWidth + 2 || one.scrollHeight > one.clientHeight + 2))
        wrong.push(slide.id + ": " + one.tagName + " is cut");
    }
    for (const one of body.querySelectorAll("p, td, th, figcaption"))
      if (parseFloat(getComputedStyle(one).fontSize) * (body.style.zoom || 1) < 10.5)
        wrong.push(slide.id + ": letters are too small");
    for (const one of body.querySelectorAll("svg"))
      if (!one.parentElement.closest("svg") && one.getBoundingClientRect().height < 100)
        wrong.push(slide.id + ": a drawing is too small");
  }
  return wrong;
}"""
SET = "async () => { await window.MathJax?.startup?.promise; await new Promise(setTimeout); }"


Visit = Callable[[Path], tuple[object, list[str]]]


@contextmanager
def open_deck(**options) -> Iterator[Visit]:
    """A function that opens a deck: (page, what went wrong while it loaded).

    Skips the test where there is no browser.
    """
    playwright = pytest.importorskip("playwright.sync_api")
    if find_browser() is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on this machine")
    with playwright.sync_playwright() as driver:
        chromium = launch(driver)
        page = chromium.new_page(viewport={"width": 1280, "height": 720}, **options)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda one: one.type == "error" and problems.append(one.text))
        page.on("request", lambda one: one.url.startswith("http") and problems.append(one.url))

        def visit(path: Path) -> tuple[object, list[str]]:
            problems.clear()
            page.goto(path.as_uri(), wait_until="load")
            page.evaluate(SET)
            return page, list(problems)

        yield visit
        chromium.close()
