"""Measure what the populations' regime is chosen by, and record it.

    python benchmarks/regime.py stem     two stems of equal resolutions behind them: seconds, error
    python benchmarks/regime.py lr       learning rates: does one of them favor a space?

Trains the first networks of several spaces, two single-threaded workers at once, and appends a
line each to code/designspaces/recorded/regime.csv.
"""

import csv
import sys
from concurrent.futures import as_completed
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean

import designspaces
from designspaces.executors import Processes
from designspaces.population import Task, train_task
from designspaces.recipes import POPULATION
from designspaces.spaces import BOOK, spaces_in

FILE = Path(designspaces.__file__).parent / "recorded" / "regime.csv"
SPACES = ("AnyNetX_A", "AnyNetX_C", "AnyNetX_E", "RegNetX")
STEMS = {"stem stride 1": (1, (2, 2, 2, 2)), "stem stride 2": (2, (1, 2, 2, 2))}
RATES = (0.05, 0.1, 0.2, 0.4)


def stem_questions(networks: int):
    for name, (stem_stride, strides) in STEMS.items():
        regime = replace(BOOK, stem_stride=stem_stride, strides=strides)
        yield from _questions(name, regime, POPULATION, networks)


def lr_questions(networks: int):
    for rate in RATES:
        yield from _questions(f"lr {rate}", BOOK, replace(POPULATION, lr=rate), networks)


def _questions(name, regime, recipe, networks):
    for space in SPACES:
        for draw in spaces_in(regime)[space].draw(networks):
            architecture = draw.architecture.to_dict()
            yield (
                name,
                Task(space, 0, draw.index, draw.drawn, architecture, asdict(recipe), 0, None, None),
            )


def main() -> None:
    what, networks = sys.argv[1], int(sys.argv[2])
    questions = list({"stem": stem_questions, "lr": lr_questions}[what](networks))
    rows = []
    with Processes(2) as executor:
        running = {executor.submit(train_task, task): name for name, task in questions}
        for number, future in enumerate(as_completed(running), start=1):
            record, name = future.result(), running[future]
            rows.append((what, name, record.space, record.index, record.val_error, record.seconds))
            print(f"{number}/{len(questions)}", *rows[-1], record.status, flush=True)
    fresh = not FILE.exists()
    with FILE.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(("question", "setting", "space", "index", "val_error", "seconds"))
        writer.writerows(sorted(rows))
    for name in dict.fromkeys(name for name, _ in questions):
        mine = [row for row in rows if row[1] == name]
        by_space = {space: [r[4] for r in mine if r[2] == space] for space in SPACES}
        errors = ", ".join(f"{s} {100 * mean(v):.2f}" for s, v in by_space.items())
        print(f"{name}: {mean(r[5] for r in mine):.1f} s a network; mean error, %: {errors}")


if __name__ == "__main__":
    main()
