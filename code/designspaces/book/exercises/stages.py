"""Checks of the answers to the exercises of the chapter on stages."""

from designspaces.book.exercises._answers import below, hint, numbers, right, since

WIDTHS, GROUP_WIDTHS = [24, 64, 128, 224], [12, 16, 16, 16]
WIDEST = 256  # of which the cost is told


@numbers(4, "weights have four sides: filters, channels that each reads, rows, columns", whole=True)
def weight():
    """The 3x3 weights of a block with width 80, bottleneck ratio 2 and group width 8."""
    yield right(40, 8, 3, 3)
    yield hint("the paper's bottleneck ratio divides the width", 160, None, 3, 3)
    yield hint("the 3x3 convolution works inside the bottleneck", 80, None, 3, 3)
    yield hint("filters come first, then the channels that one of them reads", 8, 40, 3, 3)
    groups = "this is the number of groups; a filter reads the channels of one group"
    yield hint(groups, 40, 5, 3, 3)
    yield hint("a filter reads one group, not all channels", 40, 40, 3, 3)
    yield hint("how many channels are in the group that a filter reads?", 40, None, 3, 3)
    yield hint("there are as many filters as the bottleneck is wide", None, None, 3, 3)
    yield hint("the last two numbers are the sides of the kernel")


@numbers(1, "give one width, a whole number of channels", whole=True)
def budget():
    """The widest block in groups of 8 that costs no more than a dense one of 64 channels."""

    def cost(w, g):
        return w * (2 * w + 9 * g)

    allowed = cost(64, 64)
    for width in range(8, WIDEST + 1, 8):
        if cost(width, 8) > allowed:
            yield hint(
                f"with {width} channels the block takes {cost(width, 8):,} multiply-adds a "
                f"position, more than the {allowed:,} of the dense one",
                width,
            )
        elif cost(width + 8, 8) <= allowed:
            yield hint("that is affordable, and something wider is, too", width)
        else:
            yield right(width)
    yield hint("give one width, a whole number of channels", below(1))
    yield hint("that is far more than the cost of the dense one pays for", since(WIDEST + 1))
    yield hint("the width shall be a multiple of 8, as whole groups need")


@numbers(
    8,
    "give two lists, four whole numbers as widths and four as group widths, one for each stage",
    whole=True,
    form="four widths, then four group widths, with commas",
)
def compatible():
    """Widths and group widths of stages 24, 80, 144, 232 with ratio 2 and group width 16."""
    yield right(*WIDTHS, *GROUP_WIDTHS)
    bottlenecks = "these are the bottleneck widths; the widths are larger by the ratio"
    yield hint(bottlenecks, 12, 32, 64, 112, *GROUP_WIDTHS)
    for before in reversed(range(4)):  # as many stages are right
        number, known, rest = before + 1, WIDTHS[:before], [None] * (3 - before)
        if number in (2, 3):
            halves = (
                f"stage {number}: the bottleneck holds a half too many groups; halves go to even"
            )
            yield hint(halves, *known, WIDTHS[before] + 32, *rest, *GROUP_WIDTHS)
        whole = f"stage {number}: round the bottleneck width to whole groups, not the width"
        for width in (80, 144, 240):
            yield hint(whole, *known, width, *rest, *GROUP_WIDTHS)
        order = f"stage {number}: divide by the ratio, round to whole groups, multiply by the ratio"
        yield hint(order, *known, None, *rest, *GROUP_WIDTHS)
    yield hint(
        "in the first stage a group would be wider than the bottleneck; it has to shrink",
        *[None] * 4,
        *[16] * 4,
    )
    yield hint("a group shrinks only where it is wider than the bottleneck, and then to its width")


CHECKS = {"stages-weight": weight, "stages-budget": budget, "stages-compatible": compatible}
