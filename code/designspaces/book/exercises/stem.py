"""Checks of the answers to the exercises of the chapter on the stem."""

from designspaces.book.exercises._answers import hint, numbers, right


@numbers(
    4, "the shape of a batch has four whole numbers: images, channels, rows, columns", whole=True
)
def shape():
    """A batch of color images of 225 x 150 pixels behind a stem of 24 channels, stride 2."""
    yield right(8, 24, 113, 75)
    yield hint("a stride of 2 does not keep the resolution", 8, 24, 225, 150)
    yield hint(
        "225 is odd: where does the window stand last, given a padding of 1?", 8, 24, 112, None
    )
    for rows in (75, 150):
        yield hint("rows come before columns", 8, 24, rows, (rows + 1, 300))
    yield hint(
        "put each side into the rule for the output size, with a kernel of 3, a padding of 1 and a "
        "stride of 2",
        8,
        24,
        None,
        None,
    )
    yield hint(
        "the second number counts channels, and a stem puts out as many as it is wide",
        8,
        None,
        None,
        None,
    )
    yield hint("the stem treats each image alone, so as many come out as went in")


@numbers(2, "give two whole numbers, the field and the jump, both in pixels", whole=True)
def field():
    """Receptive field and jump of a 7x7 convolution and a 3x3 pooling, both of stride 2."""
    yield right(11, 4)
    yield hint("the field comes first, then the jump", 4, 11)
    yield hint("the pooling looks at three neighbors, which widens the field, too", 7, 4)
    yield hint("behind a stride neighbors are more than one pixel apart: mind the jump", 9, 4)
    own = "a layer's own stride counts for the layers behind it, not for its own field"
    yield hint(own, (12, 1000), 4)
    yield hint("start from a field of 1 and a jump of 1 and take one layer at a time", None, 4)
    yield hint("the jump is the product of all strides; two layers stride here")


@numbers(1, "give one whole number of multiply-adds", whole=True)
def cost():
    """Multiply-adds of a 7x7 convolution from 3 to 64 channels, stride 2, at 224 pixels."""
    filters, positions = 7 * 7 * 3 * 64, 112 * 112
    yield right(filters * positions)
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
    for wrong, said in hints.items():
        yield hint(said, wrong)
    yield hint(
        "multiply the weights of one filter by the filters and by the positions they stand on"
    )


CHECKS = {"stem-shape": shape, "stem-field": field, "stem-cost": cost}
