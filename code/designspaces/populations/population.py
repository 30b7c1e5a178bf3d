"""Populations: the networks of a design space, trained, one JSON line each, read from files.

`writer` writes such files, `sweep` trains what a file lacks, `checks` says what may be compared.
"""

import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from designspaces.files import atomic
from designspaces.populations.record import Record
from designspaces.training.recipe import Recipe, tell_differences
from designspaces.words import counted

ASTRAY = 0.2
"""A training that ended above this error went astray, though its loss stayed finite."""
RECORDED = Path(__file__).parents[1] / "recorded"
FOLDER = RECORDED / "populations"
TRIALS_FOLDER = RECORDED / "trials"
STUDY_FOLDER = RECORDED / "second"
EXPERIMENTS_FOLDER = RECORDED / "experiments"


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
    def load(cls, *paths: Path, whole: bool = False) -> "Population":
        """The records of one or more files, merged by id.

        A torn last line, left by a process that was killed, is passed over with a warning, or
        refused where the files must be `whole`. Raises PopulationError for any other line that is
        no whole record, naming file, line and fault, and for one id with two contents. The files
        are left as they are.
        """
        population, paths_of = cls(), {}
        for path in paths:
            content = read_content(path)
            if content.torn and whole:
                raise PopulationError(
                    f"{path}: line {len(content.records) + 1}, the last one, is torn; those before "
                    "it are whole. A sweep drops it and trains that network again"
                )
            if content.torn:
                warnings.warn(f"{path}: the last line is torn and passed over", stacklevel=2)
            for record in content.records:
                first = paths_of.setdefault(record.id, path)
                try:
                    population.add(record)
                except PopulationError as error:
                    recipes = population.records[record.id].trained_by, record.trained_by
                    where, advice = f"{path}", "remove the line of one of them"
                    if first != path:
                        where = f"{first} and {path}"
                        if recipes[0] != replace(recipes[1], name=recipes[0].name):
                            differ = tell_differences(*recipes)
                            advice = f"they are of two recipes, {differ}; load one of the files"
                    raise PopulationError(f"{where}: {error}; {advice}") from None
        return population

    @classmethod
    def recorded(cls, *spaces: str) -> "Population":
        """The populations that came with the package: those of the `spaces` named, or all.

        Raises PopulationError for a space that is not there, naming those that are.
        """
        return cls._of_folder(FOLDER, spaces)

    @classmethod
    def trial(cls, setting: str) -> "Population":
        """Recorded networks of one of `trials.SETTINGS`: otherwise trained, or again.

        Raises PopulationError for a setting that is not there.
        """
        return cls._of_folder(TRIALS_FOLDER / setting)

    @classmethod
    def study(cls, group: str) -> "Population":
        """Recorded networks of a group of the second study; none where none is trained yet.

        Raises ValueError for a group that the study has not.
        """
        from designspaces.populations.study import find_group  # which imports this module

        find_group(group)
        folder = STUDY_FOLDER / group
        return cls._of_folder(folder) if folder.is_dir() else cls()

    @classmethod
    def experiment(cls, name: str) -> "Population":
        """Recorded networks of one of `designspaces.experiments`; none where none is trained.

        name: the experiment's, or, of one with several folders, that and more behind a hyphen.
        Raises PopulationError for an experiment that is not there.
        """
        folder = EXPERIMENTS_FOLDER / name
        if not (RECORDED.parent / "experiments" / name.partition("-")[0]).is_dir():
            raise PopulationError(f"there is no experiment {name!r} in designspaces.experiments")
        return cls._of_folder(folder) if folder.is_dir() else cls()

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
        self.check_one_recipe()
        if not len(self):
            raise PopulationError("there are no records here, so no recipe either")
        return next(iter(self)).trained_by

    def check_one_recipe(self) -> None:
        """Raises PopulationError where records were trained by different recipes."""
        recipes = list(dict.fromkeys(record.trained_by for record in self))
        if len(recipes) > 1:
            raise PopulationError(
                f"records of {len(recipes)} recipes cannot be compared, such as "
                f"{tell_differences(*recipes[:2])}; load the files of one recipe"
            )

    def to_frame(self):
        """A pandas DataFrame, a row a network."""
        import pandas as pd

        return pd.DataFrame([_row(record) for record in self])

    def to_csv(self, path: Path) -> None:
        with atomic(path) as temporary:
            self.to_frame().to_csv(temporary, index=False)


@dataclass(frozen=True)
class Content:
    """What a population file holds.

    end: how many bytes it has up to the end of its last whole record's line. torn: whether behind
    that stands the beginning of a line, which a killed writer did not finish.
    """

    records: list[Record]
    end: int
    torn: bool


def read_content(path: Path) -> Content:
    """Read a population file, every line checked.

    A last line without a line end is as good as any other if it is a whole record. Line ends may be
    Windows', a line may begin with a byte order mark, and blank lines may end the file; but a blank
    line between records is one that was lost. Raises PopulationError as `Population.load` says.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise PopulationError(f"there is no population file {path}") from None
    except OSError as error:
        raise PopulationError(f"{path} cannot be read ({error.strerror})") from error
    end = len(content.rstrip(b" \t\r\n"))
    lines = content[:end].split(b"\n") if end else []
    line_end = content.find(b"\n", end) + 1
    torn = bool(lines) and not line_end and _is_torn(lines[-1])
    if torn:
        end -= len(lines.pop())
    records, faults = [], []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(Record.from_line(_decode(line)))
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    if faults:
        raise PopulationError(
            f"{path} has {counted(len(faults), 'line')} that no record can be read from, of "
            f"{len(lines)}:\n  "
            + "\n  ".join(faults[:10])
            + "\nThe others are whole and the file was left as it is. Restore the lines, or remove "
            "them and these networks are trained again."
        )
    return Content(records, line_end if line_end and lines else end, torn)


def _is_torn(line: bytes) -> bool:
    """Whether a last line without an end is the beginning of a record and nothing more.

    Anything else, such as two records in a line, may hold what must not be lost.
    """
    try:
        json.JSONDecoder().raw_decode(_decode(line))
    except json.JSONDecodeError:
        return b'"schema"' not in line[len(b'{"schema"') :]
    except (ValueError, RecursionError):
        pass
    return False


def _decode(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _row(record: Record) -> dict[str, Any]:
    flat = {
        name: value
        for name, value in asdict(record).items()
        if not isinstance(value, dict | list) and name not in ("schema", "val_mistakes", "origin")
    }
    if "kind" in record.architecture:  # its source may be gone, and is not needed
        shape = {n: value for n, value in record.architecture.items() if n not in ("kind", *flat)}
    else:
        shape = {
            name: list(getattr(record.network, name))
            for name in ("depths", "widths", "group_widths", "bottleneck_ratios")
        }
    return (
        {"id": record.id}
        | flat
        | {"device": record.device_told}
        | shape
        | {"recipe": record.recipe["name"], "train_loss": record.train_loss}
    )
