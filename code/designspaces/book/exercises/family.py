"""Checks of the chapter on the published family."""

from itertools import pairwise

from designspaces.book.exercises._answers import hint, numbers, right
from designspaces.book.exercises._networks import shares_no_groups
from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.designs.published import PUBLISHED

EXCITED = PUBLISHED["RegNetY-400MF"].architecture
BALANCE = (0.5, 1.0)  # ms for a billion multiply-adds, and for the root of a billion
PHOTOGRAPHS = {"resolution": 224, "in_channels": 3, "num_classes": 1000}
TARGET, TOLERANCE = 1e9, 0.05


@numbers(1, "expected a number, of parameters.", form="a whole number")
def excitation():
    """The parameters of all squeeze-and-excitation layers of RegNetY-400MF."""
    yield right(_excited(_entering))
    yield hint(
        "that is without the biases; each of the two layers has them.",
        _excited(_entering, biases=False),
    )
    yield hint(
        "that takes a quarter of each block's own width. What enters the first block of a "
        "stage is something else.",
        _excited(lambda number, index, stages: stages[number].width),
    )
    yield hint(
        "that counts one block a stage; the depths say how many there are.",
        _excited(_entering, only_first=True),
    )
    yield hint(
        "add up the formula block by block, with the block's width and a quarter of the width that "
        "enters it, which for the very first block is the stem's."
    )


@numbers(1, "expected a number, of billions of multiply-adds.")
def balance():
    """Where the time of the multiply-adds and that of their root are equally long."""
    linear, root = BALANCE
    yield right((root / linear) ** 2, within=1e-3)
    yield hint("the two factors have changed places.", (linear / root) ** 2, within=1e-3)
    yield hint("that is the root of f, not f.", root / linear, within=1e-3)
    yield hint("set the two terms equal and divide both sides by the root of f.")


def shelf(answer: object) -> str | None:
    """A RegNetX of a billion multiply-adds that keeps every rule."""
    if not isinstance(answer, Architecture):
        return "expected an Architecture; `regnet.generate` and `sample` give one."
    if answer.se_ratio:
        return "its blocks are not X blocks."
    if problem := shares_no_groups(answer):
        return problem
    if len(answer.stages) != 4:
        return f"it has {len(answer.stages)} stages."
    if set(answer.bottleneck_ratios) != {1}:
        return f"its bottleneck ratios are {answer.bottleneck_ratios}."
    for name in ("widths", "depths"):
        if any(after < before for before, after in pairwise(getattr(answer, name))):
            return f"its {name} fall somewhere: {getattr(answer, name)}."
    return _within_bounds(answer)


def _entering(number: int, index: int, stages: tuple) -> int:
    """The width that enters a block: `index` within the stage `number`, both from 0."""
    if index:
        return stages[number].width
    return stages[number - 1].width if number else EXCITED.stem_width


def _excited(entering, biases: bool = True, only_first: bool = False) -> int:
    total = 0
    for number, stage in enumerate(EXCITED.stages):
        for index in range(1 if only_first else stage.depth):
            squeezed = entering(number, index, EXCITED.stages) // 4
            total += 2 * stage.width * squeezed + biases * (stage.width + squeezed)
    return total


def _within_bounds(network: Architecture) -> str | None:
    try:
        cost = complexity(network, **PHOTOGRAPHS)
    except ValueError as error:
        return f"{error}."
    share = cost.flops / TARGET
    if abs(share - 1) > TOLERANCE:
        return f"it has {share:.2f} billion multiply-adds at 224 pixels; come within five percent."
    most = {"params": 3e6 + 5.5e6 * share, "activations": 6.5e6 * share**0.5}
    for quantity, name in (("params", "parameters"), ("activations", "activations")):
        times = getattr(cost, quantity) / most[quantity]
        if times >= 1:
            return f"it has {times:.2f} times the {name} that the rule allows."
    return None


CHECKS = {
    "family-excitation": excitation,
    "family-balance": balance,
    "family-shelf": shelf,
}
