"""RegNets of four stages at RegNetX32's cost, and the contestants chosen among them.

A small population is trained shortly, a rule picks from it, and what it picked is written to
`CHOSEN_FILE` (`picking`), which is committed before a contestant is trained: so none of them is
there by luck of its own training.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import REGNETX32
from designspaces.populations.population import EXPERIMENTS_FOLDER
from designspaces.spaces.draw import Draw
from designspaces.spaces.spaces import SPACES

CHOSEN_FILE = EXPERIMENTS_FOLDER / "stages" / "chosen.json"
"""By `picking.write_down`."""

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
    resolution: int = RESOLUTION

    def draw(self, n: int, seed: int = 0, *, resolution: int | None = None) -> list[Draw]:
        """The network, n times."""
        return [Draw(index, {}, self.architecture) for index in range(n)]


def contestants(path: Path = CHOSEN_FILE) -> dict[str, Contestant]:
    """RegNetX32 and, once they are chosen, the others, by name."""
    found = {"RegNetX32": REGNETX32}
    if path.exists():
        chosen = json.loads(path.read_text(encoding="utf-8"))
        found |= {f"four_{name}": Architecture.from_dict(one) for name, one in chosen.items()}
    return {name: Contestant(name, network) for name, network in found.items()}


_CHOSEN = contestants()
TWO_STAGES = _CHOSEN["RegNetX32"]
BEST, DEEP, ALIKE = (_CHOSEN.get(f"four_{name}") for name in ("best", "deeper", "alike"))
"""None until they are chosen; the latter two for good where none is so deep."""
