"""Checks of the answers to the exercises of the chapter on stages."""

from designspaces.book.exercises._answers import integers

WIDTHS, GROUP_WIDTHS = [24, 64, 128, 224], [12, 16, 16, 16]


def weight(answer: object) -> str | None:
    """The 3x3 weights of a block with width 80, bottleneck ratio 2 and group width 8."""
    values = integers(answer)
    if values is None or len(values) != 4:
        return "weights have four sides: filters, channels that each reads, rows, columns"
    filters, channels, *kernel = values
    if kernel != [3, 3]:
        return "the last two numbers are the sides of the kernel"
    if filters == 160:
        return "the paper's bottleneck ratio divides the width"
    if filters == 80:
        return "the 3x3 convolution works inside the bottleneck"
    if (filters, channels) == (8, 40):
        return "filters come first, then the channels that one of them reads"
    if filters != 40:
        return "there are as many filters as the bottleneck is wide"
    if channels == 5:
        return "this is the number of groups; a filter reads the channels of one group"
    if channels == 40:
        return "a filter reads one group, not all channels"
    if channels != 8:
        return "how many channels are in the group that a filter reads?"
    return None


def budget(answer: object) -> str | None:
    """The widest block in groups of 8 that costs no more than a dense one of 64 channels."""
    values = integers([answer])
    if values is None or values[0] < 1:
        return "give one width, a whole number of channels"
    (width,) = values
    if width % 8:
        return "the width shall be a multiple of 8, as whole groups need"

    def cost(w, g):
        return w * (2 * w + 9 * g)

    spent, allowed = cost(width, 8), cost(64, 64)
    if spent > allowed:
        return (
            f"with {width} channels the block takes {spent:,} multiply-adds a position, "
            f"more than the {allowed:,} of the dense one"
        )
    if cost(width + 8, 8) <= allowed:
        return "that is affordable, and something wider is, too"
    return None


def compatible(answer: object) -> str | None:
    """Widths and group widths of stages 24, 80, 144, 232 with ratio 2 and group width 16."""
    try:
        widths, group_widths = (integers(values) for values in answer)
    except (TypeError, ValueError):
        return "give two lists, the widths and the group widths"
    for name, values in (("widths", widths), ("group widths", group_widths)):
        if values is None or len(values) != 4:
            return f"give four whole numbers as {name}, one for each stage"
    if group_widths == [16, 16, 16, 16]:
        return "in the first stage a group would be wider than the bottleneck; it has to shrink"
    if group_widths != GROUP_WIDTHS:
        return "a group shrinks only where it is wider than the bottleneck, and then to its width"
    if widths == [12, 32, 64, 112]:
        return "these are the bottleneck widths; the widths are larger by the ratio"
    for number, (width, right) in enumerate(zip(widths, WIDTHS, strict=True), start=1):
        if width == right:
            continue
        if width == right + 32 and number in (2, 3):
            return f"stage {number}: the bottleneck holds a half too many groups; halves go to even"
        if width in (80, 144, 240):
            return f"stage {number}: round the bottleneck width to whole groups, not the width"
        return f"stage {number}: divide by the ratio, round to whole groups, multiply by the ratio"
    return None


CHECKS = {"stages-weight": weight, "stages-budget": budget, "stages-compatible": compatible}
