"""The built book in a real browser, served from this machine: what a reader sees."""

import functools
import http.server
import os
import threading

import pages
import pytest
from pages import HTML

from browser import find_browser, launch

pytestmark = pytest.mark.book

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PAGE_NAMES = pages.book_pages()

DECODE = """async () => {
  const bad = [];
  for (const image of document.querySelectorAll("article img")) {
    image.loading = "eager";
    try { await image.decode(); } catch (error) { bad.push(image.src + ": " + error.message); }
    if (!image.naturalWidth) bad.push(image.src + ": no width");
  }
  return bad;
}"""
WIDER_THAN_THE_PAGE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const clipped = (element) => {
    for (let up = element.parentElement; up && up !== page; up = up.parentElement)
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  return [page.scrollWidth + " > " + page.clientWidth].concat(
    [...document.querySelectorAll("article *")]
      .filter((e) => e.getBoundingClientRect().right > page.clientWidth + 1 && !clipped(e))
      .slice(0, 5).map((e) => e.tagName + "." + e.className));
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


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


class Visit:
    """An opened page, and what went wrong while it loaded."""

    def __init__(self, browser, url, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.problems = []
        self.host = url.split("/")[2]
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self.see_request)
        self.page.on("response", self.see_response)
        self.page.goto(url, wait_until="load")
        self.page.evaluate("() => window.MathJax?.startup?.promise?.then(() => true)")

    def hear(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def see_request(self, request):
        scheme, _, rest = request.url.partition("://")
        if scheme in ("http", "https", "ws", "wss") and rest.split("/")[0] != self.host:
            self.problems.append(f"asks another host: {request.url}")

    def see_response(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def math_problems(self):
        wanted = self.page.locator("article .math").count()
        found = self.page.locator("article .math mjx-container").count()
        wrong = self.page.locator("article mjx-merror, article [data-mjx-error]").count()
        problems = [] if found >= wanted else [f"{found} of {wanted} formulas are set"]
        return problems + ([f"{wrong} formulas have errors"] if wrong else [])

    def background(self):
        return self.page.evaluate("() => getComputedStyle(document.body).backgroundColor")

    def close(self):
        self.context.close()


@pytest.fixture
def visit(browser):
    opened = []

    def open_page(url, **options):
        opened.append(Visit(browser, url, **options))
        return opened[-1]

    yield open_page
    for one in opened:
        one.close()


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_page_on_a_desk(name, site, visit):
    opened = visit(f"{site}/{name}.html", viewport=DESK)
    assert opened.math_problems() == []
    assert opened.page.evaluate(DECODE) == []
    assert opened.page.evaluate(WIDER_THAN_THE_PAGE) == []
    assert opened.problems == []


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_page_on_a_phone(name, site, visit):
    opened = visit(f"{site}/{name}.html", viewport=PHONE, is_mobile=True, has_touch=True)
    assert opened.page.evaluate(WIDER_THAN_THE_PAGE) == []
    assert opened.problems == []


def test_the_theme_button_reaches_dark_and_light(site, visit):
    opened = visit(f"{site}/{PAGE_NAMES[0]}.html", viewport=DESK, color_scheme="light")
    seen = {}
    for _ in range(3):
        opened.page.locator("button.theme-switch-button:visible").first.click()
        theme = opened.page.evaluate("() => document.documentElement.dataset.theme")
        opened.page.wait_for_timeout(300)
        seen[theme] = opened.background()
    assert set(seen) == {"light", "dark"}
    assert seen["light"] != seen["dark"]


def test_search_finds_a_page(site, visit):
    opened = visit(f"{site}/search.html?q=RegNet", viewport=DESK)
    opened.page.locator("#search-results li").first.wait_for(timeout=10_000)
    assert opened.problems == []


FAULTS = {
    "console": "<script>console.error('broken')</script>",
    "script": "<script>undefined_name()</script>",
    "404": "<img src='missing.png' alt='x'>",
    "asks another host": "<img src='http://localhost:9/x.png' alt='x'>",
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_fault_is_seen(said, tmp_path, visit):
    """The checks above can fail: a page with one fault each."""
    (tmp_path / "page.html").write_text(f"<!doctype html><article>{FAULTS[said]}</article>")
    (tmp_path / "favicon.ico").touch()
    server = serve(tmp_path)
    opened = visit(f"http://127.0.0.1:{server.server_address[1]}/page.html")
    server.shutdown()
    server.server_close()
    assert any(problem.startswith(said) for problem in opened.problems), opened.problems


def test_faults_of_the_look_are_seen(tmp_path, visit):
    (tmp_path / "page.html").write_text(
        "<!doctype html><meta name=viewport content='width=device-width'><article>"
        "<div style='width: 900px'>wide</div><img src='x.png' alt='x'><span class=math>x</span>"
        "</article>"
    )
    (tmp_path / "x.png").write_text("not an image")
    server = serve(tmp_path)
    opened = visit(f"http://127.0.0.1:{server.server_address[1]}/page.html", viewport=PHONE)
    assert opened.math_problems() == ["0 of 1 formulas are set"]
    assert len(opened.page.evaluate(DECODE)) > 0
    assert opened.page.evaluate(WIDER_THAN_THE_PAGE)[1:] == ["DIV."]
    server.shutdown()
    server.server_close()
