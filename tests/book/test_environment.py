"""A notebook says what is missing, and goes on where nothing is."""

import re
import sys

import pytest

from designspaces import needs
from designspaces.book import environment
from designspaces.book.environment import check
from designspaces.needs import EnvironmentProblem


def test_a_sound_environment_is_described(monkeypatch):
    pytest.importorskip("torch")
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("BOOK_PROFILE", "quick")
    assert "profile quick." in check()


def test_without_a_gpu_it_goes_on_and_says_so(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.delenv("BOOK_PROFILE", raising=False)
    monkeypatch.setattr("designspaces.networks.device.best_device", lambda: torch.device("cpu"))
    assert "no GPU here, and none is needed: the quick profile" in check()


@pytest.mark.parametrize("version", ["2.5.1", "2.3.1", "1.13.0+cu117"])
def test_an_old_torch_is_named_with_the_command_that_helps(monkeypatch, version):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch, "__version__", version)
    with pytest.raises(
        EnvironmentProblem, match=r"torch .* too old.*pip install --upgrade \"torch>=2.6\""
    ):
        check()


def test_a_newer_major_version_is_not_old(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch, "__version__", "3.0.0")
    assert needs._problem("torch", (2, 4)) is None


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EnvironmentProblem, match=r"torch is missing.*\"torch>=2.6\""):
        check()


def test_frameworks_that_are_missing_or_old_are_named_with_one_command(monkeypatch):
    from types import SimpleNamespace

    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.setitem(sys.modules, "flax", SimpleNamespace(__version__="0.8.1"))
    with pytest.raises(EnvironmentProblem) as problem:
        environment.require({"jax": (0, 8), "flax": (0, 12)})
    assert "jax is missing" in str(problem.value)
    assert "flax 0.8.1 is too old" in str(problem.value)
    assert 'pip install --upgrade "jax>=0.8" "flax>=0.12"' in str(problem.value)


@pytest.mark.parametrize(
    ("module", "absent", "command"),
    [
        ("flax", "flax", 'pip install --upgrade "flax>='),
        ("linen", "jax", 'pip install --upgrade "jax>='),
        ("keras", "tensorflow", 'pip install --upgrade "tensorflow>='),
        ("mxnet.network", "mxnet", "python -m designspaces.frameworks.mxnet.environment"),
    ],
)
def test_a_framework_that_is_absent_costs_its_own_module_only(module, absent, command):
    """In a process of its own, for what was imported before cannot be taken back."""
    import subprocess

    for other in {"flax": ["jax", "optax"], "linen": ["flax"], "keras": ["keras"]}.get(module, []):
        pytest.importorskip(other)

    hide = f"import sys; sys.modules[{absent!r}] = None; import designspaces.frameworks"
    code = f"{hide}; import designspaces.frameworks.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "EnvironmentProblem" in done.stderr
    assert command in done.stderr
    assert subprocess.run([sys.executable, "-c", hide]).returncode == 0


def test_the_oldest_versions_are_those_of_the_package():
    tomllib = pytest.importorskip("tomllib")
    from pathlib import Path

    path = Path(__file__).parents[2] / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["train"]
    for name, oldest in environment.NEEDED.items():
        assert f"{name}>={needs._dotted(oldest)}" in asked


@pytest.mark.parametrize("module", ["flax", "linen", "jax_convolution", "keras"])
def test_the_oldest_versions_of_a_framework_are_those_of_its_extra(module):
    tomllib = pytest.importorskip("tomllib")
    from ast import literal_eval
    from pathlib import Path

    root = Path(__file__).parents[2]
    extras = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = extras["optional-dependencies"]
    text = (root / f"code/designspaces/frameworks/{module}.py").read_text(encoding="utf-8")
    (needed,) = re.findall(r"^require\((\{.*\})\)$", text, re.MULTILINE)
    for name, oldest in literal_eval(needed).items():
        assert f"{name}>={needs._dotted(oldest)}" in extras["jax"] + extras["tensorflow"]
