"""The figures of populations; see `plots` for how a figure is made."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from designspaces.plots import ACCENT, BASELINE, STYLE, Picture, as_svg
from designspaces.statistics import EDF

SPACE_STYLES = {
    "AnyNetX_A": {"color": "#5b96d7", "lw": 1.2, "ls": "-"},
    "AnyNetX_B": {"color": "#4f8bd0", "lw": 1.4, "ls": (0, (5, 1))},
    "AnyNetX_C": {"color": "#447dc2", "lw": 1.6, "ls": (0, (3, 1))},
    "AnyNetX_D": {"color": "#3c73b8", "lw": 1.9, "ls": (0, (5, 1, 1, 1))},
    "AnyNetX_E": {"color": "#346aae", "lw": 2.3, "ls": "-"},
    "RegNetX": {"color": ACCENT, "lw": 2.0, "ls": "-"},
}
"""One ramp for spaces that refine one another, an accent for RegNetX; widths and dashes differ."""

CONTROL = {"color": BASELINE, "lw": 1.4, "ls": (0, (2, 1.5))}
WIDE = (6.4, 3.6)  # inches, the size at which the figure is shown


def style_of(space: str) -> dict:
    """How a space is drawn, in every figure alike; controls are dashed gray."""
    return SPACE_STYLES.get(space, CONTROL)


@mpl.rc_context(STYLE)
def edf_with_mine(space: str, curve: EDF, mine: Sequence[float]) -> Picture:
    """A population's EDF with its 95% band, and where single networks land on it.

    mine: validation errors as fractions.
    """
    half = curve.half_band()
    left, right = _limits(np.append(curve.errors, mine))
    errors, shares = curve.between(left / 100, right / 100)
    errors = 100 * errors
    figure = Figure(figsize=WIDE)
    axes = figure.subplots()
    style = style_of(space)
    axes.fill_between(
        errors,
        np.clip(shares - half, 0, 1),
        np.clip(shares + half, 0, 1),
        step="pre",
        color=style["color"],
        alpha=0.18,
        lw=0,
    )
    axes.step(errors, shares, where="pre", **style)
    axes.plot(
        100 * np.asarray(mine), curve(mine), ls="", marker="o", ms=7, color=ACCENT, label="yours"
    )
    axes.legend(frameon=False, loc="lower right")
    axes.set(
        title=f"Half of {curve.n} networks stay below {100 * curve.median:.1f}%",
        xlabel="validation error, %",
        ylabel="share of networks below",
        xlim=(left, right),
        ylim=(0, 1.02),
    )
    places = ", ".join(f"{100 * error:.1f} percent" for error in mine)
    alt = (
        f"EDF of {curve.n} networks of {space}. It climbs from {100 * curve.errors[0]:.1f} to "
        f"{100 * curve.errors[-1]:.1f} percent; median error {100 * curve.median:.1f} percent. "
        f"A band reaches {100 * half:.0f} percentage points up and down. "
        f"{len(mine)} networks of the reader are marked, at {places}."
    )
    return Picture((as_svg(figure, "edf-with-mine"),), alt)


def _limits(errors: np.ndarray) -> tuple[float, float]:
    """The part of the axis, in percent, that holds nearly all; a few failures must not rule it."""
    low, high = 100 * errors.min(), 100 * np.quantile(errors, 0.98)
    return np.floor(low - 0.5), np.ceil(high + 0.5)
