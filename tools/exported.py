"""Every computed figure of the pages as an SVG file: figures/pages/stem-work.svg for fig-stem-work.

`python tools/exported.py`, a part of `make figures`, takes what the last full build drew from
`outputs/`, so nothing is computed and a file shows what its page shows. Panels stand side by side
and wrap; the page's alt text becomes the title. Files of figures that are no more are removed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

import yaml

from designspaces.figures.canvas import FONT, STANDALONE_INK

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("figures", "pages")
WIDEST = 510  # points, two panels; a row wraps beyond
GAP = 12

PICTURE = re.compile(r'<div class="picture" role="img" aria-label="(?P<alt>[^"]*)"')
DRAWING = re.compile(r"<svg [^>]*>.*?</svg>", re.S)
SIZE = re.compile(r'viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"')
GLUED = re.compile(r"^`{3,}\{glue:figure\} *(?P<key>\w+)\n:name: *(?P<name>\S+)", re.M)
CELL = re.compile(r"^`{3,}\{code-cell\}[^\n]*\n(?:---\n(?P<yaml>.*?)^---\n)?", re.M | re.S)
ANEW = "`make notebooks` writes it anew"
TILE = re.compile(
    r'<img alt="[^"]*" src="(?P<source>data:[^"]+)" width="(?P<side>\d+)"[^>]*'
    r"border:2px (?P<line>\w+) (?P<color>#\w+)[^>]*><br>(?P<words>.*?)</div>",
    re.S,
)
TILES = 8  # photographs in a row
TEXT = 11


def exported(root: Path = ROOT) -> dict[str, str]:
    """The files' texts by their names, in the order of the pages.

    Raises ValueError for a page whose figures and kept outputs do not belong together.
    """
    return {
        f"{name.removeprefix('fig-')}.svg": as_file(html)
        for page in pages(root)
        for name, html in of_page(root, page)
    }


def pages(root: Path) -> list[str]:
    """The pages of the table of contents that have kept outputs, in its order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"], *(one["file"] for part in toc["parts"] for one in part["chapters"])]
    return [page for page in listed if (root / "outputs" / f"{page}.json").is_file()]


def of_page(root: Path, page: str) -> Iterator[tuple[str, str]]:
    """(label, HTML) of each computed figure of a page.

    A figure is glued under a name, or it is what a cell with a figure's options shows.
    """
    text = (root / f"{page}.md").read_text(encoding="utf-8")
    kept = json.loads((root / "outputs" / f"{page}.json").read_text(encoding="utf-8"))["cells"]
    options = (yaml.safe_load(cell["yaml"] or "{}") for cell in CELL.finditer(text))
    direct = [one.get("mystnb", {}).get("figure", {}).get("name") for one in options]
    if len(direct) != len(kept):
        raise ValueError(f"outputs/{page}.json has other cells than {page}.md; {ANEW}")
    found = {}
    for cell, label in zip(kept, direct, strict=True):
        for output in cell["outputs"]:
            html = "".join(output.get("data", {}).get("text/html", ""))
            name = output.get("metadata", {}).get("scrapbook", {}).get("name") or label
            # an experiment's explorer has no name and is no figure; or there is nothing to draw yet
            if name and PICTURE.search(html) and re.search("<svg|<img", html):
                found[name] = html
    labels = {figure["name"]: figure["key"] for figure in GLUED.finditer(text)}
    labels |= {label: label for label in direct if label}
    if missing := [label for label, name in labels.items() if name not in found]:
        raise ValueError(
            f"outputs/{page}.json lacks figures of {page}.md ({', '.join(missing)}); {ANEW}"
        )
    yield from ((label, found[name]) for label, name in labels.items())


def as_file(html: str) -> str:
    """A figure's HTML as the text of one SVG file, in the ink of files."""
    alt = unescape(PICTURE.search(html)["alt"])
    still = re.split("<script|<details", html)[0]  # without what only an explorer has
    drawn, (width, height) = laid_out(DRAWING.findall(still)) if "<svg" in still else tiles(still)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" style="width:{width / 72:.3g}in;'
        f'max-width:100%;height:auto;{FONT}" xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink"><title>{escape(alt)}</title>\n{drawn}\n</svg>\n'
    ).replace("currentColor", STANDALONE_INK)


def laid_out(panels: list[str]) -> tuple[str, tuple[float, float]]:
    """Panels in rows that are at most `WIDEST`; the drawing and its size in points."""
    x = y = width = lower = 0.0
    placed = []
    for panel in panels:
        size = SIZE.search(panel)
        wide, high = float(size["width"]), float(size["height"])
        if x and x + wide > WIDEST:
            x, y = 0.0, lower + GAP
        place = f'<svg x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" {size[0]}>'
        placed.append(re.sub(r"^<svg [^>]*>", place, panel))
        width, lower, x = max(width, x + wide), max(lower, y + high), x + wide + GAP
    return "\n".join(placed), (width, lower)


def tiles(html: str) -> tuple[str, tuple[float, float]]:
    """Photographs in frames with words below, a row of `TILES`; the drawing and its size."""
    found = [match.groupdict() for match in TILE.finditer(html)]
    side = int(found[0]["side"])
    lines = [unescape(one["words"]).split("<br>") for one in found]
    step, high = side + GAP, side + TEXT * 1.3 * max(map(len, lines)) + GAP
    drawn = []
    for i, (one, words) in enumerate(zip(found, lines, strict=True)):
        x, y = GAP / 2 + i % TILES * step, 2 + i // TILES * high
        dashes = ' stroke-dasharray="6 4"' if one["line"] == "dashed" else ""
        square = f'x="{x:g}" y="{y:g}" width="{side}" height="{side}"'
        drawn += [
            f'<image {square} href="{one["source"]}" style="image-rendering:pixelated"/>',
            f'<rect {square} fill="none" stroke="{one["color"]}" stroke-width="2"{dashes}/>',
            *(
                f'<text x="{x + side / 2:g}" y="{y + side + TEXT * 1.3 * (n + 1):g}" '
                f'font-size="{TEXT}" text-anchor="middle" fill="currentColor">{escape(line)}</text>'
                for n, line in enumerate(words)
            ),
        ]
    rows = -(-len(found) // TILES)
    return "\n".join(drawn), (min(len(found), TILES) * step, rows * high)


def write(root: Path = ROOT) -> list[Path]:
    """Write what has changed, remove what is no more; returns the files that there are."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    files = exported(root)
    for stale in {path.name for path in folder.glob("*.svg")} - files.keys():
        (folder / stale).unlink()
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def main() -> int:
    try:
        written = write()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in written)
    print(f"{len(written)} figures of the pages in {FOLDER}: {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
