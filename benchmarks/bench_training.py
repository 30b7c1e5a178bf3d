"""Time our whole training loop against d2l's on the same processor, data included.

    python benchmarks/bench_training.py             speed, three rounds
    python benchmarks/bench_training.py accuracy    final accuracy of both over three seeds

Both sides train RegNetX32 at 96x96 in batches of 128, in one process and in turn, so that a slow
moment of the machine hits both; d2l's plotting board is off. A side's time holds everything that
a user waits for: reading and resizing the images, training and judging. What happens once however
long the training is (verifying the files) counts in full for the short run.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch.utils.data import Subset

from designspaces import d2l as ours
from designspaces.networks.device import describe
from designspaces.training import fashion_mnist
from designspaces.training.loop import evaluate, train, versions
from designspaces.training.recipe import Recipe

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from reference import (
    copy_d2l_weights,
    d2l_regnetx32,
    d2l_without_board,
    lay_out_for_torchvision,
)

d2l = d2l_without_board()

TRAIN_IMAGES, VAL_IMAGES = 7_680, 1_280
SEEDS, SHORT_EPOCHS, SHORT_IMAGES = 3, 2, 60_000
CPU = torch.device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("speed", "accuracy"), default="speed")
    parser.add_argument("--rounds", type=int, default=3, help="of the speed; 3 by default")
    options = parser.parse_args()
    print(f"{describe(CPU)}; {versions()}")
    with tempfile.TemporaryDirectory() as root:
        work = Path(root, "work")
        work.mkdir()
        lay_out_for_torchvision(Path(root))
        bench_accuracy(work) if options.what == "accuracy" else bench_speed(work, options.rounds)


def bench_speed(root: Path, rounds: int) -> None:
    """Milliseconds a step of each side, and how many times as fast as d2l's ours is."""
    sides = {
        "d2l": lambda *images: _d2l_epochs(root, 96, 1, *images),
        "ours, float32": lambda *images: _our_epochs("float32", 96, 1, *images),
        "ours, bfloat16": lambda *images: _our_epochs("bfloat16", 96, 1, *images),
    }
    for run in sides.values():  # warm up
        run(256, 128)
    steps = TRAIN_IMAGES / 128
    times = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            start = time.perf_counter()
            run(TRAIN_IMAGES, VAL_IMAGES)
            times[name].append(1e3 * (time.perf_counter() - start) / steps)
    print(f"milliseconds a step, evaluation and data included; median (range) of {rounds}")
    for name, values in times.items():
        ratios = [d2ls / value for d2ls, value in zip(times["d2l"], values, strict=True)]
        print(
            f"  {name:<15} {statistics.median(values):6.0f} "
            f"({min(values):.0f} to {max(values):.0f})   "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) times d2l"
        )


def bench_accuracy(root: Path) -> None:
    """Test accuracy after a short training at native size, both sides over the same seeds.

    Both sides begin with d2l's weights of that seed: what is compared is the loop. (With the
    paper's initial weights, which are larger, plain SGD is slower in the first epochs.)
    """
    test = fashion_mnist.load("test").val
    judge = Recipe("judge", precision="float32")
    sides = {
        "d2l": lambda: _d2l_epochs(root, 28, SHORT_EPOCHS, SHORT_IMAGES, 500),
        "ours, float32": lambda: _our_epochs("float32", 28, SHORT_EPOCHS, SHORT_IMAGES, 500),
        "ours, bfloat16": lambda: _our_epochs("bfloat16", 28, SHORT_EPOCHS, SHORT_IMAGES, 500),
    }
    accuracies = {name: [] for name in sides}
    for seed in range(SEEDS):
        for name, run in sides.items():
            torch.manual_seed(seed)
            accuracies[name].append(evaluate(run(), test, judge)[1])
    print(
        f"accuracy on all 10,000 test images, %, after {SHORT_EPOCHS} epochs at 28x28 on "
        f"{SHORT_IMAGES:,} images; {SEEDS} seeds"
    )
    for name, values in accuracies.items():
        each = ", ".join(f"{100 * value:.2f}" for value in values)
        mean, spread = 100 * statistics.mean(values), 100 * statistics.stdev(values)
        print(f"  {name:<15} mean {mean:.2f}, standard deviation {spread:.2f} ({each})")


def _d2l_epochs(root, resolution, epochs, train_images, val_images):
    with contextlib.chdir(root):  # d2l looks for the images in ../data
        data = d2l.FashionMNIST(batch_size=128, resize=(resolution, resolution))
    data.train = Subset(data.train, range(train_images))
    data.val = Subset(data.val, range(val_images))
    model = d2l_regnetx32(d2l)
    d2l.Trainer(max_epochs=epochs, num_gpus=0).fit(model, data)
    return model


def _our_epochs(precision, resolution, epochs, train_images, val_images):
    recipe = Recipe("bench", epochs=epochs, precision=precision, resolution=resolution)
    data = fashion_mnist.load("test", resolution, train_images=train_images, val_images=val_images)
    model = ours.RegNetX32(lr=0.05, conv_bias=True)
    copy_d2l_weights(d2l_regnetx32(d2l), model)
    train(model, data, recipe, seed=torch.initial_seed(), device=CPU)
    return model


if __name__ == "__main__":
    main()
