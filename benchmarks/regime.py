"""Measure what the populations' regime is chosen by, and record it.

    python benchmarks/regime.py stem-2 lr-0.2 --n 8
    python benchmarks/regime.py time --n 5          milliseconds a step of both stems

A setting is a regime and a recipe that differ from the book's in one respect. Of each the first
networks of four spaces are trained, two single-threaded workers at once, into
code/designspaces/recorded/regime/<setting>/. Interrupted, the same command goes on.
"""

import argparse
import json
import time
from dataclasses import replace
from statistics import mean

import torch
from torch.nn.functional import cross_entropy

from designspaces.anynet import build
from designspaces.device import describe, keep_freed_memory
from designspaces.executors import Processes
from designspaces.files import atomic
from designspaces.population import REGIME_FOLDER, Population, train_population
from designspaces.recipes import POPULATION
from designspaces.spaces import BOOK, spaces_in

SPACES = ("AnyNetX_A", "AnyNetX_C", "AnyNetX_E", "RegNetX")
STRIDES = {"stem_stride": 1, "strides": (2, 2, 2, 2)}, {"stem_stride": 2, "strides": (1, 2, 2, 2)}

# setting: what is different in the regime and in the recipe, and which repeat it is
SETTINGS = {
    "stem-1": (STRIDES[0], {}, 0),
    "stem-2": (STRIDES[1], {}, 0),
    "lr-0.05": ({}, {"lr": 0.05}, 0),
    "lr-0.2": ({}, {"lr": 0.2}, 0),
    "lr-0.4": ({}, {"lr": 0.4}, 0),
    "second-seed": ({}, {}, 1),
    "five-epochs": ({}, {"epochs": 5}, 0),
}


def measure(setting: str, n: int, executor: Processes) -> None:
    of_regime, of_recipe, repeat = SETTINGS[setting]
    spaces = spaces_in(replace(BOOK, **of_regime))
    recipe = replace(POPULATION, name=setting, **of_recipe)
    chosen = [spaces[name] for name in SPACES]
    place = REGIME_FOLDER / setting
    train_population(
        chosen, n, recipe, executor, place, workers=executor.workers, repeat=repeat, progress=True
    )
    report(setting, Population.load(*sorted(place.glob("*.jsonl"))))


def report(setting: str, population: Population) -> None:
    seconds = mean(record.seconds for record in population)
    errors = ", ".join(
        f"{name} {100 * mean(record.val_error for record in population.space(name)):.2f}"
        for name in SPACES
    )
    print(f"{setting}: {len(population)} networks, {seconds:.1f} s each; mean error, %: {errors}")


def time_stems(n: int, rounds: int = 5, steps: int = 4) -> None:
    """Milliseconds a training step takes with either stem on one thread; the stems take turns."""
    torch.set_num_threads(1)
    keep_freed_memory()
    trainers = {
        setting: [
            stepper(architecture)
            for name in SPACES
            for architecture in spaces_in(replace(BOOK, **SETTINGS[setting][0]))[name].sample(n)
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
    with atomic(REGIME_FOLDER / "stems.json") as path:
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
    parser.add_argument("--n", type=int, default=8, help="networks a space; 8 by default")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if "time" in options.settings:
        time_stems(options.n)
    with Processes(options.workers) as executor:
        for setting in [name for name in options.settings if name != "time"]:
            measure(setting, options.n, executor)


if __name__ == "__main__":
    main()
