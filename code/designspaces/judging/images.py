"""How much of a difference is due to which images were held out. Needs numpy alone.

All networks are judged by the same images and share the luck of these, of which an interval over
networks says nothing. Networks and images are two samples, crossed: the variance of a mean is that
over networks plus that over images. What is due to a network on an image is in both, so that the
sum is a little too large, never too small (Owen 2007, "The pigeonhole bootstrap").

Groups of networks are bools of shape (networks, images), true where a network names an image
wrongly; differences and standard errors are in points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from designspaces.judging.effects import CAP, Effect, satterthwaite
from designspaces.judging.statistics import TooFew
from designspaces.populations.record import Record


def mistakes_of(records: Iterable[Record]) -> np.ndarray:
    """Which images the networks name wrongly, for capped mean errors: shape (networks, images).

    A network whose error is not below `effects.CAP` counts as much by any images, and so has no
    mistakes here; one that diverged has none either.
    Raises ValueError for a record that does not know its mistakes, and for networks that were
    judged by different images; TooFew where all diverged.
    """
    records = list(records)
    judged = set()
    for record in records:
        if record.val_mistakes is not None:
            judged.add((record.trained_by.split, len(record.mistakes)))
        elif record.status != "diverged":
            raise ValueError(
                f"{record.id} is of schema {record.schema}, which does not say which images are "
                "named wrongly; train it again in a folder of its own"
            )
    if records and not judged:
        raise TooFew(f"all {len(records)} trainings diverged; nothing is known of their images")
    if len(judged) != 1:
        found = ", ".join(f"{images} of {split}" for split, images in sorted(judged)) or "none"
        raise ValueError(f"networks were judged by these images: {found}; expected the same by all")
    ((_, images),) = judged
    mistakes = np.zeros((len(records), images), bool)
    for row, record in zip(mistakes, records, strict=True):
        if record.status != "diverged" and 100 * record.val_error < CAP:
            row[:] = record.mistakes
    return mistakes


def with_images(effect: Effect, a: np.ndarray, b: np.ndarray) -> Effect:
    """The same contrast of b with a, standing on the images as well as on the networks.

    Effects that are known so move together where their images are easy or hard; all of a family
    must be judged by the same images.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not len(a) or not len(b):
        raise ValueError(
            f"mistakes have shapes {a.shape} and {b.shape}; expected (networks, images) with at "
            "least one network each and the same images"
        )
    return _with_shares(effect, b.mean(axis=0) - a.mean(axis=0))


def with_weighed_images(effect: Effect, mistakes: np.ndarray, weights: np.ndarray) -> Effect:
    """The same of a sum of errors, each times the weight of its network."""
    return _with_shares(effect, np.asarray(weights, float) @ mistakes)


def _with_shares(effect: Effect, shares: np.ndarray) -> Effect:
    """shares: each image's part in the number, as a fraction, of which this is the mean."""
    images = len(shares)
    if images < 2:
        raise ValueError(f"there are {images} images; a variance over images takes at least 2")
    apart = 100 * (shares - shares.mean()) / np.sqrt(images * (images - 1))
    parts = {("image", place): float(part) for place, part in enumerate(apart)}
    freedom = satterthwaite(
        (effect.error**2, effect.freedom), (float((apart**2).sum()), images - 1)
    )
    return replace(effect, influence={**effect.influence, **parts}, freedom=freedom)
