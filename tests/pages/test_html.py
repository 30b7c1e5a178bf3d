"""The built book, page by page; before that, each check is shown a page with that one fault."""

from types import SimpleNamespace

import pages
import pytest
from pages import HTML, ROOT, parse

PAGE_NAMES = pages.book_pages()


def names_of(problems):
    return " | ".join(problems)


@pytest.fixture(scope="session")
def built():
    """Every page of the book, parsed once."""
    if not HTML.is_dir():
        pytest.fail(f"no built book at {HTML}; `make test` builds it, BOOK_HTML names another")
    paths = (path for path in sorted(HTML.rglob("*.html")) if HTML / "_static" not in path.parents)
    return {path: parse(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture
def page(request, built):
    return built[HTML / f"{request.param}.html"]


each_page = pytest.mark.parametrize("page", PAGE_NAMES, indirect=True)


# --- the book ------------------------------------------------------------------------------------


@pytest.mark.book
@pytest.mark.parametrize("name", PAGE_NAMES)
def test_page_is_built(name, built):
    assert HTML / f"{name}.html" in built


@pytest.mark.book
@pytest.mark.parametrize("name", PAGE_NAMES)
def test_figures_of_the_source_are_on_the_page(name, built):
    promised = pages.figures_in_source((ROOT / f"{name}.md").read_text(encoding="utf-8"))
    assert pages.missing_figures(built[HTML / f"{name}.html"], promised) == []


@pytest.mark.book
@each_page
@pytest.mark.parametrize(
    "check",
    [
        pages.bad_alt_texts,
        pages.missing_captions,
        pages.ids_that_meet,
        pages.exceptions_shown,
        pages.other_hosts,
    ],
)
def test_page(check, page):
    assert check(page) == []


@pytest.mark.book
def test_the_verdicts_on_the_pages_are_those_of_the_data(built):
    from designspaces.judging.claims import evaluate
    from designspaces.judging.telling import table
    from designspaces.populations.population import Population

    rows = built[HTML / "chapters" / "constraints.html"].select("table tr")
    cells = {row.th.get_text(): [cell.get_text() for cell in row("td")] for row in rows if row.th}
    findings = evaluate(Population.recorded())
    for name, row in zip(findings, table(findings.values()), strict=True):
        assert cells[name] == list(row.values())


@pytest.mark.book
def test_every_figure_that_is_free_to_reuse_can_be_downloaded(built):
    import reuse

    links = built[HTML / "chapters" / "lecturers.html"].select(".reusable-figures a.download")
    names = [link["href"].rpartition("/")[2] for link in links]
    assert names == [one.path.name for one in reuse.rows(ROOT)]


@pytest.mark.book
def test_the_index_leads_to_where_a_term_is_introduced(built):
    """Then to the glossary; a term without a place in bold has that link alone."""
    entries = [item("a") for item in built[HTML / "genindex.html"].select(".indextable li")]
    led = [links for links in entries if "#introduced-" in links[0]["href"]]
    assert len(led) > 0.7 * len(entries)
    for first, *_, last in led:
        page, _, place = first["href"].partition("#")
        said = built[HTML / page].find("strong", id=place).get_text().lower()
        said = said.replace(r"\(", "").replace(r"\)", "")  # a letter in it is a formula
        term = first.get_text().strip().lower()
        assert term in (said, said.removesuffix("s"), f"{said}s")
        assert last.get_text() == "glossary"
        assert last["href"].startswith("chapters/glossary.html#term-")


@pytest.mark.book
def test_no_dead_links(built):
    problems = {
        path.relative_to(HTML).as_posix(): pages.dead_links(path, page, HTML)
        for path, page in built.items()
    }
    assert {name: found for name, found in problems.items() if found} == {}


@pytest.mark.book
def test_style_sheets_ask_no_other_host():
    problems = {
        path.relative_to(HTML).as_posix(): pages.css_requests(path.read_text(encoding="utf-8"))
        for path in HTML.rglob("*.css")
    }
    assert {name: found for name, found in problems.items() if found} == {}


@pytest.mark.book
def test_buttons_lead_to_tracked_files(built):
    tracked = pages.tracked_files(ROOT)
    if tracked is None:
        pytest.skip("not a git repository")
    for path, page in built.items():
        assert pages.untracked_targets(page, tracked) == []
        notebook = path.relative_to(HTML).with_suffix(".ipynb").as_posix()
        assert pages.colab_button(page) == (notebook in tracked), notebook


@pytest.mark.book
@pytest.mark.parametrize("name", PAGE_NAMES)
def test_page_is_light(name, built):
    path = HTML / f"{name}.html"
    assert pages.too_heavy(path, built[path]) == []


# --- the checks can fail -------------------------------------------------------------------------

SOUND = """
<article><figure id="fig-x"><img src="x.png" alt="A curve that climbs.">
<figcaption><p><span class="caption-number">Fig. 1</span>
<span class="caption-text">Accuracy.</span></p></figcaption></figure></article>
"""


def in_output(html, classes="cell"):
    return f'<article><div class="{classes}"><div class="cell_output">{html}</div></div></article>'


@pytest.mark.parametrize(
    ("check", "html"),
    [
        (pages.bad_alt_texts, '<article><img src="x.png" alt=""></article>'),
        (pages.bad_alt_texts, '<article><img src="x.png"></article>'),
        (pages.bad_alt_texts, '<article><img src="x.png" alt="_images/0f3a.png"></article>'),
        (pages.bad_alt_texts, '<article><img src="x.png" alt="curve.svg"></article>'),
        (pages.bad_alt_texts, "<article><svg><path/></svg></article>"),
        (pages.bad_alt_texts, '<article><svg aria-hidden="true"></svg></article>'),
        (pages.bad_alt_texts, '<article><div role="img" aria-label=""><svg/></div></article>'),
        (pages.missing_captions, SOUND.replace("Accuracy.", "")),
        (pages.missing_captions, '<article><figure id="a"><img alt="b"></figure></article>'),
        (pages.missing_captions, in_output('<img src="x.png" alt="A curve.">')),
        (pages.ids_that_meet, '<svg><clipPath id="a"/></svg><svg><clipPath id="a"/></svg>'),
        (pages.ids_that_meet, '<p id="a"></p><svg><g id="a"></g></svg>'),
        (pages.exceptions_shown, in_output("<pre>Traceback (most recent call last):\n</pre>")),
        (pages.exceptions_shown, in_output("<pre>ValueError: a depth of 0</pre>")),
        (pages.exceptions_shown, in_output('<div class="output traceback">x</div>')),
        (pages.other_hosts, '<script src="https://cdn.example.org/a.js"></script>'),
        (pages.other_hosts, '<link rel="stylesheet" href="//fonts.example.org/a.css">'),
        (pages.other_hosts, '<img src="http://example.org/a.png">'),
        (pages.other_hosts, '<iframe src="https://example.org"></iframe>'),
        (pages.other_hosts, "<style>@import 'https://example.org/a.css';</style>"),
        (pages.other_hosts, '<p style="background: url(https://example.org/a.png)"></p>'),
    ],
)
def test_check_finds_the_fault(check, html):
    assert check(parse(html)) != []
    assert check(parse(SOUND)) == []


def test_an_explorer_needs_no_caption():
    drawn = '<div class="explorer"><div role="img" aria-label="Curves."><svg></svg></div></div>'
    assert pages.missing_captions(parse(in_output(drawn))) == []
    assert pages.missing_captions(parse(in_output(drawn.replace("explorer", "")))) != []


def test_an_exception_shown_on_purpose_is_none():
    html = in_output("<pre>ValueError: a depth of 0</pre>", "cell tag_raises-exception")
    assert pages.exceptions_shown(parse(html)) == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["fig-x"], ""),
        (["fig-y"], "fig-y is not on the page"),
        (["fig-x", ""], "has no name"),
    ],
)
def test_promised_figures(names, said):
    assert said in names_of(pages.missing_figures(parse(SOUND), names))
    assert bool(said) == bool(pages.missing_figures(parse(SOUND), names))


def test_a_promised_figure_without_its_image():
    page = parse(SOUND.replace("<img ", "<span "))
    assert "shows no image" in names_of(pages.missing_figures(page, ["fig-x"]))


def test_figures_are_read_from_the_source():
    source = """
```{code-cell} ipython3
---
mystnb:
  figure: {name: fig-a, caption: A.}
---
draw()
```
```{glue:figure} curve
:name: fig-b
Text.
```
:::{figure} ../figures/x.svg
Text.
:::
```{code-cell} ipython3
1 + 1
```
"""
    assert pages.figures_in_source(source) == ["fig-a", "fig-b", ""]


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("other.html", ""),
        ("other.html#there", ""),
        ("#here", ""),
        ("https://example.org/x", ""),
        ("nowhere.html", "leads nowhere"),
        ("other.html#nowhere", "no such place"),
        ("#nowhere", "no such place"),
        ("../outside.html", "leads nowhere"),
    ],
)
def test_links(tmp_path, link, said):
    root = tmp_path / "html"
    root.mkdir()
    (tmp_path / "outside.html").write_text("not part of the book")
    (root / "other.html").write_text('<p id="there">text</p>')
    path = root / "page.html"
    path.write_text(f'<p id="here"><a href="{link}">text</a></p>')
    problems = pages.dead_links(path, parse(path.read_text()), root)
    assert said in names_of(problems)
    assert bool(said) == bool(problems)


@pytest.mark.parametrize(
    ("href", "dead"),
    [
        ("https://colab.research.google.com/github/a/b/blob/main/chapters/x.ipynb", False),
        ("https://colab.research.google.com/github/a/b/blob/main/chapters/y.ipynb", True),
        ("https://colab.research.google.com/github/a/b/blob/master/chapters/x.ipynb", True),
        ("https://github.com/a/b/edit/main/chapters/y.md", True),
        ("https://github.com/a/b", False),
    ],
)
def test_buttons(href, dead):
    page = parse(f'<a href="{href}">open</a>')
    assert bool(pages.untracked_targets(page, {"chapters/x.ipynb"})) == dead


def test_weight(tmp_path):
    (tmp_path / "x.png").write_bytes(bytes(1000))
    path = tmp_path / "page.html"
    path.write_text(SOUND)
    assert pages.too_heavy(path, parse(SOUND), limit=900) != []
    assert pages.too_heavy(path, parse(SOUND), limit=2000) == []


GLOSSARY = """# Glossary

```{glossary}
RegNet
  A {term}`space`. {doc}`stem`, {doc}`regnet`

stage
  Blocks. {doc}`stem`
```
"""


def test_places_of_terms_become_entries_of_the_index():
    indexing = pytest.importorskip("indexing", reason="of _ext")
    nodes = pytest.importorskip("docutils.nodes")
    found = indexing.terms_by_page(GLOSSARY)
    assert found == {"chapters/stem": ["RegNet", "stage"], "chapters/regnet": ["RegNet"]}
    words = [nodes.strong("", word) for word in ("Stages", "stage", "other", "RegNet")]
    text = nodes.paragraph("", "", *words)
    indexing.mark(text, found["chapters/stem"])
    entries = [entry for one in text.children for entry in one.get("entries", [])]
    assert entries == [
        ("single", "stage", "introduced-stage", "main", None),
        ("single", "RegNet", "introduced-regnet", "main", None),
    ]
    assert [word["ids"] for word in words] == [["introduced-stage"], [], [], ["introduced-regnet"]]
    indexing.follow(text)  # as if it were the glossary's
    assert [one["entries"][0][3] for one in text.children if "entries" in one] == ["", ""]
    numbered = '<a href="chapters/glossary.html#term-stage">\n [1]\n</a>, <a href="x.html">[2]</a>'
    assert indexing.with_names(numbered) == numbered.replace("\n [1]\n", "glossary")


def test_a_page_hangs_on_the_glossary(tmp_path):
    """So that a term that moves is not left behind in the index of a page read before."""
    indexing = pytest.importorskip("indexing", reason="of _ext")
    (tmp_path / "chapters").mkdir()
    glossary = tmp_path / f"{indexing.GLOSSARY}.md"
    glossary.write_text(GLOSSARY, "utf-8")
    noted = []
    env = SimpleNamespace(
        docname="chapters/other",
        doc2path=lambda name: str(tmp_path / f"{name}.md"),
        note_dependency=noted.append,
    )
    page = pytest.importorskip("docutils.nodes").paragraph()
    indexing.Introduced.apply(SimpleNamespace(env=env, document=page))
    assert noted == [str(glossary)]


def test_pages_of_the_toc():
    toc = {
        "root": "index",
        "parts": [{"chapters": [{"file": "a", "sections": [{"file": "b"}]}, {"file": "c"}]}],
    }
    assert pages.pages_in_toc(toc) == ["index", "a", "b", "c"]
