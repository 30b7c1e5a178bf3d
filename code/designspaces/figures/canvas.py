"""What every figure of the book is drawn on. A function takes data and returns a `Picture`.

A Picture is inline SVG: its lines and letters take the page's text color, so it reads in light and
dark, and its panels wrap below one another on a narrow screen. Series have fixed colors that keep
three to one contrast on white and on near-black, and differ in line style as well.
"""

import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator

INK = "#010203"  # stands for the page's text color in matplotlib's output
STANDALONE_INK = "#4a5058"  # for an SVG in a file, which cannot see the page's text color
ACCENT = "#d0602a"  # among spaces RegNetX; elsewhere what a figure is about
BASELINE = "#7f7f86"
COOL = "#4a86c5"
PANEL = (3.4, 2.7)  # inches, the size at which a panel is shown
FONT = "font-family: 'DejaVu Sans', sans-serif"  # as matplotlib writes it
ROWS = 4.6  # the width of a figure of rows with words, which a phone shows at four fifths
ROW = 0.42  # the height of one: a claim and its verdict stand above its interval
READABLE = 0.75  # of the width at which it is shown: what a drawing scrolls for rather than shrink
TALL = (PANEL[0], 3.0)  # a panel with a title of two lines

STYLE = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # the default's list of ten stands at every label
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.18,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.title_fontsize": 9,
    "figure.constrained_layout.use": True,
    "savefig.transparent": True,
} | dict.fromkeys(
    [
        "text.color",
        "axes.edgecolor",
        "axes.labelcolor",
        "axes.titlecolor",
        "grid.color",
        "xtick.color",
        "ytick.color",
    ],
    INK,
)


@dataclass(frozen=True)
class Picture:
    """Panels of SVG with one alt text; notebooks and the book show it by itself."""

    panels: tuple[str, ...]
    alt: str
    note: str = ""  # stands above the panels, for what a reader must not overlook
    made: str = ""  # for the caption: how many networks, by which recipe, at what cost

    def _repr_mimebundle_(self, **_) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.alt}

    def html(self) -> str:
        """The panels in a row that wraps, described once for those who cannot see them."""
        note = f'<p style="width:100%;margin:0"><b>{escape(self.note)}</b></p>' if self.note else ""
        return (
            f'<div class="picture" role="img" aria-label="{escape(self.alt, quote=True)}" '
            'style="display:flex;flex-wrap:wrap;gap:1rem;justify-content:safe center">'
            + note
            + "".join(self.panels)
            + "</div>"
        )


def panel(size: tuple[float, float] = PANEL) -> tuple[Figure, Axes]:
    """A figure of one panel, of `size` in inches, and its axes."""
    figure = Figure(figsize=size)
    return figure, figure.subplots()


def rows(labels: Sequence[str], ends: Sequence[float], margin: float, xlabel: str):
    """A figure with a row a label, the first on top, and its axes, as wide as the `ends` ask."""
    figure, axes = panel((ROWS, 0.9 + ROW * len(labels)))
    mark_margin(axes, margin)
    left, right = min(-1.2 * margin, *ends), max(1.2 * margin, *ends)
    for row, label in enumerate(reversed(labels)):
        axes.text(left, row + 0.24, label, fontsize=9, va="bottom")
    axes.set(yticks=[], ylim=(-0.6, len(labels) - 0.2), xlim=(left, right))
    axes.set(xlabel=f"{xlabel}; left is better")
    axes.grid(visible=False, axis="y")
    return figure, axes


def by_kind(shown: Sequence, is_first: Callable) -> list[list]:
    """Rows for a panel each, in their order: those of the first kind, if any, then the others."""
    first, others = [o for o in shown if is_first(o)], [o for o in shown if not is_first(o)]
    return [some for some in (first, others) if some]


def mark_margin(axes: Axes, margin: float) -> None:
    """Zero as a line, and a shade over what does not matter to either side of it."""
    axes.axvspan(-margin, margin, color=BASELINE, alpha=0.16, lw=0)
    axes.axvline(0, color=BASELINE, lw=1)


def label(axes: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], **look):
    """Write a text beside a point of the axes, `offset` points to the right and above it."""
    axes.annotate(text, at, xytext=offset, textcoords="offset points", **look)


def plain_log(axis: Axis, ticks: Sequence[float] | None = None) -> None:
    """Plain numbers on a logarithmic axis: the `ticks`, or as many as there is room for."""
    low, high = axis.get_view_interval()
    usual = LogLocator(subs=(1, 3) if high / low > 40 else (1, 2, 5))
    axis.set_major_locator(usual if ticks is None else FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(FixedLocator([]))


def set_log_log(axes: Axes, title: str, xlabel: str, ylabel: str) -> None:
    """Title and names of two logarithmic axes with plain numbers."""
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel, xscale="log", yscale="log")
    plain_log(axes.xaxis)
    plain_log(axes.yaxis)


def as_svg(figure: Figure, name: str) -> str:
    """The figure as one <svg> whose ink is the page's text color and whose ids start with name."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # nothing refers to a group
    text = text.replace(f"{FONT}; ", "")  # the drawing has it, not each label
    # several figures share a page: their ids must not meet
    ids = {old: f"{name}-{i}" for i, old in enumerate(re.findall(r' id="([^"]*)"', text))}
    text = re.sub(r'( id="|url\(#|href="#)([^")]*)', lambda found: found[1] + ids[found[2]], text)
    text = re.sub(r' [dxy]="[^"]*"', _short, text)
    text = re.sub(r' d="([MLz \d.\n-]*)"', _light_path, text)
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    text = re.sub(r"\n\s*", "\n", text)
    text = re.sub(r'(<g clip-path="[^"]*")>((?:\n<use [^>]*/>){2,})', _shared_style, text)
    text = _named_looks(_without_plain_groups(text))
    width = figure.get_size_inches()[0]
    least = f"min-width:{READABLE * width:.3g}in;" if width > PANEL[0] else ""
    look = f"width:{width}in;max-width:100%;{least}height:auto;{FONT}"
    return re.sub(
        r'<svg [^>]*?(viewBox="[^"]*")[^>]*>',
        rf'<svg aria-hidden="true" \1 style="{look}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">',
        text,
        count=1,
    ).strip()


def _short(attribute: re.Match) -> str:
    """A hundredth of a point is more than anybody sees, and makes drawings a third lighter."""
    return re.sub(r"([.][0-9]{2})[0-9]+", r"\1", attribute[0])


def _light_path(path: re.Match) -> str:
    """The same corners, level and upright lines by one number each: steps are half as long."""
    before, drawn = None, []
    for command, x, y in re.findall(r"([MLz])(?: (\S+) (\S+))?", path[1]):
        if command != "L" or before is None:
            drawn.append(f"{command}{x} {y}".strip())
        elif (x, y) != before or len(drawn) == 1:  # a line to where it stands may be a dot
            drawn.append(f"V{y}" if x == before[0] else f"H{x}" if y == before[1] else f"L{x} {y}")
        before = (x, y) if x else None
    return f' d="{"".join(drawn)}"'


def _shared_style(points: re.Match) -> str:
    """Hundreds of points of one look: the group has it, not each of them."""
    group, uses = points.groups()
    style, *others = set(re.findall(r' style="[^"]*"', uses))
    return points[0] if others else f"{group}{style}>{uses.replace(style, '')}"


def _without_plain_groups(text: str) -> str:
    """Groups that hold nothing, or give nothing to what they hold, only take room."""
    kept, plain = [], []
    text = re.sub(r"<g[^>]*/>\n?", "", text)
    for part in re.split(r"(<g(?: [^>]*)?>\n?|</g>\n?)", text):
        if part.startswith("<g"):
            plain.append(part.strip() == "<g>")
        if not part.startswith(("<g", "</g")) or not plain[-1]:
            kept.append(part)
        if part.startswith("</g"):
            plain.pop()
    return "".join(kept)


def _named_looks(text: str) -> str:
    """A look that more than two elements have stands once, under a name made of what it is.

    A rule holds for the whole page, so equal names must mean equal looks in all its drawings.
    """
    looks = Counter(re.findall(r' style="([^"]*)"', text))
    names = {
        look: "s" + hashlib.sha256(look.encode()).hexdigest()[:5]
        for look, times in looks.items()
        if times > 2
    }
    rules = "".join(f".{name}{{{look}}}" for look, name in names.items())
    text = re.sub(
        r' style="([^"]*)"',
        lambda found: f' class="{names[found[1]]}"' if found[1] in names else found[0],
        text,
    )
    return text.replace("</style>", f"{rules}</style>", 1)


def as_file(figure: Figure, name: str, alt: str) -> str:
    """The text of an SVG file: like `as_svg`, but with ink and a description of its own."""
    text = as_svg(figure, name).replace("currentColor", STANDALONE_INK)
    opened = text.index(">") + 1
    head = text[:opened].replace('aria-hidden="true"', 'role="img"')
    return f"{head}<title>{escape(alt)}</title>{text[opened:]}\n"
