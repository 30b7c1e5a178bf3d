"""What the workflows on GitHub run is pinned: a tag can be moved, a commit cannot."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github").rglob("*.y*ml"))
USES = re.compile(r"""^\s*(?:-\s+)?["']?uses["']?\s*:\s*(.*)$""", re.M)
PINNED = re.compile(r"^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}(\s+#\s*v\d[\w.]*)\s*$")


def unpinned(workflow: str) -> list[str]:
    """The actions of a workflow that are not named by a full commit, with its version beside."""
    return [
        action
        for action in USES.findall(workflow)
        if not PINNED.match(action) and not action.startswith("./")
    ]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path):
    text = path.read_text(encoding="utf-8")
    assert unpinned(text) == []
    assert text.count("uses:") == len(USES.findall(text)) > 0


@pytest.mark.parametrize(
    "uses",
    [
        "- uses: actions/checkout@v5",
        "- uses: actions/checkout@main",
        "  uses: actions/checkout",
        "- uses: actions/checkout@08c6903 # v5.0.0",
        "- uses: 'actions/checkout@v5'",
        "- uses: docker://python:3.11",
        "- uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8",
    ],
)
def test_an_unpinned_action_is_noticed(uses):
    assert unpinned(f"steps:\n  {uses}\n") != []


def test_a_pinned_one_is_not():
    pinned = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
    assert unpinned(f"steps:\n  - uses: {pinned}\n  - uses: ./.github/own\n") == []


def test_a_cache_of_the_workflows_keeps_no_doctrees():
    """What is shown is to come from the run itself, whatever another one has left."""
    for path in WORKFLOWS:
        lines = path.read_text(encoding="utf-8").splitlines()
        code = [line.partition("#")[0] for line in lines]
        assert not any("doctrees" in line or re.search(r"path:.*_build\s*$", line) for line in code)
