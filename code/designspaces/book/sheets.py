"""What a built page needs to answer its exercises without a kernel, with the answers hidden.

A sheet has the cases of an exercise (see `exercises/_answers.py`). Each is encrypted, with a slow
hash of the answers that it holds as the key, so that only an answer opens what is said of it. Of a
span of numbers only the decimal bucket of an answer is hashed; its exact ends are encrypted too.
Nothing here can stop a reader from trying all small numbers: an answer of few digits is a hurdle,
not a secret. `_extra/_static/answers.js` reads the sheets.
"""

import base64
import hashlib
import json
import math
from collections import defaultdict
from importlib import import_module
from itertools import product

from designspaces.book.exercises import chapter_names
from designspaces.book.exercises._answers import FAR, Case, Exercise, Span

ROUNDS = 10_000


def exercises_of(chapter: str) -> dict[str, Exercise]:
    """The exercises of a chapter whose answers are numbers or words, by name."""
    checks = import_module(f"designspaces.book.exercises.{chapter}").CHECKS
    return {name: one for name, one in checks.items() if isinstance(one, Exercise)}


def scripts(rounds: int = ROUNDS) -> dict[str, str]:
    """By chapter, the script that gives a page its sheets; chapters without sheets are left out."""
    found = {}
    for chapter in chapter_names():
        sheets = {name: sheet(name, one, rounds) for name, one in exercises_of(chapter).items()}
        if sheets:
            found[chapter] = f"window.bookSheets = {json.dumps(sheets, separators=(',', ':'))};\n"
    return found


def sheet(name: str, exercise: Exercise, rounds: int = ROUNDS) -> dict[str, object]:
    """An exercise as answers.js reads it.

    open: cases that are no secret, as [rank, spans, said]; hidden: lists of such cases, encrypted,
    by tags; looks: what of an answer to hash, in order to find its tags. rounds: how often the hash
    is repeated, which is what a reader's guess costs.
    """
    shown, kept, looks = [], defaultdict(list), []
    for rank, case in enumerate(exercise.cases()):
        spans = [one if isinstance(one, tuple) else None for one in case.where]
        entry = [rank, spans, case.said]
        if _is_open(case):
            shown.append(entry)
            continue
        look = [_scale(one) for one in case.where]
        if look not in looks:
            looks.append(look)
        for items in product(*map(_buckets, case.where, look)):
            kept[" ".join(items)].append(entry)
    hidden = dict(_hide(f"{name} {text}", rounds, entries) for text, entries in kept.items())
    return {
        "kind": exercise.kind,
        "count": exercise.count,
        "form": exercise.form,
        "expected": exercise.expected,
        "rounds": rounds,
        "open": shown,
        "looks": looks,
        "hidden": dict(sorted(hidden.items())),
    }


def _is_open(case: Case) -> bool:
    """Whether a case holds all answers but for some beyond a number that is no secret."""
    return all(
        one is None or (isinstance(one, tuple) and FAR in map(abs, one)) for one in case.where
    )


def _scale(where: str | Span | None) -> str | int | None:
    """How an item is looked up: not at all, as a word (""), or in buckets of 10 to a power."""
    if where is None or isinstance(where, str):
        return where and ""
    width = where[1] - where[0]
    return math.ceil(math.log10(width)) if width else 0


def _buckets(where: str | Span | None, scale: str | int | None) -> list[str]:
    """All texts that an item may have: a span reaches into one bucket or two."""
    if where is None:
        return ["*"]
    if isinstance(where, str):
        return [f"={where}"]
    first, last = (math.floor(end / float(f"1e{scale}") + 0.5) for end in where)
    return [f"{scale}:{bucket}" for bucket in range(first, last + 1)]


def _hide(text: str, rounds: int, entries: list) -> tuple[str, str]:
    """The tag by which what is said of an answer is found, and the encrypted entries."""
    key = _slow_hash(text, rounds)
    plain = json.dumps(entries, separators=(",", ":")).encode()
    blocks = (_block(key, 1 + i) for i in range(1 + len(plain) // 32))
    cipher = bytes(a ^ b for a, b in zip(plain, b"".join(blocks), strict=False))
    return _block(key, 0)[:6].hex(), base64.b64encode(cipher).decode()


def _slow_hash(text: str, rounds: int) -> bytes:
    key = hashlib.sha256(text.encode()).digest()
    for _ in range(rounds):
        key = hashlib.sha256(key).digest()
    return key


def _block(key: bytes, number: int) -> bytes:
    return hashlib.sha256(key + bytes([number])).digest()
