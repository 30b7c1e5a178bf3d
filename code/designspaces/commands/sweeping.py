"""Train the first networks of design spaces, a trial, or a group of the second study."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from designspaces.commands.spaces import named_space
from designspaces.populations.population import Population
from designspaces.training.recipe import Recipe


class Asked(NamedTuple):
    """A space that shall be swept, as `check_one_source` takes it."""

    id: str
    origin: dict[str, str] | None


def declare(command: Callable[..., ArgumentParser]) -> None:
    """Declare these commands: `command(name, run, help)` gives the parser of each."""
    parser = command(
        "sweep", sweep, "train the first networks of one or more design spaces", resumes=True
    )
    parser.add_argument(
        "--space",
        action="append",
        help="a name, FILE.py:NAME or MODULE:NAME; may be given repeatedly",
    )
    parser.add_argument("--n", type=int, help="of each space, up to this place in its sample")
    parser.add_argument(
        "--plan",
        metavar="FILE.py:NAME",
        help="in place of --n: a plan of your own (or MODULE:NAME), which says how many, by which "
        "recipe and of which sample",
    )
    parser.add_argument("--start", type=int, help="from this place on; 0 by default")
    parser.add_argument(
        "--trial",
        metavar="NAME",
        help="in place of --space: networks trained otherwise or again, into the package's own "
        "folder unless --folder names another; --n changes how many",
    )
    parser.add_argument(
        "--study",
        metavar="GROUP",
        help="in place of --space: a group of the second study, by its regime, into the package's "
        "own folder unless --folder names another",
    )
    parser.add_argument(
        "--percent", type=int, help="of each space of a study's group; 100 by default"
    )
    parser.add_argument(
        "--workers", type=int, help="networks at once; by default 2, on Ray all it has room for"
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "bfloat16", "float16"),
        help="in place of the recipe's; needs a folder of its own",
    )
    parser.add_argument("--executor", choices=("processes", "ray"), default="processes")
    parser.add_argument(
        "--address", help="of a running Ray cluster, host:port or auto; else one starts here"
    )
    parser.add_argument(
        "--gpu-share",
        type=float,
        help="of a GPU for a network on Ray; a quarter by default where there are GPUs",
    )
    parser.add_argument("--seed", type=int, help="of the sample; 0 by default")
    parser.add_argument("--folder", type=Path, help="populations by default")


def sweep(options: Namespace) -> None:
    """Train what is missing of the first N networks of each space, the spaces taking turns, or of a
    trial or a study. Killed at any moment, the same command goes on.
    """
    plan = _plan_trial if options.trial else _plan_study if options.study else _plan_sweep
    train, recipe, folder = plan(options)
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers is {options.workers}; expected a positive integer")
    executor, data = _executor(options, recipe)
    workers = options.workers or executor.workers
    try:
        population = train(executor, folder=folder, workers=workers, data=data, progress=True)
    finally:
        executor.shutdown(cancel_futures=True)
    print(f"{len(population)} networks in {folder}")


def _plan_sweep(options: Namespace) -> tuple[Callable, Recipe, Path]:
    """What to call for the networks of spaces, by which recipe they are trained, and where to."""
    from designspaces.populations.sweep import train_population
    from designspaces.training.recipe import POPULATION

    if not options.space or (options.n is None and options.plan is None):
        raise ValueError("a sweep takes --space and --n or --plan, or --trial, or --study")
    if options.percent is not None:
        raise ValueError(f"--percent is {options.percent} and there is no --study; leave it out")
    spaces = [named_space(name) for name in dict.fromkeys(options.space)]
    if options.plan is not None:
        return _plan_own(options, spaces)
    if options.n < 1:
        raise ValueError(f"--n is {options.n}; expected a positive integer")
    start = options.start or 0
    if not 0 <= start < options.n:
        raise ValueError(f"--start is {start}; expected 0 to {options.n - 1}, below --n")
    recipe = POPULATION
    if options.precision not in (None, recipe.precision):
        name = f"{recipe.name} in {options.precision}"
        recipe = replace(recipe, name=name, precision=options.precision)
    only = {space.name: range(start, options.n) for space in spaces}
    seed = options.seed or 0
    train = partial(train_population, spaces, options.n, recipe, sample_seed=seed, only=only)
    return train, recipe, options.folder or Path("populations")


def _plan_own(options: Namespace, spaces: Sequence) -> tuple[Callable, Recipe, Path]:
    """The same for spaces of a plan of one's own."""
    from designspaces.judging.study import check_belongs, check_signed, load_plan
    from designspaces.populations.checks import check_one_source
    from designspaces.populations.sweep import train_population

    _refuse(options, "a plan", ("n", "start", "seed", "precision"))
    plan = load_plan(options.plan)
    if unknown := [space.name for space in spaces if space.name not in plan.n]:
        raise ValueError(
            f"{options.plan} has no {', '.join(unknown)}; expected spaces of {', '.join(plan.n)}"
        )
    folder = options.folder or Path("populations")
    check_signed(plan)
    files = [folder / f"{name}.jsonl" for name in plan.n]
    there = Population.load(*(file for file in files if file.is_file()))
    check_belongs(there, plan)
    asked = [Asked(space.name, getattr(space, "origin", None)) for space in spaces]
    check_one_source([*there, *asked])
    n = {space.name: plan.n[space.name] for space in spaces}
    train = partial(train_population, spaces, n, plan.recipe, sample_seed=plan.sample_seed)
    return train, plan.recipe, folder


def _plan_trial(options: Namespace) -> tuple[Callable, Recipe, Path]:
    """The same for a trial."""
    from designspaces.populations.population import TRIALS_FOLDER
    from designspaces.populations.trials import recipe_of, run_trial

    _refuse(options, "a trial", ("space", "plan", "start", "seed", "precision", "study", "percent"))
    train = partial(run_trial, options.trial, n=options.n)
    return train, recipe_of(options.trial), options.folder or TRIALS_FOLDER / options.trial


def _plan_study(options: Namespace) -> tuple[Callable, Recipe, Path]:
    """The same for a group of the second study."""
    from designspaces.judging.plan import recipe_for
    from designspaces.populations.population import STUDY_FOLDER
    from designspaces.populations.study import run_study

    _refuse(options, "a study", ("space", "plan", "start", "seed", "precision", "n"))
    recipe = recipe_for(options.study)
    percent = 100 if options.percent is None else options.percent
    train = partial(run_study, options.study, recipe, percent=percent)
    return train, recipe, options.folder or STUDY_FOLDER / options.study


def _refuse(options: Namespace, what: str, decided: Sequence[str]) -> None:
    given = [f"--{name}" for name in decided if getattr(options, name) is not None]
    if given:
        raise ValueError(f"{what} decides {', '.join(given)} itself; leave it out")


def _executor(options: Namespace, recipe):
    """Where to train, and the images for its tasks, if they do not load their own."""
    if options.executor == "ray":
        from designspaces.populations.cluster import Cluster
        from designspaces.training.results import load_for

        data = load_for(recipe)
        executor = Cluster(options.address, gpu_share=options.gpu_share)
        return executor, executor.share(data)
    if options.address is not None or options.gpu_share is not None:
        raise ValueError("--address and --gpu-share are for a cluster; add --executor ray")
    from designspaces.populations.executors import Processes

    return Processes(2 if options.workers is None else options.workers), None
