"""Tables of pandas as readers want them: one row of heads that may break, words to the left,
numbers in groups, and before a space's name its hue (_static/hues.css).

In the stored notebooks they stay as pandas writes them, and every cell keeps what it says.
"""

from __future__ import annotations

import re

TABLE = re.compile(r'<table border="1" class="dataframe">.*?</table>', re.S)
HEADS = re.compile(r"<thead>(.*?)</thead>", re.S)
ROW = re.compile(r"<tr[^>]*>.*?</tr>", re.S)
HEAD = re.compile(r"<th[^>]*>.*?</th>", re.S)
EMPTY = "<th></th>"
WORDS = re.compile(r"<td>(?=[^<]{25,}</td>)(?=[^<]*[A-Za-z]{3})")
LONG_NAME = re.compile(r"(?<=<th)(?P<of>(?: class=\"of \w+\")?>)(?=[^<]{13})[^<]*_[^<]*(?=</th>)")
SPACE = re.compile(
    r"<(t[hd])>((?:AnyNetX_[A-E]|RegNetX)(?:_like_AnyNetX_[DE]|_like_RegNetX"
    r"|_(?:equal|decreasing)_(?:widths|depths)|_(?:half|double|fourfold)_flops"
    r"|_(?:inverted|without)_bottlenecks)?|RegNetY)(?=</t[hd]>)"
)
LARGE = re.compile(r"<td>(-?\d{5,})</td>")


def readable(html: str) -> str:
    """A page whose tables of pandas are cured."""
    return TABLE.sub(lambda found: _cured(found[0]), html)


def _cured(table: str) -> str:
    table = HEADS.sub(lambda found: f"<thead>{_one_head(found[1])}</thead>", table)
    table = SPACE.sub(r'<\1 class="of \2">\2', table)
    table = LONG_NAME.sub(_breakable, table)
    table = LARGE.sub(lambda found: f"<td>{int(found[1]):,}</td>", table)
    table = WORDS.sub('<td class="words">', table)
    return table.replace("<td>None</td>", "<td>–</td>")


def _breakable(head: re.Match) -> str:
    return head["of"] + head[0].removeprefix(head["of"]).replace("_", "_<wbr>")


def _one_head(heads: str) -> str:
    """The names of the index, which have a row of their own, in the empty corner above them."""
    rows = ROW.findall(heads)
    cells = HEAD.findall(rows[-1])
    names = [cell for cell in cells if cell != EMPTY]
    if len(rows) < 2 or not names or cells[: len(names)] != names or len(names) == len(cells):
        return heads
    filled, above = rows[-2], HEAD.findall(rows[-2])
    *before, of_columns = above[: len(names)]
    if len(rows) == 2 and of_columns != EMPTY:  # the columns have a name as well: each says it
        name = of_columns.removesuffix("</th>")
        for column in set(above[len(names) :]):
            filled = filled.replace(column, f"{name} {column.removeprefix('<th>')}")
        filled = filled.replace(of_columns, EMPTY, 1)
    elif [*before, of_columns] != [EMPTY] * len(names):
        return heads
    for name in names:
        filled = filled.replace(EMPTY, name.replace("<th>", '<th class="index-name">'), 1)
    return heads.replace(rows[-1], "").replace(rows[-2], filled)
