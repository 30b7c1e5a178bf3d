"""Measure what the populations' regime is chosen by, and record it.

    python benchmarks/regime.py stem-2 lr-0.2 --n 8

A setting is a regime and a recipe that differ from the book's in one respect. Of each the first
networks of four spaces are trained, two single-threaded workers at once, into
code/designspaces/recorded/regime/<setting>/. Interrupted, the same command goes on.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from statistics import mean

import designspaces
from designspaces.executors import Processes
from designspaces.population import Population, train_population
from designspaces.recipes import POPULATION
from designspaces.spaces import BOOK, spaces_in

FOLDER = Path(designspaces.__file__).parent / "recorded" / "regime"
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
    place = FOLDER / setting
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("settings", nargs="+", choices=SETTINGS, metavar="SETTING")
    parser.add_argument("--n", type=int, default=8, help="networks a space; 8 by default")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with Processes(options.workers) as executor:
        for setting in options.settings:
            measure(setting, options.n, executor)


if __name__ == "__main__":
    main()
