"""Checks of the chapter on weights."""

from designspaces.book.exercises._answers import is_number
from designspaces.networks.tensors import torchvision_names

TENSOR = "net.stage2.1.body.group.conv.weight"
STEM, STAGES = 32, ((4, 32), (6, 80))
"""RegNetX32: the stem's channels; blocks and channels of each stage."""


def name(answer: object) -> str | None:
    """The name of one of our tensors in torchvision's state dict."""
    if not isinstance(answer, str):
        return "expected a name, a string."
    right = torchvision_names([TENSOR])[TENSOR]
    if answer == right:
        return None
    if answer == TENSOR:
        return "that is its name in ours."
    theirs, expected = answer.split("."), right.split(".")
    if theirs[:3] != expected[:3]:
        return (
            "it names another block, or none. torchvision's begin with trunk_output, then come the "
            "stage and, once more with the stage, the block."
        )
    if theirs[3:5] != expected[3:5]:
        return "the block is right, the layer is not: which of its convolutions has 3x3 weights?"
    return "block and layer are right; what follows tells convolution from batch norm."


def stored(answer: object) -> str | None:
    """Bytes of all running means and variances of RegNetX32."""
    if not is_number(answer):
        return "expected a number, of bytes."
    inside = STEM + sum(3 * depth * width for depth, width in STAGES)
    channels = inside + sum(width for _, width in STAGES)
    hints = {
        channels: "that is how many channels they belong to: each has two numbers of four bytes.",
        2 * channels: "that is how many numbers they are; each takes four bytes.",
        4 * channels: "each channel has a mean and a variance.",
        8 * inside: "the projections have batch norms as well, one in each stage.",
        8 * (inside - STEM): "the stem and the projections have batch norms as well.",
    }
    if answer == 8 * channels:
        return None
    return hints.get(answer, "add up the channels that come out of each convolution.")


CHECKS = {"weights-name": name, "weights-bytes": stored}
