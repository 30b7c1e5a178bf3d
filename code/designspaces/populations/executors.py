"""Where networks are trained on this machine, behind concurrent.futures' interface."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import (
    Executor,
    Future,
    InvalidStateError,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from typing import Any

from designspaces.designs.checks import positive_integer

MOST_ATTEMPTS = 5  # of a task whose worker was killed
UNGUARDED = 78
"""Exit status of a worker whose script would start workers of its own (sysexits' EX_CONFIG)."""


class WorkerDied(RuntimeError):
    """The workers that trained one task died again and again, or none could start."""


class TrainingFailed(RuntimeError):
    """A network that does not build, run or train; the message names it."""


class Processes(Executor):
    """Single-threaded worker processes that survive the death of any of them.

    A worker that is killed takes its pool with it; then the pool is renewed and what was under way
    begins again. A task that has lost `MOST_ATTEMPTS` workers ends in WorkerDied, and so does one
    whose workers cannot even start: that names the cause. Workers are spawned, on every system
    alike, and end when this process does, however it ends. A script that makes this class must do
    so below `if __name__ == "__main__":`, since its workers import it.
    """

    def __init__(self, workers: int):
        workers = positive_integer(workers, "workers")
        if getattr(multiprocessing.current_process(), "_inheriting", False):
            # a worker that imports its parent's script has come to the parent's own call
            os._exit(UNGUARDED)
        self.workers = workers
        self._lock = threading.Lock()
        self._pool = _Pool(workers)

    def submit(self, fn: Callable, /, *args, **kwargs) -> Future:
        # packed here, so that what a worker cannot import is the task's error and not its end
        task = bytes(ForkingPickler.dumps((fn, args, kwargs)))
        if self._pool is None:
            raise RuntimeError("these processes are shut down; make others to train on")
        outcome = Future()
        self._start(outcome, 1, task)
        return outcome

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is None:
            return
        if cancel_futures:  # nobody waits for what is under way either
            for process in list(pool.processes.values()):
                process.terminate()
        pool.shutdown(wait=wait, cancel_futures=cancel_futures)

    def _start(self, outcome: Future, attempt: int, task: bytes) -> None:
        with self._lock:
            if self._pool is None:
                _cancel(outcome)
                return
            try:
                future = self._pool.submit(_call, task)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
                self._pool = _Pool(self.workers)
                future = self._pool.submit(_call, task)
            pool = self._pool
        future.add_done_callback(lambda future: self._finish(outcome, attempt, task, pool, future))

    def _finish(self, outcome: Future, *under_way) -> None:
        if outcome.cancelled():  # by whoever submitted it
            outcome.set_running_or_notify_cancel()
            return
        try:
            self._settle(outcome, *under_way)
        except Exception as failure:  # it would end in this callback, and others wait on for ever
            with suppress(InvalidStateError):  # cancelled meanwhile
                outcome.set_exception(failure)

    def _settle(self, outcome: Future, attempt: int, task: bytes, pool: "_Pool", future) -> None:
        if future.cancelled():
            _cancel(outcome)
            return
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            statuses = pool.read_statuses()
            hopeless = pool.find_fault(statuses)
            if hopeless is None and attempt < MOST_ATTEMPTS:
                self._start(outcome, attempt + 1, task)
                return
            error = WorkerDied(hopeless or _tell_deaths(attempt, statuses))
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(future.result())


def _cancel(outcome: Future) -> None:
    """So that whoever waits for it is told."""
    outcome.cancel()
    outcome.set_running_or_notify_cancel()


class Threads(ThreadPoolExecutor):
    """Threads of this process, on a GPU each with a stream of its own.

    They share one context and one interpreter: no worker has to start, but Python runs in one of
    them at a time. Until the executor is shut down cuDNN is deterministic in this process, because
    a training that ends would else take that from those that go on.
    """

    def __init__(self, workers: int):
        import torch

        super().__init__(workers, initializer=_own_stream)
        self.workers = workers
        self._flags = torch.backends.cudnn.flags(enabled=True, deterministic=True)
        self._flags.__enter__()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        flags, self._flags = self._flags, None
        if flags is not None:
            flags.__exit__(None, None, None)


def _own_stream() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.set_stream(torch.cuda.Stream())


class _Pool(ProcessPoolExecutor):
    """A pool that can say, once it is broken, why it would break again."""

    def __init__(self, workers: int):
        spawn = multiprocessing.get_context("spawn")
        # a semaphore: an event has a lock, and a worker killed with it would keep it
        self._started = spawn.Semaphore(0)
        initial = {"initializer": _start_worker, "initargs": (self._started,)}
        super().__init__(workers, mp_context=spawn, **initial)
        self.processes = self._processes  # which the pool forgets when it shuts down

    def read_statuses(self) -> set[int]:
        """With which exit statuses workers ended; a negative one is a signal's."""
        processes = {process.sentinel: process for process in list(self.processes.values())}
        dead = [processes[sentinel] for sentinel in wait(processes, timeout=0)]
        for process in dead:
            process.join(timeout=1)  # its status may come a moment after its end
        return {process.exitcode for process in dead} - {0, None}

    def find_fault(self, statuses: set[int]) -> str | None:
        """Why no worker could start; None where one did, or was killed, which may not recur."""
        if UNGUARDED in statuses:
            script = getattr(sys.modules["__main__"], "__file__", "the script")
            return (
                f'{script} makes its workers outside of `if __name__ == "__main__":`. Each worker '
                "imports the script and would make workers of its own: put that part below this "
                "line"
            )
        if self._started.acquire(block=False):
            self._started.release()
            return None
        if not statuses or min(statuses) < 0:
            return None
        return (
            f"a worker ended with status {max(statuses)} while it started; the reason is what it "
            "printed above, or in the terminal that a notebook was started from"
        )


def _tell_deaths(attempts: int, statuses: set[int]) -> str:
    """So many, the last one how; only what the system kills hints at memory."""
    named = {-each: f"by {each.name}" for each in signal.Signals}
    ways = [named.get(status, f"with status {status}") for status in sorted(statuses)]
    last = f", the last {' or '.join(ways)}" if ways else ""
    hint = "; is there too little memory?" if "by SIGKILL" in ways else ""
    return f"{attempts} workers died one after another{last}{hint}"


_missing: str | None = None
"""In a worker: what it could not import when it started."""


def _start_worker(started) -> None:
    """One thread a worker, deaf to Ctrl-C (the parent decides), gone when the parent is."""
    global _missing

    def follow() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # imported last: it takes seconds, and a parent that dies meanwhile must be followed
    try:
        import torch
        from tqdm import tqdm

        torch.set_num_threads(1)
        # the lock that tqdm would make between processes outlives a worker that is terminated
        tqdm.set_lock(threading.RLock())
    except Exception as error:  # whatever a broken installation raises
        _missing = f"a worker cannot import torch: {type(error).__name__}: {error}"
    started.release()


def _call(task: bytes) -> Any:
    """Do a task in a worker."""
    if _missing is not None:
        raise WorkerDied(_missing)
    try:
        fn, args, kwargs = ForkingPickler.loads(task)
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise WorkerDied(f"a worker cannot import what it is to do: {cause}") from error
    return fn(*args, **kwargs)
