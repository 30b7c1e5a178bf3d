"""Merge, report and check folders of populations."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from designspaces.populations.population import FOLDER, Population, PopulationError


def declare(command: Callable[..., ArgumentParser]) -> None:
    """Declare these commands: `command(name, run, help)` gives the parser of each."""
    parser = command("merge", merge, "bring populations of several machines together")
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")

    parser = command("status", status, "what a folder of populations holds by now")
    parser.add_argument(
        "--folder", type=Path, default=Path("populations"), help="populations by default"
    )

    parser = command(
        "verify",
        verify,
        "check population files: every line whole, every network the one that is drawn",
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="the package's own populations by default"
    )


def merge(options: Namespace) -> None:
    """Append to the files of --into what the given folders have besides.

    Records are told apart by their ids; one id with two contents is an error.
    """
    from designspaces.populations import writer

    files = [path for folder in options.folders for path in population_files(folder)]
    for name in dict.fromkeys(path.name for path in files):
        sources = [path for path in files if path.name == name]
        added = writer.merge(sources, options.into / name)
        print(f"{options.into / name}: {added} networks added")


def status(options: Namespace) -> None:
    """Print how many networks each file has, how far their errors spread and how many diverged.
    No mean and no median: they would tell which space leads while a study grows.
    """
    from statistics import stdev

    from designspaces.populations.writer import find_holder

    for path in population_files(options.folder):
        population = Population.load(path)
        line = f"{path.stem}: {len(population)} networks"
        if len(population):
            errors = population.errors
            line += f", spread {100 * stdev(errors):.2f} points" if len(errors) > 1 else ""
            line += (
                f", {population.diverged} diverged, {population.hours:.2f} worker hours, "
                f"last {max(record.finished for record in population)}"
            )
        holder = find_holder(path)
        print(line + (f"; being written by {holder}" if holder else ""))


def verify(options: Namespace) -> None:
    """Check that every line is whole and every network the one that its space draws there."""
    from designspaces.populations.checks import check_drawn, check_one_space
    from designspaces.populations.trials import SETTINGS, spaces_of

    faults = []
    for path in population_files(options.folder):
        try:
            population = Population.load(path, whole=True)
            check_one_space(path, population)
            population.check_one_recipe()
            name = population.recipe.name if len(population) else None
            check_drawn(population, spaces_of(name) if name in SETTINGS else None)
            print(f"{path.name}: {len(population)} networks, whole and as drawn")
        except ValueError as error:
            faults.append(str(error) if str(path) in str(error) else f"{path}: {error}")
    if faults:
        raise PopulationError("\n".join(faults))


def population_files(folder: Path) -> list[Path]:
    """The population files of a folder, by name. Raises ValueError where there are none to read."""
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".jsonl")
    except OSError as error:
        raise ValueError(f"the folder {folder} cannot be read ({error.strerror})") from error
    if not files:
        raise ValueError(f"there are no population files (*.jsonl) in {folder}")
    return files
