"""Checks of the answers to the exercises of the chapter on a question of one's own."""

from math import ceil

from designspaces.book.exercises._answers import hint, numbers, right, words

KERNEL, EXPANSION = 5, 2
SPREAD, REACH, ERRORS = 1.2, 0.4, 1.96


@numbers(1, "expected a width, a number.")
def kernel():
    """The width at which both parts of a ConvNeXt block have equally many multiply-adds."""
    width = KERNEL**2 / (2 * EXPANSION)
    yield right(width, within=0.01)
    yield hint("there are two 1x1 convolutions, up and down again.", 2 * width, within=0.01)
    yield hint(
        "a kernel has as many weights as it has pixels, not as many as along its side.",
        KERNEL / (2 * EXPANSION),
        within=0.01,
    )
    yield hint("set the weights of the depthwise convolution equal to those of the two others.")


@numbers(1, "expected a number of networks.")
def networks():
    """Networks of each of two spaces for an interval of a difference that reaches so far."""
    one = (ERRORS * SPREAD / REACH) ** 2
    yield right(ceil(2 * one))
    yield hint("a part of a network cannot be trained: round up.", 2 * one, within=0.99)
    yield hint(
        "that is for the mean of one space; a difference of two has the errors of both.",
        one,
        within=1,
    )
    yield hint("those are the networks of both spaces together.", 4 * one, within=2)
    yield hint("set the reach equal to so many standard errors of a difference, and solve for n.")


@words(1, "expected one letter from a to d.", "a letter", kind="letters")
def pair():
    """The two spaces that differ in the order of their depths alone, widths being free."""
    yield right("c")
    yield hint("in E widths are in order as well.", "a")
    yield hint("in both of these widths are in order; the question leaves them free.", "b")
    yield hint("A shares neither kernels nor expansions among its stages.", "d")
    yield hint("expected one letter from a to d.")


CHECKS = {"own-pair": pair, "own-kernel": kernel, "own-networks": networks}
