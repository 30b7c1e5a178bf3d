"""What a module needs that may be missing: say which package, and the command that helps."""

import importlib
import re
from collections.abc import Mapping


class EnvironmentProblem(ImportError):
    """A package is missing or too old; the message has the command that helps."""


def require(needed: Mapping[str, tuple[int, ...]]) -> None:
    """Raise EnvironmentProblem naming each package that is missing or too old, and what to do.

    needed: the oldest version of each that will do, such as {"jax": (0, 6)}.
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
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if found < oldest:
        return name, f"{name} {version} is too old; {_dotted(oldest)} or newer is needed"
    return None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
