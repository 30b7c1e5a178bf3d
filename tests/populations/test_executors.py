"""Workers: how often a task is tried, what outlives what, and errors that name the true cause."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool

import pytest

import faults
import tasks
from designspaces.populations.executors import Processes, WorkerDied, _tell_deaths

UNGUARDED = """
from designspaces.populations.executors import Processes
executor = Processes(2)
print(executor.submit(abs, -7).result())
executor.shutdown()
"""

BROKEN = """
from designspaces.populations.executors import Processes
if __name__ == "__main__":
    with Processes(2) as executor:
        executor.submit(abs, -7).result()
else:
    import there_is_no_such_module
"""

PARENT = """
import os, sys, time
from designspaces.populations.executors import Processes
from tasks import leave_pid
if __name__ == "__main__":
    executor = Processes(2)
    for _ in range(2):
        executor.submit(leave_pid, sys.argv[1], 600)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def quick(tmp_path_factory, monkeypatch):
    """Workers that start at once: what they import in place of torch does nothing."""
    folder = tmp_path_factory.mktemp("stub")
    (folder / "torch.py").write_text("def set_num_threads(n): assert n == 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def run(tmp_path, script: str) -> subprocess.CompletedProcess:
    path = tmp_path / "script.py"
    path.write_text(script, encoding="utf-8")
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize(("signal_", "hint"), [("SIGKILL", True), ("SIGTERM", False)])
def test_a_task_that_kills_its_worker_is_tried_five_times(signal_, hint, tmp_path):
    signal_ = getattr(signal, signal_)
    with Processes(1) as executor:
        task = executor.submit(tasks.leave_pid, str(tmp_path), 0, signal_)
        with pytest.raises(WorkerDied, match="^5 workers died one after another, the last by "):
            task.result(timeout=300)
        assert len(list(tmp_path.iterdir())) == 5
        assert executor.submit(abs, -7).result(timeout=300) == 7
    assert f"the last by {signal_.name}" in str(task.exception())
    assert ("too little memory" in str(task.exception())) == hint


def test_workers_end_with_their_parent_in_the_middle_of_a_task(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    folder = tmp_path / "pids"
    folder.mkdir()
    parent = subprocess.Popen([sys.executable, str(script), str(folder)])
    try:
        deadline = time.monotonic() + 300
        while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        workers = [int(file.name) for file in folder.iterdir()]
        assert len(workers) == 2
        assert all(map(faults.alive, workers))
    finally:
        parent.kill()
        parent.wait()
    assert faults.gone(workers, patience=30), "a worker outlived its parent"


def test_a_script_without_a_guard_is_told_so_first(tmp_path):
    result = run(tmp_path, UNGUARDED)
    assert result.returncode == 1
    (said,) = [line for line in result.stderr.splitlines() if "WorkerDied" in line]
    assert f"{tmp_path / 'script.py'} makes its workers outside of `if __name__ ==" in said
    assert len(result.stderr.splitlines()) < 15
    assert result.stderr.count("Traceback") == 1
    assert "memory" not in result.stderr


def test_a_script_that_its_workers_cannot_import_is_tried_once(tmp_path):
    result = run(tmp_path, BROKEN)
    assert "a worker ended with status 1 while it started" in result.stderr
    assert result.stderr.count("No module named 'there_is_no_such_module'") <= 2, "two workers"
    assert "memory" not in result.stderr


def test_a_worker_without_torch_says_so(tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise ImportError('libcudart.so is missing')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with Processes(1) as executor, pytest.raises(WorkerDied) as caught:
        executor.submit(abs, -7).result(timeout=300)
    assert str(caught.value) == (
        "a worker cannot import torch: ImportError: libcudart.so is missing"
    )


def test_a_task_that_a_worker_cannot_import_says_so(monkeypatch):
    def here():
        pass

    here.__module__, here.__qualname__ = "__main__", "here"
    monkeypatch.setattr(sys.modules["__main__"], "here", here, raising=False)
    with Processes(1) as executor, pytest.raises(WorkerDied) as caught:
        executor.submit(here).result(timeout=300)
    assert "a worker cannot import what it is to do: AttributeError: " in str(caught.value)
    assert "'here'" in str(caught.value)


def test_errors_and_results_come_back_as_they_are():
    with Processes(1) as executor:
        assert executor.submit(int, "12", base=3).result(timeout=300) == 5
        with pytest.raises(ValueError, match="so it is"):
            executor.submit(int, "so it is").result(timeout=300)


def test_workers_are_counted():
    with pytest.raises(ValueError, match="workers is 0"):
        Processes(0)


def test_a_signal_without_a_name_is_told_by_its_number():
    died = "5 workers died one after another, the last"
    assert _tell_deaths(5, {-40}) == f"{died} with status -40"
    assert _tell_deaths(5, {-signal.SIGTERM, 1}) == f"{died} by SIGTERM or with status 1"


def test_workers_that_are_shut_down_take_no_task():
    executor = Processes(1)
    executor.shutdown()
    with pytest.raises(RuntimeError, match="these processes are shut down; make others"):
        executor.submit(abs, -7)


def test_an_error_while_workers_are_renewed_reaches_whoever_waits(monkeypatch):
    def fail(*_):
        raise OSError("no room for a process")

    lost, outcome = Future(), Future()
    lost.set_exception(BrokenProcessPool())
    monkeypatch.setattr(Processes, "_start", fail)
    with Processes(1) as executor:
        executor._finish(outcome, 1, b"", executor._pool, lost)
    with pytest.raises(OSError, match="no room for a process"):
        outcome.result(timeout=0)


def test_whoever_waits_for_a_task_is_told_when_it_is_cancelled():
    cancelled, outcome = Future(), Future()
    cancelled.cancel()
    with Processes(1) as executor:
        executor._finish(outcome, 1, b"", executor._pool, cancelled)
    assert wait([outcome], timeout=0).done == {outcome}


def test_workers_are_deaf_to_what_a_terminal_sends_to_all(tmp_path):
    """Ctrl-C reaches them, too; what is under way must not end by it unless the parent says so."""
    with Processes(1) as executor:
        for _ in range(2):
            task = executor.submit(tasks.leave_pid, str(tmp_path), 0, signal.SIGINT)
            assert task.exception(timeout=300) is None
        assert len(list(tmp_path.iterdir())) == 1, "the same worker"


def test_a_worker_that_is_ended_leaves_no_lock_behind(tmp_path):
    """Python's tracker of such locks would complain of each, in the middle of a terminal."""
    script = tmp_path / "ends.py"
    script.write_text(
        "from designspaces.populations.executors import Processes\n"
        "def bar(n):\n"
        "    from tqdm import tqdm\n"
        "    return sum(tqdm(range(n), disable=True))\n"
        "if __name__ == '__main__':\n"
        "    executor = Processes(1)\n"
        "    assert executor.submit(bar, 4).result() == 6\n"
        "    executor.shutdown(cancel_futures=True)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert "leaked" not in done.stderr
