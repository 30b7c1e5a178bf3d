"""Every term is in the glossary, which sends its readers where the term is introduced."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "chapters" / "glossary.md").read_text("utf-8")
CHAPTERS = [
    path
    for path in sorted((ROOT / "chapters").glob("*.md"))
    if path.stem not in ("glossary", "api", "wings")
]
BOLD = re.compile(r"\*\*([^*\n]{2,60})\*\*")
CODE = re.compile(r"^(`{3,})\{code-cell\}.*?^\1$", re.M | re.S)
EMPHASIS = {
    # stressed, or the name of an item in a list: no terms
    "after this chapter you can",
    "all",
    "answer",
    "body",
    "break ties.",
    "depths",
    "device",
    "even",
    "hand",
    "key",
    "method",
    "networks",
    "opinion",
    "rank",
    "recorded",
    "request",
    "screen.",
    "search",
    "space",
    "sweep",
    "swin",
    "convnext",
    "widths",
    "the ranking of the spaces may depend on the rate",
    "activations foretell run time better than multiply-adds do",
}


def terms() -> dict[str, str]:
    """What the glossary says, by term in lower case."""
    (body,) = re.findall(r"^```\{glossary\}\n(.*?)^```", GLOSSARY, re.M | re.S)
    entries = re.split(r"\n\n", body.strip())
    return {entry.partition("\n")[0].lower(): entry.partition("\n")[2] for entry in entries}


def bold(path: Path) -> set[str]:
    text = CODE.sub("", path.read_text("utf-8"))
    found = {match.lower() for match in BOLD.findall(text) if "{" not in match}
    # a term begins with a letter; an item of a list of faults ends in a period
    return {
        name.replace("$p$", "p") for name in found if not name.endswith(".") or name in EMPHASIS
    } - EMPHASIS


def singular(name: str, known) -> str:
    for ending in ("", "s"):
        stem = name.removesuffix(ending) if ending else name
        for candidate in (stem, f"{stem}s"):
            if candidate in known:
                return candidate
    return name


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_term_in_bold_is_in_the_glossary(path):
    known = terms()
    missing = {name for name in bold(path) if singular(name, known) not in known}
    assert missing == set(), "define it in chapters/glossary.md, or list it as emphasis here"


def test_every_entry_names_a_chapter_that_uses_the_term():
    texts = {path.stem: path.read_text("utf-8").lower() for path in CHAPTERS}
    for term, said in terms().items():
        places = re.findall(r"\{doc\}`(\w+)`", said)
        assert places, f"{term} names no chapter"
        for place in places:
            word = term.removesuffix("s").split(" ")[-1].split("-")[0]
            assert word in texts[place], f"{term} is not in {place}"


def test_entries_are_in_order_and_their_links_lead_somewhere():
    names = list(terms())
    assert names == sorted(names, key=lambda name: name.replace("'", ""))
    for linked in re.findall(r"\{term\}`([^`]+)`", GLOSSARY):
        assert linked.lower() in names, linked
