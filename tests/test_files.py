"""Files are written whole or not at all."""

import pytest

from designspaces.files import atomic, cache_folder


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_while_writing_leaves_the_earlier_file_whole(tmp_path, error):
    path = tmp_path / "folder" / "file"
    with atomic(path) as temporary:
        temporary.write_text("earlier")
    with pytest.raises(type(error)), atomic(path) as temporary:
        temporary.write_text("half of")
        raise error
    assert path.read_text() == "earlier"
    assert list(path.parent.iterdir()) == [path]


def test_two_writers_do_not_share_a_temporary_file(tmp_path):
    with atomic(tmp_path / "file") as one, atomic(tmp_path / "file") as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "file").read_text() == "one"


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "designspaces"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder().parts[-2:] == (".cache", "designspaces")
