"""Import in a process of its own, in which some packages are hidden as if not installed."""

import subprocess
import sys

HIDE = """
import importlib.machinery, sys
hidden, find = set({hidden!r}), importlib.machinery.PathFinder.find_spec
def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in hidden else find(name, path, target)
importlib.machinery.PathFinder.find_spec = find_spec
"""


def run_without(hidden: list[str], code: str) -> subprocess.CompletedProcess:
    """The process that ran `code`, ended."""
    command = [sys.executable, "-c", HIDE.format(hidden=hidden) + code]
    return subprocess.run(command, capture_output=True, text=True)


def without(hidden: list[str], code: str) -> str:
    """The last line of the traceback that `code` ends in."""
    done = run_without(hidden, code)
    assert done.returncode == 1, done.stdout
    return done.stderr.strip().splitlines()[-1]
