"""The notebooks for Colab: plain Markdown, stable ids, and no staler than their chapters."""

import copy
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("bs4", reason="the book's environment is not installed")
pytest.importorskip("pybtex", reason="the book's environment is not installed")

from notebooks import convert, labels, markdown  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TRACKED = sorted((ROOT / "chapters").glob("*.ipynb"))

HTML = """
<section id="the-rule"><span id="rule"></span><h2>1.1. The rule<a class="headerlink">#</a></h2>
<div class="math" id="equation-linear"><span class="eqno">(1.1)<a>#</a></span></div></section>
<figure id="fig-curve"><figcaption><p><span class="caption-number">Fig. 1.1 </span>
<span class="caption-text">A curve.</span></p></figcaption></figure>
"""


@pytest.fixture
def book():
    book = labels.Book(bibliography=ROOT / "references.bib")
    book.labels = labels.labels_of(HTML)
    book.address, book.page = "https://a.b/", "chapters/stem"
    book.titles = {"chapters/training": "Train it"}
    book.pages = {"fig-far": "chapters/training", "fig-curve": "chapters/stem"}
    book.labels["fig-far"] = "Fig. 9"
    book.glued = {"accuracy": "0.91234", "device": "cpu"}
    return book


def test_slides_that_lie_beside_the_pages_are_none(tmp_path):
    for name in ("chapters/stem", "slides/stem"):
        path = tmp_path / "html" / f"{name}.html"
        path.parent.mkdir(parents=True)
        path.write_text(f"<h1>Stem</h1>{HTML}", encoding="utf-8")
    assert labels.Book(tmp_path, ROOT / "references.bib").pages["fig-curve"] == "chapters/stem"


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("(rule)=\n## The rule", "## The rule"),
        ("% a comment\nText.", "Text."),
        ("See {numref}`fig-curve`.", "See Fig. 1.1."),
        ("See {numref}`figure %s <fig-curve>`.", "See figure 1.1."),
        ("See {ref}`rule` or {ref}`it <rule>`.", "See 1.1. The rule or it."),
        ("As {eq}`linear` says.", "As (1.1) says."),
        ("See {doc}`training`.", "See [Train it](https://a.b/chapters/training.html)."),
        ("See {doc}`it <training>`.", "See [it](https://a.b/chapters/training.html)."),
        ("By {numref}`fig-far`.", "By [Fig. 9](https://a.b/chapters/training.html#fig-far)."),
        ("$$\nx = y\n$$ (linear)", "$$\nx = y\n\\tag{1.1}\n$$"),
        ("$$\nx = y\n$$ (unknown)", "$$\nx = y\n$$"),
        ("$$x = y.$$ (linear)", "$$x = y.\\tag{1.1}$$"),
        (
            "```{exercise-start} Guess\n:label: ex\n```\n\nHow many?\n\n```{exercise-end}\n```",
            "**Exercise.** Guess\n\nHow many?",
        ),
        ("````{solution-start} ex\n:class: dropdown\n````", "**Solution**"),
        ("One. [Shown on\na `slide`.]{.slide} Two.", "One. Shown on\na `slide`. Two."),
        ("Inline $x$ and {math}`y`.", "Inline $x$ and $y$."),
        ("{glue:text}`accuracy:.2f` on {glue:}`device`", "0.91 on cpu"),
        ("{cite:p}`he2016,tan2019`", "(He et al., 2016; Tan and Le, 2019)"),
        ("{cite:p}`dollar2021`", "(Dollár et al., 2021)"),
        ("{cite:t}`radosavovic2020` did", "Radosavovic et al. (2020) did"),
        ("{func}`regnet.generate`", "`regnet.generate`"),
        ("`{numref}` in a span, ``{ref}`x` `` too", "`{numref}` in a span, ``{ref}`x` `` too"),
        ("```python\n{ref}`x`  # (y)=\n```", "```python\n{ref}`x`  # (y)=\n```"),
        ("```{note}\nOne.\n\nTwo.\n```", "> **Note**\n>\n> One.\n>\n> Two."),
        (":::{admonition} You can\n:class: tip\ncount.\n:::", "> **You can**\n>\n> count."),
        ("```{math}\n:label: a\nx\n```", "$$\nx\n$$"),
        (
            "```{figure} ../figures/a.svg\n:name: fig-curve\n:alt: A curve.\n\nIt climbs.\n```",
            "![A curve.](../figures/a.svg)\n\n**Fig. 1.1** It climbs.",
        ),
        (
            "::::{note}\n:::{tip}\nInner.\n:::\n::::",
            "> **Note**\n>\n> > **Tip**\n> >\n> > Inner.",
        ),
        ("```{tableofcontents}\n```", ""),
        (
            "````{tab-set}\n```{tab-item} Here\nInside.\n```\n````",
            "<details><summary>Here</summary>\n\nInside.\n\n</details>",
        ),
        (
            "````{dropdown} More of `it`\n```{tab-item} Here\nInside.\n```\n````",
            "<details><summary>More of `it`</summary>\n\n<details><summary>Here</summary>\n\n"
            "Inside.\n\n</details>\n\n</details>",
        ),
    ],
)
def test_myst_becomes_plain(book, myst, plain):
    assert markdown.plain(myst, book) == plain


@pytest.mark.parametrize("myst", ["{unheard}`of`", "```{unheard}\nof\n```", "```{note}\nno end"])
def test_what_is_not_known_is_an_error(book, myst):
    with pytest.raises(ValueError, match="tools/notebooks"):
        markdown.plain(myst, book)


def test_included_code_is_that_of_the_file(book):
    directive = "```{literalinclude} ../code/designspaces/networks/blocks.py\n:pyobject: Stem\n```"
    shown = markdown.plain(directive, book)
    source = (ROOT / "code" / "designspaces" / "networks" / "blocks.py").read_text(encoding="utf-8")
    assert shown.startswith("```python\nclass Stem(nn.Sequential):")
    assert shown.removeprefix("```python\n").removesuffix("\n```") in source
    with pytest.raises(ValueError, match=r"found no Stalk in \.\./code"):
        markdown.plain(directive.replace("Stem", "Stalk"), book)


def test_the_books_address_comes_from_its_pages():
    html = '<link rel="canonical" href="https://a.b/c/chapters/stem.html"><h1>1. Build<a>'
    assert labels.address_of(html, "chapters/stem") == "https://a.b/c/"
    html = (
        '<h1><span class="section-number">1. </span>Build the stem<a class="headerlink">#</a></h1>'
    )
    assert labels.title_of(html) == "Build the stem"


def test_references_list_what_was_cited(book):
    text = markdown.plain("{cite}`he2016`\n\n```{bibliography}\n```", book)
    assert text.endswith(
        "- He et al. (2016). Deep Residual Learning for Image Recognition. "
        "*IEEE Conference on Computer Vision and Pattern Recognition (CVPR)*."
    )


def executed_notebook():
    record = {"application/papermill.record/text/plain": "0.5"}
    code = nbformat.v4.new_code_cell(
        "curve()",
        execution_count=1,
        metadata={
            "tags": ["nbval-ignore-output"],
            "execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"},
            "mystnb": {"figure": {"name": "fig-curve", "caption": "A curve."}},
        },
        outputs=[
            nbformat.v4.new_output("stream", text="climbs\n"),
            nbformat.v4.new_output(
                "display_data", record, metadata={"scrapbook": {"name": "loss"}}
            ),
            nbformat.v4.new_output("stream", name="stderr", text="made /home/x/.cache\n"),
        ],
    )
    words = nbformat.v4.new_markdown_cell
    again = nbformat.from_dict({**copy.deepcopy(code), "id": "another"})
    cells = [words("(a)=\n# One\nText."), code, words("(b)="), words("More.\n\n## Two"), again]
    return nbformat.v4.new_notebook(cells=cells, metadata={"jupytext": {}, "source_map": [1]})


def test_convert(book):
    converted = convert.convert(executed_notebook(), book)
    nbformat.validate(converted)
    assert [cell.id for cell in converted.cells] == [
        "one-01", "one-02", "one-03", "one-04", "two-01", "two-02"
    ]  # fmt: skip
    assert [cell.source for cell in converted.cells[:3]] == [
        "# One\nText.", "curve()", "**Fig. 1.1** A curve."
    ]  # fmt: skip
    code = converted.cells[1]
    assert code.outputs[0].text == "climbs\n"
    assert code.execution_count == 1
    assert [one.output_type for one in code.outputs] == ["stream"], "no glue, no stderr"
    assert set(code.metadata) == {"tags", "mystnb"}
    assert set(converted.metadata) == {"kernelspec", "language_info"}


def test_ids_do_not_depend_on_the_run(book):
    first, second = executed_notebook(), executed_notebook()
    assert [cell.id for cell in first.cells] != [cell.id for cell in second.cells]
    assert convert.convert(first, book) == convert.convert(second, book)


def test_the_first_code_cell_installs_what_is_missing(book):
    source = convert.setup_source(executed_notebook(), "https://a.b/c")
    assert '"git+https://a.b/c"' in source
    assert "d2l" not in source
    cells = convert.convert(executed_notebook(), book, source).cells
    first = next(cell for cell in cells if cell.cell_type == "code")
    assert (first.source, first.metadata.tags) == (source, ["nbval-ignore-output"])
    assert "PyTorch" in first.outputs[0].text


def test_d2l_is_installed_only_where_it_is_used():
    cell = nbformat.v4.new_code_cell("from designspaces import d2l")
    source = convert.setup_source(nbformat.v4.new_notebook(cells=[cell]), "https://a.b/c")
    assert f'"{convert.D2L}"' in source


class StillCamera:
    def take(self, inside):
        assert inside
        return "0123", "iVBORw0="


def test_figures_become_pictures(book):
    notebook = executed_notebook()
    html = {"text/html": '<div class="picture">curve</div>', "text/plain": "A curve."}
    notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", html)]
    notebook.cells[0].source = "# One\n```{figure} ../figures/stage.svg\n:alt: A row.\n\nA.\n```"
    converted = convert.convert(notebook, book, camera=StillCamera())
    nbformat.validate(converted)
    assert "![A row.](attachment:stage-0123.png)" in converted.cells[0].source
    assert converted.cells[0].attachments == {"stage-0123.png": {"image/png": "iVBORw0="}}
    assert converted.cells[1].outputs[0].data == {"image/png": "iVBORw0=", "text/plain": "A curve."}
    assert convert.pictures_in([converted]) == {"0123": "iVBORw0="}


def test_an_explorer_becomes_a_picture_of_its_still_half(book):
    from designspaces.designs.regnet import REGNETX32
    from designspaces.figures.explorers.network import walk

    explorer = walk(REGNETX32, 96)
    output = nbformat.v4.new_output("display_data", explorer._repr_mimebundle_())
    taken = []

    class Recorder(StillCamera):
        def take(self, inside):
            taken.append(inside)
            return super().take(inside)

    assert convert.shown(output, Recorder())["data"]["text/plain"] == explorer.picture.alt
    assert taken == [explorer.picture.html()]


def test_code_that_the_book_hides_is_folded(book):
    notebook = executed_notebook()
    notebook.cells[1].metadata.tags = ["remove-cell"]
    kept = convert.convert(notebook, book).cells[1].metadata
    assert kept.jupyter.source_hidden
    assert kept.cellView == "form"


def test_glued_values_are_found():
    assert labels.glued_values(executed_notebook()) == {"loss": "0.5"}


def test_a_page_gets_its_own_values_where_another_has_the_same_names(book):
    pages = [executed_notebook() for _ in "ab"]
    for page, value in zip(pages, ("0.5", "0.7"), strict=True):
        page.cells[0].source = "# One\nIt is {glue:text}`loss`."
        for cell in (page.cells[1], page.cells[-1]):
            cell.outputs[1].data = {"application/papermill.record/text/plain": value}
    texts = [convert.convert(page, book).cells[0].source for page in pages]
    assert texts == ["# One\nIt is 0.5.", "# One\nIt is 0.7."]


# --- the tracked notebooks -----------------------------------------------------------------------


def test_every_chapter_with_code_has_its_notebook():
    yaml = pytest.importorskip("yaml")
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    chapters = [ROOT / f"{page['file']}.md" for part in parts for page in part["chapters"]]
    with_code = [path for path in chapters if "{code-cell}" in path.read_text(encoding="utf-8")]
    expected = {path.with_suffix(".ipynb") for path in with_code}
    assert set(TRACKED) == expected, "`make notebooks` writes them"


@pytest.mark.parametrize("path", TRACKED, ids=lambda path: path.name)
def test_tracked_notebook_was_executed(path):
    """nbval passes a notebook without outputs; this does not."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and cell.source.strip():
            tags = set(cell.metadata.get("tags", []))
            assert cell.execution_count or tags & {"skip-execution", "nbval-skip"}, cell.id
            errors = [one for one in cell.outputs if one.output_type == "error"]
            assert not errors or "raises-exception" in tags, cell.id


def chapter_of(path):
    read = pytest.importorskip("myst_nb.core.read")
    from myst_parser.config.main import MdParserConfig

    text = path.with_suffix(".md").read_text(encoding="utf-8")
    return read.read_myst_markdown_notebook(text, MdParserConfig())


@pytest.mark.parametrize("path", TRACKED, ids=lambda path: path.name)
def test_tracked_notebook_has_the_code_of_its_chapter(path):
    def code(notebook):
        return [cell.source.rstrip() for cell in notebook.cells if cell.cell_type == "code"]

    setup, *rest = code(nbformat.read(path, as_version=4))
    config = pytest.importorskip("yaml").safe_load((ROOT / "_config.yml").read_text("utf-8"))
    chapter = chapter_of(path)
    assert rest == code(chapter), "run `make notebooks`"
    assert setup == convert.setup_source(chapter, config["repository"]["url"])


@pytest.mark.parametrize("path", TRACKED, ids=lambda path: path.name)
def test_tracked_notebook_has_the_words_of_its_chapter(path):
    """Every sentence without a role, a formula or a link stands in the notebook as it is."""
    text = "\n".join(
        " ".join(cell.source.replace("> ", "").split())
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
    )
    sentences = [
        sentence
        for cell in chapter_of(path).cells
        if cell.cell_type == "markdown"
        for sentence in notebooks_sentences(cell.source)
    ]
    assert sentences
    assert [one for one in sentences if one not in text] == [], "run `make notebooks`"


def notebooks_sentences(source: str) -> list[str]:
    paragraphs = source.split("\n\n")
    plain = [one for one in paragraphs if not any(mark in one for mark in "`{}$:[]|#")]
    return [" ".join(one.split()) for one in plain if len(one.split()) > 3]


RAW = re.compile(r"\{[\w:.+-]+\}`|^\s*(`{3,}|:{3,})\{", re.M)
IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)]*)\)|<img ", re.S)


def faults(cell) -> list[str]:
    """What Colab would show raw, or not at all."""
    prose = re.sub(r"^```\w*\n.*?^```|(?<!\})`[^`\n]+`", "", cell.source, flags=re.M | re.S)
    found = [f"raw MyST: {match[0]!r}" for match in RAW.finditer(prose)]
    for image in IMAGE.finditer(cell.source):
        target = image["target"] or ""
        name = target.removeprefix("attachment:")
        if not target.startswith("attachment:") or name not in cell.get("attachments", {}):
            found.append(f"an image that leads nowhere: {target!r}")
        elif not image["alt"]:
            found.append(f"an image without alt text: {name}")
    return found


@pytest.mark.parametrize("path", TRACKED, ids=lambda path: path.name)
def test_tracked_notebook_reads_well_without_the_book(path):
    notebook = nbformat.read(path, as_version=4)
    markdown = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert {cell.id: found for cell in markdown if (found := faults(cell))} == {}
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    "source",
    [
        "See {numref}`fig-curve`.",
        "```{note}\nOne.\n```",
        "![A curve.](../figures/curve.svg)",
        "![A curve.](attachment:curve.png)",
        "<img src='x.png'>",
    ],
)
def test_a_fault_is_seen(source):
    assert faults(nbformat.v4.new_markdown_cell(source)) != []
    assert faults(nbformat.v4.new_markdown_cell("Text, `{numref}` in a span.")) == []


def test_nothing_stored_names_a_folder_of_the_machine_that_built_it():
    stored = [*TRACKED, *(ROOT / "outputs").rglob("*.json")]
    assert len(stored) > len(TRACKED)
    named = [p.name for p in stored if re.search(r"/(root|home)/", p.read_text("utf-8"))]
    assert named == []
