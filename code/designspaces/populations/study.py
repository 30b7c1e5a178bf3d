"""The second study: which networks it trains, in which groups. By what recipe, its caller says."""

from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

from designspaces.designs.checks import at_most, checked_choice, positive_integer
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.populations.sweep import REPEAT_STEP, train_population
from designspaces.populations.trials import SIX
from designspaces.spaces import SPACES, find_space

SAMPLE_SEED = 1
"""Of every sample; the first study's is 0."""


@dataclass(frozen=True)
class Group:
    """Networks that are trained in rounds of all their spaces.

    networks: of each space, by name, so many: those from index 0 on.
    repeat: 0 for a first training; 1, 2, ... for another one from other seeds.
    """

    networks: dict[str, int]
    repeat: int = 0


GROUPS = {
    "primary": Group(dict.fromkeys(SIX, 300)),
    "partners": Group(
        {
            "AnyNetX_E_like_RegNetX": 200,
            "AnyNetX_D_like_AnyNetX_E": 200,
            "AnyNetX_C_like_AnyNetX_D": 200,
        }
    ),
    "controls": Group({name: 150 for name in SPACES if name not in SIX}),
    "squeeze": Group({"RegNetY": 100}),
    "bottlenecks": Group({"RegNetX_inverted_bottlenecks": 120, "RegNetX_without_bottlenecks": 80}),
    "bands": Group(
        {
            "RegNetX_half_flops": 120,
            "RegNetX_double_flops": 120,
            "RegNetX_fourfold_flops": 120,
        }
    ),
    # the primary's first networks again, for the noise of a training
    "second-seeds": Group(dict.fromkeys(SIX, 10), repeat=1),
    # the primary's first networks by the regime that came second in the choice
    "runner-up": Group(dict.fromkeys(("AnyNetX_C", "AnyNetX_D", "AnyNetX_E", "RegNetX"), 60)),
}
"""By name; some 4,000 networks."""


def run_study(
    name: str, recipe, executor: Executor, folder: Path, *, percent: int = 100, **options: Any
) -> Population:
    """Train what is missing of a group's networks; returns all of them.

    folder: of this group alone, for groups share names of spaces.
    percent: of each space, rounded up, to train only the first so many: thus all groups can grow
        together.
    options: of `train_population`, which says what is raised.

    Raises ValueError for a group that there is not, and for a percentage out of range.
    """
    group = find_group(name)
    networks = group.networks
    percent = at_most(positive_integer(percent, "percent"), "percent", 100, "of each space")
    return train_population(
        [find_space(space) for space in networks],
        networks,
        recipe,
        executor,
        folder,
        sample_seed=SAMPLE_SEED,
        repeat=group.repeat,
        only={space: range(-(-n * percent // 100)) for space, n in networks.items()},
        **options,
    )


def find_group(name: str) -> Group:
    """A group by its name. Raises ValueError for one that there is not."""
    return GROUPS[checked_choice(name, "group", GROUPS)]


def count_complete(population: Population, name: str) -> dict[str, int]:
    """How many networks of each space of a group to compare, while it grows.

    Where all spaces have equally many networks that is the largest k for which all indices below k
    are trained in all of them; otherwise each space's k is the same share of its networks, rounded
    down. Networks beyond are to be left out: those that take long come last, and they are not like
    the others. Records of other spaces, samples and repeats do not count.
    """
    networks = find_group(name).networks
    trained = {(record.space, record.index) for record in _records_of(population, name)}
    share = min(
        Fraction(next(k for k in count() if k == n or (space, k) not in trained), n)
        for space, n in networks.items()
    )
    return {space: int(share * n) for space, n in networks.items()}


def take_complete(population: Population, name: str) -> Population:
    """The records that `count_complete` counts, in their order."""
    counts = count_complete(population, name)
    mine = _records_of(population, name)
    return Population(record for record in mine if record.index < counts[record.space])


def _records_of(population: Population, name: str) -> list[Record]:
    """The records of a group's spaces, sample and repeat."""
    group = find_group(name)
    step = REPEAT_STEP * group.repeat
    return [
        record
        for record in population
        if record.space in group.networks and record.sample_seed == SAMPLE_SEED
        if record.seed == record.index + step
    ]
