"""The figure of what small networks foretell of large ones."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np

from designspaces.figures.canvas import ACCENT, BASELINE, COOL, ROWS, STYLE, Picture, as_svg, panel
from designspaces.judging.effects import capped


@mpl.rc_context(STYLE)
def foretold(told: Sequence[float], errors: Sequence[float], best: Sequence[bool]) -> Picture:
    """Each large network's error against what was foretold of it, both in percent.

    best: which are foretold to be best; filled, and their mean error a thick line, that of the
    others a thin one. Errors count up to the cap. Raises ValueError unless both sides have one.
    """
    told, errors, best = np.asarray(told), capped(errors), np.asarray(best, bool)
    if best.all() or not best.any():
        raise ValueError(f"best has {best.sum()} of {len(best)}; expected some on either side")
    figure, axes = panel((ROWS, 3.4))
    names = "foretold to be best", "the others"
    looks = {"color": ACCENT, "mfc": ACCENT}, {"color": COOL, "mfc": "none"}
    means = []
    for side, name, look, width in zip((best, ~best), names, looks, (2.4, 1.2), strict=True):
        axes.plot(told[side], errors[side], ls="", marker="o", ms=5, label=name, **look)
        means.append(errors[side].mean())
        axes.plot(
            [told[side].min(), told[side].max()], [means[-1]] * 2, lw=width, color=look["color"]
        )
    cut = (told[best].max() + told[~best].min()) / 2
    axes.axvline(cut, color=BASELINE, lw=1, ls="--")
    axes.set(xlabel="error that the small ones foretell, %", ylabel="error once trained, %")
    axes.legend(loc="lower right")
    first, other = (f"{mean:.2f}%" for mean in means)
    alt = (
        f"Errors of {len(told)} networks against what was foretold of them. The {best.sum()} "
        f"foretold to be best have {first} in the mean, the others {other}."
    )
    return Picture((as_svg(figure, "foretold"),), alt)
