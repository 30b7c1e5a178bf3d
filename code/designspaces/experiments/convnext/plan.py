"""The plan: which of RegNet's rules survive a change of block, asked of how many networks.

Before it was signed none was trained but for some steps, to see that it learns.
"""

from dataclasses import replace

from designspaces.experiments.convnext.space import LINE, A, B, C, D, E
from designspaces.judging.questions import Means
from designspaces.judging.study import Family, draft
from designspaces.populations.population import Population

SPACES = (A, B, C, D, E, LINE)

N = {space.name: 100 for space in SPACES}
"""Networks of each space. An interval then reaches 0.36 spreads of a space's errors to either side.

With a margin of 0.38 spreads, a difference as large as the margin is found in half of all studies;
that two spaces are the same is supported in one of ten even where they are, and in four of five
with 210 networks of each. (The luck of the images is left out of this; it makes both rarer.)
"""


def _step(a, b, expects: str, section: str, text: str) -> Means:
    return Means(
        id=f"ConvNeXt-{a.name.removeprefix('ConvNeXt_')}-{b.name.removeprefix('ConvNeXt_')}",
        text=text,
        source=f"Radosavovic et al. 2020, section {section}, asked of another block",
        expects=expects,
        a=a.name,
        b=b.name,
    )


STEPS = (
    _step(A, B, "same", "3.2", "One expansion for all stages changes nothing"),
    _step(B, C, "same", "3.2", "One kernel size for all stages changes nothing"),
    _step(C, D, "better", "3.2", "Widths that never fall make better networks"),
    _step(D, E, "better", "3.2", "Depths that never fall make better networks"),
    _step(E, LINE, "better", "3.3", "Widths from a quantized line make better networks than E"),
)

FAMILIES = (Family("steps", True, STEPS),)

PLAN = replace(draft(FAMILIES, N), signed="2026-11-29T07:20:00+00:00")


def evidence() -> Population:
    """What is recorded of the six spaces; nothing where none is trained yet."""
    return Population.experiment("convnext")
