"""Records of spaces of one's own, as a sweep would leave them, with errors that are made up."""

from dataclasses import replace

import numpy as np

from designspaces.populations.population import Population
from designspaces.populations.record import OWN_SCHEMA, Record, pack_mistakes
from designspaces.spaces.own import cost_of, load_space

IMAGES = 1000


def make_own(where: str, n: int, *, sample_seed: int = 1, better: float = 0.0) -> list[Record]:
    """The first networks of the space at `where`; better: by how much less their errors are."""
    space = load_space(where)
    model = next(iter(Population.recorded("RegNetX")))
    wrong = np.random.default_rng(0).integers(100, 200, n) - round(better * IMAGES)
    records = []
    for draw, count in zip(space.draw(n, sample_seed, resolution=28), wrong.tolist(), strict=True):
        cost = cost_of(draw.architecture, 28)
        records.append(
            replace(
                model,
                schema=OWN_SCHEMA,
                space=space.name,
                sample_seed=sample_seed,
                index=draw.index,
                seed=draw.index,
                drawn=draw.drawn,
                architecture=draw.architecture.to_dict(),
                params=cost.params,
                flops=cost.flops,
                activations=cost.activations,
                origin=space.origin,
                val_error=count / IMAGES,
                val_mistakes=pack_mistakes(np.arange(IMAGES) < count),
            )
        )
    return records
