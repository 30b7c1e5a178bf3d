"""What a reader's answer may look like, for all chapters alike."""

from collections.abc import Mapping

import numpy as np

from designspaces.designs.checks import is_finite, is_integer


def is_number(answer: object) -> bool:
    """Whether it is one finite number; True and False are none."""
    return is_finite(answer)


def integers(answer: object) -> list[int] | None:
    """The answer's numbers, from a tuple, a list, a torch.Size or an array; else None."""
    try:
        values = [v.item() if hasattr(v, "item") else v for v in answer]
    except (TypeError, ValueError):
        return None
    return [int(v) for v in values] if all(map(is_integer, values)) else None


def hint(answer: object, right: object, hints: Mapping[str, object], otherwise: str) -> str | None:
    """None for the right number or numbers, what helps with a known mistake, or `otherwise`.

    hints: by what is said, the wrong answer that it is said to. Two numbers agree if they differ by
    less than a fiftieth, of 1 or of the largest where that is less.
    """
    known = [(right, None), *((wrong, said) for said, wrong in hints.items())]
    for number, said in known:
        if np.allclose(answer, number, rtol=0, atol=0.02 * min(1.0, np.abs(number).max())):
            return said
    return otherwise
