"""Sets of named tensors: what they are called here and in torchvision, and whether all are there.

torchvision rounds bottleneck widths half up and never below 90% of what was asked, where the
paper's authors round half to even. Of the fourteen networks that it shares with the paper, three
come out with other widths; the other eleven are the same networks under other names.

Needs no torch: a tensor is whatever has a shape.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from designspaces.designs.checks import checked_choice

WRAPPERS = ("_orig_mod", "module")
"""What torch.compile and DataParallel put into the names of the network that they wrap."""

MOST_NAMES = 4
"""A refusal lists so many names; of more it says how many there are."""


def plain_name(name: str) -> str:
    """A tensor's or module's name without what torch.compile and DataParallel put into it."""
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def plain_state(state: object) -> dict[str, Any]:
    """A state dict by plain names, be it of a network that torch.compile or DataParallel wraps.

    Raises ValueError for what is no state dict, saying what it is: a network, a checkpoint that
    holds one, something without tensors, two tensors of one plain name.
    """
    if not isinstance(state, Mapping):
        advice = ": call its state_dict()" if hasattr(state, "state_dict") else ""
        raise ValueError(
            f"state is {_short(state)}; expected a state dict, tensors by name{advice}"
        )
    for key, value in state.items():
        if isinstance(value, Mapping):
            raise ValueError(
                f"state is a dict with {_listed([repr(each) for each in state])}; expected a state "
                f"dict, tensors by name: is it state[{key!r}]?"
            )
    for key, value in state.items():
        if not isinstance(key, str) or not hasattr(value, "shape"):
            raise ValueError(f"state[{key!r}] is {_short(value)}; expected a tensor by its name")
    plain = {plain_name(name): value for name, value in state.items()}
    if len(plain) < len(state):
        raise ValueError(
            f"state has {len(state)} tensors, but {len(plain)} names without "
            f"{' and '.join(WRAPPERS)}; expected the state dict of one network"
        )
    return plain


def check_tensors(found: Mapping[str, Any], expected: Mapping[str, Any], whose: str) -> None:
    """Compare shapes by name: of the tensors at hand, and of those that a network has.

    found, expected: tensors or arrays. whose: the network in words, for the message.
    Raises ValueError naming the tensors that are missing, that the network does not have, or whose
    shape is another; of many the first few, the last, and how many there are.
    """
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    shapes = {
        name: (tuple(found[name].shape), tuple(expected[name].shape))
        for name in expected
        if name in found
    }
    misshapen = [f"{name} is {a}, expected {b}" for name, (a, b) in shapes.items() if a != b]
    problems = [
        f"{kind}: {_listed(names)}"
        for kind, names in (("missing", missing), ("unknown", unknown), ("shape", misshapen))
        if names
    ]
    if problems:
        if not set(found) & set(expected):
            problems.insert(0, "no name agrees, so they are another kind of network's")
        raise ValueError(f"these are not the tensors of {whose}; {'; '.join(problems)}")


def _listed(texts: Sequence[str]) -> str:
    if len(texts) <= MOST_NAMES:
        return ", ".join(texts)
    return f"{', '.join(texts[: MOST_NAMES - 1])}, ..., {texts[-1]} ({len(texts)} in all)"


def _short(value: object) -> str:
    """A value that a message can hold: itself, or of what kind it is."""
    text = repr(value)
    return text if len(text) <= 40 else f"a {type(value).__name__}"


COMPARABLE = {
    "regnet_x_800mf": "RegNetX-800MF",
    "regnet_x_1_6gf": "RegNetX-1.6GF",
    "regnet_x_3_2gf": "RegNetX-3.2GF",
    "regnet_x_8gf": "RegNetX-8.0GF",
    "regnet_x_16gf": "RegNetX-16GF",
    "regnet_x_32gf": "RegNetX-32GF",
    "regnet_y_400mf": "RegNetY-400MF",
    "regnet_y_1_6gf": "RegNetY-1.6GF",
    "regnet_y_3_2gf": "RegNetY-3.2GF",
    "regnet_y_16gf": "RegNetY-16GF",
    "regnet_y_32gf": "RegNetY-32GF",
}
"""torchvision's name -> the paper's, for the networks that both build alike."""

OTHERWISE = ("regnet_x_400mf", "regnet_y_800mf", "regnet_y_8gf")
"""torchvision's networks of a published name, but other widths."""

_RULES = (
    (r"^net\.stem\.0\.", "stem."),
    (r"^net\.stage(\d+)\.(\d+)\.", r"trunk_output.block\1.block\1-\2."),
    (r"^net\.head\.2\.", "fc."),
    (r"\.body\.reduce\.", ".f.a."),
    (r"\.body\.group\.", ".f.b."),
    (r"\.body\.se\.gate\.1\.", ".f.se.fc1."),
    (r"\.body\.se\.gate\.3\.", ".f.se.fc2."),
    (r"\.body\.expand\.", ".f.c."),
    (r"\.shortcut\.", ".proj."),
    (r"(^|\.)conv\.", r"\g<1>0."),
    (r"(^|\.)norm\.", r"\g<1>1."),
)


def published_name(name: str) -> str:
    """The paper's name of torchvision's network `name`.

    Raises ValueError for a network that is not built alike, or not known.
    """
    if name in OTHERWISE:
        raise ValueError(
            f"torchvision's {name} has other widths than the published network, because it rounds "
            f"differently; expected one of {', '.join(COMPARABLE)}"
        )
    return COMPARABLE[checked_choice(name, "name", COMPARABLE)]


def torchvision_names(names: Iterable[str]) -> dict[str, str]:
    """For each name in our state dict the name of the same tensor in torchvision's."""
    return {name: _translated(name) for name in names}


def _translated(name: str) -> str:
    for pattern, replacement in _RULES:
        name = re.sub(pattern, replacement, name)
    return name
