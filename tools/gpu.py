"""Check, measure and record on a GPU all that the book has to say about one, in one call.

    make gpu-rehearsal                       the whole of it on the CPU, small
    python tools/gpu.py --pack _build/gpu    before the call, where there is a network
    python3 tools/gpu.py --carried _build/gpu --out FOLDER --minutes 9      on the GPU's machine

That machine needs no network: a copy of the working tree and the folder packed before (the images,
d2l, the commit; 32 MB) will do, with Python 3.11 or newer, torch, numpy, pandas, tqdm, filelock,
safetensors, matplotlib, scipy and pytest; torchvision for d2l's side. At most seven files come
back, each written as soon as there is something to write. Their place in the book is
code/designspaces/recorded/gpu: copy the .json and .jsonl files there and commit them.
Exit status: 0, 1 where a stage failed, 2 where there is no GPU or an argument is wrong.
"""

import argparse
import gzip
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import chdir, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "code"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from designspaces.files import atomic
from designspaces.judging.plan import recipe_for
from designspaces.populations.executors import Processes, Threads, WorkerDied
from designspaces.populations.population import Population
from designspaces.populations.study import SAMPLE_SEED, find_group
from designspaces.populations.sweep import train_population
from designspaces.spaces import PAPER, find_space, spaces_in
from designspaces.training.recipe import POPULATION, TEXTBOOK, Recipe

ROOT = Path(__file__).resolve().parents[1]
PATHS = sys.path[:2]  # what the stages' processes need, too


@dataclass(frozen=True)
class Plan:
    """What the stage populations trains: the first n networks of each space, in proportion."""

    n: dict[str, int]
    recipe: Recipe
    sample_seed: int = 0

    @property
    def spaces(self) -> list:
        return [find_space(name) for name in self.n]


SIX = ("AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E", "RegNetX")
PLAN = Plan(dict.fromkeys(SIX, 500), POPULATION)
SMALL_PLAN = Plan(
    dict.fromkeys(("AnyNetX_E", "RegNetX"), 2),
    replace(POPULATION, name="rehearsal", train_images=256, val_images=100),
)
TRIED = 24  # networks, at most, that each way to share the GPU is tried with
AT_ONCE = (1, 4, 8, 16)


class Report:
    """The file of one stage, written anew whenever something is added."""

    def __init__(self, name: str, options: argparse.Namespace):
        self.path = options.out / f"{name}.json"
        self.content = {
            "stage": name,
            "quick": options.quick,
            "made_on": provenance(options),
            "headline": "",
            "results": {},
        }
        self.results = self.content["results"]

    def add(self, headline: str = "", **results) -> None:
        self.results |= results
        self.content["made_on"]["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
        self.content["headline"] = headline or self.content["headline"]
        with atomic(self.path) as temporary:
            text = json.dumps(self.content, indent=1, allow_nan=False)
            temporary.write_text(text + "\n", encoding="utf-8")


def provenance(options: argparse.Namespace) -> dict:
    """Device, driver, versions and the commit, as the pages name them."""
    import torch

    from designspaces.networks.device import best_device, describe
    from designspaces.training.loop import versions
    from designspaces.training.results import source_checksum

    device, source, origin = best_device(), source_checksum(), commit(options.carried)
    if origin.pop("source", source) != source:  # packed from another state than this
        origin["modified"] = True
    built_for = {"cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    return {
        "device": describe(device),
        "kind": device.type,
        "driver": driver() if device.type == "cuda" else None,
        "versions": versions() | (built_for if device.type == "cuda" else {}),
        **origin,
        "source": source,
    }


def driver() -> str | None:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    with suppress(OSError, subprocess.CalledProcessError):
        return subprocess.check_output(command, text=True).split()[0]
    return None


def commit(carried: Path | None) -> dict:
    """The commit and whether the package differed from it: as it was packed, or as it is here."""
    if carried is not None and (carried / "commit.json").exists():
        return json.loads((carried / "commit.json").read_text(encoding="utf-8"))

    def git(*words: str) -> str:
        return subprocess.check_output(["git", "-C", str(ROOT), *words], text=True).strip()

    with suppress(OSError, subprocess.CalledProcessError):
        changed = git("status", "--porcelain", "--", "code", "tools")
        return {"commit": git("rev-parse", "HEAD"), "modified": bool(changed)}
    return {"commit": None, "modified": None}


# The stages. Each runs in a process of its own, with `options.ends` as its last moment.


def correct(report: Report, options: argparse.Namespace) -> None:
    """The tests marked gpu, and what they measured."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "tests.xml")
        command = [sys.executable, "-m", "pytest", "-v", "-m", "gpu", "-p", "no:cacheprovider"]
        command += [f"--junitxml={result}", "--durations=5", str(ROOT / "tests" / "gpu")]
        environment = os.environ | {"DESIGNSPACES_TEST_DEVICE": options.device}
        status = subprocess.run(command, cwd=ROOT, env=environment).returncode
        if not result.exists():
            raise RuntimeError(f"pytest ended with status {status} and no results")
        tests = [_told(case) for case in ElementTree.parse(result).iter("testcase")]
    count = {kind: sum(test["outcome"] == kind for test in tests) for kind in OUTCOMES}
    report.add(", ".join(f"{n} {kind}" for kind, n in count.items()), **count, tests=tests)
    if status or count["failed"] or not count["passed"]:
        failed = [test["name"] for test in tests if test["outcome"] == "failed"]
        raise RuntimeError(f"{count['failed']} tests failed: {', '.join(failed[:3])}")


OUTCOMES = ("passed", "failed", "skipped")


def _told(case: ElementTree.Element) -> dict:
    test = {"name": case.get("name"), "outcome": "passed", "seconds": float(case.get("time"))}
    for child in case:
        if child.tag in ("failure", "error"):
            test |= {"outcome": "failed", "told": child.get("message", "")[:300]}
        elif child.tag == "skipped":
            test |= {"outcome": "skipped", "told": child.get("message", "")[:300]}
    properties = {each.get("name"): each.get("value") for each in case.iter("property")}
    return test | properties


def regnetx32(report: Report, options: argparse.Namespace) -> None:
    """The textbook's protocol in each precision, a step's parts, and d2l's loop beside it."""
    import torch

    from designspaces.networks.anynet import REGNETX32, build
    from designspaces.networks.device import best_device
    from designspaces.training.loop import train
    from designspaces.training.profile import profile_step
    from designspaces.training.results import load_for

    recipe, device = TEXTBOOK, best_device()
    if options.quick:
        recipe = replace(recipe, resolution=32, train_images=256, val_images=100, epochs=2)
    start = time.monotonic()
    data = load_for(recipe)
    report.add(loading_seconds=time.monotonic() - start)
    trainings = {}
    runs = [("bfloat16", 1), ("float16", 1), ("float32", 1), ("bfloat16", recipe.epochs)]
    for precision, epochs in runs:
        wanted = replace(recipe, precision=precision, epochs=epochs)
        history = train(build(REGNETX32, 0), data, wanted, device=device)
        trainings[f"{precision}, {epochs} epochs"] = history.to_dict()
        report.add(trainings=trainings)
    ours, longest = history.seconds, history
    report.add(
        f"{len(longest.epochs)} epochs in {ours:.1f} s, accuracy {longest.val_accuracy:.4f}",
        epochs=len(longest.epochs),
        seconds=ours,
        accuracy=longest.val_accuracy,
    )
    profiles = {}
    for precision in ("bfloat16", "float32"):
        wanted = replace(recipe, precision=precision)
        steps = 3 if options.quick else 50
        network = build(REGNETX32, 0)
        profiles[precision] = profile_step(network, data, wanted, device=device, steps=steps)
        report.add(profiles=profiles)
    del data, network
    torch.cuda.empty_cache()
    headline = report.content["headline"]

    def compare(seconds: list[float]) -> None:
        epoch = sorted(seconds)[len(seconds) // 2]
        ratio = epoch / (ours / len(longest.epochs))
        # ours resizes all images before the first epoch, d2l's each of them in every epoch
        whole = len(longest.epochs) * epoch / (ours + report.results["loading_seconds"])
        found = {"seconds": seconds, "epoch_seconds": epoch, "ratio": ratio, "ratio_whole": whole}
        report.add(f"{headline}; d2l {epoch:.1f} s an epoch, {ratio:.1f} times ours", d2l=found)

    try:
        d2l_epochs(recipe, options.ends - 5, compare)
    except ImportError as error:
        report.add(d2l=f"not measured: {error}")
        print(f"d2l's side is left out: {error}")


def d2l_epochs(recipe: Recipe, ends: float, tell: Callable[[list[float]], None]) -> None:
    """Train by d2l's own loop, with its own network and images, as many epochs as there is time.

    tell: is given the seconds of all epochs so far, after each of them.
    Raises ImportError where d2l or what it needs is missing.
    """
    import torch
    from torch.utils.data import Subset

    from designspaces.networks.device import best_device
    from designspaces.networks.run_time import wait_for
    from reference import d2l_regnetx32, d2l_without_board, lay_out_for_torchvision

    d2l, seconds = d2l_without_board(), []

    class Trainer(d2l.Trainer):
        def fit_epoch(self):
            # there is no other way to end its loop; two epochs are trained in any case
            if len(seconds) >= 2 and time.monotonic() + seconds[-1] > ends:
                return
            start = time.monotonic()
            super().fit_epoch()
            wait_for(best_device())
            seconds.append(time.monotonic() - start)
            tell(seconds)

    with tempfile.TemporaryDirectory() as folder:
        lay_out_for_torchvision(Path(folder))
        Path(folder, "work").mkdir()
        with chdir(Path(folder, "work")):  # it looks for the images in ../data
            size = (recipe.resolution, recipe.resolution)
            data = d2l.FashionMNIST(batch_size=recipe.batch_size, resize=size)
            if recipe.train_images:
                data.train = Subset(data.train, range(recipe.train_images))
                data.val = Subset(data.val, range(recipe.val_images))
            torch.manual_seed(0)
            Trainer(max_epochs=recipe.epochs, num_gpus=1).fit(d2l_regnetx32(d2l), data)


def run_time(report: Report, options: argparse.Namespace) -> None:
    """The family chapter's networks by batch: what foretells how long they take?"""
    import numpy as np

    from designspaces.designs.complexity import complexity
    from designspaces.designs.published import PUBLISHED
    from designspaces.networks.run_time import measure

    largest, pixels, repeats, batches = (1e10, 224, 9, (1, 64, 256))
    if options.quick:
        largest, pixels, repeats, batches = (5e8, 32, 2, (1, 4))
    networks = {name: each.architecture for name, each in PUBLISHED.items() if each.flops < largest}
    space, few = spaces_in(PAPER)["AnyNetX_A"], 2 if options.quick else 12
    drawn = space.sample(few, seed=0, flops=(2e8, 0.6 * largest))
    networks |= {f"AnyNetX_A {i}": each for i, each in enumerate(drawn)}
    shape = {"resolution": pixels, "in_channels": 3, "num_classes": 1000}
    costs = {name: asdict(complexity(each, **shape)) for name, each in networks.items()}
    report.add(resolution=pixels, repeats=repeats, costs=costs, milliseconds={})
    for batch in batches:
        times = measure([*networks.values()], **shape, batch_size=batch, repeats=repeats)
        middle = 1e3 * np.median(times, axis=0) / batch
        table = report.results["milliseconds"] | {
            str(batch): dict(zip(networks, middle.tolist(), strict=True))
        }
        report.add(f"{len(networks)} networks, batches of {', '.join(table)}", milliseconds=table)


def populations(report: Report, options: argparse.Namespace) -> None:
    """Networks an hour, by how many share the device and how; then as many as fit, recorded."""
    plan = plan_of(options)
    numbers = (1, 2) if options.quick else AT_ONCE
    kinds = {"processes": (Processes, numbers), "threads": (Threads, numbers[1:])}
    work = options.work / "ways"
    # under a quarter of the time for all seven trials
    seconds = max(options.ends - time.monotonic(), 0) / 30
    ways = {}
    for kind, (make, at_once) in kinds.items():
        with make(max(at_once)) as executor:
            warm_up(executor, max(at_once), plan)
            for number in at_once:
                name = f"{number} {kind}"
                ways[name] = tried(executor, number, plan, work / name, seconds)
                report.add(ways=ways)
                if "error" in ways[name]:
                    break
    possible = {name: way for name, way in ways.items() if "an_hour" in way}
    if not possible:
        raise RuntimeError("no way to train networks worked; see the file")
    same = alike([Population.load(*(work / name).glob("*.jsonl")) for name in possible])
    best = max(possible, key=lambda name: possible[name]["an_hour"])
    headline = f"{possible[best]['an_hour']:.0f} networks an hour, {best} at once"
    report.add(headline, best=best, same_errors=same)
    chosen = options.work / "chosen"
    shutil.copytree(work / best, chosen, ignore=shutil.ignore_patterns("*.lock", "*.holder"))
    number, kind = int(best.split()[0]), best.split()[1]
    ends = options.ends - 1.5 * possible[best]["longest"] - 5
    count = fill(kinds[kind][0], number, plan, chosen, ends, report)
    report.add(f"{headline}; {count} recorded", networks=count)


def plan_of(options: argparse.Namespace) -> Plan:
    """A rehearsal's, a group's of the second study, or the first study's spaces further on."""
    if options.study:
        recipe = recipe_for(options.study)
        if options.quick:
            recipe = replace(recipe, name="rehearsal", train_images=256, val_images=100)
        networks = find_group(options.study).networks
        few = {name: min(n, 2) for name, n in networks.items()}
        return Plan(few if options.quick else networks, recipe, SAMPLE_SEED)
    return SMALL_PLAN if options.quick else PLAN


def tried(executor: Executor, at_once: int, plan: Plan, folder: Path, seconds: float) -> dict:
    """What one way to share the device gives; after `seconds` no further network is begun."""
    start = time.monotonic()
    n = {name: min(n, -(-TRIED // len(plan.n))) for name, n in plan.n.items()}
    try:
        population = train_population(
            plan.spaces,
            n,
            plan.recipe,
            executor,
            folder,
            workers=at_once,
            sample_seed=plan.sample_seed,
            until=start + seconds,
        )
    except Exception as error:
        if not out_of_memory(error):
            raise
        return {"error": str(error.__cause__ or error).splitlines()[0]}
    each = [record.seconds for record in population]
    return {
        "networks": len(each),
        "seconds": time.monotonic() - start,
        # at a steady pace, without the end, when fewer than that are under way
        "an_hour": 3600 * at_once * len(each) / sum(each),
        "longest": max(each),
    }


def fill(
    make: type[Executor], at_once: int, plan: Plan, folder: Path, ends: float, report: Report
) -> int:
    """Train the plan until `ends`, fewer at once where memory runs out; returns how many stand."""
    while True:
        executor = make(at_once)
        try:
            population = train_population(
                plan.spaces,
                plan.n,
                plan.recipe,
                executor,
                folder,
                workers=at_once,
                sample_seed=plan.sample_seed,
                until=ends,
            )
            return len(population)
        except Exception as error:
            if at_once == 1 or not out_of_memory(error):
                raise
            fewer = report.results.get("fewer_at_once", [])
            at_once //= 2
            report.add(
                fewer_at_once=[
                    *fewer,
                    {"at_once": at_once, "after": str(error.__cause__ or error)[:200]},
                ]
            )
        finally:
            executor.shutdown(cancel_futures=True)


def warm_up(executor: Executor, workers: int, plan: Plan) -> None:
    """Have every worker start, take the device and load the images before anything is timed."""
    with tempfile.TemporaryDirectory() as place:
        started = [executor.submit(_ready, plan.recipe, place, workers) for _ in range(workers)]
        for future in started:
            future.result()


def _ready(recipe: Recipe, place: str, workers: int) -> None:
    from designspaces.populations.sweep import _data

    _data(recipe)
    Path(place, secrets.token_hex(8)).touch()
    ends = time.monotonic() + 90
    while len(os.listdir(place)) < workers and time.monotonic() < ends:
        time.sleep(0.05)  # who is ready first must not take the others' turn


def out_of_memory(error: Exception) -> bool:
    return isinstance(error, WorkerDied) or "out of memory" in str(error).lower()


def alike(ways: list[Population]) -> bool:
    """Whether the same networks came out with the same errors in every way."""
    errors = {}
    for record in (record for way in ways for record in way):
        errors.setdefault(record.id, set()).add(record.val_error)
    return all(len(values) == 1 for values in errors.values())


@dataclass(frozen=True)
class Stage:
    """run: does it. seconds: its limit, but for a rehearsal's."""

    run: Callable[[Report, argparse.Namespace], None]
    seconds: float
    needs_gpu: bool = True


STAGES = {
    "correct": Stage(correct, 75, needs_gpu=False),
    "regnetx32": Stage(regnetx32, 135),
    "run-time": Stage(run_time, 75),
    "populations": Stage(populations, float("inf")),
}


def main(arguments: list[str] | None = None) -> int:
    options = parsed(arguments)
    if options.pack:
        pack(options.pack)
        return 0
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if options.carried:
        wheels = [str(path.resolve()) for path in options.carried.glob("d2l-*.whl")]
        os.environ["DESIGNSPACES_DATA"] = str(options.carried.resolve())
        sys.path += wheels
        PATHS.extend(wheels)
    os.environ["PYTHONPATH"] = os.pathsep.join([*PATHS, os.environ.get("PYTHONPATH", "")])
    if options.child:
        STAGES[options.child].run(Report(options.child, options), options)
        return 0
    told = None if options.device == "cpu" else why_no_gpu()
    if told and "too old" not in told:
        print(f"gpu.py: there is no GPU to measure ({told}); --device cpu rehearses it")
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    return max(run_stages(options, told), 2 if told else 0)


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("_build/gpu-results"))
    parser.add_argument("--stages", default=",".join(STAGES), help="some of them, with commas")
    parser.add_argument("--minutes", type=float, default=9, help="for all of it; 9 by default")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--study", metavar="GROUP", help="of the second study, for populations")
    parser.add_argument("--quick", action="store_true", help="few images, a rehearsal")
    parser.add_argument("--carried", type=Path, metavar="FOLDER", help="what --pack wrote")
    parser.add_argument("--pack", type=Path, metavar="FOLDER", help="write what is carried")
    parser.add_argument("--child", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--ends", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.out = options.out.resolve()  # d2l is run in a folder of its own
    options.stages = options.stages.split(",")
    unknown = [name for name in options.stages if name not in STAGES]
    if unknown:
        parser.error(f"there is no stage {unknown[0]!r}; expected some of {', '.join(STAGES)}")
    if options.study:
        try:
            recipe_for(options.study)
        except ValueError as error:
            parser.error(str(error))
    if options.minutes <= 0:
        parser.error(f"--minutes is {options.minutes}; expected a positive number")
    if options.carried and not options.carried.is_dir():
        parser.error(f"--carried is {options.carried}, which is no folder; make it with --pack")
    return options


def pack(folder: Path) -> None:
    """Write what travels beside the working tree: the images, d2l's wheel and the commit."""
    from designspaces.training.fetch import read_files
    from designspaces.training.results import source_checksum

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in read_files().items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, 6, mtime=0))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "d2l==1.0.3"]
    if subprocess.run([*command, "--dest", str(folder)]).returncode:
        print("d2l's wheel could not be fetched; the call goes without d2l's side")
    origin = commit(None) | {"source": source_checksum()}
    (folder / "commit.json").write_text(json.dumps(origin), encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {size / 1e6:.0f} MB")


def why_no_gpu() -> str | None:
    """torch's own words for why it finds no GPU; None where it finds one."""
    code = "import torch; torch.zeros(1, device='cuda')"
    tried = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if not tried.returncode:
        return None
    last = (tried.stderr.strip().splitlines() or [f"status {tried.returncode}"])[-1]
    return last.partition(": ")[2] or last


def run_stages(options: argparse.Namespace, no_gpu: str | None) -> int:
    """Run the stages one after another and print the table; 1 where one failed."""
    began, rows = time.monotonic(), {}
    ends = began + 60 * options.minutes - 10
    for name in options.stages:
        start, stage = time.monotonic(), STAGES[name]
        limit = min(ends - start, float("inf") if options.quick else stage.seconds)
        if no_gpu and stage.needs_gpu:
            state = f"left out: {no_gpu}"
        elif limit < 1:
            state = "left out: no time"
        else:
            print(f"{name}: {limit:.0f} s at most", flush=True)
            state = run_stage(name, limit, options, "cpu" if no_gpu else options.device)
        rows[name] = {"state": state, "seconds": time.monotonic() - start}
        rows[name]["headline"] = headline(options.out / f"{name}.json", start)
        with atomic(options.out / "summary.json") as temporary:
            temporary.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(f"\n{'stage':<12} {'seconds':>7}  state, what was found")
    for name, row in rows.items():
        print(f"{name:<12} {row['seconds']:7.0f}  {row['state']}")
        if row["headline"]:
            print(f"{'':<21} {row['headline']}")
    print(f"{'together':<12} {time.monotonic() - began:7.0f}  {options.out}")
    return int(any(row["state"] != "done" for row in rows.values()))


def headline(path: Path, since: float) -> str:
    """What a stage says in a line, if it wrote its file in this call."""
    age = time.monotonic() - since
    if not path.exists() or time.time() - path.stat().st_mtime > age + 1:
        return ""
    return json.loads(path.read_text(encoding="utf-8"))["headline"]


def run_stage(name: str, limit: float, options: argparse.Namespace, device: str) -> str:
    command = [sys.executable, str(Path(__file__).resolve()), "--child", name]
    command += ["--out", str(options.out), "--device", device]
    command += ["--quick"] if options.quick else []
    command += ["--study", options.study] if options.study else []
    command += ["--ends", str(time.monotonic() + limit)]
    command += ["--carried", str(options.carried)] if options.carried else []
    with tempfile.TemporaryDirectory() as work:
        command += ["--work", work]
        records = options.out / "populations.jsonl"
        return run_apart(
            command, limit, options.out / "log.txt", lambda: gather(Path(work), records)
        )


def run_apart(command: list[str], limit: float, log: Path, watch: Callable[[], None]) -> str:
    """Run a command whose end is not ours, for `limit` seconds at most; how it ended, in words.

    log: a file to which its output is added. watch: called every second, and at the end.
    """
    with log.open("a+b") as output:
        began = output.seek(0, os.SEEK_END)
        # a session of its own: at the end nothing that it started stays
        child = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        ends, status = time.monotonic() + limit, None
        while status is None and time.monotonic() < ends:
            with suppress(subprocess.TimeoutExpired):
                status = child.wait(timeout=1)
            watch()
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        watch()
        output.seek(began)
        lines = output.read().decode(errors="replace").strip().splitlines()
    if status is None:
        return f"stopped at its limit of {limit:.0f} s"
    if status == 0:
        return "done"
    return f"failed: {lines[-1] if lines else f'status {status}'}"


def gather(folder: Path, path: Path) -> None:
    """Bring the population files that grow in a stage's folder into one, without a torn end."""
    contents = [file.read_bytes() for file in sorted(folder.glob("chosen/*.jsonl"))]
    if contents:
        with atomic(path) as temporary:
            temporary.write_bytes(b"".join(each[: each.rfind(b"\n") + 1] for each in contents))


if __name__ == "__main__":
    sys.exit(main())
