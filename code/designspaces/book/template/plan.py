"""The plan: what is asked of how many networks, and what settles it. Commit it before you train.

When you are sure, write the moment into `signed` (with its time zone, as in
"2026-11-28T20:00:00+00:00"): records that are older are then refused.
"""

from designspaces.judging.questions import Means
from designspaces.judging.study import Family, Plan
from designspaces.training.recipe import POPULATION

N = 40
"""Networks of each space: some 25 minutes on two cores."""

RISING_IS_BETTER = Means(
    id="rising",
    text="Widths that never fall make better networks of these blocks",
    source="Radosavovic et al. 2020, section 3.2, asked of another block",
    expects="better",
    a="template_free",
    b="template_rising",
)

PLAN = Plan(
    signed=None,
    recipe=POPULATION,
    sample_seed=0,
    n={"template_free": N, "template_rising": N},
    margin=0.5,
    calibrated=False,
    families=(Family("primary", True, (RISING_IS_BETTER,)),),
    images=True,
)
