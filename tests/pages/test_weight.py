"""What a page makes a browser load, and how that is cut down."""

import base64
import io
import re
from pathlib import Path

import pages
import pytest
from visiting import DESK, PHONE

ttLib = pytest.importorskip("fontTools.ttLib")
lighter = pytest.importorskip("lighter")

PAGE_NAMES = pages.book_pages()
WITH_DRAWINGS = ("index", "chapters/stem", "chapters/stages", "chapters/anynet")
STATIC = pages.HTML / "_static"


@pytest.mark.book
@pytest.mark.parametrize("name", PAGE_NAMES)
def test_a_page_waits_for_one_file_before_it_is_painted(name):
    page = pages.parse((pages.HTML / f"{name}.html").read_text(encoding="utf-8"))
    (link,) = page.head.select("link[rel=stylesheet]")
    assert re.search(r"_static/all[.]css[?]v=[0-9a-f]{8}$", link["href"])
    assert page.head.select("script[src]:not([defer], [async]), link[rel=preload]") == []
    assert page.select('img[src*="_images/"]:not([loading=lazy][style*=aspect-ratio])') == []


SETTLED = """async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
"""Formulas are set, their letters are there, and what that moved has moved."""

PLACES = """() => [...document.querySelectorAll("article figure img, article h2")].map(
  (one) => ((box) => [box.x, box.y, box.width, box.height].map(Math.round))(
    one.getBoundingClientRect()))"""


@pytest.mark.book
@pytest.mark.parametrize("size", [DESK, PHONE])
@pytest.mark.parametrize("name", [one for one in PAGE_NAMES if one in WITH_DRAWINGS])
def test_nothing_moves_when_a_drawing_comes(name, size, site, browser):
    """The page while its drawings are awaited, and the page that has them."""
    seen = []
    for comes in (False, True):
        page = browser.new_page(viewport=size)
        if not comes:
            page.route("**/_images/*", lambda route: None)  # never answered
        page.goto(f"{site}/{name}.html", wait_until="domcontentloaded")
        page.evaluate(SETTLED)
        if comes:
            page.evaluate(
                """() => Promise.all([...document.querySelectorAll("article figure img")].map(
                  (image) => { image.loading = "eager"; return image.decode(); }))"""
            )
        seen.append(page.evaluate(PLACES))
        page.close()
    assert seen[0] == seen[1]


@pytest.mark.book
def test_nothing_ships_that_no_browser_asks_for():
    assert list(pages.HTML.rglob("*.map")) == []
    assert list(pages.HTML.rglob("*.[mp]o")) == []
    texts = [*STATIC.rglob("*.css"), *(STATIC / "scripts").glob("*.js")]
    assert [path for path in texts if "sourceMappingURL" in path.read_text("utf-8")] == []


@pytest.mark.book
def test_every_icon_has_its_letter_in_the_small_fonts(site, visit):
    opened = visit(f"{site}/{PAGE_NAMES[1]}.html", viewport=DESK)
    icons = opened.page.evaluate(
        """() => [...document.querySelectorAll("[class*='fa-']")].map((icon) =>
          [icon.className, getComputedStyle(icon, "::before").content.replaceAll('"', "")])"""
    )
    css = (STATIC / lighter.ONE_SHEET).read_text("utf-8")
    small = re.findall(r"data:font/woff;base64,([^\"]*)", css)
    fonts = [ttLib.TTFont(io.BytesIO(base64.b64decode(one))) for one in small]
    drawn = {chr(letter) for font in fonts for letter in font.getBestCmap()}
    assert len(icons) >= 8
    sound = "() => document.fonts.ready.then((fonts) => [...fonts].map((one) => one.status))"
    assert "loaded" in opened.page.evaluate(sound)
    assert "error" not in opened.page.evaluate(sound)
    assert [name for name, letter in icons if letter not in drawn] == []
    assert not (STATIC / "scripts" / "fontawesome.js").exists()
    assert "Icons: CC BY 4.0, Fonts: SIL OFL 1.1" in css


# --- what is cut ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("css", "left"),
    [
        (".used{a:b}.unused{a:b}", ".used{a:b}"),
        (".used .unused,.used>p{a:b}", ".used>p{a:b}"),
        ("p:not(.unused){a:b}", "p:not(.unused){a:b}"),
        (":is(.unused,p) p,.unused{a:b}", ":is(.unused,p) p{a:b}"),
        (".unused\\:x{a:b}#unused{a:b}#used{a:b}", "#used{a:b}"),
        ("@media print{.unused{a:b}}p{a:b}", "p{a:b}"),
        ("@media print{.unused{a:b}.used{a:b}}", "@media print{.used{a:b}}"),
        ("@font-face{a:b}@import url(x.css);", "@font-face{a:b}@import url(x.css);"),
        ('.used{a:url("}{")}.unused{a:b}', '.used{a:url("}{")}'),
        (".used{a:url(data:x;y)}", ".used{a:url(data:x;y)}"),
        ("/*! MIT */.unused{a:b}/* said */p{a:b}", "/*! MIT */p{a:b}"),
        (".bs-tooltip-auto{a:b}", ".bs-tooltip-auto{a:b}"),
    ],
)
def test_rules_that_no_page_can_meet_go(css, left):
    assert lighter.used_rules(css, {"used", "p"}) == left


def test_style_sheets_become_one(tmp_path):
    """Each page's in their order, what one imports in its place; the address tells its content."""
    static = tmp_path / "_static"
    (static / "sub").mkdir(parents=True)
    (static / "documentation_options.js").write_text("const OPTIONS = {};\n")
    for name in ("a", "b", "c"):
        (static / f"{name}.css").write_text(f"{name}{{}}")
    (static / "sub" / "d.css").write_text('@import "../b.css";d{}')
    (tmp_path / "deep").mkdir()
    for name, root, names in (("deep/x", "../", "a sub/d"), ("y", "", "a c sub/d")):
        links = (
            f'<link rel="stylesheet" href="{root}_static/{n}.css?v=1" />' for n in names.split()
        )
        script = f'<script src="{root}_static/documentation_options.js?v=1"></script>'
        page = lighter.lightened("<html><head>" + "\n".join([*links, script]) + "</head></html>")
        (tmp_path / f"{name}.html").write_text(page)
    addresses = set()
    for letter in "cec":
        (static / "c.css").write_text(f"{letter}{{}}")
        lighter.gather(tmp_path)
        assert (static / "all.css").read_text().split() == ["a{}", f"{letter}{{}}", "b{}", "d{}"]
        page = pages.parse((tmp_path / "deep" / "x.html").read_text())
        (link,) = page.select("link")
        addresses.add(link["href"])
    assert page.script.string == "const OPTIONS = {};"
    assert len(addresses) == 2
    assert all(re.fullmatch(r"\.\./_static/all[.]css[?]v=[0-9a-f]{8}", one) for one in addresses)


def test_letters_of_icons():
    assert lighter.letters_shown('a{content:"\\f002"}b{content:"\\f00d "}c{content:"x\uf0c9"}') == {
        0xF002,
        0xF00D,
        0xF0C9,
    }


def test_a_font_keeps_only_the_letters_shown(tmp_path):
    data = Path(pytest.importorskip("matplotlib").get_data_path())
    (tmp_path / "x.ttf").write_bytes((data / "fonts" / "ttf" / "DejaVuSans.ttf").read_bytes())
    css = '@font-face{src:url(x.woff2) format("woff2"),url(x.ttf) format("truetype")}'
    css = lighter.with_small_fonts(css + 'i:before{content:"\\e001"}', tmp_path)
    assert css.startswith('@font-face{src:url("data:font/woff;base64,')
    assert len(css) < 5000


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("", 'style="width:100%;aspect-ratio:640.2/299"'),
        ('width="640" height="299"', 'width="640" style="aspect-ratio:640.2/299"'),
    ],
)
def test_a_drawing_comes_late_into_its_room(own, said, tmp_path):
    for folder in ("_images", "chapters"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_images" / "a.svg").write_text(
        f'<svg viewBox="-12 0 640.2 299" stroke-width="2" {own}><path/></svg>'
    )
    page = '<img alt="A line" src="{}_images/a.svg"/><img src="_static/logo.svg"/>'.format
    late = lighter.with_late_drawings(page("../"), tmp_path / "chapters")
    assert late == page("../").replace("<img alt", f'<img loading="lazy" {said} alt')
    assert lighter.with_late_drawings(late, tmp_path / "chapters") == late


SCRIPTS = """<link rel="preload" as="script" href="../_static/scripts/bootstrap.js?digest=1" />
<script src="../_static/searchtools.js"></script>
<script defer src="../_static/scripts/fontawesome.js?digest=1"></script>
<script src="../searchindex.js"></script><script src="../_static/doctools.js"></script>
<script src="../_static/clipboard.min.js?v=1"></script>"""


def test_scripts_that_a_page_needs_stay():
    assert lighter.without_unused_scripts(SCRIPTS) == (
        '<script defer src="../_static/doctools.js"></script>\n'
        '<script defer src="../_static/clipboard.min.js?v=1"></script>'
    )
    searching = SCRIPTS + '<div id="search-results"></div>'
    assert "searchindex.js" in lighter.without_unused_scripts(searching)
    assert '<script src="../_static/doctools.js">' in lighter.without_unused_scripts(searching)


def test_marks_without_a_color_of_their_own_are_dropped():
    html = '<span class="n">x</span> <span class="o">=</span> <span class="p">(</span>'
    assert lighter.without_plain_spans(html) == 'x <span class="o">=</span> ('
    words = '<span class="pre">designs.regnet</span> <span class="pre">a-b</span>'
    assert lighter.without_plain_spans(words) == 'designs.regnet <span class="pre">a-b</span>'
    names = '<code class="docutils literal notranslate">x</code><p class="docutils">y</p>'
    assert lighter.without_plain_spans(names) == names.replace("docutils ", "")
    code = "<pre><span></span>x</pre><pre><span></span>\nx</pre>"
    assert lighter.without_plain_spans(code) == "<pre>x</pre><pre><span></span>\nx</pre>"
