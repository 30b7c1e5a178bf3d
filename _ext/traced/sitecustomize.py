"""Loaded by every Python process that a page starts: notes which of the book's files it opens.

READS_BELOW says which folder counts, READS_TO is the file to which a line is added for each path.
"""

import os
import sys
from contextlib import suppress

below, to = os.environ.get("READS_BELOW"), os.environ.get("READS_TO")
known = set()


def note(event, arguments):
    if event != "open":
        return
    path = arguments[0]
    if not isinstance(path, (str, bytes, os.PathLike)):
        return  # the number of a file that is open already
    path = os.path.abspath(os.fsdecode(path))
    if not path.startswith(below) or path in known:
        return
    known.add(path)
    # Opened each time, since a worker may close what it has inherited.
    with suppress(OSError), open(to, "a", encoding="utf-8") as lines:
        lines.write(f"{path}\n")


if below and to:
    below = os.path.join(below, "")
    sys.addaudithook(note)
