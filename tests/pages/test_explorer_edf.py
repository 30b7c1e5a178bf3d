"""The EDF explorer, driven in a browser from a file, as a reader would."""

import json
import re
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import unquote

import pytest
from pages import HTML

from designspaces.designs.architecture import Architecture
from designspaces.figures.explorers.edf import edf_explorer
from designspaces.figures.explorers.regnet import explore
from designspaces.figures.populations import edf_panels
from designspaces.judging.claims import CONTROLS, PRIMARY, evaluate
from designspaces.judging.properties import nearest_line
from designspaces.judging.telling import table
from designspaces.populations.population import Population
from explored import TOO_SMALL_FOR_FINGERS, opened, scroll_from, to_hash, write
from second import make_second, record_second

pytestmark = pytest.mark.usefixtures("first_study_alone")

SPACES = ["AnyNetX_C", "AnyNetX_D", "AnyNetX_C_equal_widths"]
SMALL = {"viewport": {"width": 320, "height": 700}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def population():
    recorded = Population.recorded(*SPACES)
    return Population(r for space in SPACES for r in list(recorded.space(space))[:30])


@pytest.fixture(scope="module")
def findings(population):
    return evaluate(population, (*PRIMARY, *CONTROLS))


@pytest.fixture(scope="module")
def address(population, findings, tmp_path_factory):
    """A page with two explorers: C and D of three curves, and D alone."""
    still = edf_panels(population, {"C to D": SPACES[:2]}, "one")
    one = edf_explorer(still, population, SPACES, "one", findings, shown=SPACES[:2])
    other = edf_panels(population, {"D": SPACES[1:2]}, "two")
    two = edf_explorer(other, population, SPACES[1:2], "two", findings, mine=[0.135])
    return write(tmp_path_factory.mktemp("explorers"), one, two)


def ranked(population, space):
    return sorted(population.space(space), key=lambda record: record.val_error)


def chart(page, which=0):
    return page.locator(".edf-chart").nth(which)


def curve(page, name):
    """The box that shows or hides a curve."""
    return page.locator(".edf-curves label", has_text=re.compile(rf"\s{name}\s")).first.locator(
        "input"
    )


def told(page, which=0):
    """The id of the network that is shown."""
    return page.locator(".edf pre code").nth(which).text_content().rpartition("# ")[2]


def reach(page, *keys):
    chart(page).focus()
    for key in keys:
        page.keyboard.press(key)
    return told(page)


def test_keys_reach_every_network_of_a_curve_in_order(page, population):
    expected = [record.id for record in ranked(population, SPACES[0])]
    assert reach(page, "Home") == expected[0]
    assert [expected[0]] + [reach(page, "ArrowRight") for _ in expected[1:]] == expected
    assert reach(page, "ArrowRight") == expected[-1]
    assert reach(page, "PageDown") == expected[-11]
    assert reach(page, "PageDown", "PageUp", "ArrowLeft") == expected[-12]
    assert reach(page, "End") == expected[-1]


def test_up_and_down_change_the_curve_near_the_same_error(page, population):
    before = population.records[reach(page, "Home", "PageUp")]
    after = population.records[reach(page, "ArrowDown")]
    assert (before.space, after.space) == tuple(SPACES[:2])
    least = min(abs(r.val_error - before.val_error) for r in population.space(SPACES[1]))
    assert abs(after.val_error - before.val_error) == pytest.approx(least, abs=1e-6)
    assert population.records[reach(page, "ArrowDown")].space == SPACES[0]


def test_it_is_one_tab_stop_and_says_what_it_shows(page, population):
    first = ranked(population, SPACES[0])[0]
    reach(page, "Home")
    slider = page.get_by_role("slider", name="Network").first
    words = slider.get_attribute("aria-valuetext")
    assert words == (
        f"C, network {first.index} of sample 0: error {100 * first.val_error:.1f}%, 0 of 30 are "
        f"better, {first.network.depth} blocks"
    )
    assert [slider.get_attribute(f"aria-value{one}") for one in ("min", "now", "max")] == [
        "1",
        "1",
        "30",
    ]
    assert page.locator(".edf-chart[tabindex], .edf-chart [tabindex]").count() == 2
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Copy as Python"


def test_facts_of_a_network_are_those_of_its_record(page, population):
    record = population.records[reach(page, "Home", "ArrowRight")]
    network, line = record.network, nearest_line(record)
    text = page.locator(".edf-one").first.inner_text()
    for words in (
        ", ".join(map(str, network.depths)),
        ", ".join(map(str, network.widths)),
        f"{record.params:,}",
        f"{record.flops:,}",
        f"{record.activations:,}",
        f"missed by {line.percent:.1f}".removesuffix(".0"),
        f"{record.seconds:.1f}".removesuffix(".0"),
        "1 thread\n",
        record.commit[:12],
        json.loads(record.to_line())["digest"],
    ):
        assert words in text
    assert "Recipe “population”: epochs 1, batch size 128, lr 0.1" in page.content()
    bars = page.locator(".edf-shape").first.locator("rect")
    heights = [float(bar.get_attribute("height")) for bar in bars.all()]
    widths = network.block_widths
    assert [height / heights[0] for height in heights] == pytest.approx(
        [width / widths[0] for width in widths], rel=1e-6
    )


STEPS = """() => {
  const path = document.querySelector(".edf-nearest").getAttribute("d");
  return [...path.matchAll(/(?:M\\S+ |V)([\\d.]+)H/g)].map((found) => Number(found[1]));
}"""


def test_the_dashed_steps_are_the_nearest_line(page, population):
    for key in ("Home", *["ArrowRight"] * 12):
        record = population.records[reach(page, key)]
        heights = [156 - y for y in page.evaluate(STEPS)]
        line = nearest_line(record).widths
        assert [height / heights[0] for height in heights] == pytest.approx(
            list(line / line[0]), rel=1e-6
        )


def test_the_copied_lines_build_the_network(page, population):
    pytest.importorskip("torch")
    for key in ("Home", "End", "ArrowDown"):
        record, scope = population.records[reach(page, key)], {}
        exec(page.locator(".edf pre code").first.text_content(), scope)
        assert scope["network"].architecture == record.network


def test_the_button_copies_or_selects(page):
    page.get_by_role("button", name="Copy as Python").first.click()
    page.locator(".edf-take button", has_text=re.compile("Copied|Selected")).first.wait_for()


def test_the_row_comes_as_json(page, population, tmp_path):
    record = population.records[reach(page, "Home")]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Its row as JSON").first.click()
    assert waiting.value.suggested_filename == record.id.replace("/", "-") + ".json"
    waiting.value.save_as(tmp_path / "row.json")
    row = json.loads((tmp_path / "row.json").read_text("utf-8"))
    assert (row["id"], row["space"], row["recipe"]) == (record.id, record.space, record.recipe)
    assert row["error_percent"] == pytest.approx(100 * record.val_error, abs=1e-4)
    assert row["digest"] == json.loads(record.to_line())["digest"]
    assert row["study"] == "first study"
    for name in ("sample_seed", "index", "seed", "device", "commit", "modified"):
        assert row[name] == getattr(record, name)
    for name in ("params", "flops", "activations"):
        assert row[name] == getattr(record, name)
    stages = len(row["depths"])
    groups, ratios = (
        row[name] if isinstance(row[name], list) else [row[name]] * stages
        for name in ("group_widths", "bottleneck_ratios")
    )
    body = {name: row[name] for name in ("stem_width", "stem_stride")}
    assert record.network == Architecture.from_lists(
        row["depths"], row["widths"], groups, ratios, **body
    )


def test_a_pointer_finds_the_step_under_it_and_a_click_holds_it(page):
    box = chart(page).bounding_box()
    before = told(page)
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.6)
    hovered = told(page)
    assert hovered != before
    assert "#" not in page.url  # to look is not to choose
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.2)
    assert told(page) == hovered
    assert f"network={hovered}" in page.url


def test_two_curves_show_their_difference_as_it_stands_in_the_claims(page, findings):
    (row,) = table([findings["C-D"]])
    words = page.locator(".edf-pair").first.inner_text()
    for name in ("claim", "here", "verdict"):
        assert row[name] in words
    assert page.locator(".edf-pair circle").count() == 1
    curve(page, "equal widths").check()
    assert "Choose two curves" in page.locator(".edf-pair").first.inner_text()
    curve(page, "D").uncheck()
    assert "was not among the claims" in page.locator(".edf-pair").first.inner_text()
    curve(page, "D").check()
    curve(page, "C").uncheck()
    (row,) = table([findings["C-equal-widths"]])
    assert row["here"] in page.locator(".edf-pair").first.inner_text()
    heard = "text => document.querySelector('.edf-live').textContent.includes(text)"
    page.wait_for_function(heard, arg=row["verdict"])  # said when the reader has paused


def test_both_studies_are_shown_and_told_apart(browser, population, tmp_path, monkeypatch):
    """Each says whose it is; the claims of each are told, none across them; links lead back."""
    networks = [record for record in population if record.space in SPACES[:2]]
    second = make_second(networks, better=0.01)
    record_second(monkeypatch, tmp_path, second)
    two = SPACES[:2]
    still = edf_panels(population, {"C to D": two}, "both")
    both = edf_explorer(still, population, two, "both", evaluate(population, PRIMARY))
    with opened(browser, write(tmp_path, both)) as (page, problems):
        text = page.locator(".edf-curves").inner_text()
        assert "The first study, median errors:" in text
        assert "The second study, median errors:" in text
        pair = page.locator(".edf-pair")
        assert "(primary, first study)" in pair.inner_text()
        assert "Difference of medians" in pair.inner_text()
        for name in ("C, second", "D"):
            curve(page, name).click()
        assert "They are of two studies" in pair.inner_text()
        curve(page, "D, second").check()
        curve(page, "C").uncheck()
        assert "(primary, second study)" in pair.inner_text()
        assert "Difference of capped means" in pair.inner_text()
        shown = reach(page, "Home")
        assert shown == ranked(Population(second), two[0])[0].id
        assert page.locator(".edf-recipe").inner_text().startswith("Of the second study. Recipe")
        with opened(browser, page.url) as (again, _):
            assert told(again) == shown
            assert again.locator(".edf-note:visible").count() == 0
            checked = [box.is_checked() for box in again.get_by_role("checkbox").all()]
            assert checked == [False, False, True, True]
        assert problems == []


def test_a_second_study_that_grows_says_so(browser, population, tmp_path, monkeypatch):
    two = SPACES[:2]
    networks = [record for space in two for record in list(population.space(space))[:20]]
    record_second(monkeypatch, tmp_path, make_second(networks))
    still = edf_panels(population, {"C to D": two}, "both")
    with opened(browser, write(tmp_path, edf_explorer(still, population, two, "both"))) as (
        page,
        _,
    ):
        assert page.locator(".edf-waiting:visible").inner_text() == (
            "The second study: 20 of 30 networks a space so far; drawn when all are trained."
        )
        assert page.get_by_role("checkbox").count() == 2


@pytest.mark.parametrize("width", [320, 1000])
def test_a_curve_that_waits_has_a_line_of_its_own(
    width, browser, population, tmp_path, monkeypatch
):
    """Its words are longer than a column; boxes stay of one size."""
    two = SPACES[:2]
    networks = [record for space in two for record in population.space(space)]
    record_second(monkeypatch, tmp_path, [])
    still, second = edf_panels(population, {"C to D": two}, "both"), make_second(networks[:50])
    both = edf_explorer(still, population, two, "both", second=Population(second))
    address = write(tmp_path, both)
    with opened(browser, address, **SMALL | {"viewport": {"width": width, "height": 700}}) as (
        page,
        _,
    ):
        assert page.locator(".edf-waiting:visible").count() == 0
        label = page.locator(".edf-curves label", has_text="20 of 30 networks")
        assert label.locator("input").is_disabled()
        whole = page.locator(".edf-curves").bounding_box()["width"]
        assert label.bounding_box()["width"] == pytest.approx(whole, abs=1)
        sides = page.locator(".edf-curves input").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().width)"
        )
        assert sides == [24] * 4


def test_the_last_curve_cannot_be_put_out(page):
    curve(page, "D").uncheck()
    curve(page, "C").click()
    assert curve(page, "C").is_checked()


def test_the_best_share_is_that_of_the_networks(page, population):
    reach(page, "Home")
    page.get_by_label("The best").first.fill("10")
    share = page.locator(".edf-share").first.inner_text()
    assert "of C: 3 networks" in share
    assert "the other 27" in share
    best = sorted(record.network.depth for record in ranked(population, SPACES[0])[:3])
    assert f"\n{best[1]}, rest" in page.locator(".edf-strips div").first.inner_text()
    assert "best=10" in page.url


def test_an_address_brings_everything_back(page, browser, population):
    curve(page, "equal widths").check()
    page.get_by_label("The best").first.fill("40")
    shown = reach(page, "End", "ArrowDown", "Home", "ArrowRight")
    with opened(browser, page.url) as (again, problems):
        assert told(again) == shown
        assert [
            box.is_checked() for box in again.locator(".edf").first.get_by_role("checkbox").all()
        ] == [True] * 3
        assert again.get_by_label("The best").first.input_value() == "40"
        assert again.locator(".edf-note:visible").count() == 0
        assert problems == []


def test_each_of_two_explorers_has_its_own_address(page, browser, population):
    first = told(page)
    second = ranked(population, SPACES[1])[3].id
    to_hash(page, f"two?network={second}")
    assert (told(page), told(page, 1)) == (first, second)
    link = page.locator(".edf-link").first.get_attribute("href")
    assert link == f"#one?network={first}"
    to_hash(page, "a-section")
    assert (told(page), told(page, 1)) == (first, second)
    assert page.locator(".edf-note:visible").count() == 0


@pytest.mark.parametrize("begin", ["", "#one?network=AnyNetX_C/0/9999/9999"])
def test_an_address_whose_explorer_is_gone_is_told_by_the_first(begin, browser, address):
    said = "The address asks for “gone?network=x”, whose explorer is not on this page."
    with opened(browser, address + begin) as (page, problems):
        to_hash(page, "gone?network=x")
        page.locator(".edf-note:visible", has_text=said).wait_for()
        assert page.locator(".edf-note:visible").count() == 1
        assert page.locator(".edf").first.locator(".edf-note").is_visible()
        to_hash(page, "a-section")
        assert page.locator(".edf-note:visible").count() == 0
        assert problems == []
    with opened(browser, f"{address}#gone?network=x") as (page, _):
        page.locator(".edf-note:visible", has_text=said).wait_for()


def test_an_address_of_the_regnet_explorer_is_not_gone(browser, population, tmp_path):
    still = edf_panels(population, {"C": SPACES[:1]}, "one")
    edf = edf_explorer(still, population, SPACES[:1], "one")
    with opened(browser, write(tmp_path, edf, explore("RegNetX32")) + "#regnet?depth=3") as (
        page,
        _,
    ):
        page.locator(".rx-note:visible").wait_for()
        assert page.locator(".edf-note:visible").count() == 0


@pytest.mark.parametrize(
    "query",
    [
        "network=AnyNetX_C/0/9999/9999",
        "network=",
        "curves=AnyNetX_Q",
        "curves=",
        "best=7",
        "best=x",
        "colour=blue",
        "network=%E0%A4%A",
    ],
)
def test_an_address_of_before_is_answered_by_the_default(query, browser, address, page):
    default = told(page)
    with opened(browser, f"{address}#one?{query}") as (old, problems):
        note = old.locator(".edf-note:visible").text_content()
        assert note == f"The address asks for “{query}”, which is not here. This is the default."
        assert told(old) == default
        assert reach(old, "ArrowRight") != default
        assert old.locator(".edf-note:visible").count() == 0
        assert problems == []


AT_THE_TOP = "one => { const { top } = one.getBoundingClientRect(); return top >= 0 && top < 200 }"
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


BESIDE = """() => {
  const cells = [...document.querySelectorAll(".edf-rows table:not(:first-child) tr")]
    .map((row) => [row.lastElementChild, row.firstElementChild].map((one) => {
      const words = document.createRange();
      words.selectNodeContents(one);
      return words.getBoundingClientRect();
    }));
  const lefts = cells.map(([, first]) => first.left);
  const reaches = ([last, first]) =>
    lefts.some((left) => left > first.left + 9 && left < last.right);
  return cells.filter(reaches).length;
}"""


@pytest.mark.parametrize("width", [600, 684, 900])
def test_columns_of_the_printed_table_stay_apart(browser, address, width):
    with opened(browser, address, viewport={"width": width, "height": 900}) as (page, _):
        page.emulate_media(media="print")
        assert page.evaluate(BESIDE) == 0


def test_a_narrow_phone_scrolls_nothing_sideways_and_a_touch_picks(browser, address):
    with opened(browser, address, **SMALL) as (page, problems):
        assert page.evaluate(WIDE) == 0
        before = told(page)
        box = chart(page).bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.7)
        assert told(page) != before
        page.locator("details").first.evaluate("(one) => (one.open = true)")
        assert page.evaluate(WIDE) == 0
        assert page.evaluate(TOO_SMALL_FOR_FINGERS) == []
        assert problems == []


@pytest.mark.parametrize("part", [".edf-chart", ".edf-share input"])
def test_a_finger_that_scrolls_chooses_nothing(part, browser, address):
    with opened(browser, address, **SMALL) as (page, problems):
        place = page.locator(part).first
        before = told(page), page.get_by_label("The best").first.input_value()
        scroll_from(page, place, 0.8)
        assert (told(page), page.get_by_label("The best").first.input_value()) == before
        assert problems == []


def test_without_a_script_the_figure_and_its_table_stand(browser, address, population):
    with opened(browser, address, java_script_enabled=False) as (page, problems):
        assert page.locator(".picture:visible").count() == 2
        assert page.locator(".edf").count() == 0
        page.locator("summary").first.click()
        rows = page.locator("details").first.locator(".edf-rows tbody tr:visible")
        assert rows.count() == len(SPACES) + len(population)
        assert problems == []


def test_in_print_the_figure_and_its_table_stand(page):
    assert page.locator(".picture:visible").count() == 0
    page.emulate_media(media="print")
    assert page.locator(".picture:visible").count() == 2
    assert page.locator(".edf:visible").count() == 0
    assert page.locator(".edf-rows:visible").count() == 2
    page.emulate_media(media="screen")
    assert page.locator(".edf-rows:visible").count() == 0


def test_where_there_is_no_network_the_still_figure_stays(browser, population, tmp_path):
    still = edf_panels(Population(), {"nothing": SPACES[:2]}, "none")
    empty = edf_explorer(still, Population(), SPACES[:2], "none")
    with opened(browser, write(tmp_path, empty)) as (page, problems):
        assert page.locator(".picture:visible").count() == 1
        assert problems == []


def test_one_network_an_empty_space_and_one_that_diverged(browser, population, tmp_path):
    one = replace(next(iter(population)), status="diverged", val_error=0.9)
    broken = replace(next(iter(population.space(SPACES[1]))), device=None)
    few = Population([one, broken])
    still = edf_panels(Population([one]), {"C to D": SPACES[:2]}, "few")
    with opened(browser, write(tmp_path, edf_explorer(still, few, SPACES[:2], "few"))) as (
        page,
        problems,
    ):
        assert "diverged, counted as error 90.0%" in page.locator(".edf-name").inner_text()
        assert page.get_by_label("D no networks yet").is_disabled()
        assert f"{broken.id}: lacks device" in page.locator(".edf-left").inner_text()
        for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "Home", "PageUp"):
            assert reach(page, key) == one.id
        assert "NaN" not in page.content()
        assert problems == []


def test_in_a_sandboxed_frame_as_on_colab(browser, address, population, tmp_path):
    inner = Path(unquote(address.removeprefix("file://"))).read_text("utf-8")
    frame = f'<iframe sandbox="allow-scripts" srcdoc="{escape(inner, quote=True)}"></iframe>'
    (tmp_path / "frame.html").write_text(f"<!doctype html><title>x</title>{frame}", "utf-8")
    with opened(browser, (tmp_path / "frame.html").as_uri()) as (page, problems):
        inside = page.frame_locator("iframe")
        slider = inside.locator(".edf-chart").first
        slider.focus()
        slider.press("Home")
        assert (
            ranked(population, SPACES[0])[0].id in inside.locator("pre code").first.text_content()
        )
        assert inside.locator(".edf-link:visible").count() == 0, "it would lead out of the frame"
        assert problems == []


@pytest.mark.book
@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("distributions", "fig-edf-with-mine"),
        ("constraints", "fig-edf-ordered"),
        ("regnet", "fig-edf-regnet"),
    ],
)
def test_a_built_page_has_its_explorer(name, figure, browser):
    path = HTML / "chapters" / f"{name}.html"
    if not path.is_file():
        pytest.fail(f"no built page at {path}; `make test` builds it, BOOK_HTML names another")
    with opened(browser, path.as_uri()) as (page, problems):
        place = page.locator(f"#{figure}")
        place.locator(".edf-chart").focus()
        page.keyboard.press("Home")
        assert "0 of" in place.locator(".edf-name").inner_text()
        assert place.locator(".picture:visible").count() == 0
        assert place.locator("figcaption").count() == 1
        assert problems == []
        with opened(browser, page.url) as (again, _):
            again.evaluate("() => window.MathJax.startup.promise")  # then the page has moved
            link = again.locator(f"#{figure} .edf-link").get_attribute("href")
            assert page.url.endswith(link)
            # an address leads to its explorer
            again.wait_for_function(
                AT_THE_TOP, arg=again.locator(f"#{figure} .edf").element_handle()
            )
