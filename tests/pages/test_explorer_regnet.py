"""The RegNet explorer and the walk through a network, driven in a browser from a file."""

import re
import sys

import numpy as np
import pytest
from pages import HTML

from designspaces.designs.regnet import REGNETX32
from designspaces.figures.explorers.network import walk
from designspaces.figures.explorers.regnet import explore
from designspaces.populations.population import FOLDER, STUDY_FOLDER, Population
from explored import TOO_SMALL_FOR_FINGERS, opened, scroll_from, write

pytestmark = pytest.mark.usefixtures("first_study_alone")

PHONE = {"viewport": {"width": 320, "height": 700}, "is_mobile": True, "has_touch": True}
SETTING = (
    "#regnet?depth=10&w_0=32&w_a=5&w_m=2.5&group_width=16&bottleneck_ratio=1&stem_width=32"
    "&stem_stride=2&se_ratio=0&resolution=96&in_channels=1&num_classes=10"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page with the explorer, then the walk."""
    population = Population.recorded("AnyNetX_D", "RegNetX")
    explorers = explore("RegNetX-3.2GF", population), walk(REGNETX32, 96, name="RegNetX32")
    return write(tmp_path_factory.mktemp("explorers"), *explorers)


def counts(page) -> list[str]:
    return page.locator(".rx-counts b").all_text_contents()


def number(page, field):
    return page.locator(f'input[type=number][data-field="{field}"]')


def slider(page, field):
    return page.locator(f'input[type=range][data-field="{field}"]')


FOCUSED = """() => {
  const { dataset, className, tagName, type } = document.activeElement;
  return [dataset.field || dataset.light || className || tagName, type].join();
}"""


def test_it_begins_with_the_network_named(page):
    assert counts(page) == ["15,296,552", "3,176,622,952", "11,367,432"]
    assert page.locator(".rx-preset").input_value() == "RegNetX-3.2GF"
    assert not page.locator(".explorer-still").first.is_visible()
    rows = page.locator(".rx-stages tbody tr").all_inner_texts()
    assert [row.split("\t")[:4] for row in rows] == [
        ["1", "2", "88", "96"], ["2", "6", "200", "192"],
        ["3", "15", "448", "432"], ["4", "2", "1000", "1008"],
    ]  # fmt: skip
    assert page.evaluate("location.hash") == ""


def test_published_networks_can_be_chosen(page):
    page.locator(".rx-preset").select_option("RegNetY-400MF")
    assert counts(page) == ["4,344,144", "401,849,056", "3,892,496"]
    assert page.locator("[data-field=se_ratio]").is_checked()
    assert "25.898%" in page.locator(".rx-about").inner_text()
    page.locator("[data-field=se_ratio]").uncheck()
    assert page.locator(".rx-preset").input_value() == ""
    assert page.locator(".rx-about").inner_text() == ""


def test_everything_is_reached_and_moved_by_keys_alone(page):
    page.locator(".rx-preset").focus()
    seen, lives = [], page.locator(".rx-live")
    for _ in range(45):
        seen.append(page.evaluate(FOCUSED))
        page.keyboard.press("Tab")
    for wanted in (
        "depth,range",
        "depth,number",
        "resolution,number",
        "u,button",
        "near,button",
        "se_ratio,checkbox",
        "rx-panels,",
        "rx-load,button",
        "SUMMARY,",
        "A,",
    ):
        assert wanted in seen, wanted
    slider(page, "depth").focus()
    before = counts(page)
    page.keyboard.press("ArrowRight")
    assert number(page, "depth").input_value() == "26"
    assert counts(page) != before
    assert slider(page, "depth").get_attribute("aria-valuetext") == "26"
    page.wait_for_function("document.querySelector('.rx-live').textContent.includes('4 stages')")
    assert "multiply-adds" in lives.text_content()


def test_blocks_are_walked_by_keys(page):
    panels = page.locator(".rx-panels")
    panels.focus()
    page.keyboard.press("Home")
    assert panels.get_attribute("aria-valuetext").startswith("block 0: on the line 88, power 0")
    for key, block in {"ArrowRight": 1, "End": 24, "ArrowLeft": 23, "PageDown": 13}.items():
        page.keyboard.press(key)
        assert panels.get_attribute("aria-valuenow") == str(block)
    assert "88 + 26.31 · 13 = 430.03" in page.locator("[data-light=u]").inner_text()
    assert panels.get_attribute("aria-valuemax") == "24"


def test_equations_light_what_they_say(page):
    opacity = "(s) => getComputedStyle(document.querySelector(s)).opacity"
    page.emulate_media(reduced_motion="reduce")
    for light, kept, dimmed in (
        ("u", ".rx-u", ".rx-w"),
        ("s", ".rx-s", ".rx-u"),
        ("w", ".rx-w", ".rx-s"),
    ):
        button = page.locator(f"[data-light={light}]").last
        button.focus()
        assert page.evaluate(opacity, kept) == "1"
        assert page.evaluate(opacity, dimmed) == "0.15"
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    page.locator(".rx-preset").focus()
    assert page.evaluate(opacity, ".rx-s") == "0.15", "a pressed one stays lit"
    button.press("Enter")
    page.locator(".rx-preset").focus()
    assert page.evaluate(opacity, ".rx-s") == "1"
    page.locator("[data-light=near]").focus()
    assert page.locator(".rx-other").is_visible()


BROKEN = {
    "w_0": ("30", "w_0 is 30; expected a multiple of 8."),
    "w_m": ("1", "w_m is 1; expected a number above 1."),
    "depth": ("2.5", "depth is 2.5; expected a positive integer."),
    "bottleneck_ratio": ("1.5", "stage 1: bottleneck_ratio is 1.5; expected a whole number or"),
    "resolution": ("3", "stage 2: cannot halve a resolution of 1x1; expected a larger input image"),
    "group_width": ("", "group_width is empty; expected a number."),
}


@pytest.mark.parametrize("field", BROKEN)
def test_a_setting_that_cannot_be_built_keeps_the_last_drawing(page, field):
    text, message = BROKEN[field]
    drawn = page.locator(".rx-panels").inner_html()
    number(page, field).fill(text)
    assert page.locator(".rx-problem").inner_text().startswith(message)
    assert number(page, field).get_attribute("aria-invalid") == "true"
    assert page.locator(".rx-panels").inner_html() == drawn
    assert page.evaluate("location.hash") == "", "the address has what can be shown"
    page.wait_for_function("document.querySelector('.rx-live').textContent.startsWith('No such')")
    page.locator(".rx-preset").select_option("RegNetX32")
    assert not page.locator(".rx-problem").is_visible()
    assert number(page, field).get_attribute("aria-invalid") is None
    assert counts(page)[0] == "177,322"


def test_a_line_of_too_many_stages_says_how_many(page):
    number(page, "w_m").fill("1.0001")
    text = page.locator(".rx-problem").inner_text()
    assert "cannot halve a resolution of 1x1" in text
    assert re.search(r"stride of 1\. This line has \d\d stages\. Shown is", text)
    number(page, "w_m").fill("1")
    assert "stages" not in page.locator(".rx-problem").inner_text()


def test_the_address_has_the_setting_and_brings_it_back(page, browser, address):
    number(page, "w_a").fill("12.5")
    number(page, "depth").fill("17")
    kept = page.evaluate("location.href")
    assert "#regnet?depth=17&w_0=88&w_a=12.5&" in kept
    assert page.locator(".rx-code a").get_attribute("href") == kept[kept.index("#") :]
    with opened(browser, kept) as (again, problems):
        assert counts(again) == counts(page)
        assert number(again, "w_a").input_value() == "12.5"
        again.evaluate("hash => { location.hash = hash }", SETTING)
        again.wait_for_function("document.querySelector('.rx-preset').value === 'RegNetX32'")
        assert problems == []


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("#regnet?d=10&w0=32", "it has no number for depth"),
        (SETTING + "&zoom=2", "zoom is unknown"),
        (SETTING.replace("w_0=32", "w_0=30"), "w_0 is 30; expected a multiple of 8"),
        (SETTING.replace("se_ratio=0", "se_ratio=0.7"), "its images or its se_ratio"),
        (SETTING.replace("depth=10", "depth=<b>"), "it has no number for depth"),
    ],
)
def test_an_old_or_foreign_address_is_told_and_the_default_shown(browser, address, mark, said):
    with opened(browser, address + mark) as (page, problems):
        note = page.locator(".rx-note").inner_text()
        assert said in note
        assert note.endswith("This is RegNetX-3.2GF.")
        assert counts(page)[0] == "15,296,552"
        assert problems == []


def test_the_address_of_a_figure_is_left_alone(browser, address):
    with opened(browser, address + "#fig-larger-steps") as (page, _):
        assert not page.locator(".rx-note").is_visible()


def apart(widths, depths, other_widths, other_depths) -> float:
    """The distance by its definition, with shares of the depth taken one by one."""
    a, b = (np.repeat(w, d) for w, d in ((widths, depths), (other_widths, other_depths)))
    at = (np.arange(len(a) * len(b)) + 0.5) / (len(a) * len(b))
    ratio = a[(at * len(a)).astype(int)] / b[(at * len(b)).astype(int)]
    return np.abs(np.log(ratio)).mean() + abs(np.log(len(a) / len(b)))


def test_the_nearest_trained_network_is_the_nearest(page):
    population = Population.recorded("AnyNetX_D", "RegNetX")
    for name in ("RegNetX32", "RegNetX-200MF", "RegNetY-16GF"):
        page.locator(".rx-preset").select_option(name)
        text = page.locator(".rx-near").inner_text()
        (id_,) = re.findall(r"\w+/\d+/\d+/\d+", text)
        rows = page.locator(".rx-stages tbody tr").all_inner_texts()
        depths, widths = np.array([row.split("\t") for row in rows])[:, [1, 3]].T.astype(int)
        distances = {
            record.id: apart(widths, depths, record.network.widths, record.network.depths)
            for record in population
        }
        assert distances[id_] == pytest.approx(min(distances.values()))
        assert f"error {100 * population.records[id_].val_error:.2f}%" in text


def test_a_trained_regnet_can_be_taken_up(page):
    page.locator(".rx-preset").select_option("RegNetX32")
    slider(page, "depth").press("End")
    record = Population.recorded().records[
        re.search(r"\w+/\d+/\d+/\d+", page.locator(".rx-near").inner_text())[0]
    ]
    page.locator(".rx-load").click()
    assert counts(page) == [f"{n:,}" for n in (record.params, record.flops, record.activations)]
    assert page.locator(".rx-about").inner_text() == ""
    text = page.locator(".rx-near").inner_text()
    assert record.id in text
    assert text.endswith("It is this network.")
    number(page, "group_width").fill("1")
    text = page.locator(".rx-near").inner_text()
    assert "and the same widths. Bottlenecks and groups are not compared." in text
    assert "It is this network" not in text


def test_the_code_builds_what_is_shown(page):
    from designspaces.designs import regnet
    from designspaces.designs.complexity import complexity

    page.locator(".rx-preset").select_option("RegNetY-600MF")
    number(page, "bottleneck_ratio").fill("0.5")
    code = page.locator(".rx-code code").inner_text()
    built = eval(code, {"regnet": regnet})
    assert f"{complexity(built, 224, 3, 1000).params:,}" == counts(page)[0]


# --- the walk -------------------------------------------------------------------------------------


def block(page, name):
    return page.locator(f'.explorer-network [aria-label^="{name}"]')


def test_a_block_opens_with_its_layers(page):
    first = block(page, "stage 2, block 1 of 6")
    assert first.get_attribute("aria-expanded") == "false"
    first.click()
    assert first.get_attribute("aria-expanded") == "true"
    rows = page.locator(".nw-panel tbody tr").all_inner_texts()
    assert rows[1] == "3x3 convolution in groups\t80 × 12²\t11,680\t1,658,880"
    assert len(rows) == 4
    assert "takes 32 × 24 × 24 and puts out 80 × 12 × 12" in page.locator(".nw-told").inner_text()
    first.click()
    assert page.locator(".nw-panel tr").count() == 0


def test_arrow_keys_go_from_block_to_block(page):
    stem = block(page, "stem")
    stem.focus()
    path = {
        "ArrowRight": "stage 1, block 1",
        "ArrowDown": "stage 2, block 1",
        "End": "head",
        "ArrowLeft": "stage 2, block 6",
        "ArrowUp": "stage 2, block 1",
        "Home": "stem",
    }
    for key, name in path.items():
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.ariaLabel").startswith(name)
    assert page.locator(".explorer-network .nw-row [tabindex='0']").count() == 1, "one stop of Tab"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    opened_ = page.locator(".explorer-network [aria-expanded=true]")
    assert opened_.get_attribute("aria-label").startswith("stage 1, block 1"), "it goes along"
    page.keyboard.press("Escape")
    assert opened_.count() == 0


def test_boxes_are_to_scale(page):
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".explorer-network .nw-box")].map((box) =>
          [parseFloat(box.style.height), parseFloat(box.style.width)])"""
    )
    image, stem, stage_1, stage_2 = (sizes[i] for i in (0, 1, 2, 6))
    assert image[0] == pytest.approx(2 * stem[0]) == pytest.approx(4 * stage_1[0])
    assert stage_2[1] == pytest.approx(2.5 * stage_1[1], rel=0.01)


def test_the_explorer_walks_through_its_own_network(page):
    page.locator(".rx-preset").select_option("RegNetX32")
    page.locator(".rx-walk summary").click()
    page.locator(".rx-walk [data-block]").first.wait_for()
    assert page.locator(".rx-walk [data-block]").count() == 12
    page.locator(".rx-walk [aria-label^='stage 2, block 2']").click()
    slider(page, "depth").press("ArrowRight")
    assert page.locator(".rx-walk [data-block]").count() == 13
    opened_ = page.locator(".rx-walk [aria-expanded=true]")
    assert opened_.get_attribute("aria-label").startswith("stage 2, block 2 of 7")


# --- wherever it is read --------------------------------------------------------------------------


def test_nothing_is_wider_than_a_phone(browser, address):
    with opened(browser, address, **PHONE) as (page, problems):
        page.locator(".rx-walk summary").click()
        page.locator("[aria-label^='stage 3, block 1 ']").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        assert page.evaluate(TOO_SMALL_FOR_FINGERS) == []
        number(page, "w_0").fill("30")
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        assert problems == []


def test_on_a_phone_a_broken_rule_is_told_where_the_reader_is(browser, address):
    with opened(browser, address, **PHONE) as (page, _):
        number(page, "resolution").fill("1")
        page.locator(".rx-choices").evaluate("(one) => one.scrollIntoView()")
        box = page.locator(".rx-problem").bounding_box()
        assert box["y"] > 0
        assert box["y"] + box["height"] <= 700
        controls = page.locator(".rx-controls").bounding_box()
        assert controls["y"] + controls["height"] > 700, "its own place is below"


def test_on_a_phone_an_equation_stands_below_the_drawings_that_it_lights(browser, address):
    with opened(browser, address, **PHONE) as (page, _):
        heights = page.locator(".rx-panels svg").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().height)"
        )
        assert max(heights) < 180
        last, first = (page.locator(one) for one in (".rx-panels svg", "[data-light=s]"))
        drawn, equation = last.last.bounding_box(), first.bounding_box()
        assert 0 < equation["y"] + equation["height"] - drawn["y"] < 400
    with opened(browser, address) as (page, _):
        assert page.locator(".rx-panels svg").first.bounding_box()["height"] > 200


def test_a_finger_that_scrolls_moves_no_slider(browser, address):
    with opened(browser, address, **PHONE) as (page, problems):
        for field in ("depth", "w_m"):
            place, before = slider(page, field), counts(page)
            value = place.input_value()
            scroll_from(page, place, 0.9)
            assert (place.input_value(), counts(page)) == (value, before)
        assert problems == []


GAPS = """() => [...document.querySelectorAll(".rx-panels svg")].flatMap((drawing) => {
  const boxes = [...drawing.querySelectorAll("text.rx-mid")].map((one) => one.getBBox());
  return boxes.slice(1).map((box, i) => box.x - boxes[i].x - boxes[i].width)
    .filter((gap, i) => Math.abs(boxes[i].y - boxes[i + 1].y) < 2);
})"""


@pytest.mark.parametrize("width", [320, 390, 1000])
def test_labels_of_stages_stay_apart(browser, address, width):
    with opened(browser, address, viewport={"width": width, "height": 700}) as (page, _):
        for name in page.locator(".rx-preset option").all_inner_texts()[1:]:
            page.locator(".rx-preset").select_option(name)
            assert min(page.evaluate(GAPS), default=9) > 3, name


def test_without_scripts_the_figures_and_their_tables_stand(browser, address):
    with opened(browser, address, java_script_enabled=False) as (page, problems):
        stills = page.locator(".explorer-still")
        assert stills.count() == 2
        for i in range(2):
            assert stills.nth(i).locator("[role=img] svg").first.is_visible()
            stills.nth(i).locator("summary").click()
            assert stills.nth(i).locator("table").is_visible()
        assert page.locator(".rx, .nw").count() == 0
        assert problems == []


def test_print_leaves_out_what_cannot_be_pressed(page):
    page.emulate_media(media="print")
    assert page.locator(".rx-panels svg").first.is_visible()
    assert page.locator(".rx-stages table").is_visible()
    assert not page.locator(".rx-controls").is_visible()
    for pressed in (".rx-code button", ".rx-code a", ".rx-load"):
        assert page.locator(pressed).count() == 1
        assert not page.locator(pressed).is_visible()


def test_it_runs_in_a_frame_without_an_address(browser, tmp_path, monkeypatch):
    """As on Colab, where each output is such a frame."""
    monkeypatch.setitem(sys.modules, "google.colab", object())
    framed = tmp_path / "framed.html"
    framed.write_text(explore("RegNetX32")._repr_mimebundle_()["text/html"], encoding="utf-8")
    with opened(browser, framed.as_uri()) as (page, problems):
        inside = page.frame_locator("iframe")
        inside.locator('input[type=number][data-field="depth"]').fill("12")
        assert inside.locator(".rx-stages tbody tr").count() == 2
        assert not inside.locator(".rx-code a").is_visible(), "it would lead out of the frame"
        assert problems == []


@pytest.mark.book
@pytest.mark.parametrize(
    ("name", "made"), [("index", ".rx"), ("chapters/regnet", ".rx"), ("chapters/anynet", ".nw")]
)
def test_on_the_built_page(browser, name, made):
    with opened(browser, (HTML / f"{name}.html").as_uri()) as (page, problems):
        assert page.locator(made).first.is_visible()
        assert page.locator(f"figure:has({made}) figcaption").count() >= 1
        assert problems == []


@pytest.mark.book
def test_on_the_first_page_it_stands_below_the_books_own_result(browser):
    with opened(browser, (HTML / "index.html").as_uri()) as (page, problems):
        result, explorer = (page.locator(one) for one in ("#fig-last-step", "#fig-explorer"))
        assert explorer.bounding_box()["y"] > result.bounding_box()["y"] > 900
        number(page, "depth").fill("12")
        page.keyboard.press("Tab")
        assert "regnet.generate(12, " in page.locator(".rx-code code").inner_text()
        assert page.url.partition("#")[2].startswith("regnet?depth=12&")
        near = page.locator(".rx-near").inner_text()
        told = re.match(
            r"The nearest trained network is (\w+/(\d)/\d+/\d+) of the (\w+) study: ", near
        )
        name, sample, study = told.groups()
        files = {"first": FOLDER, "second": STUDY_FOLDER / "primary"}[study].glob("*.jsonl")
        assert name in Population.load(*files)
        assert study == ("first", "second")[int(sample)]
        assert problems == []


def test_a_page_says_where_the_explorer_is_missing(monkeypatch):
    directive = pytest.importorskip("explorer", reason="of _ext")
    assert directive.drawn("RegNetX-400MF").astext().startswith('<div class="explorer ')
    monkeypatch.setitem(sys.modules, "designspaces.figures.explorers.regnet", None)
    monkeypatch.setenv("BOOK_PROFILE", "quick")
    with pytest.raises(ImportError):
        directive.drawn("RegNetX-400MF")
    monkeypatch.setenv("BOOK_PROFILE", "preview")
    assert directive.drawn("RegNetX-400MF").astext() == directive.MISSING
