"""Checks of the answers to the exercises of the chapter on the quantized linear rule."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import groupby

import numpy as np

from designspaces.book.exercises._answers import hint, numbers, right, since
from designspaces.book.exercises._populations import luck, nearer
from designspaces.designs.checks import is_finite
from designspaces.designs.regnet import Line

BY_HAND = Line(depth=6, w_0=16, w_a=16, w_m=2)
REGNETX32 = Line(depth=10, w_0=32, w_a=5.0, w_m=2.5)
STEEPEST = 3_000  # tenths of w_a, up to which stages are counted


@numbers(6, "expected a list of 6 widths, numbers, one for each block.")
def by_hand():
    """The widths of six blocks, without a computer."""
    d, w_0, w_a, w_m = BY_HAND
    widths = BY_HAND.widths.tolist()
    u = w_0 + w_a * np.arange(d)
    s = np.log(u / w_0) / np.log(w_m)
    yield right(*widths)
    yield hint(
        "these are the widths of the stages. Give one width for each block.",
        *sorted(set(widths)),
    )
    yield hint("this is the line itself, before any rounding.", *u.tolist())
    powers = "these are the powers. Which widths do they stand for?"
    yield hint(powers, *np.round(s).tolist())
    for rounded, way in ((np.floor(s), "down"), (np.ceil(s), "up")):
        said = f"the powers are rounded {way} here; the rule rounds to the nearest."
        yield hint(said, *(w_0 * w_m**rounded).tolist())
    for j in reversed(range(d)):
        said = f"look again at block j = {j}. What is u, what is s, and what is the nearest power?"
        yield hint(said, *widths[:j], *[None] * (d - j))


@numbers(1, "expected a number of at least 0, with one decimal.")
def third_stage():
    """The least w_a, to one decimal, that gives RegNetX32 a third stage."""
    yield hint("there are more stages than three.", since(STEEPEST / 10 + 0.1))
    last = 0
    for stages, steps in groupby(range(STEEPEST + 1), key=_stages_of):
        tenths = list(steps)
        if stages == 3 and last < 3:
            yield right(tenths[0] / 10, within=1e-6)
        last = stages
        yield hint(_said_of(stages), (tenths[0] / 10, tenths[-1] / 10))


def _said_of(stages: int) -> str:
    if stages < 3:
        found = "are 2 stages" if stages == 2 else "is one stage"
        return (
            f"there {found}. How wide must the line be at the last block for its power to round "
            "up to 2?"
        )
    if stages > 3:
        return f"there are {stages} stages already."
    return "that does make three stages, but a flatter line does so, too."


def same_network(answer: object) -> str | None:
    """Another slope and another step that make the widths of RegNetX32."""
    if isinstance(answer, (str, bytes)) or not isinstance(answer, Iterable):
        return f"expected a pair (w_a, w_m); got {answer!r}."
    pair = tuple(answer)
    if len(pair) != 2 or not all(is_finite(number) for number in pair):
        return f"expected a pair of numbers (w_a, w_m); got {pair!r}."
    w_a, w_m = pair
    if w_a == 5 or w_m == 2.5:
        return "both numbers have to differ from RegNetX32's own."
    try:
        widths = replace(REGNETX32, w_a=w_a, w_m=w_m).widths
    except ValueError as error:
        return f"the rule refuses it: {error}."
    if widths.tolist() != REGNETX32.widths.tolist():
        stages, depths = np.unique(widths, return_counts=True)
        return f"this line makes widths {stages.tolist()} and depths {depths.tolist()}."
    return None


@cache
def _stages_of(tenths: int) -> int:
    return len(np.unique(replace(REGNETX32, w_a=tenths / 10).widths))


CHECKS = {
    "regnet-by-hand": by_hand,
    "regnet-third-stage": third_stage,
    "regnet-same-network": same_network,
    "regnet-nearer": nearer,
    "regnet-luck": luck,
}
