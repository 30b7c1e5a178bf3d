"""Names from before the rooms: they work for one more version, and say what to import now."""

import importlib
import warnings
from collections.abc import Callable, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MODULES = {
    "d2l": "book.d2l",  # stays: it is what d2l's readers type
    "architecture": "designs.architecture",
    "complexity": "designs.complexity",
    "regnet": "designs.regnet",
    "device": "networks.device",
    "blocks": "networks.blocks",
    "anynet": "networks.anynet",
    "run_time": "networks.run_time",
    "tensors": "networks.tensors",
    "weights": "networks.weights",
    "fetch": "training.fetch",
    "fashion_mnist": "training.fashion_mnist",
    "recipes": "training.recipe",
    "progress": "training.progress",
    "source": "training.source",
    "results": "training.results",
    "record": "populations.record",
    "population": "populations.population",
    "sweep": "populations.sweep",
    "executors": "populations.executors",
    "cluster": "populations.cluster",
    "statistics": "judging.statistics",
    "properties": "judging.properties",
    "rules": "judging.verdicts",
    "claims": "judging.claims",
    "sensitivity": "judging.sensitivity",
    "plots": "figures.canvas",
    "figures_blocks": "figures.blocks",
    "figures_discussion": "figures.discussion",
    "figures_family": "figures.family",
    "figures_frameworks": "figures.frameworks",
    "figures_networks": "figures.networks",
    "figures_populations": "figures.populations",
    "profiles": "book.profiles",
    "environment": "book.environment",
    "documentation": "book.reference",
    "exercises": "book.exercises",
}
"""Old module -> new one, both below designspaces."""

STAYS = ("d2l",)


class Finder(MetaPathFinder, Loader):
    """Finds an old module's name, and hands out the new module, with a sentence."""

    def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        known = package == "designspaces" and name in MODULES
        return ModuleSpec(fullname, self) if known else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        name = spec.name.partition(".")[2]
        if name not in STAYS:
            tell(spec.name, f"designspaces.{MODULES[name]}")
        module = importlib.import_module(f"designspaces.{MODULES[name]}")
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It was run under its own name, and keeps it."""
        module.__spec__ = module.__spec__.loader_state


def names(room: str, where: Mapping[str, str]) -> Callable[[str], Any]:
    """A room's `__getattr__` for what could be imported from the module of the same name.

    where: name -> the module that has it now, below the room; "module:name" where it is called
        otherwise now.
    """

    def find(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        module, _, now = where[name].partition(":")
        tell(f"{room}.{name}", f"{room}.{module}.{now or name}")
        return getattr(importlib.import_module(f"{room}.{module}"), now or name)

    return find


def tell(old: str, new: str) -> None:
    """The one sentence."""
    warnings.warn(f"{old} has moved: import {new}", FutureWarning, stacklevel=2)
