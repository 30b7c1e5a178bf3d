"""Find the data and train the book's networks."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

NETWORKS = ("regnetx32", "plain_resnet")


def declare(command: Callable[..., ArgumentParser]) -> None:
    """Declare these commands: `command(name, run, help)` gives the parser of each."""
    command("data", data, "find, verify or fetch Fashion-MNIST")

    parser = command("train", train, "train one of the book's networks", resumes=True)
    parser.add_argument("--network", choices=NETWORKS, default="regnetx32")
    parser.add_argument("--profile", help="full or quick; BOOK_PROFILE by default")
    parser.add_argument("--epochs", type=int, help="in place of the protocol's")
    parser.add_argument("--precision", help="auto, float32, bfloat16 or float16; auto by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fresh", action="store_true", help="train now and keep nothing")
    parser.add_argument("--record", type=Path, metavar="FILE", help="also write the history there")


def data(options: Namespace) -> None:
    """Find Fashion-MNIST, or fetch it, and verify its files."""
    from designspaces.training.fetch import data_folder, read_files

    size = sum(len(content) for content in read_files().values())
    print(f"Fashion-MNIST: four files, {size / 1e6:.1f} MB, verified; own folder {data_folder()}")


def train(options: Namespace) -> None:
    """Train a network by the textbook's protocol, or go on where it was left.

    The result is kept: the same question is not trained twice.
    """
    # torch takes seconds to import, so only the command that needs it pays
    from designspaces.book.profiles import check_profile, current_profile
    from designspaces.networks.anynet import PLAIN_RESNET, REGNETX32
    from designspaces.training.recipe import recipe_for
    from designspaces.training.results import train_once, write_recorded

    if not 0 <= options.seed < 2**63:
        raise ValueError(f"--seed is {options.seed}; expected 0 to 2**63 - 1")
    if options.record and (options.record.is_dir() or not options.record.parent.is_dir()):
        raise ValueError(f"--record is {options.record}; expected a file in a folder that is there")
    profile = check_profile(options.profile) if options.profile else current_profile()
    recipe = recipe_for(profile)
    if options.epochs is not None:
        recipe = replace(recipe, epochs=options.epochs)
    if options.precision is not None:
        recipe = replace(recipe, precision=options.precision)
    architecture = {"regnetx32": REGNETX32, "plain_resnet": PLAIN_RESNET}[options.network]
    print(f"{options.network}, profile {profile}: {recipe.epochs} epochs", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if options.fresh else None
        result = train_once(architecture, recipe, options.seed, folder=folder, progress=True)
    history = result.history
    if history.status == "diverged":
        print("diverged: the loss is no longer finite")
    else:
        print(
            f"{recipe.split} accuracy {history.val_accuracy:.4f} "
            f"after {len(history.epochs)} epochs, {history.seconds:.0f} s "
            f"on {history.device} in {history.recipe.precision}"
        )
    if options.record:
        write_recorded(history, options.record)
        print(f"recorded in {options.record}")
