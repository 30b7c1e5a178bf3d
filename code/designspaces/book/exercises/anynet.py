"""Checks of the answers to the exercises of the chapter on AnyNet."""

from collections.abc import Iterable

from designspaces.book.exercises._answers import below, hint, numbers, right
from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.complexity import complexity
from designspaces.networks.anynet import REGNETX32
from designspaces.spaces import BOOK

DEPTHS, WIDTHS = len(BOOK.depth.values), len(BOOK.width.values)
RATIOS, GROUP_WIDTHS = BOOK.bottleneck_ratio, BOOK.group_width


@numbers(1, "expected a whole number, exactly.", whole=True)
def size():
    """How many networks of three stages there are in the book's ranges."""
    one_stage = DEPTHS * WIDTHS * len(RATIOS) * len(GROUP_WIDTHS)
    every_width = DEPTHS * BOOK.width.high * len(RATIOS) * len(GROUP_WIDTHS)
    yield right(one_stage**3)
    yield hint(
        "that is the number of settings of one stage. What do three of them allow?", one_stage
    )
    yield hint(
        "each setting of the first stage goes with each of the second. Count the pairs for "
        "two stages of two settings each, by hand.",
        3 * one_stage,
    )
    yield hint("these are networks of four stages.", one_stage**4)
    yield hint("widths are multiples of 8, so there are fewer of them.", every_width**3)
    count = (
        "Count the settings of one stage first: depths, times widths, times ratios, times group "
        "widths."
    )
    for few in (below(0), (0, one_stage**3 - 1)):
        yield hint(f"that is too few. {count}", few)
    yield hint(f"that is too many. {count}")


def four_stages(answer: object) -> str | None:
    """A deeper network of four stages that costs what RegNetX32 does, within 5%."""
    try:
        network = Architecture.from_textbook(answer, 32)
        cost = complexity(network, resolution=96)
    except (TypeError, ValueError) as error:
        return f"no network can be built of it. {error}"
    if len(network.stages) != 4:
        return f"expected four stages; got {len(network.stages)}."
    if network.depth <= REGNETX32.depth:
        return f"it has {network.depth} blocks, which is not deeper than RegNetX32."
    share = cost.flops / complexity(REGNETX32, resolution=96).flops
    if abs(share - 1) > 0.05:
        return (
            f"it takes {100 * share:.0f}% of RegNetX32's multiply-adds; "
            f"{'narrow' if share > 1 else 'widen'} a stage or change a depth."
        )
    return None


def buildable(answer: object) -> str | None:
    """All pairs (b, g) of which a stage 40 channels wide can be built."""
    if isinstance(answer, (str, bytes)) or not isinstance(answer, Iterable):
        return f"expected a list of pairs (b, g); got {answer!r}."
    pairs = list(answer)
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            return f"expected pairs (b, g); got {pair!r}."
        ratio, group_width = pair
        if ratio not in RATIOS or group_width not in GROUP_WIDTHS:
            return f"{tuple(pair)} is not among the values of b and g that are asked for."
        if not _builds(ratio, group_width):
            return (
                f"{tuple(pair)} cannot be built. How wide is the bottleneck, and do groups of "
                f"{group_width} channels fill it?"
            )
    expected = {(b, g) for b in RATIOS for g in GROUP_WIDTHS if _builds(b, g)}
    if {tuple(pair) for pair in pairs} != expected:
        return "all of these can be built, but there are more."
    return None


def _builds(ratio, group_width) -> bool:
    try:
        Stage(depth=1, width=40, group_width=group_width, bottleneck_ratio=ratio)
    except ValueError:
        return False
    return True


CHECKS = {
    "anynet-size": size,
    "anynet-buildable": buildable,
    "anynet-four-stages": four_stages,
}
