"""The plan: what is asked of how many MLPs of two sizes, and what settles it.

"better" means that the number is below 0. The small networks are trained first; what they foretell
of `MLP_A_large` is then written down by `foretelling.write_down` and committed; then the large.
"""

from designspaces.experiments.mlps.foretelling import BestQuarter, RankAgreement
from designspaces.experiments.mlps.space import LARGE, SMALL
from designspaces.judging.questions import Means, Slope
from designspaces.judging.study import Family, Plan

NETWORKS = 100
"""Of a space: where errors spread by a point, a simultaneous interval is some 0.4 either way."""

N = {space.name: NETWORKS for space in (*SMALL, *LARGE)}
"""Networks by population."""

SIZES = ("small", "large")
RULES = ("A", "rising", "falling", "equal", "line")
EXERCISE = "the exercise on MLPs"
ASKED = "asked of MLPs"


def _means(size: str, a: str, b: str, text: str, source: str) -> Means:
    return Means(
        id=f"{a}-{b}-{size}",
        text=f"Of {size} MLPs, {text}",
        source=f"{source}, {ASKED}",
        expects="better",
        a=f"MLP_{a}_{size}",
        b=f"MLP_{b}_{size}",
    )


def _widths(size: str) -> tuple[Means, ...]:
    rule, lines = "section 3.2, figure 7", "section 3.3, figure 9"
    return (
        _means(
            size, "falling", "rising", "widths that rise are better than widths that fall", rule
        ),
        _means(size, "equal", "rising", "widths that rise are better than equal ones", rule),
        _means(size, "equal", "falling", "widths that fall are better than equal ones", rule),
        _means(size, "A", "line", "those drawn from a line are better than free ones", lines),
    )


def _slope(size: str, text: str, property: str, values: tuple[float, ...]) -> Slope:
    """Over all five spaces, each with a level of its own."""
    return Slope(
        id=f"{property}-{size}",
        text=f"Of {size} MLPs of equal depth, {text}",
        source=EXERCISE,
        expects="better",
        spaces=tuple(f"MLP_{rule}_{size}" for rule in RULES),
        property=property,
        values=values,
    )


def _line(size: str, *rules: str) -> Slope:
    return Slope(
        id=f"line-{'-'.join(rules)}-{size}",
        text=f"Of {size} MLPs of equal depth and parameters, with widths that are "
        f"{'free' if rules == ('A',) else ' or '.join(rules)}, those nearer to a line are better",
        source=f"section 3.3, figure 8, {ASKED}",
        expects="rises",
        unit="of ranks",
        margin=0.1,
        spaces=tuple(f"MLP_{rule}_{size}" for rule in rules),
        property="fit_error",
        held=("depth", "params"),
        ranked=True,
    )


def _blocks(size: str) -> tuple[Slope, ...]:
    return (
        _slope(size, "those with shortcuts are better", "residual", (1,)),
        _slope(size, "blocks that expand are better", "expansion", (2, 4)),
        _line(size, "A"),
        _line(size, "rising", "falling"),
    )


_SIDES = {"small": "MLP_A_small", "large": "MLP_A_large"}

FORETOLD = (
    BestQuarter(
        id="best-quarter",
        text="The quarter of large MLPs that the small ones foretell to be best is better than the "
        "others",
        source=EXERCISE,
        expects="better",
        **_SIDES,
    ),
    RankAgreement(
        id="rank-agreement",
        text="The small MLPs foretell the order of the large",
        source=EXERCISE,
        expects="rises",
        unit="of ranks",
        margin=0.1,
        **_SIDES,
    ),
)

FAMILIES = (
    Family("widths", True, tuple(question for size in SIZES for question in _widths(size))),
    Family("blocks", False, tuple(question for size in SIZES for question in _blocks(size))),
    Family("foretold", True, FORETOLD),
)

PLAN: Plan | None = None
"""Signed when the second study's regime is chosen, before the first MLP is trained."""
