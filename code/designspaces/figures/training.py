"""The figures of one training: its curves, its answers and its mistakes."""

import base64
import io
from html import escape

import matplotlib as mpl
import numpy as np

from designspaces.figures.canvas import ACCENT, BASELINE, COOL, STYLE, Picture, as_svg, panel
from designspaces.training.fetch import CLASSES
from designspaces.training.history import History
from designspaces.training.recipe import Recipe


@mpl.rc_context(STYLE)
def learning_curves(history: History, baseline: History | None = None) -> Picture:
    """Loss and accuracy of a training by epoch, and a baseline's accuracy beside it."""
    epochs = np.arange(1, len(history.epochs) + 1)
    points = len(history.train_loss_trace)
    steps = np.arange(1, points + 1) * len(epochs) / points
    accuracy = [100 * epoch.val_accuracy for epoch in history.epochs]
    judge = history.recipe.split

    loss, axes = panel()
    axes.plot(steps, history.train_loss_trace, color=COOL, lw=1, label="training")
    axes.plot(
        epochs, [e.val_loss for e in history.epochs], color=ACCENT, marker="o", ms=3.5, label=judge
    )
    title = f"The {judge} loss ends at {history.epochs[-1].val_loss:.2f}"
    axes.set(title=title, xlabel="epoch", ylabel="cross-entropy, nats")
    axes.set_ylim(bottom=0)
    axes.legend()

    rate, axes = panel()
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
    axes.legend(loc="lower right")

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
    figure, axes = panel((4.8, 4.4))
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
    right = np.diag(share)
    best, worst = right.argmax(), right.argmin()
    told = [int(one + 0.5) for one in (right[best], right[worst], off.max())]  # as it is drawn
    alt = (
        f"Confusion matrix of {int(matrix.sum()):,} images in percent of each class. "
        f"Found best: {CLASSES[best]}, {told[0]} percent; "
        f"worst: {CLASSES[worst]}, {told[1]} percent. "
        f"Most frequent mistake: {CLASSES[row]} called {CLASSES[column]}, {told[2]} percent."
    )
    return Picture((as_svg(figure, "confusion"),), alt, note(recipe))


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
