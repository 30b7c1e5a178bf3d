"""The call for a GPU: rehearsed as a whole, and how it bears what goes wrong."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("filelock")

import gpu  # noqa: E402
from designspaces.book import on_gpu  # noqa: E402
from designspaces.populations.checks import check_drawn  # noqa: E402
from designspaces.populations.population import Population  # noqa: E402
from designspaces.training.fetch import read_files  # noqa: E402
from designspaces.training.results import source_checksum  # noqa: E402
from faults import RECIPE  # noqa: E402

TOOL = Path(gpu.__file__)
TOO_OLD = "The NVIDIA driver on your system is too old (found version 11040)."
PLAN = gpu.Plan(dict.fromkeys(("AnyNetX_C", "AnyNetX_E"), 1), RECIPE)


@pytest.mark.slow
def test_the_whole_call_is_rehearsed(tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, str(TOOL), "--quick", "--device", "cpu", "--out", "out"]
    command += ["--minutes", "60"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + (out / "log.txt").read_text()
    table = done.stdout.partition("stage ")[2].splitlines()
    assert [line.split()[2] for line in table if line.split()[0] in gpu.STAGES] == ["done"] * 4
    names = {path.name for path in out.iterdir()}
    assert names == {f"{stage}.json" for stage in gpu.STAGES} | OTHERS
    population = Population.load(out / "populations.jsonl")
    check_drawn(population)
    assert len(population) == sum(gpu.SMALL_PLAN.n.values())
    for stage in gpu.STAGES:
        with pytest.raises(ValueError, match="was not measured on a GPU"):
            on_gpu.measured(stage, out)
        found = json.loads((out / f"{stage}.json").read_text())
        assert missing(on_gpu.MADE_ON, found["made_on"]) == {"driver", "CUDA"}
        unknown = missing(on_gpu.ROWS[stage], found["results"])
        assert not [name for name in unknown if not name.endswith(LEFT_OUT)]


OTHERS = {"populations.jsonl", "summary.json", "log.txt"}
LEFT_OUT = ("kernels in a step", "share of a step they run", "64", "256")
LEFT_OUT += ("4 processes", "8 processes", "16 processes", "4 threads", "8 threads", "16 threads")


def missing(rows, found) -> set[str]:
    return {name for name, text in on_gpu.told(rows, found).items() if text == on_gpu.MISSING}


def test_without_a_gpu_a_sentence_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(gpu, "why_no_gpu", lambda: "Found no NVIDIA driver on your system.")
    assert gpu.main(["--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert "there is no GPU to measure (Found no NVIDIA driver" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_torchs_own_words_say_why_there_is_none():
    assert "NVIDIA" in gpu.why_no_gpu() or "CUDA" in gpu.why_no_gpu()


def test_a_driver_too_old_leaves_the_stage_that_does_without(monkeypatch, tmp_path, capsys):
    ran = []
    monkeypatch.setattr(gpu, "why_no_gpu", lambda: TOO_OLD)
    monkeypatch.setattr(
        gpu, "run_stage", lambda name, _, __, device: ran.append((name, device)) or "done"
    )
    assert gpu.main(["--out", str(tmp_path)]) == 2
    assert ran == [("correct", "cpu")]
    assert capsys.readouterr().out.count(f"left out: {TOO_OLD}") == 3


def test_a_stage_that_fails_is_told_and_the_next_one_runs(monkeypatch, tmp_path, capsys):
    ends = {"correct": "done", "regnetx32": "failed: broken", "run-time": "done"}
    monkeypatch.setattr(gpu, "run_stage", lambda name, *_: ends[name])
    stages = ["--stages", ",".join(ends)]
    assert gpu.main([*stages, "--device", "cpu", "--out", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    told = {line.split()[0]: line[22:] for line in lines if line.split() and " " in line}
    assert {name: told[name] for name in ends} == ends
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert {name: row["state"] for name, row in summary.items()} == ends


def test_a_stage_that_fails_really_names_the_cause(tmp_path):
    carried = tmp_path / "carried"
    carried.mkdir()
    for name in read_files():
        (carried / name).write_bytes(b"damaged")
    command = [sys.executable, str(TOOL), "--device", "cpu", "--quick", "--stages", "regnetx32"]
    command += ["--out", str(tmp_path / "out"), "--carried", str(carried)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "failed: " in done.stdout
    assert "is truncated or altered" in done.stdout


def test_what_runs_apart_ends_in_words(tmp_path):
    def run(code, limit=60.0):
        watched = []
        command = [sys.executable, "-c", code]
        state = gpu.run_apart(command, limit, tmp_path / "log.txt", lambda: watched.append(1))
        assert watched
        return state

    assert run("print('one')") == "done"
    assert run("raise ValueError('two\\nthree')") == "failed: three"
    assert run("import os; os._exit(7)") == "failed: status 7"
    log = (tmp_path / "log.txt").read_text()
    assert log.startswith("one\n")
    assert "ValueError: two" in log


def test_at_its_limit_a_stage_ends_with_all_that_it_started(tmp_path):
    pid = tmp_path / "pid"
    code = "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', "
    code += f"'import time; time.sleep(600)']); open({str(pid)!r}, 'w').write(str(child.pid)); "
    command = [sys.executable, "-c", code + "child.wait()"]
    state = gpu.run_apart(command, 10, tmp_path / "log.txt", lambda: None)
    assert state == "stopped at its limit of 10 s"
    for _ in range(100):
        if not _alive(int(pid.read_text())):
            return
        time.sleep(0.1)
    pytest.fail("what the stage started runs on")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")  # nobody may be there to bury it
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--stages", "correct,speed"], "no stage 'speed'; expected some of correct, regnetx32"),
        (["--minutes", "0"], "--minutes is 0.0; expected a positive number"),
        (["--carried", "nowhere"], "--carried is nowhere, which is no folder"),
    ],
)
def test_bad_arguments_are_refused(arguments, told, capsys):
    with pytest.raises(SystemExit) as refusal:
        gpu.main(arguments)
    assert refusal.value.code == 2
    assert told in capsys.readouterr().err


class Crowded(Executor):
    """Trains in this process, but has no memory for more than two at once."""

    def __init__(self, workers: int):
        self.workers = workers

    def submit(self, fn, /, *args, **kwargs) -> Future:
        future = Future()
        if self.workers > 2:
            future.set_exception(RuntimeError("CUDA out of memory. Tried to allocate 20 MiB"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


class Notes:
    def __init__(self):
        self.results = {}

    def add(self, **results):
        self.results |= results


def test_where_memory_runs_out_fewer_are_trained_at_once(tmp_path):
    report = Notes()
    forever = float("inf")
    assert gpu.fill(Crowded, 8, PLAN, tmp_path, forever, report) == 2
    fewer = report.results["fewer_at_once"]
    assert [step["at_once"] for step in fewer] == [4, 2]
    assert all("out of memory" in step["after"] for step in fewer)
    way = gpu.tried(Crowded(4), 4, PLAN, tmp_path / "tried", 60)
    assert way == {"error": "CUDA out of memory. Tried to allocate 20 MiB"}


def test_another_error_is_not_taken_for_it(tmp_path):
    plan = gpu.Plan(PLAN.n, SimpleNamespace(precision="auto"))
    with pytest.raises(ValueError, match="needs a definite one"):
        gpu.fill(Crowded, 8, plan, tmp_path, 0, Notes())


def test_ways_are_alike_where_the_same_networks_have_the_same_errors():
    def way(*errors):
        return [SimpleNamespace(id=i, val_error=error) for i, error in enumerate(errors)]

    assert gpu.alike([way(0.1, 0.2), way(0.1)])
    assert not gpu.alike([way(0.1, 0.2), way(0.1, 0.3)])


def test_what_comes_back_has_no_torn_line(tmp_path):
    (tmp_path / "chosen").mkdir()
    (tmp_path / "chosen" / "A.jsonl").write_bytes(b"one\ntwo\nthr")
    (tmp_path / "chosen" / "B.jsonl").write_bytes(b"four\n")
    gpu.gather(tmp_path, tmp_path / "all.jsonl")
    assert (tmp_path / "all.jsonl").read_bytes() == b"one\ntwo\nfour\n"


def test_what_is_carried_is_found_again(tmp_path, monkeypatch, capsys):
    run, offline = subprocess.run, SimpleNamespace(returncode=1)
    monkeypatch.setattr(
        gpu.subprocess,
        "run",
        lambda command, **options: offline if "pip" in command else run(command, **options),
    )
    assert gpu.main(["--pack", str(tmp_path)]) == 0
    assert "d2l's wheel could not be fetched" in capsys.readouterr().out
    assert read_files(tmp_path) == read_files()
    packed = gpu.commit(tmp_path)
    assert packed.pop("source") == source_checksum()
    assert packed == gpu.commit(None)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 40e6


def test_what_was_packed_from_another_state_says_so(tmp_path):
    options = SimpleNamespace(carried=tmp_path)
    for source, modified in ((source_checksum(), False), ("another", True)):
        content = {"commit": "0123", "modified": False, "source": source}
        (tmp_path / "commit.json").write_text(json.dumps(content))
        found = gpu.provenance(options)
        assert (found["commit"], found["modified"]) == ("0123", modified)
        assert found["source"] == source_checksum()


WITHOUT = """
import sys
for name in {missing}:
    sys.modules[name] = None
sys.path[:0] = {paths}
from reference import d2l_regnetx32, d2l_without_board
try:
    d2l = d2l_without_board()
except ImportError as error:
    sys.exit(str(error))
d2l_regnetx32(d2l)
d2l.ProgressBoard().draw(0, 0, "loss")
import matplotlib.pyplot
"""


@pytest.mark.parametrize(
    ("missing", "told"),
    [(["IPython", "matplotlib_inline"], ""), (["torchvision"], "torchvision")],
)
def test_d2l_does_without_its_board_but_not_without_torchvision(missing, told):
    pytest.importorskip("d2l")
    code = WITHOUT.format(missing=missing, paths=gpu.PATHS)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == bool(told), done.stderr
    assert told in done.stderr


def test_a_group_of_the_second_study_is_trained_as_planned(monkeypatch):
    options = SimpleNamespace(study="squeeze", quick=False)
    monkeypatch.setattr(gpu, "recipe_for", lambda group: RECIPE)
    found = gpu.plan_of(options)
    assert (found.n, found.recipe, found.sample_seed) == ({"RegNetY": 100}, RECIPE, 1)
    assert [space.name for space in found.spaces] == ["RegNetY"]
    small = gpu.plan_of(SimpleNamespace(study="squeeze", quick=True))
    assert (small.n, small.recipe.train_images) == ({"RegNetY": 2}, 256)


def test_a_group_that_there_is_not_is_refused(capsys):
    with pytest.raises(SystemExit):
        gpu.parsed(["--study", "none"])
    assert "group is 'none'" in capsys.readouterr().err
