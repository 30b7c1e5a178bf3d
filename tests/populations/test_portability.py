"""Sweeps run where processes are spawned and POSIX's calls are missing."""

import ast
import subprocess
import sys
from pathlib import Path

import faults

PACKAGE = Path(__file__).parents[2] / "code" / "designspaces"

WITHOUT_POSIX = """
import multiprocessing, os, signal, sys
for name in ("fork", "forkpty", "killpg", "setsid", "getuid", "geteuid", "nice"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGALRM", "SIGHUP", "SIGUSR1", "alarm", "setitimer"):
    if hasattr(signal, name):
        delattr(signal, name)
for name in ("resource", "pwd", "grp", "termios", "pty"):
    sys.modules[name] = None
multiprocessing.set_start_method("spawn", force=True)
"""


def test_a_sweep_needs_nothing_that_only_posix_has(tmp_path):
    """The driver and its workers, which import the script, lack what Windows lacks."""
    script = tmp_path / "driver.py"
    script.write_text(WITHOUT_POSIX + faults.DRIVER, encoding="utf-8")
    outcome = faults.Outcome("a system without POSIX", moments=1)
    folder = tmp_path / "populations"
    command = [sys.executable, str(script), str(Path(faults.__file__).parent), str(folder), "2"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    faults.Watch(folder, outcome).compare(2)
    assert outcome.harmless, outcome
    assert outcome.records == 4


def test_text_files_are_opened_with_their_encoding_named():
    """Windows would read and write in another one."""
    calls = ("read_text", "write_text")
    nameless = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in calls
        and not any(word.arg == "encoding" for word in node.keywords)
        and not any(getattr(one, "value", "") == "utf-8" for one in node.args)
    ]
    assert not nameless
