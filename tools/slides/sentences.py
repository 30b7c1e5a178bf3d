"""The sentences of a paragraph with the markup inside them: what a slide may quote."""

from __future__ import annotations

import copy
import re

from bs4 import BeautifulSoup, NavigableString, Tag

END = re.compile(r"(?<=[.?!])\s+(?=[A-Z(“])|(?<=[.?!]\))\s+(?=[A-Z(])")
ABBREVIATED = re.compile(r"\b(e\.g|i\.e|et al|cf|vs|Fig|Eq|No)\.$")


def sentences(paragraph: Tag) -> list[Tag]:
    """Each as a <span> of its own; a sentence ends in the paragraph's text, never inside a tag."""
    found: list[list] = [[]]
    for child in paragraph.children:
        if not isinstance(child, NavigableString):
            found[-1].append(copy.copy(child))
            continue
        for i, piece in enumerate(split(str(child))):
            if i:
                found.append([])
            found[-1].append(NavigableString(piece))
        if re.search(r"[.?!]\s+$", str(child)) and not ABBREVIATED.search(str(child).rstrip()):
            found.append([])
    return [wrap(nodes) for nodes in found if "".join(str(node) for node in nodes).strip()]


def split(text: str) -> list[str]:
    pieces: list[str] = []
    for piece in END.split(text):
        if pieces and ABBREVIATED.search(pieces[-1]):
            pieces[-1] += f" {piece}"
        else:
            pieces.append(piece)
    return pieces


def wrap(nodes: list) -> Tag:
    span = BeautifulSoup("", "html.parser").new_tag("span")
    span.extend(nodes)
    return span
