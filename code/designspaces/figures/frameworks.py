"""The figure of the chapters on other frameworks."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np

from designspaces.figures.canvas import ACCENT, BASELINE, COOL, STYLE, Picture, as_svg, panel
from designspaces.training.history import History

LINES = (
    {"color": COOL, "ls": "-", "lw": 2.4},
    {"color": ACCENT, "ls": "--", "lw": 1.5},
    {"color": BASELINE, "ls": "-.", "lw": 1.5},
    {"color": "#8a6fb5", "ls": ":", "lw": 1.8},
)


@mpl.rc_context(STYLE)
def trainings(histories: Mapping[str, History]) -> Picture:
    """Training loss and test accuracy of the same network, trained in two to four frameworks.

    Gaps are those of the losses from the first one's.
    """
    (loss, left), (rate, right) = panel(), panel()
    sentences = []
    for (name, history), line in zip(histories.items(), LINES, strict=False):
        epochs = np.arange(1, len(history.epochs) + 1)
        points = len(history.train_loss_trace)
        steps = np.arange(1, points + 1) * len(epochs) / points
        left.plot(steps, history.train_loss_trace, label=name, **line)
        accuracy = [100 * epoch.val_accuracy for epoch in history.epochs]
        right.plot(epochs, accuracy, marker="o", ms=3.5, label=name, **line)
        sentences.append(
            f"In {name} the loss goes from {history.train_loss_trace[0]:.2f} to "
            f"{history.train_loss_trace[-1]:.2f} nats and the test accuracy ends at "
            f"{accuracy[-1]:.1f} percent."
        )
    first, *others = (history.train_loss_trace for history in histories.values())
    gap = np.abs(np.subtract(others, first)).max()
    left.set(title=f"Never further apart than {gap:.2f}", xlabel="epoch")
    left.set(ylabel="training loss, nats", ylim=(0, None))
    ends = [100 * history.epochs[-1].val_accuracy for history in histories.values()]
    right.set(title=f"They end at {min(ends):.1f}% to {max(ends):.1f}%", xlabel="epoch")
    right.set(ylabel="test accuracy, %", xticks=epochs)
    for axes, place in ((left, "upper right"), (right, "lower right")):
        axes.legend(loc=place)
    recipe = next(iter(histories.values())).recipe
    told = " ".join(sentences)
    alt = f"Two line charts over {recipe.epochs} epochs, {len(ends)} lines each. {told}"
    return Picture((as_svg(loss, "loss"), as_svg(rate, "accuracy")), alt)
