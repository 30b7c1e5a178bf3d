"""A deck of slides, opened in a browser as a file: does each slide fit?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from browser import find_browser, launch

SMALLEST = """(drawing) => Math.min(...[...drawing.querySelectorAll("text")].map((one) => {
  const { a, b } = one.getScreenCTM();
  return parseFloat(getComputedStyle(one).fontSize) * Math.hypot(a, b);
}))"""  # letters of a drawing as shown, in pixels
MEASURE = (
    f"() => {{ const smallest = {SMALLEST};"
    + """
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
    for (const one of body.querySelectorAll("svg")) {
      const letters = smallest(one);
      if (!one.parentElement.closest("svg") && letters < 7)
        wrong.push(`${slide.id}: letters of ${letters.toFixed(1)} px in a drawing`);
    }
  }
  return wrong;
}"""
)
CONTRASTS = """() => {
  const parts = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((one) => {
    const share = one / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const weights = [0.2126, 0.7152, 0.0722];
  const light = (color) => parts(color).reduce((sum, one, i) => sum + one * weights[i], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const words = "h1, h2, p, strong, th, td, figcaption, footer, button, output";
  return [...document.querySelectorAll(words)]
    .map((one) => light(getComputedStyle(one).color))
    .map((ink) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
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
