"""The slides of a small book: what they show, what they leave to the notes, that they fit."""

import re
from pathlib import Path

import pytest

pytest.importorskip("bs4", reason="the book's environment is not installed")

from bs4 import BeautifulSoup

import links
from built import Page, parts, prefix_ids, text_of
from slides import talk
from slides.__main__ import decks, write
from slides.collect import collect, lead, of_section, task
from slides.deck import Deck
from slides.sentences import sentences, split
from small_book import small_book

ROOT = Path(__file__).resolve().parents[2]
TALK = {
    "title": "A talk",
    "minutes": 5,
    "parts": [
        {"part": "Rules", "until": 3, "show": [{"rule": ["fig-wide"]}, {"use": ["here"]}]},
        {"part": "End", "until": 5, "show": [{"use": ["what-to-take-along"]}]},
    ],
}


@pytest.fixture
def book(tmp_path):
    return small_book(tmp_path)


@pytest.fixture
def rule(book):
    html, _ = book
    return collect(Page(html / "chapters" / "rule.html", "chapters/rule"), "A small book")


@pytest.fixture
def use(book):
    html, _ = book
    return collect(Page(html / "chapters" / "use.html", "chapters/use"), "A small book")


def said(slide):
    return [text_of(point) for point in slide.points]


def test_slides_follow_the_sections(rule):
    assert [slide.id for slide in rule] == [
        "rule",
        "the-rule",
        "the-rule-2",
        "the-rule-3",
        "the-rule-4",
        "inside",
        "exercises",
    ]
    assert rule[0].title == "State a rule"
    assert said(rule[0]) == ["After this chapter you can state a rule."]


def test_terms_stand_on_the_slide_with_what_they_lean_on(rule):
    assert said(rule[1]) == [
        "Networks get wider.",
        "This is called a rule [A, 2020].",
        "It has a number:",
    ]
    assert rule[1].shown[0]["id"] == "equation-wide"
    assert "<strong>rule</strong>." in Deck("rule", "State a rule", rule).html()


def test_a_figure_is_asked_about_and_comes_without_controls(rule):
    figure = rule[2].shown[0]
    assert said(rule[2]) == ["Which one wins?"]
    assert len(figure.select("svg")) == 2
    assert figure.find(["details", "script"]) is None
    assert "The upper one is better." in [text_of(note) for note in rule[2].notes]


def test_tables_and_tagged_code_are_shown_and_other_code_is_not(rule):
    assert [text_of(cell) for cell in rule[3].shown[0].select("th, td")] == [
        "name",
        "error",
        "A",
        "12.5",
    ]
    assert text_of(rule[4].shown[0]) == "shown = 1"
    assert not any("print(1)" in text_of(one) for slide in rule for one in slide.body)


def test_prose_of_left_out_sections_is_not_lost(rule):
    assert "The same." in [text_of(note) for note in rule[5].notes]
    assert said(rule[6]) == ["Count. How many?"]
    assert not any("Two." in text_of(one) for slide in rule for one in slide.body + slide.notes)


@pytest.mark.parametrize(("name", "end"), [("Count", "."), ("How many?", "")])
def test_an_exercise_is_called_by_its_title(name, end):
    sentence = BeautifulSoup("<p>Take two.</p>", "html.parser").p
    assert text_of(lead(name, sentence)) == f"{name}{end} Take two."


def test_marked_sentences_come_instead_of_terms(use):
    assert said(use[1]) == ["This one is marked."]
    assert 'class="slide"' not in "".join(str(note) for note in use[1].notes)
    assert said(use[2]) == ["First.", "Second, too."]


def test_what_is_marked_stands_on_the_first_slide_that_has_room_for_it():
    """Once: above the figure it is before, or on the slide of what follows it. No table is bare."""
    html = """<section id="s"><h2>S</h2><p><span class="quoted">One.</span></p>
<figure><img src="a.svg"/></figure><p><span class="quoted">Two.</span> Not this.</p>
<table><tr><td>1</td></tr></table><p>Nothing.</p><table><tr><td>2</td></tr></table></section>"""
    slides = of_section(BeautifulSoup(html, "html.parser").section, "S", "c")
    assert [said(slide) for slide in slides] == [["One."], ["Two."], ["Nothing."]]


@pytest.mark.parametrize(
    ("first", "more"),
    [
        ("An <strong>opinion</strong>.", ["One.", "Two."]),
        ("An <strong>opinion</strong>, is it?", []),
        ("<span class='quoted'>An opinion.</span>", []),
        (f"{'A long ' * 20}<strong>opinion</strong>.", []),
    ],
)
def test_a_slide_of_few_words_goes_on_with_how_each_paragraph_begins(first, more):
    html = f"""<section id="s"><h2>S</h2><p>{first}</p><p><em>One.</em> Said why.</p>
<p>This leans on it. No.</p><p>Look:</p><p>Two. And more.</p></section>"""
    (slide,) = of_section(BeautifulSoup(html, "html.parser").section, "S", "c")
    assert said(slide)[1:] == more


def slides_of(html):
    section = BeautifulSoup(f"<section id='s'><h2>S</h2>{html}</section>", "html.parser")
    return of_section(section.section, "S", "c")


FORMULA = "<div class='math'>x</div>"
TABLE = "<div class='cell'><table><tr><td>1</td></tr></table></div>"


@pytest.mark.parametrize(
    ("after", "more"),
    [
        ("<p>adds. Then more.</p>", ["adds."]),
        ("<p>Next one.</p>", []),
        ("<p><code>x</code> is code.</p>", []),
        ("<p>and more:</p><table></table>", []),
        (f"{TABLE}<p>not of the formula.</p>", []),
    ],
)
def test_below_a_formula_its_sentence_ends(after, more):
    assert said(slides_of(f"<p>It takes</p>{FORMULA}{after}")[0]) == ["It takes", *more]


def test_no_table_is_bare():
    """It has at least the last sentence before its cell; a figure has its caption."""
    figure = "<figure><img src='a.svg'/></figure>"
    slides = slides_of(f"<p>Why? Count, in parts.</p>{FORMULA}{TABLE}{TABLE}{figure}")
    assert [said(slide) for slide in slides] == [["Count, in parts."]] * 3 + [[]]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("And <em>why</em> so?", "why so?"),
        ("And what follows?", "What follows?"),
        ("Then a third.", "A third."),
        ("Andes are high.", "Andes are high."),
    ],
)
def test_a_quoted_sentence_joins_none_before_it(text, quoted):
    assert said(slides_of(f"<p>{text}</p>")[0]) == [quoted]


@pytest.mark.parametrize(
    ("html", "points"),
    [
        ("<p>A <strong>term</strong>. See:</p><pre>x</pre><p>More. See.</p>", ["A term.", "More."]),
        ("<p>A <strong>term</strong>:</p><pre>x</pre><p>More.</p>", ["More."]),
        (
            "<p><span class='quoted'>Two:</span></p>"
            "<ul><li><span class='quoted'>A.</span></li></ul>",
            ["Two:", "A."],
        ),
        (f"<p>A <strong>term</strong>:</p>{TABLE}", ["A term:"]),
    ],
)
def test_nothing_is_announced_that_is_not_shown(html, points):
    assert said(slides_of(html)[0]) == points


def test_a_mark_within_a_sentence_gets_a_full_stop():
    mark = "<span class='quoted'>{0}</span>"
    html = f"<p>{mark.format('One')}, two. {mark.format('Three?')} {mark.format('It takes')}</p>"
    assert said(slides_of(html + FORMULA)[0]) == ["One.", "Three?", "It takes"]


def test_a_section_that_only_announces_has_no_slide():
    assert slides_of("<p>It reads:</p><pre>x</pre>") == []


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("A has two. How many? Check it.", "A has two. How many?"),
        ("A has two. B has three. Find a C. Check it.", "A has two. B has three. Find a C."),
        (f"A. {'B is long ' * 30}. How many?", "A. How many?"),
        (f"A. Is {'it long ' * 40}?", "A."),
        ("How many? And why?", "How many?"),
    ],
)
def test_an_exercise_is_quoted_to_what_it_asks(text, quoted):
    assert text_of(task(BeautifulSoup(f"<p>{text}</p>", "html.parser").p)) == quoted


def test_exercises_take_as_many_slides_as_they_need(book):
    path = book[0] / "chapters" / "rule.html"
    box = '<div class="exercise admonition"><p>Exercise 1.2 (Long)</p><p>{0}?</p></div>'
    more = (box.format("Is it so long " * 20) + box.format("Is it as long " * 20)) * 2
    path.write_text(path.read_text().replace('<div class="solution', more + '<div class="solution'))
    slides = collect(Page(path, "chapters/rule"), "A small book")[-2:]
    assert [slide.id for slide in slides] == ["exercises", "exercises-2"]
    assert [len(slide.points) for slide in slides] == [3, 2]
    assert [slide.kind for slide in slides] == ["plain", "plain"]


def test_a_slide_without_notes_has_the_paragraph_before(rule):
    assert [text_of(one) for one in rule[4].notes] == ["The upper one is better."]


def test_marked_items_of_a_list_are_a_list_on_the_slide():
    html = """<section id="s"><h2>S</h2><p>Take <strong>three</strong>.</p>
<ol><li><p><span class="quoted">One</span> of <span class="quoted">all.</span></p></li>
<li><p>Two.</p></li>
<li><span class="quoted">Three.</span></li></ol>
<ul><li><span class="quoted">Four.</span></li></ul></section>"""
    (slide,) = of_section(BeautifulSoup(html, "html.parser").section, "S", "c")
    assert said(slide) == ["Take three.", "One all.", "Three.", "Four."]
    assert [one.get("data-item") for one in slide.points] == [None, "1. ", "3. ", "\N{BULLET} "]
    assert 'class="point item" data-item="3. "' in str(slide.points[2])
    assert len(slide.notes) == 3


def test_what_keeps_a_comma_at_its_formula_hides_no_end_of_a_sentence(book):
    path = book[0] / "chapters" / "rule.html"
    kept = path.read_text().replace("get wider.", 'get <span class="kept">wider.</span>')
    path.write_text(kept)
    slides = collect(Page(path, "chapters/rule"), "A small book")
    assert said(slides[1])[0] == "Networks get wider."


def test_numbers_and_captions_are_those_of_the_page(rule):
    html = Deck("rule", "State a rule", rule).html()
    slide = html.partition('id="the-rule-2"')[2].partition("</section>")[0]
    frame, notes = slide.split("<aside")
    assert "Fig. 1.1" in frame
    assert "30" not in re.sub(r"<svg.*?</svg>", "", frame, flags=re.S)
    assert '<span class="pasted-text">30</span> networks.' in notes


def test_a_deck_leads_nowhere_else_and_loads_nothing(rule):
    html = Deck("rule", "State a rule", rule).html()
    assert re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="([^"]*)"', html) == [
        "shared/mathjax/tex-mml-chtml.js"
    ]
    assert "https://a.b/book/chapters/use.html#here" in html
    assert "alert(1)" not in html


def test_the_script_is_small():
    assert (ROOT / "tools" / "slides" / "deck.js").stat().st_size < 8_000


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two? Three.", ["One.", "Two?", "Three."]),
        ("See e.g. Fig. 3 of it. (Then go.) On.", ["See e.g. Fig. 3 of it.", "(Then go.)", "On."]),
        ("Of 3.5 points, i.e. few", ["Of 3.5 points, i.e. few"]),
    ],
)
def test_sentences(text, pieces):
    assert split(text) == pieces


def test_a_sentence_keeps_its_markup():
    from bs4 import BeautifulSoup

    paragraph = BeautifulSoup("<p>A <em>word. Two</em> here. Next.</p>", "html.parser").p
    assert [one.decode_contents() for one in sentences(paragraph)] == [
        "A <em>word. Two</em> here.",
        "Next.",
    ]


def test_ids_of_two_pages_do_not_meet(rule):
    figure = rule[2].shown[0]
    prefix_ids(figure, "rule")
    assert figure["id"] == "rule--fig-wide"
    assert figure.find("use")["xlink:href"] == "#rule--mark"


def test_what_a_look_of_a_drawing_fills_with_is_found_after_that():
    from bs4 import BeautifulSoup

    drawing = '<svg id="a"><style>.s {fill: url(#part) > b}</style><pattern id="part"/></svg>'
    part = BeautifulSoup(drawing, "html.parser").svg
    prefix_ids(part, "rule")
    assert ".s {fill: url(#rule--part) > b}" in str(part)
    assert 'id="rule--part"' in str(part)


# --- the talk ------------------------------------------------------------------------------------


def test_the_talk_takes_its_slides_from_the_chapters(rule, use):
    deck = talk.talk_deck(TALK, {"rule": rule, "use": use})
    assert [slide.id for slide in deck.slides] == [
        "talk",
        "rule--the-rule-2",
        "use--here",
        "use--what-to-take-along",
    ]
    assert said(deck.slides[0]) == ["Rules", "End"]
    assert [text_of(one) for one in deck.slides[0].notes] == [
        "To minute 3: Rules",
        "To minute 5: End",
    ]
    assert deck.slides[1].chapter == "Rules · State a rule"
    assert 'data-until="3"' in deck.html()


@pytest.mark.parametrize(("chapter", "one"), [("ruler", "here"), ("use", "nowhere")])
def test_a_talk_of_what_is_not_there(rule, use, chapter, one):
    wrong = TALK | {"parts": [{"part": "x", "until": 5, "show": [{chapter: [one]}]}]}
    with pytest.raises(ValueError, match=chapter if chapter == "ruler" else one):
        talk.talk_deck(wrong, {"rule": rule, "use": use})


def test_the_list_of_the_talk_names_what_the_chapters_have():
    """A section's id follows from its title, a figure's or a formula's from its name."""
    listed = talk.read()
    for chapter, one in talk.called(listed):
        source = (ROOT / "chapters" / f"{chapter}.md").read_text(encoding="utf-8")
        titles = re.findall(r"^#+ (.+)$", source, re.M)
        sections = {re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title in titles}
        names = set(re.findall(r"^\s*:?name: (\S+)", source, re.M))
        names |= {f"equation-{name}" for name in re.findall(r"\$\$ \((\S+)\)$", source, re.M)}
        assert one in sections | names, f"{chapter}: {one}"
    minutes = [part["until"] for part in listed["parts"]]
    assert minutes == sorted(minutes)
    assert minutes[-1] == listed["minutes"] == 45


# --- links in the pages --------------------------------------------------------------------------


def test_links_come_and_go_with_the_files(book, monkeypatch):
    html, toc = book
    monkeypatch.setattr(links, "parts", lambda folder: parts(folder, toc))
    page, before = html / "chapters" / "rule.html", (html / "chapters" / "rule.html").read_text()
    (html / "slides").mkdir()
    (html / "slides" / "rule.html").touch()
    (html / "book.pdf").touch()
    links.renew(html)
    links.renew(html)
    assert page.read_text().count('<a href="../slides/rule.html">') == 1
    assert "rule.pdf" not in page.read_text()
    assert '<a href="book.pdf">' in (html / "index.html").read_text()
    assert "slides" not in (html / "chapters" / "use.html").read_text()
    again = collect(Page(page, "chapters/rule"), "A small book")
    assert said(again[0]) == ["After this chapter you can state a rule."]
    assert "Slides of" not in text_of(Page(page, "chapters/rule").article())
    (html / "slides" / "rule.html").unlink()
    links.renew(html)
    assert page.read_text() == before


def test_a_page_that_lists_the_decks_lists_those_that_are_there(book, monkeypatch):
    html, toc = book
    monkeypatch.setattr(links, "parts", lambda folder: parts(folder, toc))
    page = html / "chapters" / "use.html"
    before = page.read_text().replace(
        "</section>", '<div class="decks docutils">All:</div></section>', 1
    )
    page.write_text(before)
    (html / "slides").mkdir()
    (html / "slides" / "talk.html").write_text("<title>A talk &amp; more</title>")
    (html / "slides" / "rule.html").write_text("<title>The rule</title>")
    (html / "slides" / "rule.pdf").touch()
    links.renew(html)
    links.renew(html)
    listed = Page(page, "chapters/use").soup().select_one(".decks ul.beside")
    assert [text_of(one) for one in listed("li")] == ["A talk & more", "The rule · with notes, PDF"]
    assert [a["href"] for a in listed("a")] == [
        f"../slides/{name}" for name in ("talk.html", "rule.html", "rule.pdf")
    ]
    for path in (html / "slides").iterdir():
        path.unlink()
    links.renew(html)
    assert page.read_text() == before


# --- in a browser --------------------------------------------------------------------------------


def test_decks_of_the_small_book_fit_and_obey_keys(book, monkeypatch):
    from decks import CONTRASTS, MEASURE, open_deck

    html, toc = book
    monkeypatch.setattr("slides.__main__.parts", lambda folder: parts(folder, toc))
    monkeypatch.setattr(talk, "read", lambda: TALK)
    files = write(html, html / "slides")
    assert [path.name for path in files] == ["rule.html", "use.html", "talk.html"]
    assert [deck.name for deck in decks(html)] == ["rule", "use", "talk"]
    with open_deck() as visit:
        page, problems = visit(files[0])
        assert page.evaluate(MEASURE) == []
        hash_after = []
        for key in ("ArrowRight", " ", "PageDown", "ArrowLeft", "End", "Home"):
            page.keyboard.press(key)
            hash_after.append(page.evaluate("location.hash"))
        assert hash_after == [
            "#the-rule",
            "#the-rule-2",
            "#the-rule-3",
            "#the-rule-2",
            "#exercises",
            "#rule",
        ]
        page.keyboard.press("n")
        assert page.locator(".slide.now .notes").is_visible()
        page.keyboard.press("n")
        page.keyboard.press("o")
        assert page.locator("#exercises").is_visible()
        page.locator("#inside").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#inside"
        assert not page.locator("#exercises").is_visible()
        with page.expect_popup() as window:
            page.keyboard.press("s")
        assert "Nothing but words." in window.value.locator("body").inner_text()
        colors = {page.evaluate("getComputedStyle(document.body).backgroundColor")}
        assert min(page.evaluate(CONTRASTS)) > 4.5
        page.keyboard.press("d")
        assert min(page.evaluate(CONTRASTS)) > 4.5
        colors.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert len(colors) == 2
        page.evaluate(
            "document.querySelector('.body svg').innerHTML += '<text font-size=\"1\">a</text>'"
        )
        (letters,) = page.evaluate(MEASURE)
        assert letters.startswith("the-rule-2: letters of ")
        page.evaluate("document.querySelector('#inside .point').style.fontSize = '500px'")
        assert len(page.evaluate(MEASURE)) > 1
        assert problems == []
