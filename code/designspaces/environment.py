"""Is this a place where a notebook can run? If not, a sentence that says what to do."""

import importlib
import re
from collections.abc import Mapping

NEEDED = {"numpy": (1, 26), "torch": (2, 4), "matplotlib": (3, 8), "pandas": (2, 1)}
"""The oldest versions with which the chapters run, as in pyproject.toml."""


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


def check() -> str:
    """What the chapter will run on, in a sentence.

    Raises EnvironmentProblem naming each package that is missing or too old, and what to do.
    """
    require(NEEDED)
    import torch

    from designspaces.device import best_device, describe
    from designspaces.profiles import current_profile

    device, profile = best_device(), current_profile()
    sentence = f"PyTorch {torch.__version__} on {describe(device)}; profile {profile}."
    if device.type == "cpu":
        sentence += (
            " There is no GPU here, and none is needed: the quick profile takes minutes."
            " On Colab, Runtime > Change runtime type offers one."
        )
    return sentence


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
