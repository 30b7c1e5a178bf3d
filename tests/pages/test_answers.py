"""Exercises answered in the page: the same sentences as `check`, in a form for everybody."""

import random
import re
from pathlib import Path

import pytest
from test_access import COLORS, VIEWS, darken, violations

from designspaces import check
from designspaces.book import sheets
from designspaces.book.exercises import chapter_names

SCRIPT = Path(__file__).parents[2] / "_extra" / "_static" / "answers.js"
EXERCISES = {
    name: one for chapter in chapter_names() for name, one in sheets.exercises_of(chapter).items()
}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I)
TYPED = """ |  |a|true|None|nan|inf|1e999|-1|0|1|7|0.1|1e3|1.|.5|5,|1 2|1,2|0, 1, 2|1, 2, 3, 4|
8 24 113 75|8 24 113.0 75|0,894|
1_000|0x10|1e|²|1,234|1,23|−2|"supported"|Supported |yes|a, b, c|abg|B, d|z|a.b.c|
f.b.0.weight|<b>|'', ""|9999999999999999999999"""


def value(text, exercise):
    """What a reader would hand to `check` in a cell who typed this in the form."""
    text = re.sub(r"""["'`()\[\]{}]""", " ", text).replace("\u2212", "-").strip()
    if exercise.kind not in ("number", "whole"):
        return text
    if exercise.count == 1:
        thousands = re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", text)
        bare = text.replace(",", "") if thousands else text
        return number(bare)
    return [number(part) for part in re.split(r"[\s,;]+", text) if part]


def number(text):
    if not NUMBER.fullmatch(text):
        return text
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def tried(exercise):
    """Answers to try: in each case, at its ends, beside it, rounded, and things that are none."""
    draw = random.Random(0)
    texts = [text.strip("\n") for text in TYPED.split("|")]
    for case in exercise.cases():
        middle = [at(one, 0.5, exercise, draw) for one in case.where]
        texts.append((".", ", ")[exercise.kind != "name"].join(middle))
        for _ in range(6 if exercise.kind in ("number", "whole") else 0):
            places = [draw.choice([0, 0.2, 0.9, 1, 1.1, 3]) for _ in case.where]
            items = [at(*one, exercise, draw) for one in zip(case.where, places, strict=True)]
            texts.append(" ".join(items))
    return list(dict.fromkeys(texts))


def at(where, place, exercise, draw):
    """An item at some place in its span, from 0 to 1, or beyond."""
    if where is None or isinstance(where, str):
        return where or draw.choice(["3", "8", "24", "40", "75"])
    low, high = (max(-1e15, min(1e15, end)) for end in where)
    number = low + place * (high - low) if low < high else low + max(0, place - 1)
    if exercise.kind == "whole" or (number == int(number) and place != 0.5):
        return str(int(number))
    return repr(float(number)) if place in (0, 0.5, 1) else f"{number:.3g}"


@pytest.fixture(scope="module")
def answered(browser, tmp_path_factory):
    """What the page says to answers, in a page of all exercises that is opened as a file."""
    folder = tmp_path_factory.mktemp("answers")
    made = sheets.scripts(rounds=30)  # a page of the book takes more
    boxes = "".join(f'<div class="exercise"><p>check("{name}", x)</p></div>' for name in EXERCISES)
    for chapter, script in made.items():
        (folder / f"{chapter}.html").write_text(
            f"<!doctype html><title>x</title><article>{boxes}</article><script>{script}</script>"
            f"<script>{SCRIPT.read_text('utf-8')}</script>",
            encoding="utf-8",
        )
    page = browser.new_page()

    def ask(name, texts):
        page.goto((folder / f"{name.split('-')[0]}.html").as_uri())
        return page.evaluate(ASK, [name, texts])

    yield ask
    page.close()


ASK = """([name, texts]) => {
  const box = [...document.querySelectorAll(".exercise")].find((one) =>
    one.textContent.includes(`"${name}"`));
  const [input, button, output] = box.querySelectorAll("input, button, output");
  return texts.map((text) => { input.value = text; button.click(); return output.textContent; });
}"""


@pytest.mark.parametrize("name", EXERCISES)
def test_the_page_says_what_check_says(name, answered, capsys):
    texts = tried(EXERCISES[name])
    said = {}
    for text in texts:
        check(name, value(text, EXERCISES[name]))
        said[text] = capsys.readouterr().out.rstrip("\n")
    assert dict(zip(texts, answered(name, texts), strict=True)) == said
    hints = {f"Not yet: {case.said}" for case in EXERCISES[name].cases() if case.said}
    assert {"Right.", *hints} - {*said.values()} == set(), "answers that were not tried"


# --- the built page ------------------------------------------------------------------------------


@pytest.mark.book
@pytest.mark.parametrize("chapter", sorted({name.split("-")[0] for name in EXERCISES}))
def test_every_exercise_of_a_chapter_has_its_form(chapter, site, visit):
    opened = visit(f"{site}/chapters/{chapter}.html", **VIEWS["desk"])
    asked = [name for name in EXERCISES if name.startswith(f"{chapter}-")]
    forms = opened.page.locator("article .exercise form.answer")
    texts = opened.page.locator("article .exercise:has(form.answer)").all_inner_texts()
    assert forms.count() == len(texts) == len(asked)
    assert [name for name in asked if f'check("{name}"' not in "".join(texts)] == []
    assert opened.problems == []


@pytest.fixture
def stages(site, visit):
    return visit(f"{site}/chapters/stages.html", color_scheme="light", **VIEWS["phone"]).page


@pytest.mark.book
def test_without_scripts_the_page_has_no_forms(site, visit):
    address = f"{site}/chapters/stages.html"
    page = visit(address, java_script_enabled=False, **VIEWS["desk"]).page
    assert page.locator("article .exercise").count() == 3
    assert page.locator("article .exercise form").count() == 0


@pytest.mark.book
def test_an_answer_by_keyboard(stages):
    form = stages.locator("form.answer").first
    field = form.get_by_role("textbox", name="Your answer (four whole numbers, with commas)")
    field.focus()
    stages.keyboard.type("40, 5, 3, 3")
    stages.keyboard.press("Enter")
    said = form.get_by_role("status")
    assert said.inner_text() == "Not yet: " + EXERCISES["stages-weight"]([40, 5, 3, 3])
    stages.keyboard.press("Backspace")  # what was said is not said of another answer
    assert said.inner_text() == ""
    field.fill("(40, 8, 3, 3)")
    stages.keyboard.press("Tab")
    assert form.get_by_role("button", name="Check").evaluate("(e) => e === document.activeElement")
    stages.keyboard.press("Space")
    assert said.inner_text() == "Right."


@pytest.mark.book
def test_an_answered_form_is_sound(stages, axe):
    form = stages.locator("form.answer").first
    form.get_by_role("textbox").fill("40, 8")
    form.get_by_role("button").click()
    assert form.get_by_role("status").is_visible()
    assert violations(stages, axe) == []
    darken(stages)
    assert violations(stages, axe, COLORS) == []


@pytest.mark.book
def test_a_form_is_as_narrow_as_the_page_and_not_printed(stages):
    stages.set_viewport_size({"width": 320, "height": 800})
    form = stages.locator("form.answer").last
    form.get_by_role("button").click()
    width = "() => [document.documentElement.scrollWidth, innerWidth]"
    assert stages.evaluate(width) == [320, 320]
    stages.emulate_media(media="print")
    assert not form.is_visible()


@pytest.mark.book
def test_an_answer_is_remembered(stages):
    field = stages.locator("form.answer").nth(1).get_by_role("textbox")
    field.fill("64")
    stages.keyboard.press("Enter")
    stages.reload()
    assert field.input_value() == "64"


@pytest.mark.book
def test_answers_are_asked_where_nothing_may_be_kept(site, browser):
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    )
    page = context.new_page()
    page.goto(f"{site}/chapters/clusters.html")
    form = page.locator("form.answer").first
    form.get_by_role("textbox").fill("0.5")
    form.get_by_role("button").click()
    assert form.get_by_role("status").inner_text() == "Right."
    context.close()
