"""Each page as axe-core judges it, by keyboard, and without motion."""

import pages
import pytest
from visiting import DESK, PHONE, Visit

pytestmark = pytest.mark.book

PAGE_NAMES = [*pages.book_pages(), "search", "genindex"]
VIEWS = {"desk": {"viewport": DESK}, "phone": {"viewport": PHONE, "is_mobile": True}}
# What is drawn in an SVG is hidden from readers' aids: the figure around it has the description.
# axe-core compares each element with each that is left out: so the drawings are left out whole,
# a few dozen, and what holds them is judged by itself.
ASK = """async (options) => {
  const drawing = "article svg[aria-hidden]";
  const look = (context) => axe.run(
    context, {resultTypes: ["violations"], preload: false, ...options});
  const found = [await look({exclude: [[drawing]]})];
  if (document.querySelector(drawing))
    found.push(await look({include: [[drawing]], exclude: [[`${drawing} > *`]]}));
  return found.flatMap((result) => result.violations)
    .filter((one) => one.impact !== "minor")
    .map((one) => `${one.impact} ${one.id}: ${one.nodes.slice(0, 3).map((n) => n.html)}`);
}"""
LIGHTER = """(() => {
  const kept = (Weak) => class extends Weak {
    key = Symbol();
    has(one) { return one != null && Object.hasOwn(one, this.key); }
    get(one) { return this.has(one) ? one[this.key] : undefined; }
    set(one, value) { one[this.key] = value; return this; }
    add(one) { return this.set(one, true); }
    delete(one) { return this.has(one) && delete one[this.key]; }
  };
  ((WeakMap, WeakSet) => {%s})(kept(WeakMap), kept(WeakSet));
})()"""
"""Around axe-core's source. It keeps its colors' private fields in weak maps, where a long page
spends half of its time; here they are kept with the objects themselves."""
COLORS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""All that light and dark can differ in."""


def violations(page, axe, options=None):
    """What axe-core finds on an open page, but for what it calls minor."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(LIGHTER % axe)
    return page.evaluate(ASK, options or {})


UNREACHED = """() => [...document.querySelectorAll("article *")].filter((box) =>
  box.scrollWidth > box.clientWidth && box.clientWidth > 0
  && /auto|scroll/.test(getComputedStyle(box).overflowX)
  && !(box.tabIndex >= 0 && box.getAttribute("aria-label"))).map((box) => box.outerHTML)"""
"""What scrolls sideways though no key gets there: axe-core 4.12 does not see all of it."""


FRAMEWORKS = {
    "PyTorch": ("framework", "pytorch"),
    "JAX nnx": ("framework", "nnx"),
    "JAX linen": ("framework", "linen"),
    "TensorFlow": ("framework", "tensorflow"),
    "MXNet": ("framework", "mxnet"),
}
"""The tabs of every tab set, with the group and key by which a choice is kept."""


STILL = "() => !document.getAnimations().some((one) => one instanceof CSSTransition)"
"""The theme lets colors fade: whether all have come to where they go."""


def darken(page):
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.wait_for_function(STILL)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGE_NAMES)
def test_axe_finds_nothing(name, view, site, visit, axe):
    opened = visit(f"{site}/{name}.html", color_scheme="light", **VIEWS[view])
    assert violations(opened.page, axe) == []
    assert opened.page.evaluate(UNREACHED) == []
    darken(opened.page)
    assert violations(opened.page, axe, COLORS) == []


FAULTS = {
    "serious color-contrast": "<p style='color: #999; background: #aaa'>text</p>",
    "critical image-alt": "<img src='data:,'>",
    "critical button-name": "<button></button>",
    "serious link-name": "<a href='#'></a>",
    "critical aria-required-children": "<div role='list'><p role='note'>text</p></div>",
}


@pytest.mark.parametrize("said", FAULTS)
def test_axe_finds_a_fault(said, site, visit, axe):
    """A page of the book with one fault more."""
    opened = visit(f"{site}/{PAGE_NAMES[0]}.html", **VIEWS["phone"])
    opened.page.evaluate(
        "(html) => document.querySelector('article').insertAdjacentHTML('beforeend', html)",
        FAULTS[said],
    )
    found = violations(opened.page, axe)
    assert [one.partition(":")[0] for one in found] == [said]


def test_a_fault_of_the_dark_is_found(site, visit, axe):
    opened = visit(f"{site}/{PAGE_NAMES[0]}.html", color_scheme="light", **VIEWS["desk"])
    opened.page.add_style_tag(content="html[data-theme=dark] article p {color: #333 !important}")
    assert violations(opened.page, axe, COLORS) == []
    darken(opened.page)
    assert violations(opened.page, axe, COLORS)[0].startswith("serious color-contrast")


def test_nothing_moves_for_those_who_ask_for_it(site, visit):
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
      const style = getComputedStyle(one);
      return style.scrollBehavior === "smooth" || style.animationName !== "none"
        || style.transitionDuration.split(", ").some((seconds) => parseFloat(seconds) > 0);
    }).map((one) => one.outerHTML.slice(0, 80))"""
    address = f"{site}/{PAGE_NAMES[1]}.html"
    assert visit(address, reduced_motion="no-preference").page.evaluate(moving) != []
    assert visit(address, reduced_motion="reduce").page.evaluate(moving) == []


def test_a_comma_stays_with_its_formula():
    access = pytest.importorskip("access")
    formula = '<span class="math notranslate nohighlight">x</span>'
    html = f"{formula}, {formula}-value {formula} more"
    kept = '<span class="kept">'
    assert access.cured(html) == (
        f"{kept}{formula},</span> {kept}{formula}-value</span> {formula} more"
    )


def test_what_scrolls_sideways_is_reached_by_keyboard(site, visit):
    """On a phone a wide figure is a stop with a name; on a desk, where it fits, it is none."""
    address = f"{site}/chapters/stem.html#fig-template"
    figure = visit(address, **VIEWS["phone"]).page.locator("#fig-template")
    assert figure.get_attribute("tabindex") == "0"
    assert "scrolls sideways" in figure.get_attribute("aria-label")
    figure = visit(address, **VIEWS["desk"]).page.locator("#fig-template")
    assert figure.get_attribute("tabindex") is None


def test_the_chosen_framework_stays_chosen(site, visit):
    """By arrow keys in one chapter; the others, and the same one again, show what was chosen."""
    page = visit(f"{site}/chapters/stem.html", **VIEWS["desk"]).page
    shown = "() => [...document.querySelectorAll('.sd-tab-set > input:checked + label')]"
    shown += ".map((one) => one.textContent.trim())"
    assert page.evaluate(shown) == ["PyTorch"]
    page.locator("details:has(.sd-tab-set) > summary").first.press("Enter")
    page.locator(".sd-tab-set > input").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    for name in ("stem", "stages", "anynet"):
        page.goto(f"{site}/chapters/{name}.html")
        assert page.evaluate(shown) == ["TensorFlow"], name


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_tab_of_a_framework_knows_the_others(name):
    """All tab sets offer the same frameworks, in the same order, under the same keys."""
    page = pages.parse((pages.HTML / f"{name}.html").read_text(encoding="utf-8"))
    for tabs in page.select(".sd-tab-set"):
        found = {
            one.get_text(strip=True): (one.get("data-sync-group"), one.get("data-sync-id"))
            for one in tabs.find_all("label", class_="sd-tab-label", recursive=False)
        }
        assert found == FRAMEWORKS
        assert list(found) == list(FRAMEWORKS)


# --- figures in a dialog, and previews: from a server and as files -------------------------------


@pytest.fixture(params=["server", "file"])
def stem(request, site, browser):
    """A chapter with figures, citations and equations, opened in both ways a reader may."""
    base = {"server": site, "file": pages.HTML.as_uri()}[request.param]
    opened = Visit(browser, f"{base}/chapters/stem.html", viewport=DESK)
    yield opened.page
    assert opened.problems == []
    opened.close()


def test_a_figure_is_enlarged_and_put_back(stem):
    figure = stem.locator("#fig-template")
    place = "(figure) => [...figure.children].map((one) => one.tagName)"
    before, small = figure.evaluate(place), figure.locator("img").bounding_box()
    button = figure.get_by_role("button", name="Enlarge Fig. 1.1")
    button.focus()
    stem.keyboard.press("Enter")
    dialog = stem.get_by_role("dialog", name="Fig. 1.1")
    assert dialog.locator("img").bounding_box()["width"] > 1.3 * small["width"]
    assert "The template." in dialog.inner_text()
    stem.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert button.evaluate("(one) => one === document.activeElement")
    assert figure.evaluate(place) == before
    button.click()
    dialog.get_by_role("button", name="Close").click()
    assert figure.locator("img").bounding_box()["width"] == small["width"]


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (".bibtex-citation a", "Designing network design spaces"),
        ('a[href="#fig-template"]:has(.std-numref)', "The template."),
        ('a.reference[href^="#equation-"]', "(1."),
    ],
)
def test_a_preview_comes_and_goes(stem, link, shown):
    found, preview = stem.locator(f"article {link}").first, stem.get_by_role("tooltip")
    found.scroll_into_view_if_needed()
    found.hover()
    preview.wait_for()
    assert shown in preview.text_content()
    preview.hover()  # it stays while one reads it
    stem.wait_for_timeout(500)
    assert preview.is_visible()
    stem.keyboard.press("Escape")
    assert preview.count() == 0
    stem.mouse.move(0, 0)
    stem.keyboard.press("Tab")  # focus that comes by keyboard shows it too
    found.focus()
    assert preview.is_visible()
    assert found.get_attribute("aria-describedby") == preview.get_attribute("id")
    stem.keyboard.press("Tab")
    assert found.get_attribute("aria-describedby") is None


def test_a_preview_of_an_explorer_is_its_drawing_alone(site, visit):
    page = visit(f"{site}/chapters/constraints.html", **VIEWS["desk"]).page
    page.keyboard.press("Tab")
    page.locator('article a.reference[href="#fig-edf-ordered"]').first.focus()
    preview = page.get_by_role("tooltip")
    assert preview.locator("svg").first.is_visible()
    assert preview.locator(".explorer, input, select, pre").count() == 0


def test_an_open_preview_is_sound(stem, axe):
    stem.keyboard.press("Tab")
    stem.locator('article a[href="#fig-template"]:has(.std-numref)').first.focus()
    assert stem.get_by_role("tooltip").is_visible()
    assert violations(stem, axe) == []


def test_without_scripts_the_figures_stand(site, visit):
    opened = visit(f"{site}/chapters/stem.html", viewport=DESK, java_script_enabled=False)
    assert opened.page.locator("#fig-template img").is_visible()
    assert opened.page.get_by_role("button", name="Enlarge").count() == 0
