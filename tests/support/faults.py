"""Things that go wrong while populations are trained, and what they leave behind.

The tests bring them about a few times, `tools/soak.py` hundreds of times.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import torch

from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record
from designspaces.populations.sweep import train_population
from designspaces.spaces.spaces import SPACES
from designspaces.training.recipe import Recipe
from designspaces.training.results import load_for

RECIPE = Recipe(
    "tiny",
    epochs=1,
    batch_size=32,
    precision="float32",
    split="validation",
    train_images=64,
    val_images=50,
)
SPACES_HERE = (SPACES["AnyNetX_C"], SPACES["AnyNetX_E"])

DRIVER = """
import sys
import threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from designspaces.populations.executors import Processes
from designspaces.populations.population import PopulationError
from designspaces.populations.sweep import train_population
from faults import RECIPE, SPACES_HERE
if __name__ == "__main__":
    folder, n = Path(sys.argv[2]), int(sys.argv[3])
    executor = Processes(2)
    try:
        train_population(SPACES_HERE, n, RECIPE, executor, folder, workers=2)
    except (PopulationError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    finally:
        executor.shutdown(cancel_futures=True)
"""


class Here(Executor):
    """Trains in this process; counts what it trained."""

    def __init__(self):
        self.tasks = []

    def submit(self, fn, /, *args, **kwargs):
        self.tasks.append(args[0])
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass
class Outcome:
    """What one kind of fault did to the records, over so many moments."""

    fault: str
    moments: int = 0
    records: int = 0
    lost: int = 0
    doubled: int = 0
    altered: int = 0
    refusals: list[str] = field(default_factory=list)  # sentences, to be read
    failure: str = ""  # what else went wrong

    @property
    def harmless(self) -> bool:
        bad = self.lost or self.doubled or self.altered or self.failure
        return self.moments > 0 and not bad


class Watch:
    """Remembers each whole line of a folder's files and counts those that change or go."""

    def __init__(self, folder: Path, outcome: Outcome):
        self.folder, self.outcome, self.seen = folder, outcome, {}

    def look(self) -> int:
        """How many whole lines there are now."""
        now = Counter(line for file in self.folder.glob("*.jsonl") for line in whole(file))
        ids = Counter(identity(line) for line in now.elements())
        self.outcome.doubled += sum(count - 1 for count in ids.values())
        for line in now:
            if self.seen.setdefault(identity(line), line) != line:
                self.outcome.altered += 1
        self.outcome.lost += len(self.seen.keys() - ids.keys())
        self.outcome.records = len(ids)
        return len(ids)

    def compare(self, n: int) -> None:
        """With a sweep that nothing disturbed."""
        self.look()
        population = Population.load(*self.folder.glob("*.jsonl"))
        with one_thread():
            elsewhere = self.folder.with_name(f"{self.folder.name}-undisturbed")
            expected = train_population(SPACES_HERE, n, RECIPE, Here(), elsewhere)
        assert len(expected) == n * len(SPACES_HERE)
        for one in expected:
            if one.id not in population:
                self.outcome.lost += 1
            elif core(population.records[one.id]) != core(one):
                self.outcome.altered += 1
        self.outcome.doubled += max(0, len(population) - len(expected))


@contextmanager
def one_thread():
    """As the workers have it: with two, sums come in another order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def whole(file: Path) -> list[bytes]:
    """The lines that end; a killed writer may leave a torn one behind them."""
    return file.read_bytes().split(b"\n")[:-1]


@cache
def identity(line: bytes) -> str:
    return Record.from_line(line.decode()).id


def core(record):
    """A record without what differs between two honest runs."""
    return replace(record, seconds=0.0, finished="", commit=None, modified=None)


def start(folder: Path, n: int, **environment: str) -> subprocess.Popen:
    """A driver that trains n networks of two spaces."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "driver.py"
    script.write_text(DRIVER, encoding="utf-8")
    command = [sys.executable, str(script), str(Path(__file__).parent), str(folder), str(n)]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )


def kills(folder: Path, moments: int, n: int, seed: int = 1) -> Outcome:
    """SIGKILL to the driver and to workers, in turn, at random moments; Linux only."""
    outcome, rng = Outcome("kill -9 of driver or worker"), random.Random(seed)
    watch = Watch(folder, outcome)
    while True:
        driver = start(folder, n)
        while driver.poll() is None and outcome.moments < moments:
            count = watch.look()
            deadline = time.monotonic() + 60
            while driver.poll() is None and watch.look() < count + 1:
                time.sleep(0.02)
                assert time.monotonic() < deadline, "the sweep stands still"
            time.sleep(rng.random() * 0.2)
            workers = children(driver.pid)
            if driver.poll() is not None:
                break
            outcome.moments += 1
            if outcome.moments % 2 and workers:
                os.kill(rng.choice(workers), signal.SIGKILL)
            else:
                driver.kill()
                driver.wait()
                assert gone(workers), "workers outlived the driver"
        error = driver.communicate()[1]
        if driver.returncode == 0:
            break
        assert driver.returncode == -signal.SIGKILL, error
    watch.compare(n)
    return outcome


def races(folder: Path, moments: int, n: int) -> Outcome:
    """Two drivers start on one file at once: one trains, the other says who does."""
    outcome = Outcome("two drivers, one file")
    watch = Watch(folder, outcome)
    for moment in range(moments):
        drivers = [start(folder, (moment + 1) * n) for _ in range(2)]
        for driver in drivers:
            error = driver.communicate()[1]
            if driver.returncode == 2:
                outcome.refusals.append(error.strip())
                assert "is being written by process" in error
            else:
                assert driver.returncode == 0, error
        outcome.moments += 1
        watch.look()
    watch.compare(moments * n)
    return outcome


def full_disk(folder: Path, grow, n: int) -> Outcome:
    """The disk has no room for all records; `grow` makes a little more until it has."""
    outcome = Outcome("full disk")
    watch = Watch(folder, outcome)
    while True:
        driver = start(folder, n)
        error = driver.communicate()[1]
        watch.look()
        if driver.returncode == 0:
            break
        assert driver.returncode == 2, error
        outcome.moments += 1
        outcome.refusals.append(
            next(line for line in error.splitlines() if "could not be written" in line)
        )
        grow()
    watch.compare(n)
    return outcome


def damage(file: Path, moments: int, seed: int = 1) -> Outcome:
    """A bit flipped or the end cut off: what is read was written, or an error says which line."""
    outcome, rng = Outcome("bit flipped or file truncated"), random.Random(seed)
    content = file.read_bytes()
    written = Population.load(file)
    outcome.records = len(written)
    spoiled = file.with_name("spoiled.jsonl")
    for moment in range(moments):
        outcome.moments += 1
        if moment % 2:
            bad = content[: rng.randrange(len(content))]
        else:
            bad = bytearray(content)
            bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        spoiled.write_bytes(bad)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a torn last line is passed over with one
            try:
                read = Population.load(spoiled)
            except PopulationError as error:
                outcome.refusals.append(str(error))
                continue
        outcome.altered += sum(written.records.get(one.id) != one for one in read)
        # a cut between two lines cannot be seen: those records are trained again
        outcome.lost += len(read) < bytes(bad).count(b"\n")
    spoiled.unlink()
    return outcome


def children(pid: int) -> list[int]:
    """The workers among a driver's children: not the tracker that multiprocessing keeps."""
    listing = subprocess.run(
        ["pgrep", "-P", str(pid), "-f", "spawn_main"], capture_output=True, text=True
    )
    return [int(child) for child in listing.stdout.split()]


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: list[int], patience: float = 60) -> bool:
    """Whether all of them end by themselves; one that is only starting has to get that far."""
    deadline = time.monotonic() + patience
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(alive(pid) for pid in pids)


def lost_node(folder: Path, n: int) -> Outcome:
    """A Ray cluster of two nodes on this machine loses one while both train."""
    from ray.cluster_utils import Cluster as Nodes

    from designspaces.populations.cluster import Cluster

    outcome = Outcome("Ray cluster loses one of two nodes")
    watch = Watch(folder, outcome)
    nodes, executor = Nodes(initialize_head=True, head_node_args={"num_cpus": 1}), None
    try:
        other = nodes.add_node(num_cpus=1)
        nodes.wait_for_nodes()
        executor = Cluster(nodes.address, gpu_share=0)
        assert executor.workers == 2

        def lose() -> None:
            while watch.look() < 2:
                time.sleep(0.01)
            nodes.remove_node(other, allow_graceful=False)
            # two are under way until the end, one on either node
            outcome.moments += watch.look() < n * len(SPACES_HERE) - 1

        thread = threading.Thread(target=lose, daemon=True)
        thread.start()
        data = executor.share(load_for(RECIPE))
        train_population(
            SPACES_HERE, n, RECIPE, executor, folder, workers=executor.workers, data=data
        )
        thread.join(timeout=60)
    finally:
        if executor is not None:
            executor.shutdown()
        nodes.shutdown()
    watch.compare(n)
    return outcome
