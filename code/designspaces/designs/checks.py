"""Checks at the door: a value as it should be, or a ValueError that says what was expected."""

from numbers import Integral, Real
from typing import Any

import numpy as np

BLOCKS = ("x", "basic")


def positive_integer(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError that calls it `name`.

    Integers of every library pass; True and 2.0 do not, for both are more often mistakes.
    """
    value = plain(value)
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {value!r}; expected a positive integer")
    return int(value)


def checked_stride(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError that calls it `name`, unless it is 1 or 2."""
    value = plain(value)
    if not isinstance(value, Integral) or isinstance(value, bool) or value not in (1, 2):
        raise ValueError(f"{name} is {value!r}; expected 1 or 2")
    return int(value)


def checked_se_ratio(value: Any) -> float:
    """`value` as a float, or a ValueError unless it lies between 0 and 1."""
    value = plain(value)
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:
        raise ValueError(f"se_ratio is {value!r}; expected a number from 0 to 1")
    return float(value)


def checked_block(value: Any) -> str:
    """`value` itself, or a ValueError unless it names a kind of block."""
    if value not in BLOCKS:
        raise ValueError(f"block is {value!r}; expected 'x' or 'basic'")
    return value


def refuse_first(bad, values, name: str, expected: str, place: str = "stage") -> None:
    """A ValueError about the first of `values` where `bad` is true; nothing where none is.

    The last axis counts stages (or what `place` says) from 1, those before it rows from 0.
    """
    if not np.any(bad):
        return
    index = tuple(np.argwhere(bad)[0])
    counted = [f"row {row}" for row in index[:-1]] + [f"{place} {last + 1}" for last in index[-1:]]
    where = ", ".join(counted) + ": " if counted else ""
    raise ValueError(f"{where}{name} is {np.asarray(values).item(*index)!r}; expected {expected}")


def check_positive_integers(values: np.ndarray, name: str, place: str = "stage") -> None:
    """A ValueError, worded as by refuse_first, unless all of an array are positive integers."""
    # An array of True, or of 2.0, is refused as a whole, as positive_integer refuses each.
    bad = values < 1 if values.dtype.kind in "iu" else np.ones(values.shape, bool)
    refuse_first(bad, values, name, "a positive integer", place)


def check_positive_numbers(values: np.ndarray, name: str) -> None:
    """A ValueError, worded as by refuse_first, unless all of an array are finite and above 0."""
    numbers = values.dtype.kind in "iuf"
    bad = ~(np.isfinite(values) & (values > 0)) if numbers else np.ones(values.shape, bool)
    refuse_first(bad, values, name, "a positive number")


def plain(value):
    """A number of numpy's as Python's, which also reads better in a message."""
    return value.item() if isinstance(value, np.generic) else value
