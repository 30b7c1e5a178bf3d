"""The plan of the second study: what is asked, of how many networks, and what settles it.

It was signed by a commit of its own, when the regime was chosen and before the first record of its
sample. "better" means that the number is below 0.
"""

from dataclasses import replace
from math import log

from designspaces.judging.optima import Best, Grows
from designspaces.judging.questions import Means, Partners, Slope, Strata
from designspaces.judging.study import Family, Plan, check_belongs, check_devices, whole
from designspaces.populations.population import Population
from designspaces.populations.study import GROUPS, SAMPLE_SEED, find_group, take_complete
from designspaces.populations.trials import SIX, recipe_of
from designspaces.training.recipe import POPULATION, Recipe

COMPARED = ("primary", "partners", "controls", "squeeze", "bottlenecks", "bands")
"""The groups of `populations.study` that questions are about."""

N = {space: n for group in COMPARED for space, n in GROUPS[group].networks.items()}
"""Networks by population."""

ENOUGH_KNOWN = 0.3
"""Means are calibrated if `calibration.foretold` of the chosen regime's sixty is at least this."""

C_TO_E = ("AnyNetX_C", "AnyNetX_D", "AnyNetX_E")


def _full(name: str) -> str:
    """A space's name, of which RegNetX's alone is not short here."""
    return name if name == "RegNetX" else f"AnyNetX_{name}"


def _step(a: str, b: str, expects: str, figure: int, text: str) -> Means:
    source = f"section {'3.3' if b == 'RegNetX' else '3.2'}, figure {figure}"
    sides = {"a": _full(a), "b": _full(b)}
    return Means(id=f"{a}-{b}", text=text, source=source, expects=expects, **sides)


PRIMARY = (
    _step("A", "B", "same", 5, "One bottleneck ratio for all stages changes nothing"),
    _step("B", "C", "same", 5, "One group width for all stages changes nothing"),
    _step("C", "D", "better", 7, "Widths that never fall make better networks"),
    _step("D", "E", "better", 7, "Depths that never fall make better networks"),
    _step("E", "RegNetX", "better", 9, "RegNetX, drawn from a line, is better than AnyNetX_E"),
    _step("A", "RegNetX", "better", 9, "RegNetX is better than AnyNetX_A, which has no rules"),
)
"""Family P: differences of two populations."""


def _pairs(wider: str, narrower: str, text: str, source: str) -> Partners:
    return Partners(
        id=f"{wider}-{narrower}-alike",
        text=f"At equal depth and parameters, {text}",
        source=source,
        expects="better",
        networks=_full(narrower),
        partners=f"{_full(wider)}_like_{_full(narrower)}",
    )


MECHANISM = (
    _pairs("E", "RegNetX", "RegNetX is better than AnyNetX_E", "section 3.3, figure 9"),
    _pairs("D", "E", "depths that never fall make better networks", "section 3.2, figure 7"),
    _pairs("C", "D", "widths that never fall make better networks", "section 3.2, figure 7"),
)
"""Family M: what is left of a step between networks that are otherwise alike, in pairs."""


def _control(space: str, control: str, text: str) -> Means:
    return Means(
        id=control.replace("_", "-"),
        text=text,
        source="section 3.2, figure 7",
        expects="better",
        a=_full(control),
        b=_full(space),
    )


SECONDARY = (
    _control("D", "C_equal_widths", "Equal widths are worse than widths that never fall"),
    _control("D", "C_decreasing_widths", "Falling widths are worse than widths that never fall"),
    _control("E", "D_equal_depths", "Equal depths are worse than depths that never fall"),
    _control("E", "D_decreasing_depths", "Falling depths are worse than depths that never fall"),
    Slope(
        id="b-at-most-2",
        text="At equal depth, a bottleneck ratio of at most 2 is better than one of 4",
        source="section 3.2",
        expects="better",
        spaces=("AnyNetX_C",),
        property="bottleneck_ratio",
        values=(1, 2),
    ),
    *(
        Slope(
            id=f"b-1-{other}",
            text=f"At equal depth, a bottleneck ratio of 1 is better than one of {other}",
            source="section 4, figure 11",
            expects="better",
            spaces=("RegNetX",),
            property="bottleneck_ratio",
            values=(1,),
            among=(1, other),
        )
        for other in (2, 4)
    ),
    Slope(
        id="inverted",
        text="At equal depth, a bottleneck ratio of 1 is better than an inverted one of 1/2",
        source="section 4, figure 14",
        expects="better",
        spaces=("RegNetX_without_bottlenecks", "RegNetX_inverted_bottlenecks"),
        property="bottleneck_ratio",
        values=(1,),
        levels=False,
    ),
    Slope(
        id="depthwise",
        text="At equal depth, groups of more than one channel are better than depthwise ones",
        source="section 4, figure 14",
        expects="better",
        spaces=C_TO_E,
        property="group_width",
        values=(2, 4, 8, 16, 32),
    ),
    Partners(
        id="squeeze",
        text="Squeeze-and-excitation makes the same networks better",
        source="section 4, figure 14",
        expects="better",
        networks="RegNetY",
        partners="RegNetX",
    ),
    *(
        Slope(
            id=f"line-{name[-1]}",
            text=f"At equal depth and parameters, networks of {name} nearer to a line are better",
            source="section 3.3, figure 8",
            expects="rises",
            unit="of ranks",
            margin=0.1,
            spaces=(name,),
            property="fit_error",
            held=("depth", "params"),
            ranked=True,
        )
        for name in C_TO_E
    ),
    Best(
        id="w_m-near-2.5",
        text="The best w_m lies between 2 and 3",
        source="section 4, figure 11",
        expects=(log(2), log(3)),
        unit="of the logarithm",
        space="RegNetX",
        property="w_m",
        logarithmic=True,
    ),
    Grows(
        id="20-blocks",
        text="The best depth does not grow with cost (power of -1/4 to 1/4)",
        source="section 4, figure 11",
        expects=(-0.25, 0.25),
        spaces=(
            "RegNetX_half_flops",
            "RegNetX",
            "RegNetX_double_flops",
            "RegNetX_fourfold_flops",
        ),
        property="depth",
    ),
)
"""Family S: each at 95%, Benjamini and Hochberg's correction beside it."""

FAMILIES = (
    Family("primary", True, PRIMARY),
    Family("mechanism", True, MECHANISM),
    Family("secondary", False, SECONDARY),
)

RUNNER_UP = "identity-0.4"
"""What came second in the choice; the group "runner-up" is trained by it."""

SECOND = Plan(
    signed="2026-11-29T07:16:00+00:00",
    recipe=POPULATION,
    sample_seed=SAMPLE_SEED,
    n=N,
    margin=0.5,
    calibrated=True,
    families=FAMILIES,
    images=True,
)
"""The recipe is that of the candidate which `regimes.chosen` puts first; margin and calibration are
what the sixty networks of the choice say of it."""


def recipe_for(group: str) -> Recipe:
    """What a group of the second study is trained by. Raises ValueError for an unknown group."""
    find_group(group)
    return recipe_of(RUNNER_UP) if group == "runner-up" else SECOND.recipe


def evidence() -> Population:
    """What is recorded of the second study and complete, all groups that are compared."""
    complete = [take_complete(Population.study(group), group) for group in COMPARED]
    return Population(record for group in complete for record in group)


def beside(group: str) -> Population:
    """What is recorded of a group that no question is about: its populations that are complete.

    Raises PopulationError for records by another recipe than `recipe_for` says, older than the plan
    or of other devices, and ValueError for an unknown group.
    """
    found = Population.study(group)
    networks = find_group(group).networks
    check_belongs(found, replace(SECOND, recipe=recipe_for(group), families=()))
    check_devices(found, networks)
    return whole(found, networks)


def _alike(a: str, b: str, text: str) -> Strata:
    return Strata(
        id=f"{a}-{b}-blocks",
        text=f"At equal depth, {text}",
        source="section 3",
        expects="better",
        a=_full(a),
        b=_full(b),
    )


AT_EQUAL_DEPTH = (
    _alike("C", "D", "widths that never fall make better networks"),
    _alike("D", "E", "depths that never fall make better networks"),
    _alike("E", "RegNetX", "RegNetX is better than AnyNetX_E"),
)
"""What the first study, which drew no partners, can say at equal depth."""

_FIRST = dict.fromkeys(SIX, 100) | dict.fromkeys(GROUPS["controls"].networks, 50)

FIRST_AGAIN = Plan(
    signed=None,
    recipe=POPULATION,
    sample_seed=0,
    n=_FIRST,
    margin=0.5,
    calibrated=True,
    families=(
        Family("primary", True, PRIMARY),
        Family("mechanism", True, AT_EQUAL_DEPTH),
        Family(
            "secondary",
            False,
            tuple(q for q in SECONDARY if {*q.populations} <= _FIRST.keys()),
        ),
    ),
)
"""The first study's populations by the second's statistics. Exploratory: its data were there."""
