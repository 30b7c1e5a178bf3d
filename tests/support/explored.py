"""An explorer as a page of its own, opened as a file in the browser that tests of pages use."""

import os
from contextlib import contextmanager

import pytest

from browser import find_browser, launch

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>An explorer</title>
<body><main>{}</main>"""


UNPACKED = "() => Promise.all([...document.querySelectorAll('.explorer')].map((one) => one.given))"
"""Explorers begin when their data are unpacked, a moment after their page has come."""


TOO_SMALL_FOR_FINGERS = """() => [...document.querySelectorAll(
  ".explorer :is(a, button, input, select, summary)")].filter((one) => one.checkVisibility())
  .map((one) => [one.className || one.type || one.tagName, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 24)
  .map(([name, box]) => `${name} ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
"""What one presses that is less than 24 CSS pixels wide or high (WCAG 2.2, 2.5.8)."""


@contextmanager
def chromium():
    """A browser; without one the test is skipped, but in CI its absence is an error."""
    if find_browser() is None and not os.environ.get("CI"):
        pytest.skip("no chromium, chromium-browser or google-chrome on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = launch(driver)
        yield browser
        browser.close()


def write(folder, *explorers) -> str:
    """The address of a file in `folder` that shows the explorers."""
    path = folder / "explorer.html"
    path.write_text(PAGE.format("\n".join(one.html() for one in explorers)), encoding="utf-8")
    return path.as_uri()


@contextmanager
def opened(browser, address, **options):
    """A page, and a list of what it complained about or asked the network for."""
    context = browser.new_context(**{"viewport": {"width": 1000, "height": 900}} | options)
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("console", lambda said: said.type == "error" and problems.append(said.text))
    page.on("request", lambda asked: asked.url.startswith("file:") or problems.append(asked.url))
    page.goto(address)
    if options.get("java_script_enabled", True):
        page.evaluate(UNPACKED)
    yield page, problems
    context.close()


def scroll_from(page, place, share: float) -> None:
    """A finger put down on an element, at a share of its width, and drawn up as one scrolls."""
    place.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box, before = place.bounding_box(), page.evaluate("scrollY")
    x, y = box["x"] + share * box["width"], box["y"] + box["height"] / 2
    driver = page.context.new_cdp_session(page)
    for step in range(14):
        kind = ("touchStart", *["touchMove"] * 12, "touchEnd")[step]
        points = [] if kind == "touchEnd" else [{"x": x, "y": y - 10 * step}]
        driver.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function("before => scrollY !== before", arg=before)


def to_hash(page, value: str) -> None:
    """Change the hash of the page's address, and wait until the page has answered."""
    page.evaluate(
        """value => new Promise((done) => {
          addEventListener("hashchange", () => setTimeout(done), { once: true });
          location.hash = value;
        })""",
        value,
    )
