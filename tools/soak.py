"""Bring faults about hundreds of times and count what they cost: `make soak`.

    export PYTHONPATH=tests/support           the faults are there, for the tests too
    python tools/soak.py                      200 kills and the rest, two hours on two cores
    python tools/soak.py --moments 20 --examples 1000        a first look

Writes the table to recorded/runs/soak.json in the package. A fault that cannot be brought about on
this machine is left out, and said so.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from json import dumps
from pathlib import Path

import torch

import faults
from designspaces.files import atomic
from designspaces.networks.device import describe
from designspaces.populations.population import Population
from designspaces.training.loop import versions

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "code" / "designspaces" / "recorded" / "runs" / "soak.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=200, help="kills; 200 by default")
    parser.add_argument("--examples", type=int, default=100_000, help="random inputs a test")
    parser.add_argument("--nodes", type=int, default=3, help="Ray nodes to lose; 3 by default")
    options = parser.parse_args()
    begun, outcomes = time.monotonic(), []
    inputs = random_inputs(options.examples)
    with tempfile.TemporaryDirectory() as root:
        root = Path(root)
        parts = {
            "kills": lambda: kills(root / "kills", options.moments),
            "nodes": lambda: lost_nodes(root / "nodes", max(1, options.nodes)),
            "disk": lambda: full_disk(root / "disk"),
            "clock": lambda: clock_jumps(root / "clock", options.moments // 10),
            "races": lambda: faults.races(root / "races", options.moments // 20, n=3),
            "damage": lambda: damage(root / "kills", 100 * options.moments),
        }
        for name, part in parts.items():
            start = time.monotonic()
            try:
                outcomes.append(part())
            except Missing as missing:
                print(f"{name}: left out, {missing}", flush=True)
                continue
            except Exception as error:
                outcomes.append(faults.Outcome(name, failure=f"{type(error).__name__}: {error}"))
            print(f"{outcomes[-1]}"[:400], f"{time.monotonic() - start:.0f} s", flush=True)
    inputs = ended(inputs, options.examples)
    harmless = bool(outcomes) and all(outcome.harmless for outcome in outcomes) and inputs["passed"]
    with atomic(RECORDED) as temporary:
        rows = [asdict(one) | {"refusals": len(one.refusals)} for one in outcomes]
        record = {
            "outcomes": rows,
            "random_inputs": inputs,
            "seconds": time.monotonic() - begun,
            "device": describe(torch.device("cpu")),
            "versions": versions(),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        temporary.write_text(dumps(record, indent=1) + "\n", encoding="utf-8")
    print(RECORDED.read_text(encoding="utf-8"))
    return 0 if harmless else 1


class Missing(Exception):
    """What a fault needs is not on this machine."""


def kills(folder: Path, moments: int) -> faults.Outcome:
    if sys.platform != "linux":
        raise Missing("processes are found through /proc, which is Linux's")
    return faults.kills(folder, moments, n=moments)


def lost_nodes(folder: Path, nodes: int) -> faults.Outcome:
    """A cluster of two nodes loses one, again and again, in the middle of a sweep."""
    total = None
    for i in range(nodes):
        one = faults.lost_node(folder / str(i), n=8)
        if total is None:
            total = one
        else:
            for name in ("moments", "records", "lost", "doubled", "altered"):
                setattr(total, name, getattr(total, name) + getattr(one, name))
    return total


def full_disk(folder: Path, n: int = 40) -> faults.Outcome:
    """On a file system in memory with room for a few records, then for a few more."""
    with small_disk(folder, 64) as resize:
        size = 64

        def grow() -> None:
            nonlocal size
            size += 16
            resize(size)

        return faults.full_disk(folder, grow, n)


@contextmanager
def small_disk(folder: Path, kilobytes: int):
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if not hasattr(os, "geteuid") or os.geteuid() or subprocess.run(mount).returncode:
        raise Missing("a small disk takes root, to mount it")

    def resize(kilobytes: int) -> None:
        option = f"remount,size={kilobytes}k"
        subprocess.run(["mount", "-o", option, str(folder)], check=True)

    try:
        yield resize
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def clock_jumps(folder: Path, moments: int) -> faults.Outcome:
    """The clock of driver and workers jumps by years, forward and back, while they train."""
    library = next(Path("/usr/lib").glob("**/faketime/libfaketime.so.1"), None)
    if library is None:
        raise Missing("the clock is moved by libfaketime (Debian: apt-get install faketime)")
    outcome = faults.Outcome("clock jumps by years")
    watch = faults.Watch(folder, outcome)
    folder.mkdir()
    clock, rng, n = folder / "clock", random.Random(1), 3 * moments
    clock.write_text("+0d\n")
    driver = faults.start(
        folder,
        n,
        LD_PRELOAD=str(library),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    count = 0
    while driver.poll() is None:
        now = watch.look()
        if now > count and outcome.moments < moments:
            clock.write_text(f"{rng.choice('+-')}{rng.randrange(1, 9000)}d\n")
            outcome.moments += 1
        count = now
        time.sleep(0.02)
    error = driver.communicate()[1]
    assert driver.returncode == 0, error
    watch.compare(n)
    population = Population.load(*folder.glob("*.jsonl"))
    years = {record.finished[:4] for record in population}
    assert len(years) > 1, "the clock never jumped"
    assert all(0 < record.seconds < 600 for record in population), "a jump counts as training"
    return outcome


def damage(folder: Path, moments: int) -> faults.Outcome:
    """On the first lines of a file that the kills have left."""
    source = next(folder.glob("*.jsonl"), None)
    if source is None:
        raise Missing("the kills left no file to damage")
    few = folder / "few.jsonl"
    few.write_bytes(b"".join(line + b"\n" for line in faults.whole(source)[:5]))
    return faults.damage(few, moments)


def random_inputs(examples: int) -> subprocess.Popen:
    """`tests/test_random_input.py` with so many examples a test, beside everything else."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/test_random_input.py"]
    environment = os.environ | {"SOAK_EXAMPLES": str(examples)}
    out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **out)


def ended(tests: subprocess.Popen, examples: int) -> dict:
    told = tests.communicate()[0].strip().splitlines()[-1:]
    print(*told, flush=True)
    return {"examples": examples, "tests": 3, "passed": tests.returncode == 0, "told": told}


if __name__ == "__main__":
    sys.exit(main())
