"""Names from before the rooms: they work for one more version, and say what to import now."""

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MODULES = {
    name: f"{room}.{name}"
    for room, names in {
        "designs": "architecture complexity regnet",
        "networks": "device blocks anynet run_time tensors weights",
        "training": "fetch fashion_mnist progress source results",
        "populations": "record population sweep executors cluster",
        "judging": "statistics properties claims sensitivity",
        "book": "d2l profiles environment exercises",
    }.items()
    for name in names.split()
} | {
    "torchvision_names": "networks.tensors",
    "recipes": "training.recipe",
    "rules": "judging.verdicts",
    "plots": "figures.canvas",
    "figures_blocks": "figures.blocks",
    "figures_discussion": "figures.discussion",
    "figures_files": "figures.files",
    "figures_family": "figures.family",
    "figures_frameworks": "figures.frameworks",
    "figures_networks": "figures.networks",
    "figures_populations": "figures.populations",
    "frameworks.gluon": "frameworks.mxnet.network",
    "frameworks.gluon_environment": "frameworks.mxnet.environment",
    "frameworks.mxnet_result": "frameworks.mxnet.result",
    "documentation": "book.reference",
}
"""Old module -> new one, both below designspaces."""

STAYS = ("d2l",)
"""What d2l's readers type: an alias for good, of which nothing is said."""

NAMES = {
    "anynet": {
        "inverse": "designs.architecture.inverse",
        "AnyNet.from_torchvision": "networks.weights.from_torchvision",
        "AnyNet.load_tensors": "networks.weights.load_tensors",
    },
    "architecture": {
        "BLOCKS": "designs.checks.BLOCKS",
        "refuse_first": "designs.checks.refuse_first",
        "check_positive_integers": "designs.checks.positive_integers",
        "check_positive_numbers": "designs.checks.check_positive_numbers",
    },
    "claims": {
        name: f"judging.telling.{name}"
        for name in ("in_words", "headline", "controls_headline", "table", "circumstances")
    },
    "environment": {
        "EnvironmentProblem": "needs.EnvironmentProblem",
        "require": "needs.require",
    },
    "fashion_mnist": {
        "CHECKSUM": "training.fetch.CHECKSUM",
        "CLASSES": "training.fetch.CLASSES",
        "SPLITS": "training.fetch.SPLITS",
    },
    "figures_discussion": {"ahead": "figures.discussion.leader_of"},
    "figures_family": {"kind": "figures.family.letter_of"},
    "figures_populations": {"made": "figures.populations.describe_populations"},
    "plots": {
        "learning_curves": "figures.training.learning_curves",
        "predictions": "figures.training.predictions",
        "confusion": "figures.training.confusion",
        "note": "figures.training.note",
        "staircase": "figures.networks.staircase",
    },
    "population": {
        name: f"populations.writer.{name}" for name in ("open_population", "merge", "Writer")
    }
    | {"check_drawn": "populations.checks.check_drawn"},
    "regnet": {
        "PUBLISHED": "designs.published.PUBLISHED",
        "PublishedRegNet": "designs.published.PublishedRegNet",
    },
    "sensitivity": {"told": "judging.telling.tell_estimate"},
    "statistics": {"edf": "judging.statistics.EDF"}
    | {
        name: f"judging.resampling.{name}"
        for name in (
            *("bootstrap", "difference", "best_range", "kolmogorov_smirnov"),
            *("Estimate", "Difference", "KolmogorovSmirnov"),
        )
    }
    | {"spearman": "judging.resampling.bootstrap_spearman"},
}
"""Old module -> what did not go with it -> where that is now, and under which name."""

GONE = {
    (
        "complexity",
        "complexity_of_arrays",
    ): "designspaces.designs.many.Architectures and complexity",
    ("anynet", "as_architecture"): "designspaces.designs.architecture.Architecture.from_textbook",
    ("documentation", "ORDER"): "designspaces.book.reference.modules",
    ("documentation", "FIELDS"): "designspaces.book.reference.meanings",
    ("sensitivity", "ways_table"): "designspaces.judging.telling.tell_estimate",
}
"""What there is no more -> what does its work."""


class Finder(MetaPathFinder, Loader):
    """Finds an old module's name, and hands out what is in the new one, with a sentence."""

    def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        known = package == "designspaces" and name in MODULES
        return ModuleSpec(fullname, self) if known else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        name = spec.name.partition(".")[2]
        if name not in STAYS:
            return None
        module = import_module(f"designspaces.{MODULES[name]}")
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        name = module.__spec__.name.partition(".")[2]
        if name in STAYS:  # the module itself, which keeps its own name
            module.__spec__ = module.__spec__.loader_state
            return
        new = import_module(f"designspaces.{MODULES[name]}")
        module.__doc__ = new.__doc__
        module.__dir__ = lambda: dir(new)
        module.__getattr__ = lambda attribute: _find(name, attribute)
        if name == "anynet":
            _give_methods_back(new.AnyNet)
        others = _by_home(NAMES.get(name, {}))
        tell(f"designspaces.{name} has moved", f"designspaces.{MODULES[name]}", *others)


def names(room: str, **moved: str) -> Callable[[str], Any]:
    """A room's `__getattr__` for what could be imported from the module of the same name.

    moved: by module of the room the names that it has now, with spaces between them.
    """
    homes = {
        name: f"{room}.{module}.{name}" for module, names in moved.items() for name in names.split()
    }
    told = []

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        if not told:
            told.append(name)
            tell(f"{room} is a folder now", *_by_home(homes))
        return getattr(import_module(homes[name].rpartition(".")[0]), name)

    return find


def tell(what: str, *new: str) -> None:
    """The one sentence, at the line that imports."""
    warnings.warn(f"{what}: import {'; '.join(new)}", FutureWarning, stacklevel=3)


def _find(name: str, attribute: str) -> Any:
    if (name, attribute) in GONE:
        raise ImportError(
            f"designspaces.{name}.{attribute} is no more: use {GONE[name, attribute]}"
        )
    home = NAMES.get(name, {}).get(attribute, f"{MODULES[name]}.{attribute}")
    module, _, new = home.rpartition(".")
    return getattr(import_module(f"designspaces.{module}"), new)


def _by_home(homes: Mapping[str, str]) -> list[str]:
    """Old name -> new path, as "A, B (for b) from module", a text for each module."""
    found: dict[str, list[str]] = {}
    for old, path in homes.items():
        module, _, new = path.removeprefix("designspaces.").rpartition(".")
        found.setdefault(module, []).append(new if old == new else f"{new} (for {old})")
    return [f"{', '.join(names)} from designspaces.{module}" for module, names in found.items()]


def _give_methods_back(cls: type) -> None:
    """AnyNet's methods that became functions."""
    from designspaces.networks import weights

    cls.from_torchvision = staticmethod(weights.from_torchvision)
    cls.load_tensors = weights.load_tensors
