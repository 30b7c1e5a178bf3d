"""Which of torchvision's RegNets are ours, and what their tensors are called there.

torchvision rounds bottleneck widths half up and never below 90% of what was asked, where the
paper's authors round half to even. Of the fourteen networks that it shares with the paper, three
come out with other widths; the other eleven are the same networks under other names.
"""

import re
from collections.abc import Iterable

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
    if name not in COMPARABLE:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(COMPARABLE)}")
    return COMPARABLE[name]


def torchvision_names(names: Iterable[str]) -> dict[str, str]:
    """For each name in our state dict the name of the same tensor in torchvision's."""
    return {name: _translated(name) for name in names}


def _translated(name: str) -> str:
    for pattern, replacement in _RULES:
        name = re.sub(pattern, replacement, name)
    return name
