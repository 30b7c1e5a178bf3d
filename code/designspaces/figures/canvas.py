"""Every figure of the book. A function takes data and returns a `Picture` with its alt text.

A Picture is inline SVG: its lines and letters take the page's text color, so it reads in light and
dark, and its panels wrap below one another on a narrow screen. Series have fixed colors that keep
three to one contrast on white and on near-black, and differ in line style as well.
"""

import base64
import io
import re
from dataclasses import dataclass
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from designspaces.designs.published import PublishedRegNet
from designspaces.training.fetch import CLASSES
from designspaces.training.history import History
from designspaces.training.recipe import Recipe

INK = "#010203"  # stands for the page's text color in matplotlib's output
STANDALONE_INK = "#4a5058"  # for an SVG in a file, which cannot see the page's text color
ACCENT = "#d0602a"  # RegNetX, wherever it appears
BASELINE = "#7f7f86"
COOL = "#4a86c5"
PANEL = (3.4, 2.7)  # inches, the size at which a panel is shown

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
            'style="display:flex;flex-wrap:wrap;gap:1rem;justify-content:center">'
            + note
            + "".join(self.panels)
            + "</div>"
        )


@mpl.rc_context(STYLE)
def learning_curves(history: History, baseline: History | None = None) -> Picture:
    """Loss and accuracy of a training by epoch, and a baseline's accuracy beside it."""
    epochs = np.arange(1, len(history.epochs) + 1)
    points = len(history.train_loss_trace)
    steps = np.arange(1, points + 1) * len(epochs) / points
    accuracy = [100 * epoch.val_accuracy for epoch in history.epochs]
    judge = history.recipe.split

    loss = Figure(figsize=PANEL)
    axes = loss.subplots()
    axes.plot(steps, history.train_loss_trace, color=COOL, lw=1, label="training")
    axes.plot(
        epochs, [e.val_loss for e in history.epochs], color=ACCENT, marker="o", ms=3.5, label=judge
    )
    title = f"The {judge} loss ends at {history.epochs[-1].val_loss:.2f}"
    axes.set(title=title, xlabel="epoch", ylabel="cross-entropy, nats")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=9)

    rate = Figure(figsize=PANEL)
    axes = rate.subplots()
    axes.plot(
        epochs,
        [100 * e.train_accuracy for e in history.epochs],
        color=COOL,
        lw=1,
        label="RegNetX32, training",
    )
    axes.plot(epochs, accuracy, color=ACCENT, marker="o", ms=3.5, label=f"RegNetX32, {judge}")
    if baseline is not None:
        axes.plot(
            np.arange(1, len(baseline.epochs) + 1),
            [100 * e.val_accuracy for e in baseline.epochs],
            color=BASELINE,
            ls="--",
            lw=1.5,
            label=f"plain ResNet, {judge}",
        )
    axes.set(title=f"RegNetX32 ends at {accuracy[-1]:.1f}%", xlabel="epoch", ylabel="accuracy, %")
    axes.legend(frameon=False, fontsize=9, loc="lower right")

    alt = (
        f"Two line charts over {len(epochs)} epochs. The training loss falls from "
        f"{history.train_loss_trace[0]:.2f} to {history.train_loss_trace[-1]:.2f} nats, "
        f"the {judge} loss ends at {history.epochs[-1].val_loss:.2f}. "
        f"The {judge} accuracy goes from {accuracy[0]:.1f} to {accuracy[-1]:.1f} percent"
    )
    if baseline is not None:
        alt += f"; that of the plain ResNet ends at {100 * baseline.val_accuracy:.1f} percent"
    return Picture(
        (as_svg(loss, "loss"), as_svg(rate, "accuracy")), f"{alt}.", note(history.recipe)
    )


def note(recipe: Recipe) -> str:
    """What a figure says on its face when its run was not the whole protocol; else nothing."""
    if recipe.train_images is None:
        return ""
    return f"Quick profile: {recipe.train_images:,} images, {recipe.epochs} epochs, not the result."


@mpl.rc_context(STYLE)
def staircase(network: PublishedRegNet) -> str:
    """A standalone SVG file's text: block widths of a published RegNet and the line behind them."""
    widths = network.architecture.block_widths
    blocks = np.arange(network.depth)
    figure = Figure(figsize=(6.4, 3.0))
    axes = figure.subplots()
    axes.bar(blocks, widths, width=0.86, color=COOL, alpha=0.55, lw=0)
    axes.plot(blocks, network.w_0 + network.w_a * blocks, color=ACCENT, lw=2)
    axes.set(xlabel="block", ylabel="width, channels", title=network.name)
    axes.annotate(
        f"$u_j = {network.w_0} + {network.w_a:g}\\,j$",
        (0.42 * network.depth, network.w_0 + network.w_a * 0.42 * network.depth),
        xytext=(-8, 10),
        textcoords="offset points",
        ha="right",
        color=ACCENT,
    )
    alt = f"Block widths of {network.name}, a staircase over a straight line"
    return as_file(figure, "staircase", alt)


def predictions(
    pixels: np.ndarray, labels: np.ndarray, predicted: np.ndarray, recipe: Recipe
) -> Picture:
    """A grid of images, each with what the network said and, where that is wrong, the truth.

    pixels: uint8 of shape (n, r, r). labels, predicted: classes of shape (n,).
    recipe: what the network was trained by.
    """
    answers = [
        (image, CLASSES[truth], CLASSES[said])
        for image, truth, said in zip(pixels, labels, predicted, strict=True)
    ]
    mistakes = [f"{truth} taken for {said}" for _, truth, said in answers if truth != said]
    grid = (
        '<div style="display:grid;grid-template-columns:repeat(auto-fit,minmax(92px,1fr));'
        f'gap:.6rem;width:100%;max-width:40rem">{"".join(map(_prediction, answers))}</div>'
    )
    alt = f"{len(answers)} test images with the network's answers, {len(mistakes)} of them wrong: "
    return Picture((grid,), alt + (", ".join(mistakes) or "none") + ".", note(recipe))


@mpl.rc_context(STYLE)
def confusion(matrix: np.ndarray, recipe: Recipe) -> Picture:
    """How often each class (row) was called each class (column), in percent of the row.

    matrix: counts of shape (classes, classes). recipe: what the network was trained by.
    """
    share = 100 * matrix / matrix.sum(1, keepdims=True)
    figure = Figure(figsize=(4.8, 4.4))
    axes = figure.subplots()
    axes.grid(False)
    ticks = range(len(CLASSES))
    axes.set_xticks(ticks, CLASSES, rotation=45, ha="right")
    axes.set_yticks(ticks, CLASSES)
    axes.set(xlabel="called", ylabel="is")
    axes.set_xlim(-0.5, len(CLASSES) - 0.5)
    axes.set_ylim(len(CLASSES) - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    for row in ticks:
        for column in ticks:
            value = share[row, column]
            right = row == column
            axes.add_patch(
                mpl.patches.Rectangle(
                    (column - 0.47, row - 0.47),
                    0.94,
                    0.94,
                    color=COOL if right else ACCENT,
                    alpha=0.45 if right else min(1.0, 0.04 + value / 25),
                    lw=0,
                )
            )
            if value >= 0.5:
                whole = int(value + 0.5)  # a half rounds up; Python's own way would print 0 for 0.5
                axes.text(column, row, whole, ha="center", va="center", fontsize=9)
    off = np.where(np.eye(len(CLASSES), dtype=bool), -1, share)
    row, column = np.unravel_index(off.argmax(), off.shape)
    alt = (
        f"Confusion matrix of {int(matrix.sum()):,} images in percent of each class. "
        f"Found best: {CLASSES[np.diag(share).argmax()]}, {np.diag(share).max():.0f} percent; "
        f"worst: {CLASSES[np.diag(share).argmin()]}, {np.diag(share).min():.0f} percent. "
        f"Most frequent mistake: {CLASSES[row]} called {CLASSES[column]}, {off.max():.0f} percent."
    )
    return Picture((as_svg(figure, "confusion"),), alt, note(recipe))


def as_svg(figure: Figure, name: str) -> str:
    """The figure as one <svg> whose ink is the page's text color and whose ids start with name."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # several figures share a page: their ids must not meet
    text = re.sub(r'id="', f'id="{name}-', text)
    text = re.sub(r'(url\(|href=")#', rf"\g<1>#{name}-", text)
    text = re.sub(r' [dxy]="[^"]*"', _short, text)
    text = re.sub(r"\n\s*", "\n", text)
    text = re.sub(r'(<g clip-path="[^"]*")>((?:\n<use [^>]*/>){2,})', _shared_style, text)
    width = figure.get_size_inches()[0]
    return re.sub(
        r'<svg [^>]*?(viewBox="[^"]*")[^>]*>',
        rf'<svg aria-hidden="true" \1 style="width:{width}in;max-width:100%;height:auto" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">',
        text,
        count=1,
    ).strip()


def _short(attribute: re.Match) -> str:
    """A hundredth of a point is more than anybody sees, and makes drawings a third lighter."""
    return re.sub(r"([.][0-9]{2})[0-9]+", r"\1", attribute[0])


def _shared_style(points: re.Match) -> str:
    """Hundreds of points of one look: the group has it, not each of them."""
    group, uses = points.groups()
    style, *others = set(re.findall(r' style="[^"]*"', uses))
    return points[0] if others else f"{group}{style}>{uses.replace(style, '')}"


def as_file(figure: Figure, name: str, alt: str) -> str:
    """The text of an SVG file: like `as_svg`, but with ink and a description of its own."""
    text = as_svg(figure, name).replace("currentColor", STANDALONE_INK)
    opened = text.index(">") + 1
    head = text[:opened].replace('aria-hidden="true"', 'role="img"')
    return f"{head}<title>{escape(alt)}</title>{text[opened:]}\n"


def _prediction(answer: tuple[np.ndarray, str, str]) -> str:
    image, truth, said = answer
    right = truth == said
    mark = "✓" if right else "✗"
    note = "" if right else f"<br>is {escape(truth)}"
    color = COOL if right else ACCENT
    return (
        f'<div style="text-align:center;font-size:.8rem;line-height:1.25">'
        f'<img alt="{escape(truth)}, named {escape(said)}" src="{_png(image)}" '
        'width="84" height="84" '
        f'style="image-rendering:pixelated;border:2px {"solid" if right else "dashed"} {color};'
        f'background:#000"><br>{mark} {escape(said)}{note}</div>'
    )


def _png(image: np.ndarray) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
