"""Tables of pandas, as pages show them; before that, what is wrong with them is seen."""

import re

import pages
import pytest
from pages import HTML, parse

pd = pytest.importorskip("pandas")
tables = pytest.importorskip("tables", reason="of _ext")


def shown(frame):
    """Head and body of a table as a page shows it, a list of cells a row."""
    table = parse(tables.readable(frame._repr_html_())).table
    return [[cell.get_text() for cell in row(["th", "td"])] for row in table("tr")]


def test_the_name_of_the_index_stands_in_the_corner():
    frame = pd.DataFrame({"a": [1], "b": [2]}, index=pd.Index(["x"], name="space"))
    assert shown(frame) == [["space", "a", "b"], ["x", "1", "2"]]


def test_the_names_of_two_indices_stand_in_the_corner():
    index = pd.MultiIndex.from_tuples([("x", 1)], names=["space", "number"])
    assert shown(pd.DataFrame({"a": [3]}, index=index))[0] == ["space", "number", "a"]


def test_columns_of_two_levels_keep_them():
    columns = pd.MultiIndex.from_tuples([("a", "ours"), ("a", "theirs")])
    frame = pd.DataFrame([[1, 2]], columns=columns, index=pd.Index(["x"], name="name"))
    assert shown(frame)[:2] == [["", "a"], ["name", "ours", "theirs"]]


@pytest.mark.parametrize("index", ["pixels", ["pixels", "seed"]])
def test_where_rows_and_columns_have_a_name_each_column_says_it(index):
    names = [index] if isinstance(index, str) else index
    rows = pd.MultiIndex.from_product([[28]] * len(names), names=names)
    frame = pd.DataFrame({2: [3], 1: [2]}, index=rows).rename_axis(columns="stem stride")
    frame.index = frame.index if len(names) > 1 else frame.index.get_level_values(0)
    assert shown(frame) == [
        [*names, "stem stride 2", "stem stride 1"],
        *[["28"] * len(names) + ["3", "2"]],
    ]


def test_without_a_name_nothing_is_changed():
    frame = pd.DataFrame({"a": [1], "b": ["x"]})
    assert tables.readable(frame._repr_html_()) == frame._repr_html_()


def test_large_numbers_are_grouped_and_nothing_else_is():
    frame = pd.DataFrame([[123456, 1234, 0.123456, "12345 a", -70000, None]], dtype=object)
    assert shown(frame)[1][1:] == ["123,456", "1234", "0.123456", "12345 a", "-70,000", "–"]


def test_long_words_are_marked():
    frame = pd.DataFrame([["Widths that never fall make better networks", "a few words"]])
    cells = parse(tables.readable(frame._repr_html_())).select("td")
    assert [cell.get("class") for cell in cells] == [["words"], None]


def test_a_long_name_may_break_and_says_the_same():
    frame = pd.DataFrame({"bottleneck_ratios": [1]}, index=["AnyNetX_A"])
    table = parse(tables.readable(frame._repr_html_())).table
    assert len(table("wbr")) == 1
    assert [cell.get_text() for cell in table("th")] == ["", "bottleneck_ratios", "AnyNetX_A"]


HUE = re.compile(r'\[class\^="of (\w+)"\] \{ --hue: (#[0-9a-f]{6});')


def test_a_space_has_its_hue_before_its_name_and_nothing_else_has():
    frame = pd.DataFrame(
        {"RegNetX": ["AnyNetX_D", "RegNetX-3.2GF"]}, ["AnyNetX_A/0/1/1", "RegNetY"]
    )
    table = parse(tables.readable(frame._repr_html_())).table
    marked = {cell.get_text(): cell["class"] for cell in table.select(".of")}
    assert marked == {name: ["of", name] for name in ("RegNetX", "AnyNetX_D", "RegNetY")}


def test_all_spaces_of_both_studies_have_hues_and_no_others_have():
    spaces = pytest.importorskip("designspaces.spaces")
    known = [*spaces.SPACES, *spaces.STUDY_SPACES]
    others = [
        "RegNetX_four_stages",
        "AnyNetX_C_mine",
        "AnyNetX_F",
        "RegNetY_half_flops",
        "RegNetX32",
    ]
    frame = pd.DataFrame({name: [name] for name in [*known, *others]}, ["x"])
    marked = parse(tables.readable(frame._repr_html_())).table.select(".of")
    assert [cell.get_text() for cell in marked] == 2 * known, "as heads and in cells"
    assert all(cell["class"] == ["of", cell.get_text()] for cell in marked)
    long = next(cell for cell in marked if cell.get_text() == "AnyNetX_C_equal_widths")
    assert len(long("wbr")) == 3


def test_the_hues_of_tables_are_those_of_the_figures():
    pytest.importorskip("matplotlib")
    from designspaces.figures.styles import style_of
    from designspaces.spaces import SPACES
    from designspaces.spaces.study import STUDY_SPACES

    hues = dict(HUE.findall((pages.ROOT / "_static" / "hues.css").read_text(encoding="utf-8")))
    for space in SPACES | STUDY_SPACES:
        base = max((name for name in hues if space.startswith(name)), key=len)
        assert hues[base] == style_of(space)["color"], space


@pytest.mark.book
@pytest.mark.parametrize("name", pages.book_pages())
def test_tables_of_the_book(name):
    page = parse((HTML / f"{name}.html").read_text(encoding="utf-8"))
    for table in page.select("table.dataframe"):
        last = [cell.get_text() for cell in table.select("thead tr:last-child > *")]
        assert all(last[1:]), f"a row of heads for a name alone: {last}"
        cells = [cell.get_text() for cell in table.select("tbody td")]
        assert [one for one in cells if re.fullmatch(r"\d{5,}|None", one)] == []
