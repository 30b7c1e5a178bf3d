"""The index leads to the place in a chapter where a term is introduced, and then to the glossary.

A term of the glossary stands in bold where a chapter introduces it, and its entry there names the
chapter; Sphinx by itself knows the entry alone. So the first of these places on a page becomes the
main entry of the index, and a link to the glossary says that it is one.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

GLOSSARY = "chapters/glossary"
TERMS = re.compile(r"^```\{glossary\}\n(.*?)^```", re.M | re.S)
PLACE = re.compile(r"\{doc\}`(\w+)`")
NUMBERED = re.compile(rf'(<a href="{GLOSSARY}\.html#term-[^"]*">)\s*\[\d+\]\s*(?=</a>)')


def terms_by_page(glossary: str) -> dict[str, list[str]]:
    """The terms that each page introduces, in the words of a glossary's source."""
    found: dict[str, list[str]] = {}
    for entries in TERMS.findall(glossary):
        for entry in entries.strip().split("\n\n"):
            term, _, said = entry.partition("\n")
            for page in PLACE.findall(said):
                found.setdefault(f"chapters/{page}", []).append(term)
    return found


def mark(document: nodes.document, terms: list[str]) -> None:
    """Make the first place in bold of each of the terms, in the singular or plural, an entry."""
    waiting = {term.lower(): term for term in terms}
    for strong in list(document.findall(nodes.strong)):
        said = strong.astext().lower()
        for name in {said, said.removesuffix("s"), f"{said}s"} & waiting.keys():
            term = waiting.pop(name)
            place = nodes.make_id(f"introduced {term}")
            strong["ids"].append(place)
            entry = addnodes.index(entries=[("single", term, place, "main", None)])
            strong.parent.insert(strong.parent.index(strong), entry)


def follow(document: nodes.document) -> None:
    """Let the entries of the glossary come after those of the chapters."""
    for node in document.findall(addnodes.index):
        node["entries"] = [(*entry[:3], "", entry[4]) for entry in node["entries"]]


class Introduced(SphinxTransform):
    default_priority = 800  # before Sphinx collects a page's entries

    def apply(self, **kwargs) -> None:
        if self.env.docname == GLOSSARY:
            follow(self.document)
        glossary = Path(self.env.doc2path(GLOSSARY))
        self.env.note_dependency(str(glossary))  # a page hangs on what introduces its terms
        terms = terms_by_page(glossary.read_text(encoding="utf-8"))
        mark(self.document, terms.get(self.env.docname, []))


def with_names(html: str) -> str:
    """An index whose links to the glossary say so, where they were numbered."""
    return NUMBERED.sub(r"\1glossary", html)


def setup(app) -> dict[str, object]:
    app.add_transform(Introduced)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
