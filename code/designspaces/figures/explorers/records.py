"""The records that an explorer shows: whole ones, and of each other one what is wrong with it."""

from collections.abc import Callable, Iterable, Sequence

from designspaces.populations.record import Record

FIRST, SECOND = STUDIES = ("first study", "second study")
"""What pages call them."""


def sort_out(
    records: Iterable[Record], needed: Sequence[str], read: Callable[[Record], object]
) -> tuple[list[Record], list[str]]:
    """The records that have the fields `needed` and that `read` can read; of others, what is wrong.

    needed: names of fields that must not be None.
    """
    whole, left_out = [], []
    for record in records:
        try:
            lacks = [name for name in needed if getattr(record, name, None) is None]
            if lacks:
                raise ValueError(f"lacks {', '.join(lacks)}")
            read(record)
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            left_out.append(f"{record.id}: {error}")
        else:
            whole.append(record)
    return whole, left_out
