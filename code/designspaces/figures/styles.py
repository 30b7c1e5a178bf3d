"""How a space is drawn, in every figure alike: its hue, its width and its dashes.

Each space of the paper, each control and RegNetY has a hue of its own; what is drawn from one of
them otherwise, as partners and other budgets are, has its hue and dashes of its own. The hues are
far apart also for colour-blind eyes, with three to one contrast on white and on near-black. In
gray, widths and dashes tell all apart. The pages' tables have the same hues (_static/hues.css).
"""

from collections.abc import Sequence

from designspaces.figures.canvas import ACCENT, BASELINE
from designspaces.spaces import SPACES
from designspaces.spaces.study import STUDY_SPACES

SPACE_STYLES = {
    "AnyNetX_A": {"color": "#5ca187", "lw": 1.2, "ls": "-"},
    "AnyNetX_B": {"color": "#c16cf0", "lw": 1.4, "ls": (0, (5, 1))},
    "AnyNetX_C": {"color": "#44799d", "lw": 1.6, "ls": (0, (3, 1))},
    "AnyNetX_D": {"color": "#99595f", "lw": 1.9, "ls": (0, (5, 1, 1, 1))},
    "AnyNetX_E": {"color": "#8044cb", "lw": 2.3, "ls": "-"},
    "RegNetX": {"color": ACCENT, "lw": 2.0, "ls": "-"},
}
"""The spaces that the paper goes through."""

MORE_STYLES = {
    "AnyNetX_C_equal_widths": {"color": "#c030fc", "lw": 1.8, "ls": (0, (1, 1.2))},
    "AnyNetX_C_decreasing_widths": {"color": "#9c60cc", "lw": 1.4, "ls": (0, (4, 2))},
    "AnyNetX_D_equal_depths": {"color": "#b43c00", "lw": 2.1, "ls": (0, (1, 2))},
    "AnyNetX_D_decreasing_depths": {"color": "#d87860", "lw": 1.4, "ls": (0, (7, 2))},
    "RegNetY": {"color": "#9084c0", "lw": 1.8, "ls": (0, (5, 1, 1, 1, 1, 1))},
}
"""The controls, which turn a rule round, and RegNetX with squeeze-and-excitation."""

UNKNOWN = {"color": BASELINE, "lw": 1.4, "ls": (0, (4, 2))}
_DASHES = tuple((0, dash) for dash in ((1, 1.2), (4, 2), (6, 2, 1, 2), (2, 1), (9, 2)))


def style_of(space: str) -> dict:
    """How a space of the book or of the second study is drawn; any other is gray."""
    own = SPACE_STYLES | MORE_STYLES
    if space in own:
        return own[space]
    base = _base_of(space)
    if base is None or space not in STUDY_SPACES:
        return UNKNOWN
    thicker, dashes = divmod([n for n in STUDY_SPACES if n not in own].index(space), len(_DASHES))
    return own[base] | {"lw": 1.7 + 0.7 * thicker, "ls": _DASHES[dashes]}


def styles_of(spaces: Sequence[str]) -> dict[str, dict]:
    """How several spaces are drawn: the book's as always, others by the hues left, in rounds."""
    # in each round as many, by the same hues, the lines thicker and dotted: another size, say
    own = [space for space in spaces if space not in SPACES | STUDY_SPACES]
    hues = [style for space, style in SPACE_STYLES.items() if space not in spaces] or [UNKNOWN]
    rounds = max(1, -(-len(own) // len(hues)))
    found = {space: style_of(space) for space in spaces}
    for place, space in enumerate(own):
        turn, hue = divmod(place, -(-len(own) // rounds))
        again = {"lw": hues[hue]["lw"] + 0.8 * turn, "ls": (0, (1, 0.6 + 0.6 * turn))}
        found[space] = hues[hue] | (again if turn else {})
    return found


def _base_of(space: str) -> str | None:
    """The space whose name begins the given one's, the longest of several."""
    bases = [name for name in SPACE_STYLES | MORE_STYLES if space.startswith(f"{name}_")]
    return max(bases, key=len, default=None)
