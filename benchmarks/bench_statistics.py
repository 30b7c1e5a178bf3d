"""Seconds that the statistics of the whole book take, each part once and by itself.

    python benchmarks/bench_statistics.py

Reading the records is timed too. Nothing is trained, and the caches that a notebook would have
begin empty here, too.
"""

import time

from designspaces.experiments.convnext import plan as convnext
from designspaces.experiments.mlps import plan as mlps
from designspaces.experiments.plain import plan as plain
from designspaces.experiments.stages import plan as stages
from designspaces.experiments.violations import plan as violations
from designspaces.judging import beside, claims, plan, regimes
from designspaces.judging.sensitivity import sensitivity
from designspaces.judging.study import evaluate
from designspaces.populations.population import Population

EXPERIMENTS = {"plain": plain, "mlps": mlps, "violations": violations, "convnext": convnext}


def main() -> None:
    total = 0.0

    def timed(name, work, *arguments):
        nonlocal total
        start = time.perf_counter()
        found = work(*arguments)
        took = time.perf_counter() - start
        total += took
        print(f"{name:<44}{took:7.2f} s", flush=True)
        return found

    first = timed("records of the first study", Population.recorded)
    timed("its claims", claims.evaluate, first)
    longer = timed("records of the trial of five epochs", Population.trial, "five-epochs")
    timed("its claims in other ways", sensitivity, first, longer)
    timed("the first study, asked again", evaluate, first, plan.FIRST_AGAIN)
    second = timed("records of the second study", plan.evidence)
    timed("its answers", evaluate, second, plan.SECOND)
    for question in plan.PRIMARY:
        timed(f"{question.id} in other ways", beside.look, question, second, plan.SECOND.margin)
    runner_up = timed("records of the runner-up", plan.beside, "runner-up")
    for question in plan.PRIMARY:
        if all(runner_up.space(name) for name in question.populations):
            timed(
                f"{question.id} by the runner-up",
                beside.between_trainings,
                question,
                second,
                runner_up,
            )
    trained = timed("records of the choice of regime", regimes.read)
    timed("the choice of regime", regimes.chosen, trained)
    for name, one in EXPERIMENTS.items():
        records = timed(f"records of {name}", one.evidence)
        timed(f"answers of {name}", evaluate, records, one.PLAN)
    for recipe, one in {"textbook": stages.PLAN, "long": stages.LONG_PLAN}.items():
        records = timed(f"records of stages, {recipe}", stages.evidence, recipe)
        timed(f"answers of stages, {recipe}", evaluate, records, one)
    print(f"{'all':<44}{total:7.2f} s")


if __name__ == "__main__":
    main()
