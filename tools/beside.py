"""Run commands at once and print what each says when it is done, in the order in which they stand.

    python tools/beside.py 'COMMAND' 'COMMAND' ...

Fails where one of them fails. An interrupt ends them all, with whatever they have started.
"""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from tempfile import TemporaryFile


def beside(commands: list[str]) -> int:
    """1 where a command fails, else 0. Each is for the shell and has a session of its own."""
    running = []
    with ExitStack() as files:
        try:
            for command in commands:
                said = files.enter_context(TemporaryFile("w+", encoding="utf-8", errors="replace"))
                options = {"stdout": said, "stderr": subprocess.STDOUT, "start_new_session": True}
                running.append((subprocess.Popen(command, shell=True, **options), said))
            for one, said in running:
                one.wait()
                said.seek(0)
                print(said.read(), end="", flush=True)
        finally:
            for one, _ in running:
                if one.poll() is None:
                    with suppress(ProcessLookupError):
                        os.killpg(one.pid, signal.SIGTERM)
    return int(any(one.returncode for one, _ in running))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(beside(sys.argv[1:]))
