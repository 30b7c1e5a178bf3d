"""Train networks of the populations otherwise, or again, and record it.

    python benchmarks/trials.py stem-2 lr-0.2 --n 8
    python benchmarks/trials.py time --n 5          milliseconds a step of both stems

A setting differs from the book's regime and recipe in one respect, or trains once more from other
seeds. Its networks are trained, two single-threaded workers at once, into
code/designspaces/recorded/trials/<setting>/. Interrupted, the same command goes on.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from statistics import mean
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from designspaces.files import atomic
from designspaces.networks.anynet import build
from designspaces.networks.device import describe, keep_freed_memory
from designspaces.populations.executors import Processes
from designspaces.populations.population import TRIALS_FOLDER, Population
from designspaces.populations.record import Record
from designspaces.populations.sweep import train_population
from designspaces.spaces import BOOK, spaces_in
from designspaces.training.recipe import POPULATION

FOUR = ("AnyNetX_A", "AnyNetX_C", "AnyNetX_E", "RegNetX")
SIX = ("AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E", "RegNetX")
RECORDED = 100  # networks a space, of which some settings choose


def first(spaces: Sequence[str], n: int) -> dict[str, list[int]]:
    """The first n networks of each space."""
    return {name: list(range(n)) for name in spaces}


def one_of_each_stratum(spaces: Sequence[str], n: int) -> dict[str, list[int]]:
    """Of each n-th part of a space's recorded networks, by error, the one that was drawn first."""
    chosen = {}
    for name in spaces:
        ranked = sorted(recorded(name), key=attrgetter("val_error", "index"))
        strata = [ranked[i * RECORDED // n : (i + 1) * RECORDED // n] for i in range(n)]
        chosen[name] = [min(record.index for record in stratum) for stratum in strata]
    return chosen


def best_of_all(spaces: Sequence[str], n: int) -> dict[str, list[int]]:
    """The n networks of smallest error among the first hundred of each space."""
    every = [record for name in spaces for record in recorded(name)]
    best = sorted(every, key=attrgetter("val_error", "space", "index"))[:n]
    return {name: [record.index for record in best if record.space == name] for name in spaces}


def recorded(space: str) -> list[Record]:
    records = [record for record in Population.recorded(space) if record.index < RECORDED]
    if len(records) < RECORDED:
        raise ValueError(f"{space} has {len(records)} networks; expected at least {RECORDED}")
    return records


@dataclass(frozen=True)
class Setting:
    """What differs from the book's regime and recipe, and in which networks it is tried.

    n: how many `choose` takes, unless the command says otherwise.
    """

    regime: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    repeats: tuple[int, ...] = (0,)
    spaces: tuple[str, ...] = FOUR
    choose: Callable[[Sequence[str], int], dict[str, list[int]]] = first
    n: int = 6


SETTINGS = {
    "stem-1": Setting(regime={"stem_stride": 1, "strides": (2, 2, 2, 2)}),
    "stem-2": Setting(regime={"stem_stride": 2, "strides": (1, 2, 2, 2)}),
    "lr-0.05": Setting(recipe={"lr": 0.05}),
    "lr-0.2": Setting(recipe={"lr": 0.2}),
    "lr-0.4": Setting(recipe={"lr": 0.4}),
    "second-seed": Setting(repeats=(1,), spaces=SIX, n=5),
    "five-epochs": Setting(recipe={"epochs": 5}, spaces=SIX, choose=one_of_each_stratum, n=10),
    # what a minute's training is to foretell: the reference for the choice of the next regime
    "thirty-epochs": Setting(recipe={"epochs": 30}, spaces=SIX, choose=one_of_each_stratum, n=10),
    "finalists": Setting(repeats=(1, 2, 3), spaces=SIX, choose=best_of_all, n=10),
    # the only ones that are shown the test images, after training on all the others
    "finalists-test": Setting(
        recipe={"split": "test"}, repeats=(4,), spaces=SIX, choose=best_of_all, n=10
    ),
}


def measure(name: str, n: int | None, executor: Processes) -> None:
    setting = SETTINGS[name]
    n = n or setting.n
    spaces = spaces_in(replace(BOOK, **setting.regime))
    chosen = {space: where for space, where in setting.choose(setting.spaces, n).items() if where}
    place = TRIALS_FOLDER / name
    for repeat in setting.repeats:
        train_population(
            [spaces[space] for space in chosen],
            1 + max(index for where in chosen.values() for index in where),
            replace(POPULATION, name=name, **setting.recipe),
            executor,
            place,
            workers=executor.workers,
            repeat=repeat,
            only=chosen,
            progress=True,
        )
    report(name, Population.load(*sorted(place.glob("*.jsonl"))))


def report(setting: str, population: Population) -> None:
    seconds = mean(record.seconds for record in population)
    errors = ", ".join(
        f"{name} {100 * mean(population.space(name).errors):.2f}"
        for name in dict.fromkeys(record.space for record in population)
    )
    print(f"{setting}: {len(population)} networks, {seconds:.1f} s each; mean error, %: {errors}")


def time_stems(n: int, rounds: int = 5, steps: int = 4) -> None:
    """Milliseconds a training step takes with either stem on one thread; the stems take turns."""
    torch.set_num_threads(1)
    keep_freed_memory()
    trainers = {
        setting: [
            stepper(architecture)
            for name in FOUR
            for architecture in spaces_in(replace(BOOK, **SETTINGS[setting].regime))[name].sample(n)
        ]
        for setting in ("stem-1", "stem-2")
    }
    times = {setting: [] for setting in trainers}
    for round_ in range(rounds + 1):
        for setting, steppers in trainers.items():
            start = time.perf_counter()
            for step in steppers:
                for _ in range(steps):
                    step()
            if round_:  # the first one warms up
                elapsed = time.perf_counter() - start
                times[setting].append(1e3 * elapsed / (steps * len(steppers)))
    result = {
        setting: {"milliseconds": min(each), "networks": len(trainers[setting])}
        for setting, each in times.items()
    }
    with atomic(TRIALS_FOLDER / "stems.json") as path:
        record = result | {"device": describe(torch.device("cpu"))}
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(record)


def stepper(architecture):
    """A function that takes one step of the populations' recipe on noise."""
    network = build(architecture, seed=0).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    x = torch.rand(128, 1, 28, 28).to(memory_format=torch.channels_last)
    y = torch.randint(0, 10, (128,))

    def step() -> None:
        loss = cross_entropy(network(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("settings", nargs="+", choices=[*SETTINGS, "time"], metavar="SETTING")
    parser.add_argument("--n", type=int, help="networks a space, or in all for the finalists")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if "time" in options.settings:
        time_stems(options.n or 5)
    with Processes(options.workers) as executor:
        for setting in [name for name in options.settings if name != "time"]:
            measure(setting, options.n, executor)


if __name__ == "__main__":
    main()
