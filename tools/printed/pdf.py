"""What a PDF of Chromium's says of itself, read without a library: outline, links, tags, pages.

It reads the objects that stand in the file as plain text, as Chromium writes them; it is no reader
for any PDF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

OBJECT = re.compile(rb"^(\d+) 0 obj\b(.*?)^endobj", re.S | re.M)
ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.S)


@dataclass
class PDF:
    objects: dict[int, bytes]

    @classmethod
    def read(cls, path: Path) -> PDF:
        content = path.read_bytes()
        if not content.startswith(b"%PDF"):
            raise ValueError(f"{path} is no PDF; it begins with {content[:8]!r}")
        plain = re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.S)
        return cls({int(number): body for number, body in OBJECT.findall(plain)})

    def tagged(self) -> bool:
        catalog = self._one(rb"/Type\s*/Catalog")
        return b"/StructTreeRoot" in catalog and bool(re.search(rb"/Marked\s+true", catalog))

    def pages(self) -> list[int]:
        """The numbers of the objects of the pages, in order."""
        return self._below(self._reference(self._one(rb"/Type\s*/Catalog"), rb"/Pages"))

    def outline(self) -> list[str]:
        """The titles of the outline, from its first to its last."""
        found, waiting = [], []
        catalog = self._one(rb"/Type\s*/Catalog")
        if b"/Outlines" in catalog:
            waiting.append(
                self._reference(self.objects[self._reference(catalog, rb"/Outlines")], rb"/First")
            )
        while waiting:
            entry = self.objects[waiting.pop()]
            found.append(self._title(entry))
            waiting += [
                self._reference(entry, key) for key in (rb"/Next", rb"/First") if key in entry
            ]
        return found

    def destinations(self) -> dict[str, int]:
        """The sheet, from 1, on which each named place lies."""
        sheets = {number: i for i, number in enumerate(self.pages(), 1)}
        pattern = rb"/(?!Dest\b)(\S+?)\s*\[(\d+) 0 R\s*/XYZ|\((.*?)(?<!\\)\)\s*\[(\d+) 0 R\s*/XYZ"
        found = {}
        for body in self.objects.values():
            for name, page, text, page_of_text in re.findall(pattern, body):
                label = name.decode() if name else unescape(text).decode()
                found[label] = sheets[int(page or page_of_text)]
        return found

    def links(self) -> list[str]:
        """The names that the links inside the document lead to."""
        pattern = rb"/Dest\s*(?:/([^\s/>\[\]()]+)|\((.*?)(?<!\\)\))"
        return [
            (name or unescape(text)).decode()
            for body in self.objects.values()
            if re.search(rb"/Subtype\s*/Link", body)
            for name, text in re.findall(pattern, body)
        ]

    def _one(self, pattern: bytes) -> bytes:
        return next(body for body in self.objects.values() if re.search(pattern, body))

    def _reference(self, body: bytes, key: bytes) -> int:
        return int(re.search(key + rb"\s+(\d+) 0 R", body)[1])

    def _below(self, number: int) -> list[int]:
        body = self.objects[number]
        if not re.search(rb"/Type\s*/Pages", body):
            return [number]
        kids = re.search(rb"/Kids\s*\[(.*?)\]", body, re.S)[1]
        return [page for kid in re.findall(rb"(\d+) 0 R", kids) for page in self._below(int(kid))]

    def _title(self, entry: bytes) -> str:
        hexed = re.search(rb"/Title\s*<([0-9A-Fa-f]+)>", entry)
        text = (
            bytes.fromhex(hexed[1].decode())
            if hexed
            else unescape(re.search(rb"/Title\s*\((.*?)(?<!\\)\)", entry, re.S)[1])
        )
        return (
            text[2:].decode("utf-16-be") if text.startswith(b"\xfe\xff") else text.decode("latin-1")
        )


def unescape(text: bytes) -> bytes:
    def one(match: re.Match) -> bytes:
        return bytes([int(match[1], 8)]) if len(match[1]) == 3 else match[1]

    return ESCAPED.sub(one, text)
