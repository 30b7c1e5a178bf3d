"""Where networks are trained, beyond one machine: a Ray cluster, behind the same interface."""

import os
import socket
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from designspaces.populations.executors import MOST_ATTEMPTS, WorkerDied

GPU_SHARE = 0.25
"""Of a GPU, for one network: these networks are small, one alone leaves a GPU waiting."""


class Cluster(Executor):
    """Single-threaded tasks on a Ray cluster, each with one CPU and perhaps a share of a GPU.

    address: of a running cluster, as `host:port` or "auto"; None starts one on this machine, which
        ends with this executor.
    gpu_share: of a GPU for each task; by default `GPU_SHARE` where the cluster has GPUs, else 0.

    A task whose worker or node is lost begins again elsewhere; when that has happened
    `MOST_ATTEMPTS` times it ends in WorkerDied. (One that Ray ends because a node's memory runs out
    begins again without a limit, and one that finds no room waits.) The workers run this process's
    copy of the package; what it needs (torch, safetensors) must be installed on every node, in the
    same versions of Python and Ray, and so must a space of one's own, named as MODULE:NAME.
    Raises ValueError when no cluster answers or lets us in, or a task finds no room in it.
    """

    def __init__(self, address: str | None = None, *, gpu_share: float | None = None):
        if gpu_share is not None and not 0 <= gpu_share <= 1:
            raise ValueError(f"gpu_share is {gpu_share}; expected a fraction from 0 to 1")
        import ray

        self._ray = ray
        self._join(address)
        self.gpu_share = gpu_share
        there = self._ray.cluster_resources()
        if gpu_share is None:
            self.gpu_share = GPU_SHARE if there.get("GPU") else 0.0
        room = there.get("CPU", 0)
        if self.gpu_share:
            room = min(room, there.get("GPU", 0) / self.gpu_share)
        self.workers = int(room)
        """How many tasks the cluster had room for when it was joined."""
        if self.workers < 1:
            self.shutdown()
            raise ValueError(
                f"the cluster has {there.get('CPU', 0):g} CPUs and {there.get('GPU', 0):g} GPUs; "
                f"a task takes 1 CPU and {self.gpu_share:g} of a GPU"
            )
        options = {"num_cpus": 1, "num_gpus": self.gpu_share, "max_retries": MOST_ATTEMPTS - 1}
        self._task = self._ray.remote(**options)(_on_one_thread)

    def submit(self, fn: Callable, /, *args, **kwargs) -> Future:
        outcome = Future()
        reference = self._task.remote(self.gpu_share > 0, fn, *args, **kwargs)
        reference.future().add_done_callback(lambda future: self._finish(outcome, future))
        return outcome

    def share(self, value: Any):
        """A reference to `value`, which tasks take in its place: stored once on every node."""
        return self._ray.put(value)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster. Tasks under way are cancelled, since Ray ends them with their driver:
        wait for them first, whether or not `wait` says so.
        """
        self._ray.shutdown()

    def _join(self, address: str | None) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        package = Path(__file__).parents[1]
        try:
            _knock(address)
        except (OSError, OverflowError) as error:
            raise ValueError(
                f"no Ray cluster answers at {address!r}; start one with: ray start --head ({error})"
            ) from None
        try:
            self._ray.init(
                address or "local",  # None would join whichever cluster it finds
                include_dashboard=None if address else False,
                log_to_driver=False,
                logging_level="warning",
                # every node trains by the driver's source, whatever is installed there
                runtime_env={"py_modules": [str(package)], "excludes": ["*.jsonl"]},
            )
        except (ConnectionError, TimeoutError):
            raise ValueError(
                f"no Ray cluster answers at {address!r}; start one with: ray start --head"
            ) from None
        except (RuntimeError, self._ray.exceptions.RayError) as error:
            # other versions there, no token, or this process is in a cluster already
            raise ValueError(f"the Ray cluster cannot be joined: {error}") from error

    def _finish(self, outcome: Future, future: Future) -> None:
        exceptions = self._ray.exceptions
        error = future.exception()
        if error is None:
            outcome.set_result(future.result())
        elif isinstance(error, exceptions.RayTaskError):
            outcome.set_exception(error.cause)
        elif isinstance(error, exceptions.RayError):
            told = f"a task was lost again and again, or could not run: {error}"
            outcome.set_exception(WorkerDied(told))
        else:
            outcome.set_exception(error)


def _knock(address: str | None) -> None:
    """Raises OSError where nobody answers at host:port: Ray itself would try for a quarter hour."""
    host, _, port = (address or "").rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=10).close()


def _on_one_thread(on_gpu: bool, fn: Callable, *args, **kwargs):
    if not on_gpu:  # Ray leaves a GPU that nobody asked for in sight
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import torch

    torch.set_num_threads(1)
    return fn(*args, **kwargs)
