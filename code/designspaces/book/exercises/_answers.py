"""What a reader's answer may look like, for all chapters alike."""

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
