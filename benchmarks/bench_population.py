"""Networks an hour: our sweep on all cores against a plain loop of d2l.Trainer.

    python benchmarks/bench_population.py --networks 6 --rounds 1

Both sides train the same networks by the same protocol (50,000 images at 28x28, one epoch, batches
of 128, Nesterov momentum, one cycle) in one run and in turn. d2l's side uses all cores for one
network at a time, with d2l.FashionMNIST and d2l's plotting board off; ours trains one network a
core. The time holds all that a user waits for, the start of our workers included.
"""

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from bench_training import lay_out_for_torchvision
from d2l import torch as d2l
from torch.utils.data import Subset

from designspaces.networks import anynet
from designspaces.networks.device import describe
from designspaces.populations.executors import Processes
from designspaces.populations.sweep import train_population
from designspaces.spaces import SPACES
from designspaces.training.loop import versions
from designspaces.training.recipe import POPULATION

NAMES = ("AnyNetX_A", "AnyNetX_E", "RegNetX")
FIT, HELD_OUT = range(50_000), range(50_000, 60_000)


class D2LNetwork(d2l.Classifier):
    """One of our networks as d2l's Trainer wants it, with the populations' optimizer."""

    def __init__(self, architecture, steps):
        super().__init__()
        self.save_hyperparameters(ignore=["architecture"])
        self.net = anynet.AnyNet(architecture).net

    def configure_optimizers(self):
        recipe = POPULATION
        optimizer = torch.optim.SGD(
            self.parameters(), recipe.lr, recipe.momentum, 0, recipe.weight_decay, recipe.nesterov
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, recipe.lr, total_steps=self.steps + 1, cycle_momentum=False
        )
        optimizer.register_step_post_hook(lambda *_: self.schedule.step())
        return optimizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=6, help="6 by default")
    parser.add_argument("--rounds", type=int, default=1, help="1 by default")
    options = parser.parse_args()
    d2l.ProgressBoard.draw = lambda *_, **__: None
    each = -(-options.networks // len(NAMES))
    workers = os.cpu_count()
    print(f"{describe(torch.device('cpu'))}, {workers} workers; {versions()}", flush=True)
    rates = {"d2l": [], "ours": []}
    with tempfile.TemporaryDirectory() as root:
        work = Path(root, "work")
        work.mkdir()
        lay_out_for_torchvision(Path(root))
        for round_ in range(options.rounds):
            sides = {
                "d2l": lambda: with_d2l(work, each),
                "ours": lambda: with_ours(Path(root, f"round-{round_}"), each, workers),  # noqa: B023
            }
            for name, run in sides.items():
                start = time.perf_counter()
                outcome = run()
                hours = (time.perf_counter() - start) / 3600
                rates[name].append(len(outcome) / hours)
                shown = ", ".join(f"{100 * error():.1f}" for error in outcome)
                print(
                    f"{name}: {rates[name][-1]:.0f} networks an hour; errors, %: {shown}",
                    flush=True,
                )
    ratios = [us / them for us, them in zip(rates["ours"], rates["d2l"], strict=True)]
    print(
        f"ours makes {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) "
        f"times as many; {len(NAMES) * each} networks, {options.rounds} rounds"
    )


def with_d2l(root: Path, each: int) -> list[Callable[[], float]]:
    """Train; what comes back computes the errors, so that their cost is not timed twice."""
    trained = []
    for index in range(each):
        for name in NAMES:
            with contextlib.chdir(root):  # d2l looks for the images in ../data
                data = d2l.FashionMNIST(batch_size=128)
            data.val = Subset(data.train, HELD_OUT)
            data.train = Subset(data.train, FIT)
            architecture = SPACES[name].sample(index + 1)[index]
            network = D2LNetwork(architecture, steps=-(-len(FIT) // 128))
            d2l.Trainer(max_epochs=1).fit(network, data)
            trained.append(partial(error_of, network, data))
    return trained


@torch.no_grad()
def error_of(network, data) -> float:
    network.eval()
    wrong = [
        (network(images).argmax(1) != labels).sum().item()
        for images, labels in data.val_dataloader()
    ]
    return sum(wrong) / len(HELD_OUT)


def with_ours(folder: Path, each: int, workers: int) -> list[Callable[[], float]]:
    recipe = replace(POPULATION, name="bench")
    with Processes(workers) as executor:
        population = train_population(
            [SPACES[name] for name in NAMES], each, recipe, executor, folder, workers=workers
        )
    order = {name: number for number, name in enumerate(NAMES)}
    records = sorted(population, key=lambda record: (record.index, order[record.space]))
    return [partial(getattr, record, "val_error") for record in records]


if __name__ == "__main__":
    main()
