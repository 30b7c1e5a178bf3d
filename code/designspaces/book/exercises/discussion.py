"""Checks of the chapter on what carries over."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np

from designspaces.book.exercises._answers import hint, numbers, right, since
from designspaces.book.exercises._networks import shares_no_groups
from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.regnet import Line, generate

RESOLUTION = 96
TARGET = complexity(generate(10, 32, 5.0, 2.5, group_width=16), RESOLUTION).flops
TOLERANCE = 0.1
PIXELS, CLASSES = 14 * 14, 10
MLP_TARGET = 30_000
QUESTIONS = {
    "NAS": "e",
    "random search": "c",
    "EfficientNet's scaling": "b",
    "the vision transformer": "d",
    "DeiT": "a",
    "ConvNeXt": "f",
}


def questions(answer: object) -> str | None:
    """Which approach asked which question, as six letters."""
    letters = _letters(answer)
    if sorted(letters) != list("abcdef"):
        return "expected the letters a to f, each once, in one string."
    wrong = [
        who for (who, right), said in zip(QUESTIONS.items(), letters, strict=True) if right != said
    ]
    return f"read once more what is said of {' and of '.join(wrong)}." if wrong else None


def budgets(answer: object) -> str | None:
    """The rule that only a short training shows, and the one that it misses."""
    letters = _letters(answer)
    if len(letters) != 2 or not set(letters) <= set("abcd"):
        return "expected two letters from a to d, in one string."
    if letters == "bc":
        return None
    if letters == "cb":
        return "these are the two, in the other order."
    if "a" in letters:
        return "rule a is ahead by more than half a point at both budgets."
    if "d" in letters:
        return "of rule d neither interval lies beyond half a point."
    return "name two rules: which interval lies beyond half a point at one budget only?"


@numbers(1, "expected a number, the exponent of the activations.")
def exponent():
    """How activations grow with multiply-adds under EfficientNet's coefficients."""
    growth = np.log([1.2, 1.1**2, 1.15**2])  # of the multiply-adds: depth, width, resolution
    depth, width, image = (growth / growth.sum()).tolist()
    near = 0.006
    yield right(depth + width / 2 + image, within=near)
    yield hint(
        "that is the logarithm of the factor of one step. Divide by the logarithm of the "
        "factor that the same step puts on the multiply-adds.",
        float(growth @ [1, 0.5, 1]),
        within=near,
    )
    yield hint(
        "width and resolution have changed places: which of them enters activations squared?",
        depth + width + image / 2,
        within=near,
    )
    yield hint(
        "that is the exponent of the parameters; the resolution does not touch those.",
        depth + width,
        within=near,
    )
    yield hint(
        "only depth and resolution alone let activations grow as fast as multiply-adds. Here width "
        "grows, too: which factors are squared?",
        since(1),
    )
    yield hint(
        "write down by what factor one step multiplies the activations (depth, width and "
        "resolution, each to its power), then compare its logarithm with that of the multiply-adds."
    )


def stages(answer: object) -> str | None:
    """Four stages, deeper than RegNetX32, at its cost."""
    if not isinstance(answer, Architecture):
        return "expected an Architecture; `regnet.generate` and `sample` give one."
    if len(answer.stages) != 4:
        return f"it has {len(answer.stages)} stages."
    if answer.depth <= 10:
        return f"it has {answer.depth} blocks, no more than RegNetX32."
    if _falls(answer.widths):
        return "a stage is narrower than the one before, so no line of the rule makes it."
    if problem := shares_no_groups(answer):
        return problem
    return _cost(answer)


def resnet(answer: object) -> str | None:
    """RegNetX32's depths with plain residual blocks, at its cost."""
    if not isinstance(answer, Architecture):
        return "expected an Architecture with basic blocks."
    if answer.block != "basic":
        return 'its blocks are still X blocks; an Architecture takes block="basic".'
    if answer.depths != (4, 6):
        return f"its depths are {answer.depths}; keep those of RegNetX32."
    if _falls(answer.widths):
        return "its second stage is narrower than its first; keep the proportion roughly."
    return _cost(answer)


def vionet(answer: object) -> str | None:
    """Four networks of equal cost, each of which breaks one principle and keeps the others."""
    names = tuple(_PRINCIPLES)
    if not isinstance(answer, Mapping) or set(answer) != set(names):
        return f"expected a dict with the keys {', '.join(names)}."
    for name in names:
        network = answer[name]
        if not isinstance(network, Architecture):
            return f"{name}: expected an Architecture."
        if _PRINCIPLES[name](network):
            return f"{name}: this network keeps the principle that it should break."
        for other in names:
            if other != name and not _PRINCIPLES[other](network):
                return f"{name}: this network breaks the principle of {other} as well."
        if problem := _cost(network):
            return f"{name}: {problem}"
    return None


def mlp(answer: object) -> str | None:
    """Depth, w_0, w_a and w_m of a line whose MLP has a given number of parameters."""
    if not isinstance(answer, Iterable) or isinstance(answer, str):
        return "expected four numbers: depth, w_0, w_a and w_m."
    numbers = tuple(answer)
    if len(numbers) != 4:
        return f"expected four numbers, depth, w_0, w_a and w_m, and got {len(numbers)}."
    try:
        widths = Line(*numbers).widths
    except ValueError as error:
        return f"{error}."
    if len(widths) < 4:
        return f"it has {len(widths)} hidden layers; four at least were asked for."
    if len(set(widths.tolist())) < 2:
        return "all its hidden layers have one width: the line does not rise enough for a step."
    sizes = np.array([PIXELS, *widths, CLASSES])
    params = int((sizes[:-1] * sizes[1:] + sizes[1:]).sum())
    return _share(params / MLP_TARGET, "parameters asked for")


def _letters(answer: object) -> str:
    """The answer's letters in their order, from a string or a list, whatever stands between."""
    found = "".join(map(str, answer)) if isinstance(answer, str | list | tuple) else ""
    return "".join(one for one in found.lower() if one.isalnum())


def _cost(network: Architecture) -> str | None:
    try:
        flops = complexity(network, RESOLUTION).flops
    except ValueError as error:
        return f"{error}."
    return _share(flops / TARGET, "multiply-adds of RegNetX32")


def _share(share: float, of: str) -> str | None:
    if abs(share - 1) <= TOLERANCE:
        return None
    return f"it has {share:.2f} times the {of}; come within a tenth of them."


def _falls(values: tuple) -> bool:
    return any(after < before for before, after in pairwise(values))


_PRINCIPLES = {
    "width": lambda network: not _falls(network.widths),
    "depth": lambda network: not _falls(network.depths),
    "groups": lambda network: len(set(network.group_widths)) == 1 < min(network.group_widths),
    "bottleneck": lambda network: set(network.bottleneck_ratios) == {1},
}


CHECKS = {
    "discussion-questions": questions,
    "discussion-budgets": budgets,
    "discussion-exponent": exponent,
    "discussion-stages": stages,
    "discussion-resnet": resnet,
    "discussion-vionet": vionet,
    "discussion-mlp": mlp,
}
