"""The rooms: which may import which, what needs no torch, and where the old names lead."""

import ast
import json
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

import designspaces
from designspaces import moved

PACKAGE = Path(designspaces.__file__).parent
ROOMS = ("designs", "spaces", "networks", "training", "populations", "judging")
WINGS = ("figures", "frameworks", "experiments", "book", "commands")
GROUND = ("__init__", "files", "words", "needs", "moved")
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}
UP = {("__init__", "check", "book.exercises"), ("moved", "_give_methods_back", "networks.weights")}
"""Who reaches into a room from the ground, always inside a function: module, function, what."""


def imports(source: str, known=MODULES) -> set[tuple[str, str]]:
    """(function or "", module of the package) for each import, those inside functions too."""
    found = set()

    def visit(node: ast.AST, function: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            function = function or getattr(node, "name", "lambda")
        elif isinstance(node, ast.Import):
            found.update((function, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
            inside = [path.removeprefix("designspaces.") in known for path in paths]
            found.update(
                (function, path if is_module else node.module)
                for path, is_module in zip(paths, inside, strict=True)
            )
        for child in ast.iter_child_nodes(node):
            visit(child, function)

    visit(ast.parse(source), "")
    return {
        (function, path.removeprefix("designspaces").lstrip(".") or "__init__")
        for function, path in found
        if path.partition(".")[0] == "designspaces"
    }


def may_import(module: str, other: str) -> bool:
    """Whether the plan of the house lets one module import another."""
    room, target = module.split(".")[0], other.split(".")[0]
    if target in GROUND or room in ("__main__", target):
        return True
    if room == "frameworks":
        return target in ROOMS
    if room in WINGS:
        return target in ROOMS + WINGS
    return room in ROOMS and target in ROOMS[: ROOMS.index(room)]


def wrong_imports(module: str, source: str) -> list[str]:
    return [
        f"{module} imports {other}"
        for function, other in sorted(imports(source))
        if not may_import(module, other) and (module, function, other) not in UP
    ]


@pytest.mark.parametrize("module", MODULES)
def test_a_room_imports_only_from_rooms_before_it(module):
    assert wrong_imports(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("designs.regnet", "from designspaces.spaces import spaces"),
        ("spaces.spaces", "import designspaces.networks.anynet"),
        ("judging.claims", "from designspaces.figures.canvas import Picture"),
        ("training.loop", "def f():\n    from designspaces.populations import record"),
        ("frameworks.flax", "from designspaces.book.notebook import say"),
        ("frameworks.keras", "from designspaces.figures import frameworks"),
        ("files", "from designspaces.designs.regnet import fit"),
        ("__init__", "from designspaces.book import exercises"),
        ("__init__", "def other():\n    from designspaces.book import exercises"),
    ],
)
def test_an_import_against_the_plan_is_seen(module, source):
    assert len(wrong_imports(module, source)) == 1


def test_every_folder_is_a_room_or_a_wing():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == {*ROOMS, *WINGS}
    assert {path.stem for path in PACKAGE.glob("*.py")} <= {*GROUND, "__main__"}
    assert len([path for path in PACKAGE.iterdir() if path.is_file()]) <= 8


def test_no_imports_go_round():
    graph = {
        module: {
            other
            for function, other in imports(path.read_text(encoding="utf-8"))
            if not function and other not in (module, "__init__")
        }
        for module, path in MODULES.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)


# --- what can be imported where ----------------------------------------------------------------

WITHOUT = """
import importlib, json, sys
for absent in sys.argv[1].split(","):
    sys.modules[absent] = None
wrong = {}
for name in sys.argv[2:]:
    try:
        importlib.import_module(f"designspaces.{name}")
    except ImportError as error:
        wrong[name] = str(error)
print(json.dumps(wrong))
"""


def not_importable(absent: str, names: list[str]) -> dict[str, str]:
    """Which modules a fresh Python cannot import where a package is absent, and why not."""
    command = [sys.executable, "-c", WITHOUT, absent, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_what_is_said_without_torch():
    numpy_alone = [
        name for name in MODULES if name.split(".")[0] in ("designs", "spaces", "judging")
    ]
    numpy_alone += ["training.recipe", "training.history", "training.fetch"]
    numpy_alone += [f"populations.{name}" for name in ("checks", "population", "record")]
    numpy_alone += ["files", "needs", "moved"]
    assert not_importable("torch,matplotlib,pandas,scipy", numpy_alone) == {}
    assert "networks.anynet" in not_importable("torch", ["networks.anynet"])


def test_no_figure_needs_torch():
    pytest.importorskip("matplotlib")
    figures = [name for name in MODULES if name.split(".")[0] == "figures"]
    assert len(figures) > 8
    assert not_importable("torch", figures) == {}


def test_the_package_itself_is_imported_in_no_time():
    """Processor time, the best of three, so that a busy machine does not decide."""
    script = (
        "import sys, time; start = time.process_time(); import designspaces; "
        "print(time.process_time() - start, *sorted({'torch', 'numpy'} & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", script]
    runs = [subprocess.run(command, capture_output=True, text=True).stdout for _ in range(3)]
    times = [run.split() for run in runs]
    assert all(len(words) == 1 for words in times), "neither torch nor numpy"
    assert min(float(words[0]) for words in times) < 0.15


# --- the names of before -----------------------------------------------------------------------

BEFORE = {
    "anynet": "AnyNet PLAIN_RESNET REGNETX32 build stage_blocks",
    "architecture": "Architecture Stage",
    "blocks": "Head Stem XBlock initialize",
    "book": "add_to_class say show",
    "claims": "CLAIMS PLANNED controls_headline evaluate headline in_words table",
    "complexity": "breakdown complexity",
    "device": "best_device best_precision describe has_native_bfloat16",
    "documentation": "modules overview reference",
    "environment": "check require EnvironmentProblem",
    "fashion_mnist": "CHECKSUM CLASSES load",
    "fetch": "CHECKSUMS",
    "figures_populations": "made",
    "plots": "learning_curves predictions confusion Picture",
    "population": "ASTRAY FOLDER Population TRIALS_FOLDER merge",
    "profiles": "current_profile",
    "properties": "values",
    "recipes": "ELSEWHERE POPULATION QUICK TEXTBOOK recipe_for",
    "record": "Record",
    "regnet": "PUBLISHED generate quantized_widths",
    "results": "TRAINING_MODULES key load_for recorded source_checksum train_once",
    "rules": "MARGIN",
    "sensitivity": "sensitivity told",
    "statistics": "TooFew bootstrap difference dkw_half_band edf holm kolmogorov_smirnov "
    "repeatability spearman",
    "torchvision_names": "COMPARABLE",
    "training": "Epoch History Recipe TRACE_POINTS predict train versions",
}
"""What the notebooks of the old layout import from which module, and a few names more."""

FROM_PACKAGE = (
    *("anynet", "documentation", "environment", "fashion_mnist", "figures_blocks"),
    *("figures_discussion", "figures_family", "figures_frameworks", "figures_networks"),
    *("figures_populations", "plots", "regnet", "run_time", "weights"),
)
SILENT = {
    "from designspaces import check, d2l",
    "import designspaces.d2l",
    "from designspaces.d2l import RegNetX32, Trainer",
    "from designspaces.spaces import BOOK, PAPER, SPACES, spaces_in",
}
IN_FRAMEWORKS = ("flax", "gluon_environment", "keras", "linen", "loop", "mxnet_result", "parity")

RUN = """
import json, sys, warnings
import designspaces
from designspaces import moved

def forget():
    for name in moved.MODULES:
        if sys.modules.pop(f"designspaces.{name}", None) is not None and "." not in name:
            delattr(designspaces, name)

heard = {}
for statement in json.load(sys.stdin):
    forget()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(statement, "a notebook", "exec"), {})
            error = ""
        except ImportError as problem:
            error = str(problem)
    ours = [str(w.message) for w in caught if w.category is FutureWarning
            and w.filename == "a notebook"]
    heard[statement] = [ours, error]
json.dump(heard, sys.stdout)
"""
GONE = {
    "from designspaces.documentation import ORDER": "use designspaces.book.reference.modules",
    "from designspaces.anynet import as_architecture": "Architecture.from_textbook",
    "from designspaces.sensitivity import ways_table": "telling.tell_estimate",
}
METHODS = """\
from designspaces.anynet import AnyNet, REGNETX32, build
build(REGNETX32, 0).load_tensors(build(REGNETX32, 1).state_dict())
try:
    AnyNet.from_torchvision("resnet50", {})
except ValueError as error:
    raise ImportError(error)
"""


@pytest.fixture(scope="module")
def heard():
    """Statement -> what it says and its error, in a Python where nothing was imported before."""
    for package in ("torch", "matplotlib", "IPython", "d2l"):
        if find_spec(package) is None:
            pytest.skip(f"needs {package}")
    statements = [
        f"from designspaces.{module} import {', '.join(names.split())}"
        for module, names in BEFORE.items()
    ]
    statements += [f"from designspaces import {name}" for name in FROM_PACKAGE]
    statements += [*SILENT, *GONE, METHODS, "import designspaces.anynet"]
    command = [sys.executable, "-c", RUN]
    given = json.dumps(statements)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_old_name_works_and_says_once_what_to_import(heard):
    for statement, (sentences, error) in heard.items():
        if statement not in (*GONE, METHODS):
            assert error == "", statement
        assert len(sentences) == (statement not in SILENT), statement


def test_the_sentence_names_the_new_place(heard):
    def said(statement: str) -> str:
        return heard[statement][0][0]

    assert said("from designspaces import weights") == (
        "designspaces.weights has moved: import designspaces.networks.weights"
    )
    assert said("from designspaces.regnet import PUBLISHED, generate, quantized_widths") == (
        "designspaces.regnet has moved: import designspaces.designs.regnet; "
        "PUBLISHED, PublishedRegNet from designspaces.designs.published"
    )
    assert "describe_populations (for made) from designspaces.figures.populations" in said(
        "from designspaces import figures_populations"
    )
    training = said(f"from designspaces.training import {', '.join(BEFORE['training'].split())}")
    assert training.startswith("designspaces.training is a folder now: import Recipe")
    assert "History, Epoch, TRACE_POINTS from designspaces.training.history" in training


def test_what_is_gone_says_what_to_use(heard):
    for statement, words in GONE.items():
        assert words in heard[statement][1]


def test_methods_that_became_functions_still_work(heard):
    assert "resnet50" in heard[METHODS][1]


def test_every_old_module_leads_somewhere():
    """To its new place; one that has not moved yet is still where it was."""
    for old, new in moved.MODULES.items():
        assert new in MODULES or old in MODULES, old
    for name in IN_FRAMEWORKS:
        assert f"frameworks.{name}" in MODULES or f"frameworks.{name}" in moved.MODULES


def test_every_old_name_leads_somewhere():
    for name, homes in moved.NAMES.items():
        assert name in moved.MODULES
        for path in homes.values():
            module, _, new = path.rpartition(".")
            source = MODULES[module].read_text(encoding="utf-8")
            assert re.search(rf"^(?:def |class )?{new}\b", source, re.M) or new in imported(source)


def imported(source: str) -> set[str]:
    """The names that a module has from others."""
    tree = ast.parse(source)
    return {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
