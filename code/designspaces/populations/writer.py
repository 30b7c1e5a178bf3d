"""Writing population files: one writer a file, one line a network.

A network's line is appended and on the disk before the next one counts as done.
"""

import os
import platform
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from designspaces.populations.population import Population, PopulationError, read_content
from designspaces.populations.record import Record
from designspaces.training.recipe import Recipe, tell_differences


@contextmanager
def open_population(path: Path) -> Iterator["Writer"]:
    """The one writer of a population file.

    Raises PopulationError when another process is writing it, saying which, when it cannot be
    written, and what `Population.load` raises. A torn last line is removed, with a warning.
    """
    from filelock import Timeout  # whoever only reads does without

    path = Path(path)
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # `find_holder` may have it for a moment
            stack.enter_context(_lock(path).acquire(timeout=1))
            me = f"process {os.getpid()} on {platform.node()}"
            _holder_file(path).write_text(me, encoding="utf-8")
            # unbuffered: what could not be written is never tried again behind our back
            file = stack.enter_context(path.open("ab", buffering=0))
        except Timeout:
            raise PopulationError(
                f"{path} is being written by {_name_holder(path)}; wait for it or stop it"
            ) from None
        except OSError as error:
            raise PopulationError(
                f"{path} could not be written ({error.strerror or error}); choose a folder that "
                "you may write to"
            ) from error
        yield _writer(path, file)


def merge(sources: Sequence[Path], path: Path) -> int:
    """Append to a population file the records of other files that it lacks; returns how many.

    Nothing is written unless all can be merged: raises PopulationError for one id with two
    contents, for another recipe or origin, and what `open_population` raises.
    """
    theirs = Population.load(*sources)
    theirs.check_one_recipe()
    with open_population(path) as writer:
        try:
            every = Population([*writer.population, *theirs])
        except PopulationError as error:
            raise PopulationError(f"{path} and what is to be merged: {error}") from None
        whole = Writer(every, writer._file)  # whose first record may be one of theirs
        for record in theirs:
            whole.check_recipe(record.trained_by)
            whole.check_origin(record.origin)
        new = [record for record in every if record.id not in writer.population]
        for record in new:
            writer.append(record)
    return len(new)


def find_holder(path: Path) -> str | None:
    """Which process is writing a population file, if any is. Asking leaves no trace.

    Where the lock may not be tried, in a folder of somebody else, whoever wrote last is named with
    a "perhaps".
    """
    if not _lock_file(path).exists():
        return None
    from filelock import Timeout

    try:
        with _lock(path).acquire(timeout=0):
            return None
    except Timeout:
        return _name_holder(path)
    except OSError as error:
        return f"{_name_holder(path)} perhaps: its lock cannot be tried ({error.strerror or error})"


class Writer:
    """Appends records to a file that is open and locked."""

    def __init__(self, population: Population, file: BinaryIO, gap: bytes = b""):
        """gap: what has to stand between the file's last record and the next one."""
        self.population, self._file, self._gap = population, file, gap

    def check_recipe(self, recipe: Recipe) -> None:
        """Raises PopulationError where the file holds networks of another recipe."""
        first = next(iter(self.population), None)
        if first is not None and recipe != first.trained_by:
            raise PopulationError(
                f"{self._file.name} holds networks of another recipe: "
                f"{tell_differences(first.trained_by, recipe)}; give each a folder of its own"
            )

    def check_origin(self, origin: dict[str, str] | None) -> None:
        """Raises PopulationError where the file's space was another, or its source was."""
        first = next(iter(self.population), None)
        if first is not None and _source(origin) != _source(first.origin):
            raise PopulationError(
                f"{self._file.name} holds networks of {_tell(first.origin)}, these are of "
                f"{_tell(origin)}; give each state of a space a folder of its own"
            )

    def append(self, record: Record) -> None:
        """Raises PopulationError for an id that is there, or another recipe or origin than the
        file's, and OSError when the line cannot be written; then the file is as it was before.
        """
        if record.id in self.population:
            raise PopulationError(f"{record.id} is already recorded")
        self.check_recipe(record.trained_by)
        self.check_origin(record.origin)
        end = self._file.seek(0, os.SEEK_END)
        try:
            rest = memoryview(self._gap + record.to_line().encode())
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
        self._gap = b""
        self.population.add(record)


def _source(origin: dict[str, str] | None) -> tuple[str, str] | None:
    """Which space of which source: the path differs with the folder that a command runs in."""
    return origin and (origin["space"].rpartition(":")[2], origin["checksum"])


def _tell(origin: dict[str, str] | None) -> str:
    return f"{origin['space']} (checksum {origin['checksum']})" if origin else "the book's spaces"


def _writer(path: Path, file: BinaryIO) -> Writer:
    """A writer that goes on behind the last whole record."""
    content = read_content(path)
    if content.torn:
        warnings.warn(f"{path}: dropped a torn last line, to be trained again", stacklevel=4)
    if file.seek(0, os.SEEK_END) > content.end:
        file.truncate(content.end)
        os.fsync(file.fileno())
    with path.open("rb") as written:
        written.seek(max(0, content.end - 1))
        gap = b"" if written.read(1) in (b"", b"\n") else b"\n"
    return Writer(Population(content.records), file, gap)


def _name_holder(path: Path) -> str:
    file = _holder_file(path)
    return file.read_text(encoding="utf-8") if file.exists() else "another process"


def _lock(path: Path):
    from filelock import FileLock

    return FileLock(_lock_file(path))


def _lock_file(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _holder_file(path: Path) -> Path:
    return path.with_name(path.name + ".holder")
