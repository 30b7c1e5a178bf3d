"""Compare a set of named tensors with what a network expects, before any of them is copied."""

from collections.abc import Mapping


def check_tensors(
    found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]], whose: str
) -> None:
    """Compare shapes by name: of the tensors at hand, and of those that a network has.

    whose: the network in words, for the message.
    Raises ValueError naming each tensor that is missing, that the network does not have, or whose
    shape is another.
    """
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    misshapen = [
        f"{name} is {tuple(found[name])}, expected {tuple(expected[name])}"
        for name in expected
        if name in found and tuple(found[name]) != tuple(expected[name])
    ]
    problems = [
        f"{kind}: {', '.join(names)}"
        for kind, names in (("missing", missing), ("unknown", unknown), ("shape", misshapen))
        if names
    ]
    if problems:
        raise ValueError(f"these are not the tensors of {whose}; {'; '.join(problems)}")
