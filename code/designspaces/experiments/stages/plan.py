"""The plan: whether four stages are better than two, and whether deeper helps.

First `PICKED_FROM` networks of `space.FOUR_STAGES` are trained, for one epoch by the second study's
recipe at 96 pixels, and the rule picks the contestants. These are then trained from `SEEDS` seeds
each, by the textbook's protocol and by the second study's recipe for ten epochs. Both plans are
signed when that recipe has been chosen: until then they are None.
"""

from dataclasses import replace

from designspaces.judging.questions import Seeds
from designspaces.judging.study import Family, Plan
from designspaces.populations.population import Population
from designspaces.training.recipe import TEXTBOOK

PICKED_FROM = 24
SEEDS = 5
PROTOCOL = replace(TEXTBOOK, name="textbook in float32", precision="float32")
N = dict.fromkeys(("RegNetX32", "four_best", "four_deeper", "four_alike"), SEEDS)


def _beside(name: str, text: str) -> Seeds:
    return Seeds(
        id=name.replace("_", "-"),
        text=text,
        source="exercise 1 of the textbook",
        expects="better",
        a="RegNetX32",
        b=name,
    )


QUESTIONS = (
    _beside("four_best", "The best of four stages is better than RegNetX32 at equal multiply-adds"),
    _beside("four_deeper", "A deeper one is better than RegNetX32 at equal multiply-adds"),
    _beside("four_alike", "A deeper one is better than RegNetX32 at equal activations"),
)

FAMILIES = (Family("contestants", True, QUESTIONS),)

PLAN: Plan | None = None
"""By `PROTOCOL`."""

LONG_PLAN: Plan | None = None
"""By the second study's recipe, ten epochs at 96 pixels."""


def evidence(by: str = "textbook") -> Population:
    """What is recorded of the contestants, by the textbook's protocol or, "long", the other."""
    return Population.experiment(f"stages-{by}")
