"""A second study as its sweep would leave it, made up of the first's networks."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from designspaces.judging import plan
from designspaces.judging.study import Family, Plan
from designspaces.populations import population as reading
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.populations.study import GROUPS, SAMPLE_SEED, Group
from designspaces.populations.writer import open_population
from designspaces.training.recipe import POPULATION

EVER = "2000-01-01T00:00:00+00:00"
TWO = ("AnyNetX_C", "AnyNetX_D")


def make_second(records, better: float = 0.0) -> list[Record]:
    """The records as if of the second sample, each with an error smaller by `better`."""
    return [
        replace(record, sample_seed=SAMPLE_SEED, val_error=record.val_error - better)
        for record in records
    ]


def record_second(patch, folder: Path, records, n: int = 30) -> None:
    """Let the package find these records of C and D, n each planned, as its second study."""
    planned = dict.fromkeys(TWO, n)
    patch.setattr(reading, "STUDY_FOLDER", folder)
    patch.setitem(GROUPS, "primary", Group(planned))
    patch.setattr(plan, "N", planned)
    step = Family("primary", True, (plan.PRIMARY[2],))
    signed = Plan(EVER, POPULATION, SAMPLE_SEED, planned, 0.4, False, (step,))
    patch.setattr(plan, "SECOND", signed)
    for space in Counter(record.space for record in records):
        with open_population(folder / "primary" / f"{space}.jsonl") as writer:
            for record in Population(records).space(space):
                writer.append(record)


def permute(evidence: Population, seed: int = 0) -> Population:
    """The same networks, their errors dealt anew among all of them: every difference is 0."""
    records = list(evidence)
    order = np.random.default_rng(seed).permutation(len(records))
    return Population(
        replace(record, val_error=records[other].val_error)
        for record, other in zip(records, order, strict=True)
    )
