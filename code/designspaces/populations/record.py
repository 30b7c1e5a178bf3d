"""One trained network as a line of JSON, with a digest that tells whether it was edited."""

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from functools import cache, cached_property
from typing import Any, get_args, get_origin

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.spaces.own import load_origin
from designspaces.training.recipe import Recipe

SCHEMA = 2
"""Of what the book trains."""

OWN_SCHEMA = 3
"""Of networks of a space of one's own."""

STATUSES = ("trained", "diverged")

_FIRST = (
    "schema space sample_seed index drawn architecture params flops activations recipe seed "
    "data_checksum status val_error train_loss seconds device versions commit source modified "
    "finished"
)
_ORDERS = {
    1: _FIRST.split(),
    SCHEMA: f"{_FIRST} val_mistakes".split(),
    OWN_SCHEMA: f"{_FIRST} val_mistakes origin".split(),
}
"""Of the fields in a line of each schema: what was written years ago is written again to the byte.
"""


@dataclass(frozen=True)
class Task:
    """A network to train, and by what: all that decides its record but the machine."""

    space: str
    sample_seed: int
    index: int
    drawn: dict[str, Any]
    architecture: dict[str, Any]
    recipe: dict[str, Any]
    seed: int
    commit: str | None
    modified: bool | None
    origin: dict[str, str] | None

    @property
    def id(self) -> str:
        """Tells trainings apart, wherever they ran."""
        return f"{self.space}/{self.sample_seed}/{self.index}/{self.seed}"

    @cached_property
    def network(self) -> Architecture:
        """What was built; of a space of one's own it may be a network of another kind.

        Raises ValueError where such a space is not there or has changed.
        """
        if "kind" not in self.architecture:
            return Architecture.from_dict(self.architecture)
        return load_origin(self.origin).read(self.architecture)

    @cached_property
    def trained_by(self) -> Recipe:
        """The recipe; fields that it has gained since the record was written have their default.

        Raises ValueError for a recipe with fields that this version does not know.
        """
        foreign = self.recipe.keys() - {each.name for each in fields(Recipe)}
        if foreign:
            raise ValueError(
                f"{self.id} was trained by a recipe with {', '.join(sorted(foreign))}, which this "
                "version does not know; read it with the version that wrote it"
            )
        return Recipe(**self.recipe)


@dataclass(frozen=True)
class Record(Task):
    """One trained network.

    space: name of the design space.
    sample_seed: of the sample that the network belongs to.
    index: place in the sample, from 0, in draw order.
    drawn: the values drawn, before they were made compatible.
    architecture: the network built of them, as Architecture.to_dict gives it.
    recipe: all fields of the Recipe.
    seed: of the training: fresh weights and the order of the batches.
    commit: of the checkout that trained; None, in JSON null, outside one.
    modified: whether the source differed from the commit; None, in JSON null, outside a checkout.
    origin: of a space of one's own where it is defined, and a checksum of that; else None.
    schema: version of this list of fields; 1 had no val_mistakes, 3 has an origin.
    params: learnable numbers.
    flops: multiply-adds for one image.
    activations: numbers that the convolutions and the linear layer put out for one image.
    data_checksum: of the four verified files of Fashion-MNIST together.
    status: trained or diverged.
    val_error: share of the held-out images named wrongly, 0 to 1; chance's 0.9 if diverged.
    train_loss: mean cross-entropy of each epoch, nats.
    seconds: wall time of training and judging.
    device: the processor or GPU in words.
    versions: of python, torch, numpy and designspaces.
    source: checksum of the modules that train.
    finished: when, in UTC.
    val_mistakes: which of the held-out images are named wrongly: how many images there are, and a
        bit for each in their order, as numpy.packbits packs them, in base64; `mistakes` unpacks
        them. None, in JSON null, if diverged or of schema 1.
    """

    schema: int
    params: int
    flops: int
    activations: int
    data_checksum: str
    status: str
    val_error: float
    train_loss: list[float]
    seconds: float
    device: str
    versions: dict[str, str]
    source: str
    finished: str
    val_mistakes: dict[str, Any] | None = None

    @property
    def mistakes(self) -> np.ndarray | None:
        """Which of the held-out images are named wrongly: bool, shape (images,); None if unknown.

        Raises ValueError where val_mistakes is not what `pack_mistakes` makes.
        """
        return None if self.val_mistakes is None else _unpack(self.val_mistakes)

    @property
    def device_kind(self) -> str:
        """What may be mixed: "CPU", since processors differ in last digits alone, or a GPU's name.

        A GPU does not: it multiplies in formats of fewer bits.
        """
        return "CPU" if re.search(r"\d threads?$", self.device) else self.device

    @property
    def device_told(self) -> str:
        """The device as a page tells it: the first records count "1 threads"."""
        return re.sub(r"\b1 threads$", "1 thread", self.device)

    def to_line(self) -> str:
        values = asdict(self)
        content = {name: values[name] for name in _ORDERS[self.schema]}
        return json.dumps(content | {"digest": _digest(content)}, allow_nan=False) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Record":
        """Raises ValueError saying what is wrong with the line."""
        try:
            content = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"not JSON ({error})") from None
        if not isinstance(content, dict):
            raise ValueError("not a record")
        digest = content.pop("digest", None)
        schema = content.get("schema", SCHEMA)
        if schema not in tuple(_ORDERS):
            known = " and ".join(map(str, _ORDERS))
            raise ValueError(f"schema {schema!r}; this version reads {known}")
        known = set(_ORDERS[schema])
        if content.keys() != known:
            missing, foreign = sorted(known - content.keys()), sorted(content.keys() - known)
            raise ValueError(f"not a record of schema {schema}: missing {missing}, has {foreign}")
        if digest != _digest(content):
            raise ValueError("edited: the digest does not fit the content")
        for each in fields(cls):
            if each.name in known and not isinstance(content[each.name], _accepted(each.type)):
                raise ValueError(f"{each.name} is {content[each.name]!r}; expected {each.type}")
        if content["status"] not in STATUSES or not 0 <= content["val_error"] <= 1:
            raise ValueError(
                f"status is {content['status']!r} and val_error {content['val_error']!r}; expected "
                f"one of {', '.join(STATUSES)} and a fraction"
            )
        record = cls(**{"origin": None} | content)
        if schema > 1:
            check_mistakes(record)
        if schema == OWN_SCHEMA and (record.origin or {}).keys() != {"space", "checksum"}:
            raise ValueError(f"origin is {record.origin!r}; expected a space and its checksum")
        return record


def pack_mistakes(mistakes: np.ndarray) -> dict[str, Any]:
    """A record's val_mistakes for bools of shape (images,)."""
    bits = base64.b64encode(np.packbits(mistakes).tobytes()).decode()
    return {"images": len(mistakes), "bits": bits}


def check_mistakes(record: Record) -> None:
    """Raises ValueError unless the mistakes are there and are as many as val_error says.

    Of a training that diverged there are none.
    """
    mistakes = record.mistakes
    if (mistakes is None) != (record.status == "diverged"):
        there = "missing" if mistakes is None else "there"
        raise ValueError(
            f"status is {record.status!r} and val_mistakes is {there}; expected it for every "
            "training but those that diverged"
        )
    if mistakes is None:
        return
    count, images = int(mistakes.sum()), len(mistakes)
    if abs(count - record.val_error * images) > 0.5:
        raise ValueError(
            f"val_mistakes has {count} of {images} images wrong and val_error is "
            f"{record.val_error!r}; expected {count / images}"
        )


def _unpack(packed: dict[str, Any]) -> np.ndarray:
    images, bits = packed.get("images"), packed.get("bits")
    if packed.keys() != {"images", "bits"} or type(images) is not int or not isinstance(bits, str):
        raise ValueError(f"val_mistakes is {packed!r:.80}; expected a number of images and bits")
    try:
        content = base64.b64decode(bits, validate=True)
    except ValueError as error:
        raise ValueError(f"the bits of val_mistakes are no base64 ({error})") from None
    found = np.unpackbits(np.frombuffer(content, np.uint8)).astype(bool)
    if images < 1 or len(content) != -(-images // 8) or found[images:].any():
        raise ValueError(
            f"val_mistakes has {len(content)} bytes for {images} images; expected a bit an image, "
            "and zeros to fill the last byte"
        )
    return found[:images]


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _accepted(annotation: Any) -> tuple[type, ...]:
    """The types that JSON may have where a field is annotated so."""
    parts = get_args(annotation) or (annotation,)
    accepted = tuple(get_origin(part) or part for part in parts)
    if get_origin(annotation) in (dict, list):
        accepted = (get_origin(annotation),)
    return (*accepted, int) if float in accepted else accepted
