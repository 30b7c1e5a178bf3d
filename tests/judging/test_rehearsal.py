"""The whole plan, run before its data: on its own networks, with errors that mean nothing."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.designs.complexity import complexity
from designspaces.judging import plan
from designspaces.judging.study import NOT_YET, Plan, evaluate
from designspaces.populations.population import Population
from designspaces.populations.record import SCHEMA, pack_mistakes
from designspaces.populations.study import SAMPLE_SEED
from designspaces.spaces import find_space
from designspaces.training.recipe import POPULATION
from second import permute

SHARE = 6  # of the planned networks one in so many, and errors that spread as much less
IMAGES = 400


def networks():
    """The first networks of each population of the plan, each with an error by lot."""
    model = next(iter(Population.recorded("AnyNetX_A")))
    lot = np.random.default_rng(0)
    for name, n in plan.N.items():
        for index, draw in enumerate(find_space(name).draw(n // SHARE, SAMPLE_SEED)):
            cost = complexity(draw.architecture, 28)
            wrong = lot.random(IMAGES) < 0.12
            yield replace(
                model,
                schema=SCHEMA,
                space=name,
                sample_seed=SAMPLE_SEED,
                index=index,
                seed=index,
                drawn=draw.drawn,
                architecture=draw.architecture.to_dict(),
                params=cost.params,
                flops=cost.flops,
                activations=cost.activations,
                val_error=float(lot.normal(0.12, 0.01)),
                val_mistakes=pack_mistakes(wrong),
            )


@pytest.mark.simulation
def test_errors_by_lot_answer_all_questions_and_support_few():
    whole = Population(networks())
    n = {name: n // SHARE for name, n in plan.N.items()}
    ever = "2000-01-01T00:00:00+00:00"
    rehearsed = Plan(ever, POPULATION, SAMPLE_SEED, n, 0.4, True, plan.FAMILIES, images=True)
    wrong = []
    for seed in range(3):
        answers = evaluate(permute(whole, seed), rehearsed)
        assert len(answers) == 24
        assert not any(answer.verdict == NOT_YET for answer in answers.values())
        # where the best value lies, chance mostly cannot tell
        assert sum(answer.interval is not None for answer in answers.values()) >= 22
        wrong += [
            name
            for name, answer in answers.items()
            if answer.interval and answer.question.expects in ("better", "same", "rises")
            if answer.interval.low > 0 or answer.interval.high < 0
        ]
    # secondary questions err by 5% each: of some 66 more than 10 has a chance below 1%
    assert len(wrong) <= 10, wrong
