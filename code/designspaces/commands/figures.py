"""Write the figures that stand in files."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path


def declare(command: Callable[..., ArgumentParser]) -> None:
    """Declare these commands: `command(name, run, help)` gives the parser of each."""
    parser = command("figures", figures, "write the figures that stand in files")
    parser.add_argument("--folder", type=Path, default=Path("figures"))


def figures(options: Namespace) -> None:
    """Draw what README and others show, each figure a file."""
    from designspaces.figures.files import standalone_figures

    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in standalone_figures().items():
        (options.folder / name).write_text(text, encoding="utf-8")
        print(options.folder / name)
