"""Checks of the chapter on weights."""

from designspaces.book.exercises._answers import READERS, hint, numbers, right, words
from designspaces.networks.tensors import torchvision_names

TENSOR = "net.stage2.1.body.group.conv.weight"
STEM, STAGES = 32, ((4, 32), (6, 80))
"""RegNetX32: the stem's channels; blocks and channels of each stage."""


@words(3, "expected a name, a string.", "a name", kind="name")
def name():
    """The name of one of our tensors in torchvision's state dict."""
    block, layer, last = _parts(torchvision_names([TENSOR])[TENSOR])
    yield right(block, layer, last)
    yield hint("that is its name in ours.", *_parts(TENSOR))
    yield hint(
        "block and layer are right; what follows tells convolution from batch norm.",
        block,
        layer,
        None,
    )
    yield hint(
        "the block is right, the layer is not: which of its convolutions has 3x3 weights?",
        block,
        None,
        None,
    )
    yield hint(
        "it names another block, or none. torchvision's begin with trunk_output, then come the "
        "stage and, once more with the stage, the block."
    )


def _parts(name: str) -> list[str]:
    return READERS["name"](name, 3)


@numbers(1, "expected a number, of bytes.", form="a whole number")
def stored():
    """Bytes of all running means and variances of RegNetX32."""
    inside = STEM + sum(3 * depth * width for depth, width in STAGES)
    channels = inside + sum(width for _, width in STAGES)
    yield right(8 * channels)
    hints = {
        channels: "that is how many channels they belong to: each has two numbers of four bytes.",
        2 * channels: "that is how many numbers they are; each takes four bytes.",
        4 * channels: "each channel has a mean and a variance.",
        8 * inside: "the projections have batch norms as well, one in each stage.",
        8 * (inside - STEM): "the stem and the projections have batch norms as well.",
    }
    for wrong, said in hints.items():
        yield hint(said, wrong)
    yield hint("add up the channels that come out of each convolution.")


CHECKS = {"weights-name": name, "weights-bytes": stored}
