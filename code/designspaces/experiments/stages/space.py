"""RegNets of four stages at RegNetX32's cost, and the contestants chosen among them.

A small population is trained shortly, a rule picks from it, and what it picked is written to
`CHOSEN_FILE`, which is committed before a contestant is trained: so none of them is there by luck
of its own training.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import REGNETX32
from designspaces.designs.scaling import at_cost
from designspaces.files import atomic
from designspaces.populations.population import EXPERIMENTS_FOLDER
from designspaces.populations.record import Record
from designspaces.spaces.draw import Draw
from designspaces.spaces.spaces import SPACES

CHOSEN_FILE = EXPERIMENTS_FOLDER / "stages" / "chosen.json"
"""By `write_down`."""

RESOLUTION = 96
COST = complexity(REGNETX32, RESOLUTION)
DEEPER = 1.5
"""Times as many blocks as the best one: what counts as deeper, at the least."""

FOUR_STAGES = SPACES["RegNetX"].with_(
    name="RegNetX_four_stages",
    resolution=RESOLUTION,
    stem_width=REGNETX32.stem_width,
    stem_stride=REGNETX32.stem_stride,
    flops=(0.95 * COST.flops, 1.05 * COST.flops),
)


@dataclass(frozen=True)
class Contestant:
    """One network as a space: the i-th of its sample is the same one, trained from seed i."""

    name: str
    architecture: Architecture

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """The network, n times."""
        return [Draw(index, {}, self.architecture) for index in range(n)]


def pick(records: Sequence[Record]) -> dict[str, Architecture]:
    """The contestants that a trained population of `FOUR_STAGES` sends.

    best: of the smallest error. deeper: of the smallest error among those with at least `DEEPER`
    times as many blocks. alike: the deeper one with RegNetX32's activations, by its widths.
    Raises ValueError where none is deeper.
    """
    ranked = [record.network for record in sorted(records, key=lambda r: (r.val_error, r.index))]
    deep = [one for one in ranked if one.depth >= DEEPER * ranked[0].depth]
    if not deep:
        raise ValueError(
            f"the best of {len(ranked)} networks has {ranked[0].depth} blocks and none has "
            f"{DEEPER} times as many; train more of {FOUR_STAGES.name}"
        )
    alike = at_cost(deep[0], COST.activations, RESOLUTION, count="activations")
    return {"best": ranked[0], "deeper": deep[0], "alike": alike}


def write_down(records: Sequence[Record], path: Path = CHOSEN_FILE) -> None:
    """Write what is picked to a JSON file. Raises ValueError where it is there already."""
    if path.exists():
        raise ValueError(f"{path} is there; expected a new file, for nothing is chosen twice")
    content = {name: network.to_dict() for name, network in pick(records).items()}
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def contestants(path: Path = CHOSEN_FILE) -> dict[str, Contestant]:
    """RegNetX32 and, once they are chosen, the others, by name."""
    found = {"RegNetX32": REGNETX32}
    if path.exists():
        chosen = json.loads(path.read_text(encoding="utf-8"))
        found |= {f"four_{name}": Architecture.from_dict(one) for name, one in chosen.items()}
    return {name: Contestant(name, network) for name, network in found.items()}


TWO_STAGES, *_CHOSEN = contestants().values()
BEST, DEEP, ALIKE = _CHOSEN or (None,) * 3
"""None until they are chosen."""
