"""Checks at the door: a value as it should be, or a ValueError that says what was expected."""

import sys
from collections.abc import Callable, Collection, Iterable
from math import isclose
from numbers import Integral, Real
from typing import Any

import numpy as np

BLOCKS = ("x", "basic")

WIDEST = 2**20
"""Channels of anything; beyond, a convolution's weights could not even be counted."""

DEEPEST = 2**10
"""Blocks of a stage or of a line."""


def plain(value):
    """A number of numpy's as Python's, which also reads better in a message."""
    return value.item() if isinstance(value, np.generic) else value


def is_integer(value: Any) -> bool:
    """Integers of every library pass; True and 2.0 do not, for both are more often mistakes."""
    value = plain(value)
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Real numbers pass, infinity and nan among them; True does not."""
    value = plain(value)
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Real numbers that a float can hold pass: neither infinity, nor nan, nor 10**400."""
    # Python compares integers of any size with a float exactly; isfinite() would overflow.
    return is_number(value) and abs(plain(value)) <= sys.float_info.max


def positive_integer(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError that calls it `name`; see `is_integer`."""
    value = plain(value)
    if not is_integer(value) or value < 1:
        raise ValueError(f"{name} is {value!r}; expected a positive integer")
    return int(value)


def checked_natural(value: Any, name: str, expected: str = "an integer of at least 0") -> int:
    """`value` as a Python int, or a ValueError unless it is an integer of at least 0."""
    value = plain(value)
    if not is_integer(value) or value < 0:
        raise ValueError(f"{name} is {value!r}; expected {expected}")
    return int(value)


def checked_width(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError unless it counts channels, from 1 to `WIDEST`."""
    return at_most(positive_integer(value, name), name, WIDEST, "channels")


def checked_depth(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError unless it counts blocks, from 1 to `DEEPEST`."""
    return at_most(positive_integer(value, name), name, DEEPEST, "blocks")


def at_most(value, name: str, most, of: str = ""):
    """`value` itself, or a ValueError if it is more than `most`; `of` says what it counts."""
    if value > most:
        raise ValueError(f"{name} is {value}; expected at most {most} {of}".rstrip())
    return value


def checked_stride(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError that calls it `name`, unless it is 1 or 2."""
    value = plain(value)
    if not is_integer(value) or value not in (1, 2):
        raise ValueError(f"{name} is {value!r}; expected 1 or 2")
    return int(value)


def checked_se_ratio(value: Any) -> float:
    """`value` as a float, or a ValueError unless it lies between 0 and 1."""
    value = plain(value)
    if not is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"se_ratio is {value!r}; expected a number from 0 to 1")
    return float(value)


def checked_choice(value: Any, name: str, known: Collection[str]) -> str:
    """`value` itself, or a ValueError unless it is one of the known."""
    if value not in known:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(known)}")
    return value


def checked_nonnegative(value: Any, name: str) -> int | float:
    """`value` itself, or a ValueError unless it is a finite number of at least 0."""
    value = plain(value)
    if not is_finite(value) or value < 0:
        raise ValueError(f"{name} is {value!r}; expected a number of at least 0")
    return value


def checked_positive(value: Any, name: str) -> int | float:
    """`value` as an int where it is whole, else as a float, or a ValueError unless it is above 0.

    So 2.0 and 2 are kept, shown and saved the same way.
    """
    value = plain(value)
    if not is_finite(value) or value <= 0:
        raise ValueError(f"{name} is {value!r}; expected a positive number")
    return int(value) if float(value).is_integer() else float(value)


def checked_ratio(value: Any, name: str) -> int | float:
    """`value` as by checked_positive, or a ValueError unless it, or one over it, is whole."""
    value = plain(value)
    in_range = is_finite(value) and value > 0
    if in_range and not 1 / WIDEST <= value <= WIDEST:
        raise ValueError(f"{name} is {value!r}; expected at most {WIDEST}, or one over that")
    larger = max(value, 1 / value) if in_range else 0.5
    if not isclose(larger, round(larger), rel_tol=1e-9):
        raise ValueError(f"{name} is {value!r}; expected a whole number or one over it")
    return checked_positive(value, name)


def checked_band(band: Any, name: str) -> tuple[float, float]:
    """`band` as a tuple, or a ValueError unless it is two numbers in order."""
    values = tuple(band) if isinstance(band, Iterable) else ()
    # Only nan differs from itself; isnan() would overflow for the largest integers.
    numbers = len(values) == 2 and all(is_number(v) and v == v for v in values)
    if not numbers or values[0] > values[1]:
        raise ValueError(f"{name} is {band!r}; expected a band (low, high) with low <= high")
    return values


def checked_each(values: Any, name: str, check: Callable[[Any, str], Any]) -> tuple:
    """`values` as a tuple, each as `check` makes it, or a ValueError that counts them from 1."""
    values = tuple(values) if isinstance(values, Iterable) else ()
    if not values:
        raise ValueError(f"{name} is empty or no list; expected at least one value")
    return tuple(check(value, f"{name}: value {i}") for i, value in enumerate(values, start=1))


def checked_choices(values: Any, name: str, check: Callable[[Any, str], Any]) -> tuple:
    """As checked_each, and none of them twice."""
    values = checked_each(values, name, check)
    if len(set(values)) < len(values):
        raise ValueError(f"{name} is {values}; expected each value once")
    return values


def ascending(name: str, grid: Any, expected: str, allowed: Callable) -> np.ndarray:
    """The grid's values from the smallest up, each once, or a ValueError.

    allowed: says of a finite number whether it may be in the grid.
    """
    values = np.ravel(grid).tolist()
    if not values or not all(is_finite(value) and allowed(value) for value in values):
        raise ValueError(f"{name} is {grid!r}; expected at least one value, and only {expected}")
    return np.unique(grid)


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


def positive_integers(
    values: np.ndarray, name: str, place: str = "stage", most: int = WIDEST
) -> np.ndarray:
    """An array as int64, or a ValueError, worded as by refuse_first."""
    # An array of True, or of 2.0, is refused as a whole, as positive_integer refuses each.
    bad = _outside(values, "iu", is_integer, lambda value: value >= 1)
    refuse_first(bad, values, name, "a positive integer", place)
    refuse_first(values > most, values, name, f"at most {most}", place)
    return values.astype(np.int64)


def check_positive_numbers(values: np.ndarray, name: str) -> None:
    """A ValueError, worded as by refuse_first, unless all of an array are finite and above 0."""
    bad = _outside(values, "iuf", is_finite, lambda value: value > 0)
    refuse_first(bad, values, name, "a positive number")


def check_range(values: Any, name: str, low: float, high: float) -> None:
    """A ValueError, worded as by refuse_first, unless all of an array lie from low to high."""
    values = np.asarray(values)
    bad = _outside(values, "iuf", is_finite, lambda value: (value >= low) & (value <= high))
    refuse_first(bad, values, name, f"a number from {low} to {high}", "place")


def _outside(values: np.ndarray, kinds: str, is_kind: Callable, allowed: Callable) -> np.ndarray:
    """Where an array is of another kind than numpy's `kinds`, not finite or not allowed."""
    if values.dtype.kind == "O":  # as of Python's integers beyond 64 bits
        kept = [is_kind(value) and allowed(value) for value in values.flat]
        return ~np.array(kept, bool).reshape(values.shape)
    if values.dtype.kind not in kinds:
        return np.ones(values.shape, bool)
    return ~(np.isfinite(values) & allowed(values))
