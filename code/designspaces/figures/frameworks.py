"""The figure of the chapters on other frameworks."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np

from designspaces.figures.canvas import ACCENT, COOL, STYLE, Picture, as_svg, panel
from designspaces.figures.training import note
from designspaces.training.history import History

LINES = ({"color": COOL, "ls": "-", "lw": 2.2}, {"color": ACCENT, "ls": "--", "lw": 1.4})


@mpl.rc_context(STYLE)
def two_trainings(histories: Mapping[str, History]) -> Picture:
    """Training loss and test accuracy of the same network, trained in two frameworks."""
    (loss, left), (rate, right) = panel(), panel()
    sentences = []
    for (name, history), line in zip(histories.items(), LINES, strict=True):
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
    gaps = np.subtract(*(history.train_loss_trace for history in histories.values()))
    left.set(title=f"Never further apart than {np.abs(gaps).max():.2f}", xlabel="epoch")
    left.set(ylabel="training loss, nats", ylim=(0, None))
    ends = [100 * history.epochs[-1].val_accuracy for history in histories.values()]
    right.set(title=f"They end at {ends[0]:.1f}% and {ends[1]:.1f}%", xlabel="epoch")
    right.set(ylabel="test accuracy, %", xticks=epochs)
    for axes, place in ((left, "upper right"), (right, "lower right")):
        axes.legend(loc=place)
    recipe = next(iter(histories.values())).recipe
    alt = f"Two line charts over {recipe.epochs} epochs, two lines each. {' '.join(sentences)}"
    return Picture((as_svg(loss, "loss"), as_svg(rate, "accuracy")), alt, note(recipe))
