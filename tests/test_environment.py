"""A notebook says what is missing, and goes on where nothing is."""

import sys

import pytest

from designspaces import environment
from designspaces.environment import EnvironmentProblem, check


def test_a_sound_environment_is_described(monkeypatch):
    pytest.importorskip("torch")
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("BOOK_PROFILE", "quick")
    assert "profile quick." in check()


def test_without_a_gpu_it_goes_on_and_says_so(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.delenv("BOOK_PROFILE", raising=False)
    monkeypatch.setattr("designspaces.device.best_device", lambda: torch.device("cpu"))
    assert "no GPU here, and none is needed: the quick profile" in check()


@pytest.mark.parametrize("version", ["2.3.1", "1.13.0+cu117"])
def test_an_old_torch_is_named_with_the_command_that_helps(monkeypatch, version):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch, "__version__", version)
    with pytest.raises(
        EnvironmentProblem, match=r"torch .* too old.*pip install --upgrade \"torch>=2.4\""
    ):
        check()


def test_a_newer_major_version_is_not_old(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch, "__version__", "3.0.0")
    assert environment._problem("torch", (2, 4)) is None


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EnvironmentProblem, match=r"torch is missing.*\"torch>=2.4\""):
        check()


def test_the_oldest_versions_are_those_of_the_package():
    tomllib = pytest.importorskip("tomllib")
    from pathlib import Path

    path = Path(__file__).parents[1] / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["train"]
    for name, oldest in environment.NEEDED.items():
        assert f"{name}>={environment._dotted(oldest)}" in asked
