"""MXNet's environment and the files that go there and back; none of it needs MXNet."""

import importlib
import os
import platform
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from designspaces.designs.regnet import REGNETX32
from designspaces.frameworks.mxnet import environment, exchange
from designspaces.needs import EnvironmentProblem

posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for Python")


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Let a shell script answer in place of MXNet's Python."""

    def install(script):
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        python.chmod(0o755)
        monkeypatch.setattr(environment, "ensure", lambda: python)

    return install


def a_request():
    return exchange.measuring_request(
        REGNETX32,
        {"net.head.2.bias": np.arange(10.0)},
        np.ones((2, 1, 8, 8), np.float32),
        np.array([3, 4]),
        lr=0.05,
        conv_bias=True,
    )


def same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert np.array_equal(value, other[name])
        assert np.asarray(value).dtype == np.asarray(other[name]).dtype


def test_what_is_written_is_read(tmp_path):
    request = a_request() | {"half": np.zeros((0, 3), np.float16), "yes": True, "word": "é, 網"}
    exchange.write(tmp_path / "request.npz", request)
    found = exchange.read(tmp_path / "request.npz")
    same(request, found)
    assert type(found["lr"]) is float
    assert type(found["yes"]) is bool
    assert type(found["network"]) is str


@pytest.mark.parametrize("value", [None, {"a": 1}, [object()]])
def test_what_would_be_pickled_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match="thing is .*; expected an array, a number or a text"):
        exchange.write(tmp_path / "request.npz", {"thing": value})
    assert not (tmp_path / "request.npz").exists()


def test_a_pickle_is_not_opened(tmp_path):
    np.savez(tmp_path / "answer.npz", thing=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        exchange.read(tmp_path / "answer.npz")


@posix
def test_a_request_arrives_and_the_answer_comes_back(stand_in):
    stand_in('test "$*" = "-m designspaces.frameworks.mxnet.answer $3 $4" && cp "$3" "$4"')
    same(exchange.run(a_request()), a_request())


@pytest.mark.parametrize(
    ("old", "new"),
    [("gluon_environment", "mxnet.environment"), ("mxnet_result", "mxnet.result")],
)
def test_the_names_of_published_notebooks_work_and_say_what_to_import(old, new):
    if new == "mxnet.result":
        pytest.importorskip("torch")
    sys.modules.pop(f"designspaces.frameworks.{old}", None)
    with pytest.warns(FutureWarning, match=f"has moved: import designspaces.frameworks.{new}"):
        module = importlib.import_module(f"designspaces.frameworks.{old}")
    now = importlib.import_module(f"designspaces.frameworks.{new}")
    public = [name for name in dir(now) if not name.startswith("_")]
    assert public
    assert all(getattr(module, name) is getattr(now, name) for name in public)


@posix
def test_the_process_finds_this_package_and_nothing_beside_it(stand_in):
    stand_in('test "$(ls "$PYTHONPATH")" = "designspaces\nrequest.npz" && cp "$3" "$4" || ls >&2')
    exchange.run(a_request())


@posix
@pytest.mark.parametrize(("status", "kind"), [(1, RuntimeError), (2, ValueError)])
def test_a_failing_run_reports_its_last_lines(stand_in, status, kind):
    stand_in(f"seq 1 20 >&2; echo the reason >&2; exit {status}")
    with pytest.raises(kind, match="17\n18\n19\n20\nthe reason$") as error:
        exchange.run(a_request())
    assert "16" not in str(error.value)


@posix
def test_without_mxnet_the_command_that_helps_is_named(stand_in):
    stand_in(
        f'exec "{sys.executable}" -c "import sys; sys.modules[\'mxnet\'] = None; '
        'import designspaces.frameworks.mxnet.network"'
    )
    with pytest.raises(RuntimeError, match=r"EnvironmentProblem.*frameworks\.mxnet\.environment`"):
        exchange.run(a_request())


@pytest.mark.parametrize(
    ("system", "machine"), [("darwin", "arm64"), ("linux", "aarch64"), ("win32", "AMD64")]
)
def test_other_platforms_are_named(monkeypatch, tmp_path, system, machine):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    reason = environment.reason_not_here()
    assert f"this is {system} on {machine}" in reason
    with pytest.raises(EnvironmentProblem, match=machine):
        environment._make(tmp_path / "mxnet")
    assert not (tmp_path / "mxnet").exists()


def test_without_its_python_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert "needs Python 3.11" in environment.reason_not_here()


def makes(monkeypatch, python):
    """Count how often an environment is made, in place of making one."""
    made = []

    def make(folder):
        made.append(folder)
        time.sleep(0.2)
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        python(folder).touch()
        pins = "\n".join(environment.PINS)
        (folder / "installed.txt").write_text(pins, encoding="utf-8")

    monkeypatch.setattr(environment, "_make", make)
    return made


def test_an_environment_is_made_once_even_by_two_at_once(monkeypatch, tmp_path):
    pytest.importorskip("filelock")
    made = makes(monkeypatch, environment._python)
    folder = tmp_path / "mxnet"
    both = [threading.Thread(target=environment.ensure, args=(folder,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert environment.ensure(folder) == folder / "bin" / "python"
    assert made == [folder]


@pytest.mark.parametrize("stamp", [None, "mxnet==1.9.1\nnumpy==1.22.0"])
def test_half_an_environment_and_one_of_other_pins_are_made_again(monkeypatch, tmp_path, stamp):
    pytest.importorskip("filelock")
    made = makes(monkeypatch, environment._python)
    folder = tmp_path / "mxnet"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    if stamp is not None:
        (folder / "installed.txt").write_text(stamp, encoding="utf-8")
    environment.ensure(folder)
    assert made == [folder]


@pytest.mark.slow
def test_without_an_index_pips_last_lines_are_told(monkeypatch, tmp_path):
    reason = environment.reason_not_here()
    if reason is not None:
        pytest.skip(reason)
    folder = tmp_path / "mxnet"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(EnvironmentProblem, match=r"pip could not install(.|\n)*mxnet==1.9.1"):
        environment._make(folder)
    assert not environment._is_whole(folder)


def test_the_command_tells_a_problem_in_its_words(tmp_path):
    code = (
        "import platform, runpy; platform.machine = lambda: 'abacus'; "
        "runpy.run_module('designspaces.frameworks.mxnet.environment', run_name='__main__')"
    )
    pytest.importorskip("filelock")
    variables = {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONPATH": str(exchange.PACKAGE.parent),
    }
    command = [sys.executable, "-c", code]
    finished = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert finished.returncode == 1
    assert finished.stderr.startswith("MXNet 1.9.1 is used here on")
    assert "abacus" in finished.stderr
