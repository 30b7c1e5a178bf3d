"""The notebooks for Colab: plain Markdown, stable ids, and no staler than their chapters."""

import copy
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
notebooks = pytest.importorskip("notebooks", reason="the book's environment is not installed")

ROOT = Path(__file__).resolve().parents[1]
TRACKED = sorted((ROOT / "chapters").glob("*.ipynb"))

HTML = """
<section id="the-rule"><span id="rule"></span><h2>1.1. The rule<a class="headerlink">#</a></h2>
<div class="math" id="equation-linear"><span class="eqno">(1.1)<a>#</a></span></div></section>
<figure id="fig-curve"><figcaption><p><span class="caption-number">Fig. 1.1 </span>
<span class="caption-text">A curve.</span></p></figcaption></figure>
"""


@pytest.fixture
def book():
    book = notebooks.Book(bibliography=ROOT / "references.bib")
    book.labels = notebooks.labels_of(HTML)
    book.glued = {"accuracy": "0.91234", "device": "cpu"}
    return book


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("(rule)=\n## The rule", "## The rule"),
        ("% a comment\nText.", "Text."),
        ("See {numref}`fig-curve`.", "See Fig. 1.1."),
        ("See {numref}`figure %s <fig-curve>`.", "See figure 1.1."),
        ("See {ref}`rule` or {ref}`it <rule>`.", "See 1.1. The rule or it."),
        ("As {eq}`linear` says.", "As (1.1) says."),
        ("$$\nx = y\n$$ (linear)", "$$\nx = y\n\\tag{1.1}\n$$"),
        ("$$\nx = y\n$$ (unknown)", "$$\nx = y\n$$"),
        ("$$x = y.$$ (linear)", "$$x = y.\\tag{1.1}$$"),
        (
            "```{exercise-start} Guess\n:label: ex\n```\n\nHow many?\n\n```{exercise-end}\n```",
            "**Exercise.** Guess\n\nHow many?",
        ),
        ("````{solution-start} ex\n:class: dropdown\n````", "**Solution**"),
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
    ],
)
def test_myst_becomes_plain(book, myst, plain):
    assert notebooks.plain(myst, book) == plain


@pytest.mark.parametrize("myst", ["{unheard}`of`", "```{unheard}\nof\n```", "```{note}\nno end"])
def test_what_is_not_known_is_an_error(book, myst):
    with pytest.raises(ValueError, match=r"tools/notebooks\.py"):
        notebooks.plain(myst, book)


def test_references_list_what_was_cited(book):
    text = notebooks.plain("{cite}`he2016`\n\n```{bibliography}\n```", book)
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
        ],
    )
    words = nbformat.v4.new_markdown_cell
    again = nbformat.from_dict({**copy.deepcopy(code), "id": "another"})
    cells = [words("(a)=\n# One\nText."), code, words("(b)="), words("More.\n\n## Two"), again]
    return nbformat.v4.new_notebook(cells=cells, metadata={"jupytext": {}, "source_map": [1]})


def test_convert(book):
    converted = notebooks.convert(executed_notebook(), book)
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
    assert set(code.metadata) == {"tags", "mystnb"}
    assert set(converted.metadata) == {"kernelspec", "language_info"}


def test_ids_do_not_depend_on_the_run(book):
    first, second = executed_notebook(), executed_notebook()
    assert [cell.id for cell in first.cells] != [cell.id for cell in second.cells]
    assert notebooks.convert(first, book) == notebooks.convert(second, book)


def test_glued_values_are_found():
    assert notebooks.glued_values(executed_notebook()) == {"loss": "0.5"}


# --- the tracked notebooks -----------------------------------------------------------------------


def test_every_chapter_has_its_notebook():
    yaml = pytest.importorskip("yaml")
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    chapters = {ROOT / f"{page['file']}.ipynb" for part in parts for page in part["chapters"]}
    assert set(TRACKED) == chapters, "`make notebooks` writes them"


@pytest.mark.parametrize("path", TRACKED, ids=lambda path: path.name)
def test_tracked_notebook_was_executed(path):
    """nbval passes a notebook without outputs; this does not."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and cell.source.strip():
            tags = set(cell.metadata.get("tags", []))
            assert cell.execution_count or tags & {"skip-execution", "nbval-skip"}, cell.id
            errors = [one for one in cell.outputs if one.output_type == "error"]
            assert not errors or "raises-exception" in tags, cell.id


@pytest.mark.parametrize("path", TRACKED, ids=lambda path: path.name)
def test_tracked_notebook_has_the_code_of_its_chapter(path):
    read = pytest.importorskip("myst_nb.core.read")
    text = path.with_suffix(".md").read_text(encoding="utf-8")
    from myst_parser.config.main import MdParserConfig

    chapter = read.read_myst_markdown_notebook(text, MdParserConfig())

    def code(notebook):
        return [cell.source.rstrip() for cell in notebook.cells if cell.cell_type == "code"]

    assert code(nbformat.read(path, as_version=4)) == code(chapter), "run `make notebooks`"
