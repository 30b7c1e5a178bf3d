"""The built book in a real browser, served from this machine: what a reader sees."""

import pages
import pytest
from visiting import DESK, PHONE, Visit, serve

pytestmark = pytest.mark.book

PAGE_NAMES = pages.book_pages()
SHARED_LIMIT = 1_600_000  # bytes of all that a page loads beside itself and its figures

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


@pytest.fixture(scope="module", params=PAGE_NAMES)
def desk(request, site, browser):
    """A page, opened once for both of the next two tests."""
    opened = Visit(browser, f"{site}/{request.param}.html", viewport=DESK)
    yield opened
    opened.close()


def own(address: str) -> bool:
    return address.endswith(".html") or "/_images/" in address


def test_a_page_and_what_it_shares_are_light(desk):
    weights = desk.weights()
    assert any(address.endswith("all.css") for address in weights)
    mine = sum(weight for address, weight in weights.items() if own(address))
    assert mine <= pages.WEIGHT_LIMIT
    assert sum(weights.values()) - mine <= SHARED_LIMIT, sorted(
        weights.items(), key=lambda w: -w[1]
    )


def test_page_on_a_desk(desk):
    assert desk.math_problems() == []
    assert desk.page.evaluate(DECODE) == []
    assert desk.page.evaluate(WIDER_THAN_THE_PAGE) == []
    assert desk.problems == []


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_page_on_a_phone(name, site, visit):
    opened = visit(f"{site}/{name}.html", viewport=PHONE, is_mobile=True, has_touch=True)
    assert opened.page.evaluate(WIDER_THAN_THE_PAGE) == []
    assert opened.problems == []


CUT_FORMULAS = """() => [...document.querySelectorAll("article span.math")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
  .map((one) => one.textContent)"""


@pytest.mark.parametrize("name", ["chapters/regnet", "chapters/family"])
def test_without_scripts_a_narrow_phone_shows_formulas_whole(name, site, visit):
    narrow = {"width": 320, "height": 700}
    opened = visit(f"{site}/{name}.html", viewport=narrow, java_script_enabled=False)
    assert opened.page.evaluate(CUT_FORMULAS) == []
    assert opened.page.evaluate(WIDER_THAN_THE_PAGE) == []


def test_the_theme_button_reaches_dark_and_light(site, visit):
    options = {"viewport": DESK, "color_scheme": "light", "reduced_motion": "reduce"}
    opened = visit(f"{site}/{PAGE_NAMES[0]}.html", **options)
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


def test_the_magnifying_glass_stands_before_the_words(site, visit):
    page = visit(f"{site}/search.html", viewport=DESK).page
    form = page.locator("main form.bd-search")
    glass, field = (form.locator(one).bounding_box() for one in ("i", "input"))
    assert glass["x"] + glass["width"] <= field["x"]


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
