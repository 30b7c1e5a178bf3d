"""Commands that run at once."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "beside.py"
posix = pytest.mark.skipif(sys.platform == "win32", reason="`make test` is for POSIX")


def run(*commands):
    return subprocess.run(
        [sys.executable, str(TOOL), *commands], capture_output=True, text=True, timeout=60
    )


@posix
def test_they_run_at_once_and_are_told_in_order(tmp_path):
    gate = tmp_path / "gate"
    waits = f"until test -e {gate}; do sleep 0.05; done; echo first"
    found = run(waits, f"touch {gate}; echo second; echo trouble >&2")
    assert (found.returncode, found.stdout) == (0, "first\nsecond\ntrouble\n")


@posix
@pytest.mark.parametrize("commands", [("false", "echo said"), ("echo said", "exit 3")])
def test_one_that_fails_is_a_failure_and_the_other_is_told(commands):
    found = run(*commands)
    assert (found.returncode, found.stdout) == (1, "said\n")


@posix
@pytest.mark.parametrize("sent", ["INT", "TERM"])
def test_an_end_ends_what_was_started(sent, tmp_path):
    begun, late = tmp_path / "begun", tmp_path / "late"
    one = subprocess.Popen(
        [sys.executable, str(TOOL), f"{sees(late)} & touch {begun}; wait"],
        stderr=subprocess.DEVNULL,
    )
    while not begun.exists():
        time.sleep(0.05)
    one.send_signal(getattr(signal, f"SIG{sent}"))
    assert one.wait(timeout=60) != 0
    assert not seen(late)


@posix
@pytest.mark.parametrize("sent", ["INT", "TERM"])
def test_an_end_that_comes_while_commands_start_ends_them_too(sent, tmp_path):
    late = tmp_path / "late"
    found = run(f"kill -{sent} $PPID; {sees(late)}", f"{sees(late)}")
    assert found.returncode == 1
    assert not seen(late)


def sees(late):
    """A command that lasts until `late` exists, and then leaves a trace."""
    return f"(until test -e {late}; do sleep 0.05; done; touch {late}.seen)"


def seen(late):
    late.touch()
    time.sleep(0.3)
    return Path(f"{late}.seen").exists()
