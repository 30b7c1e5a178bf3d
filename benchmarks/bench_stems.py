"""Time a training step with either stem that the regime could have had.

    python benchmarks/bench_stems.py --n 5

On one thread, the stems taking turns, in the first networks of four spaces. Writes to
code/designspaces/recorded/trials/stems.json. (`designspaces sweep --trial stem-1` trains them.)
"""

import argparse
import json
import time
from dataclasses import replace

import torch
from torch.nn.functional import cross_entropy

from designspaces.files import atomic
from designspaces.networks.anynet import build
from designspaces.networks.device import describe, keep_freed_memory
from designspaces.populations.population import TRIALS_FOLDER
from designspaces.populations.trials import FOUR, SETTINGS
from designspaces.spaces import BOOK, spaces_in


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=5, help="networks a space; 5 by default")
    time_stems(parser.parse_args().n)


def time_stems(n: int, rounds: int = 5, steps: int = 4) -> None:
    """Milliseconds a training step takes with either stem on one thread; the stems take turns."""
    torch.set_num_threads(1)
    keep_freed_memory()
    trainers = {
        setting: [
            make_step(architecture)
            for name in FOUR
            for architecture in spaces_in(replace(BOOK, **SETTINGS[setting].regime))[name].sample(n)
        ]
        for setting in ("stem-1", "stem-2")
    }
    times = {setting: [] for setting in trainers}
    for round_ in range(rounds + 1):
        for setting, trainer in trainers.items():
            start = time.perf_counter()
            for step in trainer:
                for _ in range(steps):
                    step()
            if round_:  # the first one warms up
                elapsed = time.perf_counter() - start
                times[setting].append(1e3 * elapsed / (steps * len(trainer)))
    result = {
        setting: {"milliseconds": min(each), "networks": len(trainers[setting])}
        for setting, each in times.items()
    }
    with atomic(TRIALS_FOLDER / "stems.json") as path:
        record = result | {"device": describe(torch.device("cpu"))}
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(record)


def make_step(architecture):
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


if __name__ == "__main__":
    main()
