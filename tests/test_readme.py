"""The front page keeps its word: its lines print what it shows, its table has all chapters."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS_A_MINUTE = 200
ROW = re.compile(
    r"^\| \[(?P<title>[^]]+)\]\((?P<page>\S+)\) \| (?P<question>.+) "
    r"\| \[open\]\((?P<notebook>\S+)\) \| (?P<minutes>\d+) \|$",
    re.M,
)
COLAB = "https://colab.research.google.com/github/{}/blob/main/{}.ipynb"


def fences(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def run(code: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "code"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_the_eight_lines_print_what_stands_below_them():
    """If the recorded populations have grown, the numbers below them are to be written anew."""
    code, (shown,) = fences("python")[0], fences("text")
    assert sum(bool(line.strip()) for line in code.splitlines()) == 8
    alone = "\nimport sys\nassert not {'torch', 'matplotlib', 'pandas'} & set(sys.modules)\n"
    done = run(code + alone)
    assert (done.returncode, done.stdout) == (0, shown), done.stderr


def test_every_other_line_of_python_runs():
    pytest.importorskip("torch")
    for code in fences("python")[1:]:
        assert run(code).returncode == 0


def chapters_in_toc() -> list[str]:
    """The pages that have code, in the order of the table of contents."""
    names = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [name for name in names if "```{code-cell}" in source(name)]


def source(page: str) -> str:
    return (ROOT / f"{page}.md").read_text(encoding="utf-8")


def repository() -> str:
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    return re.search(r"^  url: https://github.com/(\S+)$", config, re.M)[1]


def test_the_table_has_every_chapter_in_its_order():
    owner, name = repository().split("/")
    pages = [f"https://{owner}.github.io/{name}/{page}.html" for page in chapters_in_toc()]
    rows = list(ROW.finditer(README))
    assert [row["page"] for row in rows] == pages
    assert README.count("| [open](") == len(rows)


def test_the_table_is_true():
    for page, row in zip(chapters_in_toc(), ROW.finditer(README), strict=True):
        text = source(page)
        assert row["title"] == re.search(r"^# (.*)$", text, re.M)[1]
        assert row["question"].endswith("?")
        assert row["notebook"] == COLAB.format(repository(), page)
        assert (ROOT / f"{page}.ipynb").is_file()
        minutes = len(text.split()) / WORDS_A_MINUTE
        assert abs(int(row["minutes"]) - minutes) <= 5, f"{page}: {minutes:.0f} minutes"


def test_the_first_lines_lead_to_the_book_and_to_colab():
    first = "".join(README.splitlines(keepends=True)[:8])
    owner, name = repository().split("/")
    assert f"(https://{owner}.github.io/{name}/)" in first
    assert COLAB.format(repository(), chapters_in_toc()[0]) in first


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_and_commands_that_are_named_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    made = ("_build/", ".venv", "outputs", "chapters/name.md")
    paths = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`|\]\((?!https?:)([^)#\s]+)\)", text)
    for path in {first or second for first, second in paths} - {""}:
        if not path.startswith(made):
            below = (ROOT / place / path for place in (".", "code", "code/designspaces"))
            assert any(place.exists() for place in below), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"
