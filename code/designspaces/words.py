"""Numbers and lists as a sentence has them. No other module spells a minus sign.

A function returns text for prose, captions and tables; what the number is of, the sentence says.
"""

import re
from collections.abc import Iterable, Sequence

MINUS = "\N{MINUS SIGN}"
LETTERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def minus(text: str) -> str:
    """With a minus before a number where a hyphen stands for one: "−0.3", "2e−07"."""
    return re.sub(r"(?<![\w.])-(?=[\d.])|(?<=\de)-(?=\d)", MINUS, text)


def number(value: float, digits: int = 1) -> str:
    """With so many decimals, and a sign where it is negative as rounded."""
    text = f"{value:.{digits}f}"
    return minus(text if float(text) else text.removeprefix("-"))


def signed(value: float, digits: int = 1) -> str:
    """With its sign, unless it is 0 as rounded, and a minus that is one."""
    text = f"{value:+.{digits}f}"
    return minus(text) if float(text) else text[1:]


def percent(fraction: float, digits: int = 0) -> str:
    """A fraction in percent, without the sign, which the sentence has: "12.3" for 0.1234."""
    return number(100 * fraction, digits)


def signed_percent(fraction: float, digits: int = 1) -> str:
    """A change of a fraction in points, with its sign: "−0.3" for -0.0034."""
    return signed(100 * fraction, digits)


def interval(low: float, high: float, digits: int = 2) -> str:
    """ "−0.30 to +0.12": an interval's ends with their signs.

    An end that would be rounded to 0 gets digits until its sign shows, three at most: "−0.003".
    """
    return f"{_end(low, digits)} to {_end(high, digits)}"


def _end(value: float, digits: int) -> str:
    shown = (signed(value, digits + more) for more in range(4))
    return next((text for text in shown if text[0] in f"+{MINUS}"), signed(value, digits))


def with_ends(value: float, low: float, high: float) -> str:
    """ "−0.09 (−0.30 to +0.12)": a number with the interval that it lies in."""
    return f"{signed(value, 2)} ({interval(low, high)})"


def power_of_ten(value: float) -> str:
    """A small or large number by its size: "3 · 10⁻⁷" for 3.2e-7, "0" for 0; no line parts it."""
    if value == 0:
        return "0"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{minus(digit)}\u00a0·\u00a010{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def within(value: float, low: float, high: float) -> str:
    """ "0.83 (0.69 to 0.91)": a share, which has no sign, with the interval that it lies in."""
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def p_value(p: float) -> str:
    """As a sentence has it: "p = 0.031"; smaller than three digits show, "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def listed(names: Iterable[object]) -> str:
    """ "a", "a and b", "a, b and c"; "none" for nothing."""
    *before, last = [str(name) for name in names] or ["none"]
    return f"{', '.join(before)} and {last}" if before else last


def some(names: Sequence[object], most: int = 5) -> str:
    """ "a, b and c", or of more than `most` the first ones, and how many others there are."""
    if len(names) <= most:
        return listed(names)
    return f"{', '.join(map(str, names[:most]))} and {len(names) - most} more"


def counted(n: int, noun: str) -> str:
    """ "1 epoch", "3 epochs", "no epochs": how many of something, of a regular plural."""
    return f"{n or 'no'} {noun}{'s' * (n != 1)}"


def in_letters(n: int) -> str:
    """ "none", "one" to "ten", then figures."""
    return LETTERS[n] if 0 <= n < len(LETTERS) else number(n, 0)


def name_space(space: str) -> str:
    """A space's name in a sentence: "C with equal widths" for AnyNetX_C_equal_widths.

    A name that does not begin as the book's do is told as it is, with spaces.
    """
    if not space.startswith(("AnyNetX_", "RegNet")) or "_like_" in space:
        return space.removeprefix("AnyNetX_").replace("_", " ")
    name, _, rule = space.removeprefix("AnyNetX_").partition("_")
    return f"{name} with {rule.replace('_', ' ')}" if rule else name
