"""What nbval has run is what the quick build shows, and nothing that another code printed."""

import nbformat
import pytest

import executed

get_cache = pytest.importorskip("jupyter_cache").get_cache
read = pytest.importorskip("myst_nb.core.read").myst_nb_reader_plugin

PAGE = """---
file_format: mystnb
kernelspec: {name: python3}
---
# A page

```{code-cell} python
print("one")
```

Text.

```{code-cell} python
1 + 1
```
"""


@pytest.fixture
def book(tmp_path):
    """A chapter, and its notebook as nbval ran it: with a first cell of its own."""
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "ran").mkdir()
    new = nbformat.v4
    cells = [
        new.new_code_cell("setup", outputs=[new.new_output("stream", text="ready\n")]),
        new.new_code_cell('print("one")', outputs=[new.new_output("stream", text="one\n")]),
        new.new_code_cell(
            "1 + 1",
            outputs=[new.new_output("execute_result", {"text/plain": "2"}, execution_count=3)],
        ),
    ]
    notebook = new.new_notebook(cells=cells, metadata={"seconds": 1.5})
    nbformat.write(notebook, tmp_path / "ran" / "page.ipynb")
    return tmp_path


def test_a_page_shows_what_its_notebook_printed(book):
    cache = get_cache(book / "cache")
    assert executed.fill_cache(book / "ran", book, cache) == ["page"]
    page = read(str(book / "page.md"))
    assert cache.match_cache_notebook(page).data == {"execution_seconds": 1.5}
    cells = executed.code_cells(cache.merge_match_into_notebook(page)[1])
    assert [cell.execution_count for cell in cells] == [1, 2]
    assert cells[0].outputs[0].text == "one\n"
    assert cells[1].outputs[0].data == {"text/plain": "2"}
    assert cells[1].outputs[0].execution_count == 2


@pytest.mark.parametrize("change", [("1 + 1", "1 + 2"), ("Text.", "```{code-cell}\n3\n```")])
def test_a_page_of_other_code_is_left_to_the_build(book, change):
    (book / "page.md").write_text(PAGE.replace(*change))
    cache = get_cache(book / "cache")
    assert executed.fill_cache(book / "ran", book, cache) == []
    with pytest.raises(KeyError):
        cache.match_cache_notebook(read(str(book / "page.md")))
