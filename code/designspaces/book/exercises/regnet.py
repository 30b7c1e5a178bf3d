"""Checks of the answers to the exercises of the chapter on the quantized linear rule."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from designspaces.book.exercises._answers import is_number
from designspaces.book.exercises._populations import luck, nearer
from designspaces.designs.regnet import Line

BY_HAND = Line(depth=6, w_0=16, w_a=16, w_m=2)
REGNETX32 = Line(depth=10, w_0=32, w_a=5.0, w_m=2.5)


def by_hand(answer: object) -> str | None:
    """The widths of six blocks, without a computer."""
    d, w_0, w_a, w_m = BY_HAND
    expected = BY_HAND.widths.tolist()
    u = w_0 + w_a * np.arange(d)
    s = np.log(u / w_0) / np.log(w_m)
    if isinstance(answer, (str, bytes)) or not isinstance(answer, Iterable):
        return f"expected a list of {d} widths; got {answer!r}."
    widths = list(answer)
    if not all(is_number(width) for width in widths):
        return f"expected numbers; got {widths!r}."
    if widths == expected:
        return None
    if widths == np.unique(expected).tolist():
        return "these are the widths of the stages. Give one width for each block."
    if len(widths) != d:
        return f"expected {d} widths, one for each block; got {len(widths)}."
    if widths == u.tolist():
        return "this is the line itself, before any rounding."
    if np.allclose(widths, np.round(s)):
        return "these are the powers. Which widths do they stand for?"
    if np.allclose(widths, w_0 * w_m ** np.floor(s)):
        return "the powers are rounded down here; the rule rounds to the nearest."
    if np.allclose(widths, w_0 * w_m ** np.ceil(s)):
        return "the powers are rounded up here; the rule rounds to the nearest."
    wrong = next(j for j in range(d) if widths[j] != expected[j])
    return f"look again at block j = {wrong}. What is u, what is s, and what is the nearest power?"


def third_stage(answer: object) -> str | None:
    """The least w_a, to one decimal, that gives RegNetX32 a third stage."""
    if not is_number(answer) or answer < 0:
        return f"expected a number of at least 0; got {answer!r}."
    if answer > 1000:
        return f"with w_a = {answer} there are far more stages than three."
    if abs(10 * answer - round(10 * answer)) > 1e-6:
        return f"expected a number with one decimal; got {answer!r}."
    tenths = round(10 * answer)
    stages = _stages_of(tenths / 10)
    if stages < 3:
        return (
            f"with w_a = {answer} there are {stages} stages. How wide must the line be at the last "
            "block for its power to round up to 2?"
        )
    if stages > 3:
        return f"with w_a = {answer} there are {stages} stages already."
    if _stages_of((tenths - 1) / 10) >= 3:
        return f"w_a = {answer} does make three stages, but a flatter line does so, too."
    return None


def same_network(answer: object) -> str | None:
    """Another slope and another step that make the widths of RegNetX32."""
    if isinstance(answer, (str, bytes)) or not isinstance(answer, Iterable):
        return f"expected a pair (w_a, w_m); got {answer!r}."
    pair = tuple(answer)
    if len(pair) != 2 or not all(is_number(number) for number in pair):
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


def _stages_of(w_a: float) -> int:
    return len(np.unique(replace(REGNETX32, w_a=w_a).widths))


CHECKS = {
    "regnet-by-hand": by_hand,
    "regnet-third-stage": third_stage,
    "regnet-same-network": same_network,
    "regnet-nearer": nearer,
    "regnet-luck": luck,
}
