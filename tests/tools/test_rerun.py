"""Pages run again when what they read has changed, and only then; with real kernels, too."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rerun

FILES = (
    "designspaces/designs/regnet.py",
    "designspaces/recorded/second/primary/a.jsonl",
    "designspaces/recorded/second/controls/b.jsonl",
    "designspaces/recorded/populations/a.jsonl",
    "designspaces/recorded/baseline.json",
    "designspaces/figures/explorers/edf.js",
)


@pytest.fixture
def book(tmp_path):
    """A book with files of every kind."""
    root = tmp_path / "book"
    for name in (*FILES, "designspaces/__pycache__/regnet.pyc", "designspaces.egg-info/PKG-INFO"):
        path = root / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (root / "requirements.txt").write_text("# pins\ntorch==2.14.1\npytest==8\n")
    return root


def key(book, profile="quick"):
    return rerun.cache_key(book, profile, rerun.contents(book))


def noticed(book, names, change):
    """Whether a page that read the files of these names runs again after a change."""
    before, known = key(book), rerun.facts(names, rerun.contents(book))
    change()
    return before != key(book) or known != rerun.facts(known, rerun.contents(book))


@pytest.mark.parametrize("read", FILES)
@pytest.mark.parametrize("changed", FILES)
def test_a_page_runs_again_if_a_file_that_it_read_has_changed(book, read, changed):
    path = book / "code" / changed
    assert noticed(book, [read], lambda: path.write_text("else")) == (read == changed)


@pytest.mark.parametrize(
    ("new", "who"),
    [
        ("designspaces/new.py", FILES),
        ("designspaces/recorded/new.json", FILES),
        ("designspaces/recorded/gpu/new.json", FILES),
        ("designspaces/recorded/experiments/new/a.jsonl", FILES),
        ("designspaces/recorded/populations/b.jsonl", FILES[3:4]),
        ("designspaces/recorded/second/bands/c.jsonl", FILES[1:3]),
        ("designspaces/__pycache__/new.pyc", ()),
        ("designspaces.egg-info/SOURCES.txt", ()),
        ("designspaces/recorded/second/controls/b.jsonl.lock", ()),
        ("designspaces/.DS_Store", ()),
    ],
)
def test_a_file_that_comes_or_goes_counts_on_its_shelf(book, new, who):
    path = book / "code" / new
    path.parent.mkdir(parents=True, exist_ok=True)
    for read in FILES:
        assert noticed(book, [read], path.touch) == (read in who), read
        assert noticed(book, [read], path.unlink) == (read in who), read


def test_a_renamed_file_counts(book):
    source = book / "code" / FILES[0]
    assert noticed(book, [], lambda: source.rename(source.with_name("rule.py")))


def test_what_processes_note_is_told_by_files(book):
    code = book / "code" / "designspaces"
    lines = [
        f"{code}/designs/__pycache__/regnet.cpython-311.pyc",
        f"{code}/recorded/baseline.json",
        f"{code}.egg-info/PKG-INFO",
        "/elsewhere/x.py",
    ]
    assert rerun.opened(lines, book) == {FILES[0], FILES[4]}


def test_what_a_process_reads_under_another_name_counts_with_the_module_that_starts_it():
    """MXNet's has a Python, a search path and a link of its own."""
    root = Path(rerun.__file__).parents[1]
    for module, unseen in rerun.UNSEEN.items():
        path = root / "code" / module
        assert rerun.opened([str(path)], root) == {module, *unseen}
        (started,) = re.findall(r'"-m", "([\w.]+)"', path.read_text("utf-8"))
        assert {*unseen} == {f"{started.replace('.', '/')}.py"} | {
            other.relative_to(root / "code").as_posix()
            for other in path.parent.glob("*.py")
            if re.search("^ *(import|from) mxnet", other.read_text("utf-8"), re.M)
        }


def test_shelves_are_folders_of_recorded_data():
    root = Path(rerun.__file__).parents[1]
    assert all((root / "code" / one).is_dir() for one in rerun.SHELVES)


@pytest.mark.parametrize("name", ["torch", "d2l", "pytest"])
def test_another_installed_version_has_another_cache(book, monkeypatch, name):
    """`pip install --upgrade` in place leaves requirements.txt as it is."""
    versions = dict.fromkeys(["torch", "d2l", "pytest"], "1.0")
    monkeypatch.setattr(rerun.metadata, "version", lambda name: versions[name])
    before = key(book)
    assert key(book) == before
    versions[name] = "1.0.post1"
    assert key(book) != before


def test_what_is_not_installed_is_absent_and_comments_name_nothing(book):
    (book / "requirements.txt").write_text("# numpy\n\nno-such-package==1\npytest==0\n")
    found = rerun.installed_versions(book)
    assert found[0].startswith("Python 3.")
    assert "no-such-package absent" in found
    assert f"pytest {pytest.__version__}" in found
    assert not any(line.startswith("numpy") for line in found)


def test_pins_and_profiles_have_caches_of_their_own(book):
    assert key(book, "quick") != key(book, "full")
    assert noticed(book, [], lambda: (book / "requirements.txt").write_text("torch==2.14.2\n"))
    assert noticed(book, [], (book / "CITATION.cff").touch)


def test_the_key_is_the_same_twice_and_elsewhere(book, tmp_path):
    shutil.copytree(book, tmp_path / "elsewhere")
    assert key(book) == key(tmp_path / "elsewhere")


def test_profile():
    assert rerun.profile_of({}) == "unset"
    assert rerun.profile_of({"BOOK_PROFILE": "quick"}) == "quick"
    with pytest.raises(ValueError, match=r"fast.*full.*quick"):
        rerun.profile_of({"BOOK_PROFILE": "fast"})


# --- a real build ---------------------------------------------------------------------------------

PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---
# {name}
```{{code-cell}} python
{code}
```
"""
PAGES = {
    "index": "import designspaces as small; print(small.recorded('second/b.txt'))",
    "worker": """import subprocess, sys
code = "import designspaces as s, lazily; print(s.recorded('second/a.txt'), lazily.NUMBER)"
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)""",
}
SMALL = """from pathlib import Path

def recorded(name):
    path = Path(__file__).parent / "recorded" / name
    return path.read_text() if path.exists() else "none"
"""
CONFIG = """import sys
sys.path.append({ext!r})  # as Jupyter Book does
extensions = ["myst_nb", "rerun"]
exclude_patterns = ["_build"]
nb_execution_mode = "cache"
"""


class Small:
    """A book of two pages and a package; the tally has a line for each cell that was run."""

    def __init__(self, root):
        self.root, self.tally = root, root.parent / "tally"
        ext = str(Path(rerun.__file__).parent)
        self.write("requirements.txt", "")
        self.write("conf.py", CONFIG.format(ext=ext))
        self.write("code/designspaces/__init__.py", SMALL)
        self.write("code/lazily.py", "NUMBER = 1\n")
        self.write("code/designspaces/recorded/second/a.txt", "one")
        for name, code in PAGES.items():
            also = f"with open({str(self.tally)!r}, 'a') as t: t.write('{name}\\n')"
            self.write(f"{name}.md", PAGE.format(name=name, code=f"{code}\n{also}"))

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def build(self):
        """Which pages were executed, and what the command said."""
        self.tally.write_text("")
        places = [str(self.root), str(self.root / "_build" / "html")]
        environment = os.environ | {"PYTHONPATH": str(self.root / "code"), "BOOK_PROFILE": "quick"}
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", "-q", *places],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return self.tally.read_text().split(), done.stderr

    def page(self, name):
        return (self.root / "_build" / "html" / f"{name}.html").read_text()


def test_a_book_executes_only_what_a_change_concerns(tmp_path):
    book = Small(tmp_path / "book")
    assert book.build()[0] == ["index", "worker"]
    assert book.build()[0] == []
    book.write("code/designspaces/recorded/second/a.txt", "two")  # which a page's process reads
    assert book.build()[0] == ["worker"]
    assert "two 1" in book.page("worker")
    book.write("code/lazily.py", "NUMBER = 22\n")  # which only that process imports
    assert book.build()[0] == ["worker"]
    assert "two 22" in book.page("worker")
    assert "none" in book.page("index")
    book.write("code/designspaces/recorded/gpu/b.txt", "")  # a folder that nobody has read
    assert book.build()[0] == ["index", "worker"]
    book.write("code/designspaces/recorded/second/b.txt", "there")  # of which one page has asked
    book.write("code/designspaces/__init__.py", SMALL + "\n# changed\n")
    assert book.build()[0] == ["index", "worker"]
    assert "there" in book.page("index")


def test_a_page_whose_text_changes_back_has_no_old_outputs(tmp_path):
    book = Small(tmp_path / "book")
    first, second = (
        PAGE.format(name="index", code=f"import lazily; print(lazily.NUMBER * {by})")
        for by in (1000, 2000)
    )
    for text, printed in ((first, "1000"), (second, "2000"), (first, "1000")):
        book.write("index.md", text)
        book.build()
        assert printed in book.page("index")
    book.write("code/lazily.py", "NUMBER = 3\n")
    for text, printed in ((first, "3000"), (second, "6000")):
        book.write("index.md", text)
        book.build()
        assert printed in book.page("index")


def test_a_build_that_was_killed_leaves_nothing_old(tmp_path):
    """It has executed pages, but not kept what it read; and it has cut one file and lost one."""
    book = Small(tmp_path / "book")
    book.build()
    environment = book.root / "_build" / "html" / ".doctrees" / "environment.pickle"
    before = environment.read_bytes()
    book.write("code/lazily.py", "NUMBER = 44\n")
    book.build()
    environment.write_bytes(before)
    assert book.build()[0] == []
    assert "one 44" in book.page("worker")
    cache = next((book.root / "_build" / ".jupyter_cache").iterdir())
    one, other = cache.glob("reads/*.json")
    one.write_text(one.read_text()[:20])
    shutil.rmtree(cache / "executed" / other.stem)
    other.unlink()
    assert book.build()[0] == []  # the pages themselves are there, and right
    shutil.rmtree(book.root / "_build" / "html")
    assert book.build()[0] == ["index", "worker"]


def test_a_page_that_failed_is_executed_again(tmp_path):
    book = Small(tmp_path / "book")
    book.write("code/lazily.py", "1 / 0\n")
    book.write("index.md", PAGE.format(name="index", code="import lazily; print(lazily.NUMBER)"))
    for _ in range(2):
        assert "Executing notebook failed" in book.build()[1]
    book.write("code/lazily.py", "NUMBER = 33\n")
    assert "Executing notebook failed" not in book.build()[1]
    assert "33" in book.page("index")
