"""The plan: what is asked of how many MLPs of two sizes, and what settles it.

"better" means that the number is below 0. The small networks are trained first; what they foretell
of `MLP_A_large` is then written to `FORETOLD_FILE` and committed; then the large are trained.
"""

from dataclasses import replace

from designspaces.experiments.mlps.foretelling import BestQuarter, RankAgreement
from designspaces.experiments.mlps.space import LARGE, SMALL
from designspaces.judging.questions import Means, Question, Slope, Strata
from designspaces.judging.study import Family, draft
from designspaces.populations.population import EXPERIMENTS_FOLDER, Population

FORETOLD_FILE = EXPERIMENTS_FOLDER / "mlps" / "foretold.json"
"""By `foretelling.write_down`."""

NETWORKS = 100
"""Of a space: where errors spread by a point, a simultaneous interval is some 0.4 either way. An
epoch takes 3 seconds of a core for a small one and 8 for a large one: 90 minutes for all."""

N = {space.name: NETWORKS for space in (*SMALL, *LARGE)}
"""Networks by population."""

SIZES = ("small", "large")
RULES = ("A", "rising", "falling", "equal", "line")
EXERCISE = "the exercise on MLPs"
WIDTHS, LINE = "section 3.2, figure 7", "section 3.3, figure 9"
ASKED = "asked of MLPs"


def _spaces(size: str, *rules: str) -> tuple[str, ...]:
    return tuple(f"MLP_{rule}_{size}" for rule in rules)


def _step(size: str, a: str, b: str, text: str, figure: str) -> Means:
    first, second = _spaces(size, a, b)
    source = f"{figure}, {ASKED}"
    text = f"Of {size} MLPs, {text}"
    return Means(
        id=f"{a}-{b}-{size}", text=text, source=source, expects="better", a=first, b=second
    )


def _widths(size: str) -> tuple[Means, ...]:
    rises, falls = "widths that rise are better than", "widths that fall are better than"
    line = "those drawn from a line are better than free ones"
    return (
        _step(size, "falling", "rising", f"{rises} widths that fall", WIDTHS),
        _step(size, "equal", "rising", f"{rises} equal ones", WIDTHS),
        _step(size, "equal", "falling", f"{falls} equal ones", WIDTHS),
        _step(size, "A", "line", line, LINE),
    )


def _slope(size: str, text: str, property: str, values: tuple[float, ...]) -> Slope:
    """Over all five spaces, each with a level of its own."""
    return Slope(
        id=f"{property}-{size}",
        text=f"Of {size} MLPs of equal depth, {text}",
        source=EXERCISE,
        expects="better",
        spaces=_spaces(size, *RULES),
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
        spaces=_spaces(size, *rules),
        property="fit_error",
        held=("depth", "params"),
        ranked=True,
    )


def _at_equal_depth(size: str) -> Strata:
    """A line's depth is drawn otherwise than a free network's: what is left of the step then?"""
    a, b = _spaces(size, "A", "line")
    return Strata(
        id=f"A-line-depth-{size}",
        text=f"Of {size} MLPs of equal depth, those drawn from a line are better than free ones",
        source=f"{LINE}, {ASKED}",
        expects="better",
        a=a,
        b=b,
    )


def _others(size: str) -> tuple[Question, ...]:
    return (
        _at_equal_depth(size),
        _slope(size, "those with shortcuts are better", "residual", (1,)),
        _slope(size, "blocks that expand are better", "expansion", (2, 4)),
        _line(size, "A"),
        _line(size, "rising", "falling"),
    )


_SIDES = {"small": "MLP_A_small", "large": "MLP_A_large", "written": FORETOLD_FILE}

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
    Family("primary", True, tuple(question for size in SIZES for question in _widths(size))),
    Family("secondary", False, tuple(question for size in SIZES for question in _others(size))),
    Family("foretold", True, FORETOLD),
)

PLAN = replace(draft(FAMILIES, N), signed="2026-11-29T07:20:00+00:00")


def evidence() -> Population:
    """What is recorded of both sizes; nothing where none is trained yet."""
    return Population.experiment("mlps")
