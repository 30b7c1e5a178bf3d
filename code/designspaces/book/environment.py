"""Is this a place where a notebook can run? If not, a sentence that says what to do."""

from designspaces.needs import require

NEEDED = {"numpy": (1, 26), "torch": (2, 6), "matplotlib": (3, 8), "pandas": (2, 1)}
"""The oldest versions with which the chapters run, as in pyproject.toml."""


def check() -> str:
    """What the chapter will run on, in a sentence.

    Raises EnvironmentProblem naming each package that is missing or too old, and what to do.
    """
    require(NEEDED)
    import torch

    from designspaces.book.profiles import current_profile
    from designspaces.networks.device import best_device, describe

    device, profile = best_device(), current_profile()
    sentence = f"PyTorch {torch.__version__} on {describe(device)}; profile {profile}."
    if device.type == "cpu":
        sentence += (
            " There is no GPU here, and none is needed: the quick profile takes minutes."
            " On Colab, Runtime > Change runtime type offers one."
        )
    return sentence
