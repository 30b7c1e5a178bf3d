"""Checks of the answers to the exercises of the chapter on the stem."""

from designspaces.book.exercises._answers import integers


def shape(answer: object) -> str | None:
    """A batch of color images of 225 x 150 pixels behind a stem of 24 channels, stride 2."""
    values = integers(answer)
    if values is None or len(values) != 4:
        return "the shape of a batch has four whole numbers: images, channels, rows, columns"
    images, channels, rows, columns = values
    if images != 8:
        return "the stem treats each image alone, so as many come out as went in"
    if channels != 24:
        return "the second number counts channels, and a stem puts out as many as it is wide"
    if (rows, columns) == (225, 150):
        return "a stride of 2 does not keep the resolution"
    if rows == 112:
        return "225 is odd: where does the window stand last, given a padding of 1?"
    if rows < columns:
        return "rows come before columns"
    if (rows, columns) != (113, 75):
        return "put each side into the rule for the output size, with k = 3, p = 1 and s = 2"
    return None


def field(answer: object) -> str | None:
    """Receptive field and jump of a 7x7 convolution and a 3x3 pooling, both of stride 2."""
    values = integers(answer)
    if values is None or len(values) != 2:
        return "give two whole numbers, the field and the jump, both in pixels"
    size, jump = values
    if size == 4 and jump == 11:
        return "the field comes first, then the jump"
    if jump != 4:
        return "the jump is the product of all strides; two layers stride here"
    if size == 7:
        return "the pooling looks at three neighbors, which widens the field, too"
    if size == 9:
        return "behind a stride neighbors are more than one pixel apart: mind the jump"
    if size > 11:
        return "a layer's own stride counts for the layers behind it, not for its own field"
    if size != 11:
        return "start from a field of 1 and a jump of 1 and take one layer at a time"
    return None


def cost(answer: object) -> str | None:
    """Multiply-adds of a 7x7 convolution from 3 to 64 channels, stride 2, at 224 pixels."""
    values = integers([answer])
    if values is None:
        return "give one whole number of multiply-adds"
    (count,) = values
    filters, positions = 7 * 7 * 3 * 64, 112 * 112
    if count == filters * positions:
        return None
    hints = {
        filters: "these are the weights; how often is each of them used?",
        filters * 112: "an image has rows and columns of positions",
        filters * 224 * 224: "with a stride of 2 the filters do not stand on every pixel",
        filters * positions // 3: "a color image has three channels to read from",
        3 * 3 * 3 * 64 * positions: "this kernel is larger than that of our stem",
        7 * 3 * 64 * positions: "a kernel has rows and columns of weights",
        49 * 3 * 32 * positions: "ResNet's stem is wider than ours",
        (filters + 64) * positions: "leave biases out, as in the formula for our own stem",
    }
    general = "multiply the weights of one filter by the filters and by the positions they stand on"
    return hints.get(count, general)


CHECKS = {"stem-shape": shape, "stem-field": field, "stem-cost": cost}
