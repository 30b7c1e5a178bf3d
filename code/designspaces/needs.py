"""What a module needs that may be missing: say which package, and the command that helps."""

import importlib
import re
import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder

EXTRAS = {"ray": "cluster"} | dict.fromkeys(
    ("torch", "torchvision", "matplotlib", "pandas", "PIL", "tqdm", "safetensors", "filelock"),
    "train",
)
"""Package, as it is imported -> the extra of this one that brings it."""


class EnvironmentProblem(ImportError):
    """A package is missing or too old; the message has the command that helps."""


class PackageMissing(EnvironmentProblem, ModuleNotFoundError):
    """A package is missing that one of our extras brings."""


class Finder(MetaPathFinder):
    """Asked last, for what nobody found: says how to install it, if it is our code that asks."""

    def find_spec(self, fullname: str, path=None, target=None) -> None:
        if fullname in EXTRAS and _importer().partition(".")[0] == "designspaces":
            raise PackageMissing(advice(fullname), name=fullname)


def advice(package: str) -> str:
    """The sentence about a package of `EXTRAS` that is missing."""
    return (
        f"{package} is missing, which this part of designspaces needs. Run "
        f'`pip install "designspaces[{EXTRAS[package]}]"`.'
    )


def require(needed: Mapping[str, tuple[int, ...]]) -> None:
    """Raise EnvironmentProblem naming each package that is missing or too old, and what to do.

    needed: the oldest version of each that will do, such as {"jax": (0, 8)}.
    """
    problems = [problem for name, oldest in needed.items() if (problem := _problem(name, oldest))]
    if problems:
        wanted = " ".join(f'"{name}>={_dotted(needed[name])}"' for name, _ in problems)
        raise EnvironmentProblem(
            "; ".join(text for _, text in problems)
            + f". Run `pip install --upgrade {wanted}`, restart the kernel and run this again."
        )


def _problem(name: str, oldest: tuple[int, ...]) -> tuple[str, str] | None:
    try:
        version = importlib.import_module(name).__version__
    except ImportError:
        return name, f"{name} is missing; {_dotted(oldest)} or newer is needed"
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if found < oldest:
        return name, f"{name} {version} is too old; {_dotted(oldest)} or newer is needed"
    return None


def _importer() -> str:
    """The module whose import statement is being carried out; importlib's, where it only asks."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("importlib._bootstrap"):
        frame = frame.f_back
    return frame.f_globals.get("__name__", "")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
