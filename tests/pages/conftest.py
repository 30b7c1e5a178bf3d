"""What the tests that look at pages in a browser share."""

from importlib.resources import files

import pytest
from pages import HTML
from visiting import Visit, serve

from explored import chromium, opened


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
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser, address):
    """The page at `address`, a fixture of the module, which must complain of nothing."""
    with opened(browser, address) as (page, problems):
        yield page
        assert problems == []


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
