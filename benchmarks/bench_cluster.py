"""What goes beyond the training: Ray's overhead, and what a long file costs.

    python benchmarks/bench_cluster.py ray --networks 6 --rounds 1
    python benchmarks/bench_cluster.py files

`ray` trains the same networks by the populations' recipe on all cores of this machine, by local
processes and by a Ray cluster started here, in one run and in turn; the start of either is in its
time. `files` appends to and goes on with a file of 100 records and one of 10,000.
Both write what they measured to code/designspaces/recorded/runs/cluster.json.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from designspaces.files import atomic
from designspaces.networks.device import describe
from designspaces.populations.cluster import Cluster
from designspaces.populations.executors import Processes
from designspaces.populations.population import Population
from designspaces.populations.sweep import train_population
from designspaces.populations.writer import open_population
from designspaces.spaces import SPACES
from designspaces.training.loop import versions
from designspaces.training.recipe import POPULATION
from designspaces.training.results import load_for

SPACE = SPACES["AnyNetX_E"]
RECORDED = (
    Path(__file__).parents[1] / "code" / "designspaces" / "recorded" / "runs" / "cluster.json"
)
APPENDED = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("ray", "files"))
    parser.add_argument("--networks", type=int, default=6, help="6 by default")
    parser.add_argument("--rounds", type=int, default=1, help="1 by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        if options.part == "ray":
            result = compare(Path(root), options.networks, options.rounds)
        else:
            result = files(Path(root))
    print(result)
    record = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
    about = {"device": describe(torch.device("cpu")), "versions": versions()}
    with atomic(RECORDED) as temporary:
        text = json.dumps(record | {options.part: result | about}, indent=1) + "\n"
        temporary.write_text(text, encoding="utf-8")


def compare(root: Path, networks: int, rounds: int) -> dict:
    sides = {"processes": by_processes, "ray": by_ray}
    seconds = {name: [] for name in sides}
    errors = {}
    for round_ in range(rounds):
        for name, sweep in sides.items():
            start = time.perf_counter()
            errors[name] = sweep(root / f"{name}-{round_}", networks).errors
            seconds[name].append(time.perf_counter() - start)
            print(f"{name}: {seconds[name][-1]:.1f} s", flush=True)
    ratios = [b / a for a, b in zip(seconds["processes"], seconds["ray"], strict=True)]
    return {
        "networks": networks,
        "workers": os.cpu_count(),
        "seconds": seconds,
        "ratio": statistics.median(ratios),
        "same_errors": sorted(errors["processes"]) == sorted(errors["ray"]),
    }


def by_processes(folder: Path, networks: int) -> Population:
    with Processes(os.cpu_count()) as executor:
        return train_population(
            [SPACE], networks, POPULATION, executor, folder, workers=executor.workers
        )


def by_ray(folder: Path, networks: int) -> Population:
    executor = Cluster(gpu_share=0)
    try:
        data = executor.share(load_for(POPULATION))
        return train_population(
            [SPACE], networks, POPULATION, executor, folder, workers=executor.workers, data=data
        )
    finally:
        executor.shutdown()


def files(root: Path) -> dict:
    """Milliseconds to append a record, and to open a file to go on with it."""
    model = next(iter(Population.recorded(SPACE.name)))
    found = {}
    for size in (100, 10_000):
        path = root / f"{size}.jsonl"
        lines = (replace(model, index=index).to_line() for index in range(size))
        path.write_text("".join(lines), encoding="utf-8")
        start = time.perf_counter()
        with open_population(path) as writer:
            opened = time.perf_counter() - start
            times = []
            for index in range(APPENDED):
                start = time.perf_counter()
                writer.append(replace(model, index=size + index))
                times.append(1e3 * (time.perf_counter() - start))
        found[str(size)] = {"append_ms": statistics.median(times), "open_ms": 1e3 * opened}
    return {"sizes": found}


if __name__ == "__main__":
    main()
