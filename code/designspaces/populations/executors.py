"""Where networks are trained on this machine, behind concurrent.futures' interface."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

MOST_ATTEMPTS = 5  # of a task whose worker was killed


class WorkerDied(RuntimeError):
    """The workers that trained one task died again and again."""


class Processes(Executor):
    """Single-threaded worker processes that survive the death of any of them.

    A worker that is killed takes its pool with it; then the pool is renewed and what was under way
    begins again. A task that has lost `MOST_ATTEMPTS` workers ends in WorkerDied. Workers are
    spawned, on every system alike, and end when this process does, however it ends.
    """

    def __init__(self, workers: int):
        if workers < 1:
            raise ValueError(f"workers is {workers}; expected a positive integer")
        self.workers = workers
        self._lock = threading.Lock()
        self._pool = self._new_pool()

    def submit(self, fn: Callable, /, *args, **kwargs) -> Future:
        outcome = Future()
        self._start(outcome, 1, lambda pool: pool.submit(fn, *args, **kwargs))
        return outcome

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is None:
            return
        if cancel_futures:  # nobody waits for what is under way either
            for process in list((pool._processes or {}).values()):
                process.terminate()
        pool.shutdown(wait=wait, cancel_futures=cancel_futures)

    def _new_pool(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, mp_context=spawn, initializer=_start_worker)

    def _start(self, outcome: Future, attempt: int, submit: Callable) -> None:
        with self._lock:
            if self._pool is None:
                outcome.cancel()
                return
            try:
                task = submit(self._pool)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
                self._pool = self._new_pool()
                task = submit(self._pool)
        task.add_done_callback(lambda task: self._finish(outcome, attempt, submit, task))

    def _finish(self, outcome: Future, attempt: int, submit: Callable, task: Future) -> None:
        if task.cancelled():
            outcome.cancel()
            return
        error = task.exception()
        if isinstance(error, BrokenProcessPool):
            if attempt < MOST_ATTEMPTS:
                self._start(outcome, attempt + 1, submit)
            else:
                told = f"{attempt} workers died one after another; is there too little memory?"
                outcome.set_exception(WorkerDied(told))
        elif error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(task.result())


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


def _start_worker() -> None:
    """One thread a worker, deaf to Ctrl-C (the parent decides), gone when the parent is."""

    def follow() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # imported last: it takes seconds, and a parent that dies meanwhile must be followed
    import torch

    torch.set_num_threads(1)
