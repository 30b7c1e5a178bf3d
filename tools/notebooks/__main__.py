"""Write chapters/*.ipynb from a build; see the package's docstring."""

import sys
from pathlib import Path

import nbformat
import yaml

from notebooks import ROOT
from notebooks.convert import convert, pictures_in, setup_source
from notebooks.labels import Book
from pictures import Camera


def main(arguments: list[str]) -> int:
    build = Path(arguments[0]) if arguments else ROOT / "_build" / "full" / "_build"
    chapters = ROOT / "chapters"
    executed = sorted((build / "jupyter_execute").glob("chapters/*.ipynb"))
    # what was executed stays there when its page is gone
    executed = [path for path in executed if (chapters / f"{path.stem}.md").is_file()]
    if not executed:
        print(f"no executed notebooks in {build / 'jupyter_execute'}; run `make book` first")
        return 1
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    notebooks = {path.name: nbformat.read(path, as_version=4) for path in executed}
    book = Book(build, ROOT / "references.bib")
    there = [nbformat.read(path, as_version=4) for path in chapters.glob("*.ipynb")]
    with Camera(pictures_in(there)) as camera:
        for name, notebook in notebooks.items():
            path = chapters / name
            book.page = f"chapters/{path.stem}"
            setup = setup_source(notebook, config["repository"]["url"])
            converted = convert(notebook, book, setup, camera)
            nbformat.validate(converted)
            text = nbformat.writes(converted) + "\n"
            changed = not path.exists() or path.read_text(encoding="utf-8") != text
            if changed:
                path.write_text(text, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {'written' if changed else 'as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
