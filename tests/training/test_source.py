"""The digest of source code: blind to prose and layout, alike on every Python, else awake."""

from designspaces.training.source import meaning, source_checksum

CODE = '''"""A module."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A box."""

    size: int = 3  # large enough

    def text(self, *names: str, sep=", ") -> str:
        """Say it."""
        return f"{self.size:>{2 + 1}} {sep.join(f'{n!r}' for n in names)} {{}}"
'''


def test_prose_and_layout_do_not_count():
    bare = """
from dataclasses import dataclass
@dataclass(frozen=True)
class Box:
  size: int = (3)
  def text(self, *names: str, sep=', ') -> str:
    return f"{self.size:>{2+1}} {sep.join(f'{n!r}' for n in names)} {{}}"
"""
    assert meaning(CODE) == meaning(bare)


def test_code_counts():
    for old, new in (
        ("= 3", "= 4"),
        ("frozen=True", "frozen=False"),
        ("!r", "!s"),
        ("names", "words"),
    ):
        assert meaning(CODE.replace(old, new, 1)) != meaning(CODE), old


def test_the_digest_is_the_same_on_every_python(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(CODE)
    assert source_checksum([path]) == "b567d5c3e869a041d523"
