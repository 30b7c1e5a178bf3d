"""Pages run again when what they import changes, and only then."""

import shutil
from types import SimpleNamespace

import pytest

import house


@pytest.fixture
def book(tmp_path):
    """A book with one file of every kind."""
    for name in (
        "code/designspaces/designs/regnet.py",
        "code/designspaces/recorded/populations/a.jsonl",
        "code/designspaces/recorded/baseline.json",
        "code/designspaces/figures/explorers/edf.js",
        "code/designspaces/figures/explorers/edf.css",
        "code/designspaces/notes.txt",
        "code/designspaces/__pycache__/regnet.pyc",
        "chapters/training.md",
        "requirements.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "runs_again"),
    [
        ("code/designspaces/designs/regnet.py", True),
        ("code/designspaces/recorded/populations/a.jsonl", True),
        ("code/designspaces/recorded/baseline.json", True),
        ("requirements.txt", True),
        ("code/designspaces/figures/explorers/edf.js", True),
        ("code/designspaces/figures/explorers/edf.css", True),
        ("chapters/training.md", False),
        ("code/designspaces/notes.txt", False),
        ("code/designspaces/__pycache__/regnet.pyc", False),
    ],
)
def test_what_the_key_depends_on(book, changed, runs_again):
    before = house.cache_key(book, "quick")
    (book / changed).write_text("something else")
    assert (house.cache_key(book, "quick") != before) == runs_again


@pytest.mark.parametrize("name", ["new.py", "recorded/populations/b.jsonl"])
def test_a_new_file_changes_the_key(book, name):
    before = house.cache_key(book, "quick")
    (book / "code" / "designspaces" / name).write_text("")
    assert house.cache_key(book, "quick") != before


def test_a_renamed_file_changes_the_key(book):
    before = house.cache_key(book, "quick")
    source = book / "code/designspaces/designs/regnet.py"
    source.rename(source.with_name("rule.py"))
    assert house.cache_key(book, "quick") != before


@pytest.mark.parametrize("name", ["torch", "d2l", "sphinx_design"])
def test_another_installed_version_runs_pages_again(book, monkeypatch, name):
    """`pip install --upgrade` in place leaves requirements.txt as it is."""
    (book / "requirements.txt").write_text(
        "# pins\ntorch==2.14.1\nsphinx_design==0.8.0; a == 'b'\n"
    )
    versions = dict.fromkeys(["torch", "d2l", "sphinx_design"], "1.0")
    monkeypatch.setattr(house.metadata, "version", lambda name: versions[name])
    before = house.cache_key(book, "quick")
    assert house.cache_key(book, "quick") == before
    versions[name] = "1.0.post1"
    assert house.cache_key(book, "quick") != before


def test_what_is_not_installed_is_absent_and_comments_name_nothing(book, monkeypatch):
    (book / "requirements.txt").write_text("# numpy\n\nno-such-package==1\npytest==0\n")
    found = house.installed_versions(book)
    assert found[0].startswith("Python 3.")
    assert "no-such-package absent" in found
    assert f"pytest {pytest.__version__}" in found
    assert not any(line.startswith("numpy") for line in found)


def test_profiles_have_caches_of_their_own(book):
    assert house.cache_key(book, "quick") != house.cache_key(book, "full")


def test_the_key_is_the_same_twice_and_elsewhere(book, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere") / "book"
    shutil.copytree(book, other)
    assert house.cache_key(book, "quick") == house.cache_key(other, "quick")


def test_profile():
    assert house.profile_of({}) == "unset"
    assert house.profile_of({"BOOK_PROFILE": "quick"}) == "quick"
    with pytest.raises(ValueError, match=r"fast.*full.*quick"):
        house.profile_of({"BOOK_PROFILE": "fast"})


def cured(pagename="chapters/x", body="", notebooks=("chapters/x.ipynb",)):
    context = {
        "body": body,
        "header_buttons": [{"label": "launch-buttons"}, {"label": "download-buttons"}],
        "script_files": [SimpleNamespace(filename="_static/mathjax/m.js", attributes={}), "a.js"],
        "css_files": ["_static/sphinx-thebe.css", "_static/book.css"],
    }
    app = SimpleNamespace(config=SimpleNamespace(house_notebooks=list(notebooks)))
    house.cure_page(app, pagename, "page.html", context, None)
    return context


def test_a_page_without_a_tracked_notebook_has_no_launch_button():
    assert len(cured()["header_buttons"]) == 2
    assert cured("index")["header_buttons"] == [{"label": "download-buttons"}]


def test_a_page_without_formulas_does_not_load_mathjax():
    assert cured()["script_files"] == ["a.js"]
    assert len(cured(body='<span class="math notranslate">x</span>')["script_files"]) == 2


def test_no_thebe():
    assert cured()["css_files"] == ["_static/book.css"]


@pytest.mark.parametrize(
    "repository",
    ["https://github.com/a/b", "https://github.com/a/b/", "https://github.com/a/b.git"],
)
def test_the_published_address_follows_the_repositorys(repository):
    assert house.pages_address(repository) == "https://a.github.io/b/"
