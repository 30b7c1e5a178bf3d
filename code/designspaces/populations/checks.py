"""What records must be before they are compared or kept: alike, each once, and as drawn."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record
from designspaces.spaces import find_space
from designspaces.spaces.own import cost_of, load_origin
from designspaces.training.recipe import tell_differences


def by_network(records: Iterable[Record]) -> dict[tuple[str, int, int], Record]:
    """Records by what names their network: space, sample seed and place in the sample.

    Raises PopulationError for a network that is there twice, trained from two seeds.
    """
    found = {}
    for record in records:
        other = found.setdefault((record.space, record.sample_seed, record.index), record)
        if other is not record:
            raise PopulationError(
                f"{other.id} and {record.id} are one network that is there twice; keep second "
                "trainings in a folder of their own"
            )
    return found


def check_trained_alike(
    records: Iterable[Record], name: Callable[[Record], str] = attrgetter("id")
) -> None:
    """Raises PopulationError, naming both, where a difference would not be one of the networks.

    name: what a record is called; two of one network have one id.
    """
    every = list(records)
    for what, of in {
        "recipe": lambda record: replace(record.trained_by, name="-"),  # a name decides nothing
        "data": lambda record: record.data_checksum,
        "kind of device": lambda record: record.device_kind,
        "sample": lambda record: record.sample_seed,
    }.items():
        first = {}
        for record in every:
            first.setdefault(of(record), record)
        if len(first) > 1:
            (one, mine), (other, its), *_ = first.items()
            told = tell_differences(one, other) if what == "recipe" else f"{one} and {other}"
            raise PopulationError(
                f"{name(mine)} and {name(its)} differ in their {what}: {told}; compare populations "
                "that were trained alike"
            )


def check_one_source(records: Iterable) -> None:
    """Raises PopulationError, naming both, for records of two states of one source.

    records: or whatever has an id and an origin. Paths are of one file where one ends as the other,
    since a path differs with the folder that a command runs in.
    """
    first = {}
    for record in records:
        if not record.origin:
            continue
        place = record.origin["space"].rpartition(":")[0]
        for other in [first.setdefault(place, record), *first.values()]:
            same = _is_end(place, other.origin["space"].rpartition(":")[0])
            if same and other.origin["checksum"] != record.origin["checksum"]:
                raise PopulationError(
                    f"{other.id} and {record.id} come from two states of {place} (checksums "
                    f"{other.origin['checksum']} and {record.origin['checksum']}); give each state "
                    "a folder of its own, or call two files by paths that tell them apart"
                )


def _is_end(one: str, other: str) -> bool:
    """Whether the shorter path is the end of the longer; a module's name is one part."""
    short, long = sorted((Path(one).parts, Path(other).parts), key=len)
    return long[-len(short) :] == short


def check_one_space(path: Path, population: Population) -> None:
    """Raises PopulationError where a file holds networks of another space than its name says."""
    for record in population:
        if record.space != path.stem:
            raise PopulationError(
                f"{path} holds {record.id}; expected networks of {path.stem} alone. Move it to "
                f"{record.space}.jsonl"
            )


def check_drawn(population: Population, spaces: Mapping[str, Any] | None = None) -> None:
    """Check that each network is the one that its space draws at its place, and what it costs.

    spaces: those that take the place of the book's of the same name, as in a trial. Raises
    PopulationError for the first record where that is not so.
    """
    draws = {}
    for record in population:
        try:
            if record.origin:
                space = load_origin(record.origin)
            else:
                space = (spaces or {}).get(record.space) or find_space(record.space)
            resolution = record.trained_by.resolution
            key = record.space, record.sample_seed, resolution
            if len(draws.get(key, ())) <= record.index:
                last = max(r.index for r in population if (r.space, r.sample_seed) == key[:2])
                draws[key] = space.draw(last + 1, record.sample_seed, resolution=resolution)
        except ValueError as error:
            raise PopulationError(f"{record.id}: {error}") from None
        draw = draws[key][record.index]
        cost = cost_of(record.network, resolution)
        counted = (cost.params, cost.flops, cost.activations)
        if (record.network, record.drawn) != (draw.architecture, draw.drawn):
            raise PopulationError(f"{record.id} is not the network that {record.space} draws there")
        if counted != (record.params, record.flops, record.activations):
            raise PopulationError(f"{record.id} does not cost what is recorded")
