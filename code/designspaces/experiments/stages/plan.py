"""The plan: whether four stages are better than two, and whether deeper helps.

First `PICKED_FROM` networks of `space.FOUR_STAGES` are trained, for one epoch by the second study's
recipe at 96 pixels, and the rule picks the contestants. These are then trained from `SEEDS` seeds
each, by the textbook's protocol and for ten epochs by one cycle with blocks that begin as the
identity.
"""

from dataclasses import replace

from designspaces.experiments.stages.space import FOUR_STAGES, RESOLUTION
from designspaces.judging.plan import RUNNER_UP
from designspaces.judging.questions import Seeds
from designspaces.judging.study import Family, draft
from designspaces.populations.population import Population
from designspaces.populations.trials import recipe_of
from designspaces.training.recipe import POPULATION, TEXTBOOK

PICKED_FROM = 24
SEEDS = 5
PROTOCOL = replace(TEXTBOOK, name="textbook in float32", precision="float32")
ONE_CYCLE = replace(recipe_of(RUNNER_UP), name="one cycle", epochs=10, resolution=RESOLUTION)
"""What came second in the choice of regime, ten times as long."""
N = dict.fromkeys(("RegNetX32", "four_best", "four_deeper", "four_alike"), SEEDS)


def _beside(name: str, text: str, other: str = "RegNetX32") -> Seeds:
    return Seeds(
        id=name.replace("_", "-") + "-than-best" * (other == "four_best"),
        text=text,
        source="exercise 1 of the textbook",
        expects="better",
        a=other,
        b=name,
    )


QUESTIONS = (
    _beside("four_best", "The best of four stages is better than RegNetX32 at equal multiply-adds"),
    _beside("four_deeper", "A deeper one is better than RegNetX32 at equal multiply-adds"),
    _beside("four_alike", "A deeper one is better than RegNetX32 at equal activations"),
    _beside(
        "four_deeper",
        "A deeper one is better than the best of four stages at equal multiply-adds",
        "four_best",
    ),
)

FAMILIES = (Family("contestants", True, QUESTIONS),)

SIGNED = "2026-11-30T16:34:00+00:00"
MARGIN = 0.2
"""In points; that of the long trainings in the choice of regime, `judging.regimes.screen`."""

PICKING = replace(
    draft((), {FOUR_STAGES.name: PICKED_FROM}, MARGIN, images=False),
    recipe=replace(POPULATION, name="population at 96", resolution=RESOLUTION),
    signed=SIGNED,
)
"""Asks nothing: its networks are those that the rule picks from."""

PLAN = replace(draft(FAMILIES, N, MARGIN), recipe=PROTOCOL, signed=SIGNED)

LONG_PLAN = replace(PLAN, recipe=ONE_CYCLE)


def evidence(by: str = "textbook") -> Population:
    """What is recorded of the contestants, by the textbook's protocol or, "long", the other."""
    return Population.experiment(f"stages-{by}")
