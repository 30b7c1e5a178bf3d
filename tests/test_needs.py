"""A package that is missing is named, with the command that brings it: on import and by command."""

import ast
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from designspaces import needs
from designspaces.__main__ import main
from hiding import run_without, without

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
PACKAGE = Path(needs.__file__).parent


def sentence(package: str, extra: str = "train") -> str:
    command = f'pip install "designspaces[{extra}]"'
    return f"{package} is missing, which this part of designspaces needs. Run `{command}`."


NUMPY_ALONE = sorted(needs.EXTRAS)


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("networks.anynet", "torch"),
        ("networks.weights", "torch"),
        ("networks.run_time", "torch"),
        ("training.loop", "torch"),
        ("training.results", "torch"),
        ("training.progress", "tqdm"),
        ("figures.canvas", "matplotlib"),
        ("frameworks.pytorch", "torch"),
        ("frameworks.mxnet.result", "torch"),
        ("d2l", "torch"),
    ],
)
def test_with_numpy_alone_an_import_says_what_to_install(module, package):
    error = without(NUMPY_ALONE, f"import designspaces.{module}")
    assert error == f"designspaces.needs.PackageMissing: {sentence(package)}"


def test_a_function_that_needs_more_says_so_as_well():
    code = (
        "from designspaces.populations.population import Population as P\n"
        "P.recorded('RegNetX').to_frame()"
    )
    assert without(["pandas"], code).endswith(sentence("pandas"))


def test_half_an_extra_is_noticed():
    pytest.importorskip("torch")
    assert without(["safetensors"], "import designspaces.networks.weights").endswith(
        sentence("safetensors")
    )
    assert without(["PIL"], "import designspaces.training.fashion_mnist").endswith(sentence("PIL"))


@pytest.mark.parametrize(
    ("command", "package"),
    [
        (["train"], "torch"),
        (["sweep", "--space", "RegNetX", "--n", "1", "--folder", "FOLDER"], "filelock"),
        (["figures", "--folder", "FOLDER"], "matplotlib"),
    ],
)
def test_with_numpy_alone_a_command_says_what_to_install(command, package, tmp_path):
    command = [str(tmp_path) if word == "FOLDER" else word for word in command]
    code = f"import sys; from designspaces.__main__ import main; sys.exit(main({command!r}))"
    done = run_without(NUMPY_ALONE, code)
    assert done.returncode == 2
    assert done.stderr == f"designspaces: {sentence(package)}\n"


def test_a_package_that_is_blocked_is_missing_too(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "filelock", None)
    assert main(["sweep", "--space", "RegNetX", "--n", "1", "--folder", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"designspaces: {sentence('filelock')}\n"


def test_another_missing_module_is_a_fault_of_ours_and_shown_as_one(monkeypatch):
    monkeypatch.setitem(sys.modules, "designspaces.training.fetch", None)
    with pytest.raises(ModuleNotFoundError, match=r"designspaces\.training\.fetch"):
        main(["data"])


def test_a_cluster_without_ray_says_what_to_install():
    done = run_without(["ray"], "import designspaces.populations.cluster as c; c.Cluster()")
    assert done.returncode == 1
    assert "designspaces[cluster]" in done.stderr.strip().splitlines()[-1]


def test_with_numpy_alone_the_half_without_torch_works():
    modules = "networks.tensors", "frameworks.carrying", "frameworks.mxnet.exchange"
    code = "; ".join(f"import designspaces.{module}" for module in modules)
    done = run_without(NUMPY_ALONE, code)
    assert (done.returncode, done.stderr) == (0, "")


def test_who_only_asks_for_a_package_and_other_peoples_imports_hear_nothing_of_ours():
    code = """
import designspaces.frameworks.carrying
from importlib.util import find_spec
assert find_spec("torch") is None
try:
    import torch
except ModuleNotFoundError as error:
    assert type(error) is ModuleNotFoundError, error
else:
    raise SystemExit("it is there")
"""
    done = run_without(["torch"], code)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_missing_can_be_caught_as_before_and_sent_from_a_worker():
    import pickle

    problem = needs.PackageMissing(needs.advice("ray"), name="ray")
    again = pickle.loads(pickle.dumps(problem))
    for error in (problem, again):
        assert isinstance(error, ModuleNotFoundError)
        assert isinstance(error, needs.EnvironmentProblem)
        assert (error.name, str(error)) == ("ray", sentence("ray", "cluster"))


def test_the_third_number_of_a_version_counts_where_it_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "some_package", SimpleNamespace(__version__="1.2.9"))
    needs.require({"some_package": (1, 2, 3)})
    with pytest.raises(needs.EnvironmentProblem, match=r"1\.2\.9 is too old; 1\.2\.10 or newer"):
        needs.require({"some_package": (1, 2, 10)})


def test_each_package_is_in_its_extra():
    tomllib = pytest.importorskip("tomllib")
    extras = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for package, extra in needs.EXTRAS.items():
        named = {re.split(r"[<>=\[]", asked)[0] for asked in extras[extra]}
        assert {"PIL": "pillow"}.get(package, package) in named


def test_every_package_that_the_package_imports_is_known():
    """Of the imports in the source: what is neither Python's, numpy nor ours is in EXTRAS."""
    elsewhere = {"frameworks", "book"}  # they name what they need themselves
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] not in elsewhere:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {each.name.partition(".")[0] for each in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add(node.module.partition(".")[0])
    found -= {"designspaces", "numpy", *sys.stdlib_module_names}
    assert found <= set(needs.EXTRAS)
