"""Who is sent into the contest: the rule, and the file in which its pick is kept."""

import json
from collections.abc import Sequence
from pathlib import Path

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.scaling import at_cost
from designspaces.experiments.stages.plan import PICKED_FROM, PICKING
from designspaces.experiments.stages.space import (
    CHOSEN_FILE,
    COST,
    DEEPER,
    FOUR_STAGES,
    RESOLUTION,
)
from designspaces.files import atomic
from designspaces.judging.statistics import TooFew
from designspaces.judging.study import check_belongs
from designspaces.populations.checks import check_trained_alike
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record

NEAR = 0.05
"""As a share: how near activations are that count as equal, as multiply-adds of `FOUR_STAGES` are.

Said after the plan was signed, before its first network was trained.
"""


def picked_from() -> Population:
    """What is recorded of the networks that the rule picks from."""
    return Population.experiment("stages")


def pick(records: Sequence[Record]) -> dict[str, Architecture]:
    """The contestants that a trained population of `FOUR_STAGES` sends.

    best: of the smallest error. deeper: of the smallest error among those with at least `DEEPER`
    times as many blocks; alike: the deeper one with RegNetX32's activations, by its widths, where
    these bring it within a share of `NEAR`. Depth ends in this space: where none is so deep, the
    best is sent alone.
    """
    ranked = [record.network for record in sorted(records, key=lambda r: (r.val_error, r.index))]
    deep = [one for one in ranked if one.depth >= DEEPER * ranked[0].depth]
    if not deep:
        return {"best": ranked[0]}
    alike = at_cost(deep[0], COST.activations, RESOLUTION, count="activations")
    share = complexity(alike, RESOLUTION).activations / COST.activations
    sent = {"best": ranked[0], "deeper": deep[0]}
    return sent | {"alike": alike} if abs(share - 1) <= NEAR else sent


def planned(evidence: Population) -> list[Record]:
    """Its records, if they are those of `PICKING`, all of them and no others.

    Raises TooFew where some are missing, and PopulationError for what is not of that plan.
    """
    check_belongs(evidence, PICKING)
    check_trained_alike(evidence)
    if foreign := [r.id for r in evidence if r.space != FOUR_STAGES.name or r.index >= PICKED_FROM]:
        raise PopulationError(f"{foreign[0]} is none of the {PICKED_FROM} that are picked from")
    if len(evidence) < PICKED_FROM:
        raise TooFew(f"of {PICKED_FROM} networks {len(evidence)} are trained; all are needed")
    return list(evidence)


def write_down(evidence: Population, path: Path = CHOSEN_FILE) -> None:
    """Write what is picked to a JSON file. Raises as `planned`; ValueError where it is there."""
    if path.exists():
        raise ValueError(f"{path} is there; expected a new file, for nothing is chosen twice")
    content = {name: network.to_dict() for name, network in pick(planned(evidence)).items()}
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
