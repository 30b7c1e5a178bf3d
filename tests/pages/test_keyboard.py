"""Every page by keyboard alone: what Tab reaches is seen, shows that it has the focus, lets go."""

import pages
import pytest
from visiting import DESK

pytestmark = pytest.mark.book

PAGE_NAMES = [*pages.book_pages(), "search", "genindex"]
SMALL = {"width": 320, "height": 700}
VIEWS = {
    "desk, light": {"viewport": DESK, "color_scheme": "light"},
    "phone, dark": {"viewport": SMALL, "is_mobile": True, "color_scheme": "dark"},
}

WALK = """async () => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => channels(color).slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (one) => {
    const color = getComputedStyle(one).backgroundColor;
    const last = (channels(color)[3] ?? 1) > 0.5 || !one.parentElement;
    return last ? color : ground(one.parentElement);
  };
  const contrast = (...colors) => {
    const [dark, bright] = colors.map(light).sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const said = (one) => `${one.outerHTML.slice(0, 120)} (${one.textContent.trim().slice(0, 30)})`;
  const problems = [];
  const stops = document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]");
  for (const one of stops) {
    if (one.tabIndex > 0) problems.push(`out of order: ${said(one)}`);
    if (one.tabIndex < 0 || one.disabled) continue;
    one.focus();
    if (document.activeElement !== one) continue;  // what is not shown takes no focus
    const seen = one.matches(".sd-tab-set > input") ? one.nextElementSibling : one;
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(seen);
    const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1
      && !outlineColor.endsWith(", 0)");
    if (!outlined && boxShadow === "none") problems.push(`shows no focus: ${said(one)}`);
    else if (outlined && contrast(outlineColor, ground(seen.parentElement)) < 3)
      problems.push(`shows its focus faintly: ${said(one)}`);
    const title = one.closest(".admonition.toggle")?.querySelector(".admonition-title");
    if (title && getComputedStyle(title, "::before").outlineStyle !== "none")
      problems.push(`has a second mark of its focus: ${said(one)}`);
    if (one.matches(".cell_output .copybtn, mjx-container:not([data-scrolls])"))
      problems.push(`is in the way: ${said(one)}`);
    const { left, top, right, bottom } = seen.getBoundingClientRect();
    const room = one.parentElement.getBoundingClientRect();
    if (one.matches(".toggle-button") && bottom > room.bottom + 1)
      problems.push(`hangs out of its title: ${said(one)}`);
    if (right - left < 2 || bottom - top < 2 || !seen.checkVisibility({
      opacityProperty: true, visibilityProperty: true }))
      problems.push(`has the focus unseen: ${said(one)}`);
    else if (right <= 0 || left >= innerWidth || bottom <= 0 || top >= innerHeight)
      problems.push(`has the focus off the screen: ${said(one)}`);
  }
  return problems;
}"""
"""What is wrong with the stops of an open page, each focused as Tab would."""

BOTH_WAYS = ("Tab", "Shift+Tab")
FOCUSED = "(element) => element === document.activeElement"
FOCUS = f"(element) => {{ element.focus(); return ({FOCUSED})(element); }}"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_stop_is_seen(name, view, site, visit):
    page = visit(f"{site}/{name}.html", reduced_motion="reduce", **VIEWS[view]).page
    page.keyboard.press("Tab")  # from now on the focus is a keyboard's
    first = page.evaluate("() => document.activeElement.textContent.trim()")
    assert first == "Skip to main content"
    assert page.evaluate(WALK) == []
    if view == "desk, light":
        kept = [one for one in controls(page) for keys in BOTH_WAYS if keeps(page, one, keys)]
        assert kept == []


def controls(page):
    """Whatever listens to keys, and might keep those that lead on.

    Each once and for all: a locator would search the page again for every question.
    """
    return page.query_selector_all(
        "article [role=slider], article input, article select, article summary, .nw-row button"
    )


def keeps(page, control, keys):
    if not control.evaluate(FOCUS):
        return False
    page.keyboard.press(keys)
    return control.evaluate(FOCUSED)


def test_the_skip_link_leads_to_the_text(site, visit):
    page = visit(f"{site}/{PAGE_NAMES[1]}.html", viewport=DESK).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => Boolean(document.activeElement.closest('main'))")
    assert page.evaluate("() => !document.activeElement.closest('.bd-sidebar-primary')")


@pytest.mark.parametrize("name", ["Toggle primary sidebar", "Toggle secondary sidebar", "Search"])
def test_a_dialog_gives_the_focus_back(name, site, visit):
    address, view = f"{site}/{PAGE_NAMES[1]}.html", VIEWS["phone, dark"]
    page = visit(address, reduced_motion="reduce", **view).page
    button = page.get_by_role("button", name=name).locator("visible=true").first
    for leave in ([], ["Tab"]):
        button.focus()
        page.keyboard.press("Enter")
        page.locator("dialog[open]").wait_for()
        for key in (*leave, "Escape"):
            page.keyboard.press(key)
        page.locator("dialog[open]").wait_for(state="detached")
        page.wait_for_function(FOCUSED, arg=button.element_handle())


@pytest.mark.parametrize("name", ["Color mode", "Toggle primary sidebar"])
def test_a_button_keeps_the_focus(name, site, visit):
    page = visit(f"{site}/{PAGE_NAMES[1]}.html", **VIEWS["desk, light"]).page
    button = page.get_by_role("button", name=name).locator("visible=true").first
    for _ in range(2):
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
        assert button.evaluate(FOCUSED)


@pytest.mark.parametrize("how", ["focus", "hover"])
def test_escape_puts_a_tooltip_away(how, site, visit):
    page = visit(f"{site}/{PAGE_NAMES[1]}.html", **VIEWS["desk, light"]).page
    getattr(page.get_by_role("button", name="Color mode").locator("visible=true").first, how)()
    tooltip = page.locator(".tooltip.show")
    tooltip.wait_for()
    page.keyboard.press("Escape")
    tooltip.wait_for(state="detached")


FAULTS = {
    "out of order": "<a href='#x' tabindex='2'>x</a>",
    "shows no focus": "<a href='#x' style='outline: 0 !important'>x</a>",
    "shows its focus faintly": "<a href='#x' style='outline-color: #ccc'>x</a>",
    "has a second mark of its focus": "<div class='admonition toggle'><b class='admonition-title'>"
    "<style>b::before { outline: solid !important }</style><a href='#x'>x</a></b></div>",
    "hangs out of its title": "<p style='height: 9px'><button class='toggle-button' "
    "style='position: relative; top: 30px'>x</button></p>",
    "is in the way": "<mjx-container tabindex='0'>x</mjx-container>",
    "has the focus unseen": "<a href='#x' style='opacity: 0'>x</a>",
    "has the focus off the screen": "<a href='#x' style='position: fixed; left: -99px'>x</a>",
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_fault_is_found(said, site, visit):
    page = visit(
        f"{site}/{PAGE_NAMES[0]}.html", **VIEWS["desk, light"], reduced_motion="reduce"
    ).page
    page.keyboard.press("Tab")
    page.evaluate(
        "(html) => document.querySelector('article').insertAdjacentHTML('beforeend', html)",
        FAULTS[said],
    )
    (problem,) = page.evaluate(WALK)
    assert problem.startswith(said)
