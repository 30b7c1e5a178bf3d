"""A map of the chapters: which one needs which."""

import textwrap
from collections.abc import Mapping

import matplotlib as mpl
from matplotlib.patches import FancyBboxPatch

from designspaces.book.course import Chapter, row
from designspaces.figures.canvas import COOL, INK, STYLE, Picture, as_svg, panel

BOX = (0.8, 0.56)  # of the way from one place to the next, across and down
ASIDE = 0.3  # where an arrow from another column meets a box, off its middle
LETTERS = 17  # of a title on a line


@mpl.rc_context(STYLE)
def chapter_map(chapters: Mapping[str, Chapter]) -> Picture:
    """A box for each chapter, an arrow from what it needs; chapters without a lecture are dashed.

    chapters: by page, as `course.COURSE` has them, which also says what stands in which row.
    """
    places = {page: (one.column, -row(page)) for page, one in chapters.items()}
    figure, axes = panel((6.4, 5.6))
    axes.axis("off")
    axes.set_xlim(-0.45, max(x for x, _ in places.values()) + 0.45)
    axes.set_ylim(min(y for _, y in places.values()) - 0.35, 0.35)
    for page, one in chapters.items():
        _box(axes, places[page], one.title, "-" if one.lecture else (0, (3, 2)))
        for need in one.needs:
            _arrow(axes, places[need], places[page])
    return Picture((as_svg(figure, "chapter-map"),), _told(chapters))


def _box(axes, place: tuple[float, float], title: str, line) -> None:
    corner = [at - size / 2 for at, size in zip(place, BOX, strict=True)]
    style = {"boxstyle": "round,pad=0,rounding_size=0.08", "facecolor": "none"}
    axes.add_patch(
        FancyBboxPatch(corner, *BOX, edgecolor=COOL, linewidth=1.4, linestyle=line, **style)
    )
    words = "\n".join(textwrap.wrap(title, LETTERS))
    axes.text(*place, words, ha="center", va="center", fontsize=9)


def _arrow(axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From below a box to above another."""
    aside = ASIDE * ((start[0] > end[0]) - (start[0] < end[0]))
    axes.annotate(
        "",
        (end[0] + aside, end[1] + BOX[1] / 2),
        (start[0], start[1] - BOX[1] / 2),
        arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
    )


def _told(chapters: Mapping[str, Chapter]) -> str:
    told = [
        f"{one.title} comes after {' and '.join(chapters[need].title for need in one.needs)}."
        for one in chapters.values()
        if one.needs
    ]
    first = " and ".join(one.title for one in chapters.values() if not one.needs)
    return f"A map of the chapters, joined by arrows. {first} need no other. {' '.join(told)}"
