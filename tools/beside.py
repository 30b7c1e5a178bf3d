"""Run commands at once and print what each says when it is done, in the order in which they stand.

    python tools/beside.py 'COMMAND' 'COMMAND' ...

Fails where one of them fails. An interrupt ends them all, with whatever they have started.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from tempfile import TemporaryFile


def beside(commands: list[str], interrupted: Callable[[], bool]) -> int:
    """1 where a command fails or all are interrupted, else 0. Each is for the shell and has a
    session of its own.
    """
    running = []
    with ExitStack() as files:
        try:
            for command in commands:
                said = files.enter_context(TemporaryFile("w+", encoding="utf-8", errors="replace"))
                options = {"stdout": said, "stderr": subprocess.STDOUT, "start_new_session": True}
                running.append((subprocess.Popen(command, shell=True, **options), said))
            for one, said in running:
                while one.poll() is None:
                    if interrupted():
                        return 1
                    time.sleep(0.05)
                said.seek(0)
                print(said.read(), end="", flush=True)
        finally:
            for one, _ in running:
                if one.poll() is None:
                    with suppress(ProcessLookupError):
                        os.killpg(one.pid, signal.SIGTERM)
    return int(any(one.returncode for one, _ in running))


def main() -> int:
    sent = []
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        # noted, not raised: raised while a command starts, it would leave that command running
        signal.signal(interrupt, lambda number, _: sent.append(number))
    return beside(sys.argv[1:], lambda: bool(sent))


if __name__ == "__main__":
    sys.exit(main())
