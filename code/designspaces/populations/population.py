"""Populations: the networks of a design space, trained, one JSON line each.

A population file has one writer. A network's line is appended and on the disk before the next one
counts as done. `sweep` trains what a file lacks.
"""

import os
import platform
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path
from typing import Any

from designspaces.designs.complexity import complexity
from designspaces.files import atomic
from designspaces.populations.record import Record
from designspaces.spaces import SPACES
from designspaces.training.recipe import Recipe

ASTRAY = 0.2
"""A training that ended above this error went astray, though its loss stayed finite."""
RECORDED = Path(__file__).parents[1] / "recorded"
FOLDER = RECORDED / "populations"
TRIALS_FOLDER = RECORDED / "trials"


class PopulationError(ValueError):
    """A population file or a set of records that cannot be used as it is."""


class Population:
    """Records by id, in the order in which they were written."""

    def __init__(self, records: Iterable[Record] = ()):
        self.records: dict[str, Record] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Raises PopulationError when the id is there with other content."""
        there = self.records.setdefault(record.id, record)
        if there != record:
            raise PopulationError(f"two different records have the id {record.id}")

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records.values())

    def __contains__(self, id_: str) -> bool:
        return id_ in self.records

    @classmethod
    def load(cls, *paths: Path) -> "Population":
        """The records of one or more files, merged by id.

        A torn last line, left by a process that was killed, is passed over with a warning.
        Raises PopulationError for any other line that is no whole record, naming file, line and
        fault, and for one id with two contents. The files are left as they are.
        """
        population = cls()
        for path in paths:
            for record in _read(Path(path)):
                population.add(record)
        return population

    @classmethod
    def recorded(cls, *spaces: str) -> "Population":
        """The populations that came with the package: those of the `spaces` named, or all.

        Raises PopulationError for a space that is not there, naming those that are.
        """
        return cls._of_folder(FOLDER, spaces)

    @classmethod
    def trial(cls, setting: str) -> "Population":
        """Recorded networks of one setting of benchmarks/trials.py: otherwise trained, or again.

        Raises PopulationError for a setting that is not there.
        """
        return cls._of_folder(TRIALS_FOLDER / setting)

    @classmethod
    def _of_folder(cls, folder: Path, spaces: Sequence[str] = ()) -> "Population":
        there = sorted(path.stem for path in folder.glob("*.jsonl"))
        for name in spaces:
            if name not in there:
                known = ", ".join(there) or "none"
                raise PopulationError(f"no population of {name!r} in {folder}; there are {known}")
        if not there:
            raise PopulationError(f"there are no populations in {folder}")
        return cls.load(*(folder / f"{name}.jsonl" for name in spaces or there))

    def space(self, name: str) -> "Population":
        """The records of one space, in draw order."""
        mine = (record for record in self if record.space == name)
        order = attrgetter("sample_seed", "index", "seed")
        return Population(sorted(mine, key=order))

    @property
    def errors(self) -> list[float]:
        """Validation errors as fractions, in the order of the records."""
        return [record.val_error for record in self]

    @property
    def diverged(self) -> int:
        """How many of the trainings diverged."""
        return sum(record.status == "diverged" for record in self)

    @property
    def astray(self) -> int:
        """How many of the others ended with an error above `ASTRAY`."""
        return sum(r.status == "trained" and r.val_error > ASTRAY for r in self)

    @property
    def hours(self) -> float:
        """What all trainings took together, in hours of one worker."""
        return sum(record.seconds for record in self) / 3600

    @property
    def recipe(self) -> Recipe:
        """The recipe that all records share. Raises PopulationError where they do not."""
        recipes = {record.trained_by for record in self}
        if len(recipes) != 1:
            names = sorted(recipe.name for recipe in recipes)
            raise PopulationError(
                f"records of {len(recipes)} recipes ({', '.join(names)}) cannot be compared; "
                "load the files of one recipe"
            )
        return recipes.pop()

    def to_frame(self):
        """A pandas DataFrame, a row a network."""
        import pandas as pd

        return pd.DataFrame([_row(record) for record in self])

    def to_csv(self, path: Path) -> None:
        with atomic(path) as temporary:
            self.to_frame().to_csv(temporary, index=False)


def check_drawn(population: Population) -> None:
    """Check that each network is the one that its space draws at its place, and what it costs.

    Raises PopulationError for the first record where that is not so.
    """
    draws = {}
    for record in population:
        if record.space not in SPACES:
            raise PopulationError(f"{record.id}: there is no space {record.space!r} here")
        key, resolution = (record.space, record.sample_seed), record.recipe["resolution"]
        if len(draws.get(key, ())) <= record.index:
            last = max(r.index for r in population if (r.space, r.sample_seed) == key)
            space = SPACES[record.space]
            draws[key] = space.draw(last + 1, record.sample_seed, resolution=resolution)
        draw = draws[key][record.index]
        cost = complexity(record.network, resolution)
        counted = (cost.params, cost.flops, cost.activations)
        if (record.network, record.drawn) != (draw.architecture, draw.drawn):
            raise PopulationError(f"{record.id} is not the network that {record.space} draws there")
        if counted != (record.params, record.flops, record.activations):
            raise PopulationError(f"{record.id} does not cost what is recorded")


@contextmanager
def open_population(path: Path) -> Iterator["Writer"]:
    """The one writer of a population file.

    Raises PopulationError when another process is writing it, saying which, and what
    `Population.load` raises. A torn last line is removed, with a warning.
    """
    from filelock import Timeout  # whoever only reads does without

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(path)
    try:
        lock.acquire(timeout=1)  # `holder` may have it for a moment
    except Timeout:
        raise PopulationError(
            f"{path} is being written by {_who(path)}; wait for it or stop it"
        ) from None
    try:
        me = f"process {os.getpid()} on {platform.node()}"
        _holder_file(path).write_text(me, encoding="utf-8")
        _drop_torn_end(path)
        # unbuffered: what could not be written is never tried again behind our back
        with path.open("ab", buffering=0) as file:
            yield Writer(Population.load(path), file)
    finally:
        lock.release()


def merge(sources: Sequence[Path], path: Path) -> int:
    """Append to a population file the records of other files that it lacks; returns how many.

    Nothing is written unless all can be merged: raises PopulationError for one id with two
    contents, for another recipe, and what `open_population` raises.
    """
    theirs = Population.load(*sources)
    if len(theirs):
        theirs.recipe  # noqa: B018, raises where records do not belong together
    with open_population(path) as writer:
        if len(theirs):
            writer.check_recipe(theirs.recipe)
        every = Population([*writer.population, *theirs])
        new = [record for record in every if record.id not in writer.population]
        for record in new:
            writer.append(record)
    return len(new)


def holder(path: Path) -> str | None:
    """Which process is writing a population file, if any is."""
    from filelock import Timeout

    try:
        with _lock(path).acquire(timeout=0):
            return None
    except Timeout:
        return _who(path)


def _who(path: Path) -> str:
    file = _holder_file(path)
    return file.read_text(encoding="utf-8") if file.exists() else "another process"


def _lock(path: Path):
    from filelock import FileLock

    return FileLock(path.with_name(path.name + ".lock"))


def _holder_file(path: Path) -> Path:
    return path.with_name(path.name + ".holder")


class Writer:
    """Appends records to a file that is open and locked."""

    def __init__(self, population: Population, file):
        self.population, self._file = population, file

    def check_recipe(self, recipe: Recipe) -> None:
        """Raises PopulationError where the file holds networks of another recipe."""
        first = next(iter(self.population), None)
        if first is not None and recipe != first.trained_by:
            raise PopulationError(
                f"{self._file.name} holds networks trained by {first.trained_by.name!r}, these are "
                f"trained by {recipe.name!r}; give each recipe a folder of its own"
            )

    def append(self, record: Record) -> None:
        """Raises PopulationError for an id that is there, or another recipe than the file's, and
        OSError when the line cannot be written; then the file is as it was before.
        """
        if record.id in self.population:
            raise PopulationError(f"{record.id} is already recorded")
        self.check_recipe(record.trained_by)
        end = self._file.seek(0, os.SEEK_END)
        try:
            rest = memoryview(record.to_line().encode())
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):  # else the next writer drops the torn end
                self._file.truncate(end)
            raise OSError(
                f"{record.id} could not be written to {self._file.name} ({error.strerror}); all "
                "before it are. Make room and run the same command again"
            ) from error
        self.population.add(record)


def _read(path: Path) -> Iterator[Record]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise PopulationError(f"there is no population file {path}") from None
    lines = content.decode("utf-8", errors="replace").split("\n")
    faults = []
    for number, line in enumerate(lines[:-1], start=1):
        try:
            yield Record.from_line(line)
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    if lines[-1]:
        warnings.warn(f"{path}: the last line is torn and passed over", stacklevel=4)
    if faults:
        raise PopulationError(
            f"{path} has {len(faults)} lines that are no records, of {len(lines) - 1}:\n  "
            + "\n  ".join(faults[:10])
            + "\nThe others are whole and the file was left as it is. Restore the lines, or remove "
            "them and these networks are trained again."
        )


def _drop_torn_end(path: Path) -> None:
    """Cut off what follows the last line end: the line a killed writer did not finish."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        whole = _end_of_last_line(file)
        if whole < file.seek(0, os.SEEK_END):
            warnings.warn(f"{path}: dropped a torn last line, to be trained again", stacklevel=4)
            file.truncate(whole)
            os.fsync(file.fileno())


def _end_of_last_line(file, step: int = 1 << 16) -> int:
    """Where the last whole line of a binary file ends, searched from the back."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - step)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _row(record: Record) -> dict[str, Any]:
    network = record.network
    flat = {
        name: value
        for name, value in asdict(record).items()
        if not isinstance(value, dict | list) and name != "schema"
    }
    shape = {
        name: list(getattr(network, name))
        for name in ("depths", "widths", "group_widths", "bottleneck_ratios")
    }
    return (
        {"id": record.id}
        | flat
        | shape
        | {"recipe": record.recipe["name"], "train_loss": record.train_loss}
    )
