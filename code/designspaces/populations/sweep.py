"""Sweeps: train the networks of design spaces into population files.

The driver alone writes; an executor's workers train. Whatever kills either costs at most the
networks under way, and running again trains what is missing and nothing else.
"""

import re
import site
import subprocess
import sysconfig
import time
import traceback
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from pathlib import Path
from threading import Lock

from designspaces.designs.checks import positive_integer
from designspaces.populations.checks import check_one_space
from designspaces.populations.executors import TrainingFailed, WorkerDied
from designspaces.populations.population import Population
from designspaces.populations.record import (
    OWN_SCHEMA,
    SCHEMA,
    Record,
    Task,
    pack_mistakes,
)
from designspaces.populations.writer import open_population
from designspaces.spaces.own import cost_of

REPEAT_STEP = 1_000_000
"""Between the training seeds of two repeats."""

_ONE_AT_A_TIME = Lock()
"""For threads that train: torch has one random generator for all that draw weights, and Python's
parser, which reads the source for its checksum, fails in two at once."""


def train_population(
    spaces: Sequence,
    n: int | Mapping[str, int],
    recipe,
    executor: Executor,
    folder: Path,
    *,
    workers: int = 1,
    data=None,
    sample_seed: int = 0,
    repeat: int = 0,
    only: Mapping[str, Collection[int]] | None = None,
    until: float = float("inf"),
    progress: bool = False,
) -> Population:
    """Train the first `n` networks of each space, those that are missing, a file a space.

    spaces: DesignSpaces, or what has a name and draws like one, such as an `OwnSpace`.
    n: for all spaces, or for each by its name. recipe: a `Recipe` with a definite precision.
    executor: trains; any concurrent.futures.Executor. workers: how many networks it trains at once.
    data: the images for every task, or what `executor` takes in their place, as a `Cluster` does;
        by default each worker loads its own.
    folder: holds `<space>.jsonl` for each space.
    sample_seed: of the samples that are drawn.
    repeat: 0 for the population itself; 1, 2, ... train the same networks again from other seeds.
    only: of these networks, the indices to train in each space by name; all unless given.
    until: a moment of `time.monotonic` after which no network is begun.
    progress: whether a bar shows how far it is.

    Networks are begun in draw order, the spaces taking turns or, where n differs, advancing in
    proportion to it, so that any partial result is a fair comparison. Returns the records of these
    spaces, those recorded before among them.
    Raises PopulationError when a file is being written by somebody else, cannot be read, or holds
    networks of another recipe or space; ValueError for two spaces of one name and where n or only
    do not go with the spaces, before a file is made; TrainingFailed for a network that cannot be
    trained.
    """
    if recipe.precision == "auto":
        raise ValueError("the recipe's precision is 'auto'; a population needs a definite one")
    workers = positive_integer(workers, "workers")
    if repeated := [name for name, times in Counter(s.name for s in spaces).items() if times > 1]:
        raise ValueError(f"two spaces are named {repeated[0]!r}; rename one, or sweep them apart")
    n = dict(n) if isinstance(n, Mapping) else {space.name: n for space in spaces}
    _check_asked([space.name for space in spaces], n, only)
    with ExitStack() as stack:
        writers = {
            space.name: stack.enter_context(open_population(Path(folder) / f"{space.name}.jsonl"))
            for space in spaces
        }
        for name, writer in writers.items():
            writer.check_recipe(recipe)
            check_one_space(Path(folder) / f"{name}.jsonl", writer.population)
        for space in spaces:
            writers[space.name].check_origin(getattr(space, "origin", None))
        missing = [
            task
            for task in _tasks(spaces, n, recipe, sample_seed, repeat)
            if only is None or task.index in only[task.space]
            if task.id not in writers[task.space].population
        ]
        bar = stack.enter_context(_bar(len(missing), show=progress))
        for record in _run(executor, missing, workers, data, until):
            writers[record.space].append(record)
            bar(record)
        return Population(record for writer in writers.values() for record in writer.population)


def _check_asked(names: Sequence[str], n: Mapping[str, int], only) -> None:
    for what, asked in {"n": n, "only": only}.items():
        if asked is not None and (missing := [name for name in names if name not in asked]):
            raise ValueError(f"{what} does not name {missing[0]!r}; expected each of the spaces")
    for name in names:
        beyond = [] if only is None else sorted(i for i in only[name] if not 0 <= i < n[name])
        if beyond:
            raise ValueError(
                f"only has {beyond[0]} of {name}; expected places below n, which is {n[name]}"
            )


def train_task(task: Task, data=None) -> Record:
    """Train one network, in whatever process this is called, on `data` or on images it loads.

    Raises ValueError for data of another split than the recipe's.
    """
    import torch

    from designspaces.networks.looking import last_outputs
    from designspaces.training.loop import train
    from designspaces.training.results import source_checksum

    recipe, architecture = task.trained_by, task.network
    cost = cost_of(architecture, recipe.resolution)
    images = _data(recipe) if data is None else data
    if images.split != recipe.split:
        raise ValueError(
            f"the data are held-out images of {images.split!r}; the recipe says {recipe.split!r}"
        )
    with _ONE_AT_A_TIME:
        source = source_checksum()
        network, heeded = build_to_train(architecture, recipe, task.seed)
        # for layers that draw while they train, as dropout does; of one training a process at once
        torch.manual_seed(task.seed)
    with last_outputs(network) as outputs:
        history = train(network, images, heeded, seed=task.seed)
    trained_by = replace(history.recipe, zero_init_residual=recipe.zero_init_residual)
    diverged = history.status == "diverged"
    record = Record(
        **asdict(task) | {"recipe": asdict(trained_by)},
        schema=SCHEMA if task.origin is None else OWN_SCHEMA,
        params=cost.params,
        flops=cost.flops,
        activations=cost.activations,
        data_checksum=history.data_checksum,
        status=history.status,
        val_error=1 - history.val_accuracy,
        train_loss=[epoch.train_loss for epoch in history.epochs],
        seconds=history.seconds,
        device=history.device,
        versions=history.versions,
        source=source,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        val_mistakes=None if diverged else pack_mistakes(_mistakes(outputs, images.val)),
    )
    return Record.from_line(record.to_line())  # what could not be read again must not be written


def build_to_train(network, recipe, seed: int) -> tuple:
    """The PyTorch module with weights drawn from a seed, and the recipe as far as it fits.

    network: an `Architecture`, or one of one's own, as `spaces.own` describes it; of one that says
    it has no shortcuts, no block begins as the identity.
    """
    from designspaces.networks.anynet import build

    own = getattr(network, "build", None)
    start = recipe.zero_init_residual and bool(getattr(network, "residual", True))
    module = own(seed) if own else build(network, seed)
    return module, replace(recipe, zero_init_residual=start)


def _mistakes(outputs: Sequence, images):
    """Which of `images` are named wrongly, bool of shape (images,), by the logits put out for them.

    The logits are compared as `training.loop.evaluate` does, so that the bits and the error agree.
    """
    import torch

    logits = torch.cat([output.float() for output in outputs])
    if len(logits) != len(images):
        raise ValueError(f"{len(logits)} images were judged; expected {len(images)}")
    return (logits.argmax(1) != images.labels.to(logits.device)).cpu().numpy()


def _tasks(spaces, n, recipe, sample_seed: int, repeat: int) -> list[Task]:
    commit, modified = _provenance()
    draws = [
        # sorted as they are to be begun: by the share of its space that is before a network
        (draw.index / n[space.name], turn, space, draw)
        for turn, space in enumerate(spaces)
        for draw in space.draw(n[space.name], sample_seed, resolution=recipe.resolution)
    ]
    return [
        Task(
            space.name,
            sample_seed,
            draw.index,
            draw.drawn,
            draw.architecture.to_dict(),
            asdict(recipe),
            # the same order of batches at the same index in every space
            seed=draw.index + REPEAT_STEP * repeat,
            commit=commit,
            modified=modified,
            origin=getattr(space, "origin", None),
        )
        for _, _, space, draw in sorted(draws, key=itemgetter(0, 1))
    ]


def _run(
    executor: Executor, tasks: Sequence[Task], workers: int, data, until: float
) -> Iterator[Record]:
    """Records as they are done; at most `workers` tasks are under way."""
    waiting, running, tasks_of = iter(tasks), set(), {}

    def begin() -> Iterator[Future]:
        for task in waiting:
            if time.monotonic() > until:
                return
            future = executor.submit(train_task, task, data)
            tasks_of[future] = task
            yield future

    begun = begin()
    for _, future in zip(range(workers), begun, strict=False):
        running.add(future)
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        # what is whole is recorded before an error ends it all
        for future in sorted(done, key=lambda one: one.cancelled() or one.exception() is not None):
            yield _result(future, tasks_of.pop(future))
        running |= {future for _, future in zip(done, begun, strict=False)}


def _result(future: Future, task: Task) -> Record:
    try:
        return future.result()
    except (WorkerDied, OSError):
        raise
    except (Exception, SystemExit) as error:
        places = re.findall(r'File "(.*?)", line (\d+)', _trace(error))
        # what a library refuses was asked by somebody's own code
        own = [place for place in places if not _is_installed(place[0])] or places
        where = " ({}, line {})".format(*own[-1]) if own else ""
        of = f" of {task.origin['space']}" if task.origin else ""
        raise TrainingFailed(
            f"{task.id}{of} cannot be trained: {type(error).__name__}: {error}{where}. The "
            "networks before it are recorded"
        ) from error


def _is_installed(file: str) -> bool:
    """Whether a frame is of a library, of this package, or of no file at all."""
    libraries = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
    folders = (*libraries, site.getusersitepackages(), Path(__file__).parents[1])
    return file.startswith("<") or any(Path(file).is_relative_to(folder) for folder in folders)


def _trace(error: Exception) -> str:
    """Where it was raised; of a worker's error, there."""
    cause = str(error.__cause__ or "")
    return cause if 'File "' in cause else "".join(traceback.format_exception(error))


@cache
def _data(recipe):
    """The images of a recipe, loaded and laid on the device once in a process."""
    from designspaces.networks.device import best_device
    from designspaces.training.results import load_for

    return load_for(recipe).to(best_device())


def _provenance() -> tuple[str | None, bool | None]:
    """The commit of the package's checkout and whether its source was changed since."""
    folder = Path(__file__).parents[1]

    def git(*words: str) -> str:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        # installed into somebody's project, the package is no part of that repository
        git("ls-files", "--error-unmatch", "populations/sweep.py")
        return git("rev-parse", "HEAD"), bool(git("status", "--porcelain", "--", "*.py"))
    except (OSError, subprocess.CalledProcessError):
        return None, None


@contextmanager
def _bar(missing: int, *, show: bool):
    from tqdm import tqdm

    with tqdm(total=missing, unit="network", smoothing=0.05, disable=not show) as bar:

        def advance(record: Record) -> None:
            # of one network alone: while spaces grow nobody should see which one leads
            bar.set_postfix_str(f"last error {100 * record.val_error:.2f}%", refresh=False)
            bar.update()

        yield advance
