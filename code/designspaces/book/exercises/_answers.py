"""What a reader's answer may look like, for all chapters alike."""

from math import isfinite
from numbers import Integral, Real


def is_number(answer: object) -> bool:
    """Whether it is one finite number; True and False are none."""
    return isinstance(answer, Real) and not isinstance(answer, bool) and isfinite(answer)


def integers(answer: object) -> list[int] | None:
    """The answer's numbers, from a tuple, a list, a torch.Size or an array; else None."""
    try:
        values = [v.item() if hasattr(v, "item") else v for v in answer]
    except (TypeError, ValueError):
        return None
    whole = all(isinstance(v, Integral) and not isinstance(v, bool) for v in values)
    return [int(v) for v in values] if whole else None
