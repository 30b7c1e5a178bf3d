"""Tasks for workers; without torch, so that a worker that does nothing else starts at once."""

import os
import time
from pathlib import Path


def leave_pid(folder: str, seconds: float, signal_: int = 0) -> None:
    """Say in which process this runs, and then take long, or kill the worker."""
    Path(folder, str(os.getpid())).touch()
    time.sleep(seconds)
    if signal_:
        os.kill(os.getpid(), signal_)
