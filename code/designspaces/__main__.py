"""python -m designspaces: find the data, train the book's networks, sample and sweep spaces."""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from designspaces.needs import EXTRAS, advice
from designspaces.populations.executors import TrainingFailed, WorkerDied
from designspaces.populations.population import FOLDER, Population
from designspaces.training.recipe import Recipe

NETWORKS = ("regnetx32", "plain_resnet")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (2 for input that cannot be used)."""
    # Threads sleep while they wait for each other: where they spin, one busy process of another
    # terminal session slows a training tenfold. Read once, when a command loads torch.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    options = _parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            options.run(options)
            sys.stdout.flush()
    except BrokenPipeError:
        # whoever reads what is printed has enough; nor shall the last flush complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError, WorkerDied, TrainingFailed) as error:
        print(f"designspaces: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        print(f"designspaces: {advice(error.name)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        on = options.run in (_train, _sweep) and not getattr(options, "fresh", False)
        more = "; the same command goes on from here" * on
        print(f"designspaces: interrupted{more}", file=sys.stderr)
        return 130
    return 0


def _warn(message: Warning, *_, **__) -> None:
    print(f"designspaces: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="designspaces", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Callable, brief: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=brief, description=run.__doc__)
        added.set_defaults(run=run)
        return added

    command("data", _data, "find, verify or fetch Fashion-MNIST")

    train = command("train", _train, "train one of the book's networks")
    train.add_argument("--network", choices=NETWORKS, default="regnetx32")
    train.add_argument("--profile", help="full or quick; BOOK_PROFILE by default")
    train.add_argument("--epochs", type=int, help="in place of the protocol's")
    train.add_argument("--precision", help="auto, float32, bfloat16 or float16; auto by default")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--fresh", action="store_true", help="train now and keep nothing")
    train.add_argument("--record", type=Path, metavar="FILE", help="also write the history there")

    sample = command("sample", _sample, "draw networks of a design space and print them")
    sample.add_argument("--space", required=True, help="a name, FILE.py:NAME or MODULE:NAME")
    sample.add_argument("--n", type=int, default=5, help="5 by default")
    sample.add_argument("--seed", type=int, default=0, help="0 by default")
    sample.add_argument("--resolution", type=int, help="of the image; the space's by default")

    sweep = command("sweep", _sweep, "train the first networks of one or more design spaces")
    sweep.add_argument(
        "--space",
        action="append",
        help="a name, FILE.py:NAME or MODULE:NAME; may be given repeatedly",
    )
    sweep.add_argument("--n", type=int, help="of each space, up to this place in its sample")
    sweep.add_argument(
        "--plan",
        metavar="FILE.py:NAME",
        help="in place of --n: a plan of your own (or MODULE:NAME), which says how many, by which "
        "recipe and of which sample",
    )
    sweep.add_argument("--start", type=int, help="from this place on; 0 by default")
    sweep.add_argument(
        "--trial",
        metavar="NAME",
        help="in place of --space: networks trained otherwise or again, into the package's own "
        "folder unless --folder names another; --n changes how many",
    )
    sweep.add_argument(
        "--study",
        metavar="GROUP",
        help="in place of --space: a group of the second study, by its regime, into the package's "
        "own folder unless --folder names another",
    )
    sweep.add_argument(
        "--percent", type=int, help="of each space of a study's group; 100 by default"
    )
    sweep.add_argument(
        "--workers", type=int, help="networks at once; by default 2, on Ray all it has room for"
    )
    sweep.add_argument(
        "--precision",
        choices=("float32", "bfloat16", "float16"),
        help="in place of the recipe's; needs a folder of its own",
    )
    sweep.add_argument("--executor", choices=("processes", "ray"), default="processes")
    sweep.add_argument(
        "--address", help="of a running Ray cluster, host:port or auto; else one starts here"
    )
    sweep.add_argument(
        "--gpu-share",
        type=float,
        help="of a GPU for a network on Ray; a quarter by default where there are GPUs",
    )
    sweep.add_argument("--seed", type=int, help="of the sample; 0 by default")
    sweep.add_argument("--folder", type=Path, help="populations by default")

    merge = command("merge", _merge, "bring populations of several machines together")
    merge.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    merge.add_argument("--into", type=Path, required=True, metavar="FOLDER")

    figures = command("figures", _figures, "write the figures that stand in files")
    figures.add_argument("--folder", type=Path, default=Path("figures"))

    status = command("status", _status, "what a folder of populations holds by now")
    status.add_argument(
        "--folder", type=Path, default=Path("populations"), help="populations by default"
    )

    verify = command(
        "verify",
        _verify,
        "check population files: every line whole, every network the one that is drawn",
    )
    verify.add_argument(
        "--folder", type=Path, default=FOLDER, help="the package's own populations by default"
    )

    claims = command("claims", _claims, "the paper's claims and what the populations say of them")
    claims.add_argument(
        "--folder",
        type=Path,
        help="the package's own populations by default; with --plan, populations",
    )
    claims.add_argument("--plan", metavar="FILE.py:NAME", help="a plan of your own, or MODULE:NAME")

    new = command("new-space", _new_space, "begin a design space of your own")
    new.add_argument("name", help="of the package, in small letters, as in my_space")

    compare = command("compare", _compare, "hold two folders of populations against each other")
    compare.add_argument("folders", type=Path, nargs=2, metavar="FOLDER")
    compare.add_argument("--margin", type=float, help="points below which nothing matters")
    compare.add_argument("--out", type=Path, default=Path("comparison"), help="for the figures")
    return parser


def _data(options: argparse.Namespace) -> None:
    from designspaces.training.fetch import data_folder, read_files

    size = sum(len(content) for content in read_files().values())
    print(f"Fashion-MNIST: four files, {size / 1e6:.1f} MB, verified; own folder {data_folder()}")


def _train(options: argparse.Namespace) -> None:
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


def _figures(options: argparse.Namespace) -> None:
    from designspaces.figures.files import standalone_figures

    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in standalone_figures().items():
        (options.folder / name).write_text(text, encoding="utf-8")
        print(options.folder / name)


def _space(name: str):
    from designspaces.spaces import find_space
    from designspaces.spaces.own import load_space

    return load_space(name) if ":" in name else find_space(name)


def _sample(options: argparse.Namespace) -> None:
    from designspaces.spaces.own import cost_of
    from designspaces.spaces.regime import BOOK

    space = _space(options.space)
    own = getattr(space, "resolution", None) or getattr(space, "regime", BOOK).resolution
    resolution = own if options.resolution is None else options.resolution
    for draw in space.draw(options.n, options.seed, resolution=resolution):
        network, cost = draw.architecture, cost_of(draw.architecture, resolution)
        print(
            f"{_shape(network)}: {cost.flops:,} multiply-adds, {cost.params:,} parameters, "
            f"{cost.activations:,} activations"
        )


def _shape(network) -> str:
    from designspaces.designs.architecture import Architecture

    if not isinstance(network, Architecture):
        return ", ".join(f"{name} {value}" for name, value in network.to_dict().items())
    return (
        f"depths {network.depths} widths {network.widths} group widths {network.group_widths} "
        f"bottleneck ratios {network.bottleneck_ratios}"
    )


def _sweep(options: argparse.Namespace) -> None:
    """Train what is missing of the first N networks of each space, the spaces taking turns, or of a
    trial or a study. Killed at any moment, the same command goes on.
    """
    plan = _plan_trial if options.trial else _plan_study if options.study else _plan_sweep
    sweep, recipe, folder = plan(options)
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers is {options.workers}; expected a positive integer")
    executor, data = _executor(options, recipe)
    workers = options.workers or executor.workers
    try:
        population = sweep(executor, folder=folder, workers=workers, data=data, progress=True)
    finally:
        executor.shutdown(cancel_futures=True)
    print(f"{len(population)} networks in {folder}")


def _plan_sweep(options: argparse.Namespace) -> tuple[Callable, Recipe, Path]:
    """What to call for the networks of spaces, by which recipe they are trained, and where to."""
    from designspaces.populations.sweep import train_population
    from designspaces.training.recipe import POPULATION

    if not options.space or (options.n is None and options.plan is None):
        raise ValueError("a sweep takes --space and --n or --plan, or --trial, or --study")
    if options.percent is not None:
        raise ValueError(f"--percent is {options.percent} and there is no --study; leave it out")
    spaces = [_space(name) for name in dict.fromkeys(options.space)]
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
    sweep = partial(train_population, spaces, options.n, recipe, sample_seed=seed, only=only)
    return sweep, recipe, options.folder or Path("populations")


def _plan_own(options: argparse.Namespace, spaces: Sequence) -> tuple[Callable, Recipe, Path]:
    """The same for spaces of a plan of one's own."""
    from designspaces.judging.study import load_plan
    from designspaces.populations.sweep import train_population

    _refuse(options, "a plan", ("n", "start", "seed", "precision"))
    plan = load_plan(options.plan)
    if unknown := [space.name for space in spaces if space.name not in plan.n]:
        raise ValueError(
            f"{options.plan} has no {', '.join(unknown)}; expected spaces of {', '.join(plan.n)}"
        )
    n = {space.name: plan.n[space.name] for space in spaces}
    sweep = partial(train_population, spaces, n, plan.recipe, sample_seed=plan.sample_seed)
    return sweep, plan.recipe, options.folder or Path("populations")


def _plan_trial(options: argparse.Namespace) -> tuple[Callable, Recipe, Path]:
    """The same for a trial."""
    from designspaces.populations.population import TRIALS_FOLDER
    from designspaces.populations.trials import recipe_of, run_trial

    _refuse(options, "a trial", ("space", "plan", "start", "seed", "precision", "study", "percent"))
    sweep = partial(run_trial, options.trial, n=options.n)
    return sweep, recipe_of(options.trial), options.folder or TRIALS_FOLDER / options.trial


def _plan_study(options: argparse.Namespace) -> tuple[Callable, Recipe, Path]:
    """The same for a group of the second study."""
    from designspaces.judging.plan import recipe_for
    from designspaces.populations.population import STUDY_FOLDER
    from designspaces.populations.study import run_study

    _refuse(options, "a study", ("space", "plan", "start", "seed", "precision", "n"))
    recipe = recipe_for(options.study)
    percent = 100 if options.percent is None else options.percent
    sweep = partial(run_study, options.study, recipe, percent=percent)
    return sweep, recipe, options.folder or STUDY_FOLDER / options.study


def _refuse(options: argparse.Namespace, what: str, decided: Sequence[str]) -> None:
    given = [f"--{name}" for name in decided if getattr(options, name) is not None]
    if given:
        raise ValueError(f"{what} decides {', '.join(given)} itself; leave it out")


def _executor(options: argparse.Namespace, recipe):
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


def _merge(options: argparse.Namespace) -> None:
    """Append to the files of --into what the given folders have besides.

    Records are told apart by their ids; one id with two contents is an error.
    """
    from designspaces.populations.writer import merge

    files = [path for folder in options.folders for path in _population_files(folder)]
    for name in dict.fromkeys(path.name for path in files):
        sources = [path for path in files if path.name == name]
        added = merge(sources, options.into / name)
        print(f"{options.into / name}: {added} networks added")


def _status(options: argparse.Namespace) -> None:
    """Print how many networks each file has, how far their errors spread and how many diverged.
    No mean and no median: they would tell which space leads while a study grows.
    """
    from statistics import stdev

    from designspaces.populations.writer import find_holder

    for path in _population_files(options.folder):
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


def _verify(options: argparse.Namespace) -> None:
    from designspaces.populations.population import (
        PopulationError,
        check_drawn,
        check_one_space,
    )
    from designspaces.populations.trials import SETTINGS, spaces_of

    faults = []
    for path in _population_files(options.folder):
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


def _new_space(options: argparse.Namespace) -> None:
    """Write a small package with a block, two spaces, a plan, a notebook and a test, which runs at
    once. Change one thing in it.
    """
    from designspaces.book.new_space import write_space

    for path in write_space(options.name):
        print(path)


def _claims(options: argparse.Namespace) -> None:
    """Print each claim of the paper with what was measured, the sizes of the samples, the p-value
    (Holm-corrected for the primary claims) and the verdict.
    """
    if options.plan:
        return _own_claims(options)
    from designspaces.judging.claims import evaluate
    from designspaces.judging.telling import circumstances, told_verdict
    from designspaces.spaces import SPACES

    population = Population.load(*_population_files(options.folder or FOLDER))
    if len(population) and not any(record.space in SPACES for record in population):
        raise ValueError(
            f"{options.folder} has no networks of the spaces that the paper's claims are about; "
            "name a plan of yours by --plan"
        )
    for finding in evaluate(population).values():
        claim = finding.claim
        print(f"{claim.id} ({claim.family}): {claim.text} [{claim.source}]")
        measured = "; ".join([finding.measured, *circumstances(finding)])
        print(f"    {told_verdict(finding)}: {measured}")


def _own_claims(options: argparse.Namespace) -> None:
    from designspaces.judging.answer_tables import table
    from designspaces.judging.study import NOT_YET, counts, evaluate, fingerprint, load_plan

    plan = load_plan(options.plan)
    folder = options.folder or Path("populations")
    population = Population.load(*_population_files(folder))
    signed = plan.signed or "no, so this is exploratory"
    print(f"plan {fingerprint(plan)}, signed: {signed}; networks of {folder}")
    rows = table(evaluate(population, plan))
    for row in rows:
        print(f"{row['claim']} ({row['family']})")
        print(f"    {row['verdict']}: {row['number']}; {row['networks']} networks")
    if any(row["verdict"] == NOT_YET for row in rows):
        planned = Population(r for r in population if r.index < plan.n.get(r.space, 0))
        for row in counts(planned, plan.n):
            spread = row["spread"]
            print(
                f"{row['population']}: {row['trained']} of {row['planned']} networks"
                + (f", spread {spread:.2f} points" if spread is not None else "")
                + f", {row['failed']} diverged or went astray"
            )


def _compare(options: argparse.Namespace) -> None:
    """Print, for each space of both folders or for the only one of each, the difference of capped
    means with an interval and its verdict, medians, the chance that one is better and the
    Kolmogorov-Smirnov distance; write the EDFs and the shift as figures.
    """
    from designspaces.figures.evidence import edfs_file, shift_file
    from designspaces.files import atomic
    from designspaces.judging.comparison import compare, lines

    if options.out.exists() and not options.out.is_dir():
        raise ValueError(f"--out is {options.out}, a file; expected a folder")
    first, second = (Population.load(*_population_files(folder)) for folder in options.folders)
    comparison = compare(
        first, second, margin=options.margin, names=tuple(map(str, options.folders))
    )
    print("\n".join(lines(comparison)))
    options.out.mkdir(parents=True, exist_ok=True)
    for found in comparison.spaces:
        name = found.a if found.a == found.b else f"{found.a} to {found.b}"
        labels = [f"{options.folders[0]}: {found.a}", f"{options.folders[1]}: {found.b}"]
        for kind, text in {
            "edf": edfs_file(
                name, (found.a, found.b), dict(zip(labels, found.errors, strict=True))
            ),
            "shift": shift_file(name, found.shift, comparison.margin),
        }.items():
            path = options.out / f"{kind}-{name.replace(' ', '-')}.svg"
            with atomic(path) as temporary:
                temporary.write_text(text, "utf-8")
            print(path)


def _population_files(folder: Path) -> list[Path]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".jsonl")
    except OSError as error:
        raise ValueError(f"the folder {folder} cannot be read ({error.strerror})") from error
    if not files:
        raise ValueError(f"there are no population files (*.jsonl) in {folder}")
    return files


if __name__ == "__main__":
    sys.exit(main())
