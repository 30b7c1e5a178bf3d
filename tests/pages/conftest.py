"""What the tests that look at pages in a browser share."""

import os
from importlib.resources import files

import pytest
from pages import HTML
from visiting import Visit, serve

from browser import find_browser, launch


@pytest.fixture(scope="module")
def site():
    if not HTML.is_dir():
        pytest.fail(f"no built book at {HTML}; `make test` builds it, BOOK_HTML names another")
    server = serve(HTML)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    if find_browser() is None and not os.environ.get("CI"):
        pytest.skip("no chromium, chromium-browser or google-chrome on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = launch(driver)  # in CI its absence is an error
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe():
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.fixture
def visit(browser):
    opened = []

    def open_page(url, **options):
        opened.append(Visit(browser, url, **options))
        return opened[-1]

    yield open_page
    for one in opened:
        one.close()
