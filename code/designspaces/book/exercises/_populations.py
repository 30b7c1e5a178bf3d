"""Checks of answers that readers measure in the recorded populations, of whichever chapter."""

from collections.abc import Iterator, Mapping

import numpy as np

from designspaces.book.exercises._answers import Case, hint, numbers
from designspaces.judging.properties import values
from designspaces.populations.population import Population

SEEN, LEAST = 50, 96
OTHERWISE = "take the question sentence by sentence; errors are percent, changes are points."


@numbers(2, "expected two numbers: of the first fifty networks, then of the other fifty.")
def guess():
    """What a wide last stage does for the median error of C, in the half seen and in the other."""
    right = np.array([_gain(half) for half in _halves()])
    hints = {
        "the sign is turned: the wide ones less all of the half.": -right,
        "these are fractions; the question asks for points, hundredths of them.": right / 100,
        "the right numbers in the other order: first the fifty that you stared at.": right[::-1],
        "hold the wide ones against all fifty, not against the others of the fifty.": np.array(
            [_gain(half, against_rest=True) for half in _halves()]
        ),
    }
    yield from _cases(right, hints, OTHERWISE)


@numbers(1, "expected one number of points.")
def blocks():
    """The step from D to E among networks of as many blocks, in points."""
    errors, counts = _by_blocks()
    differences, weights = errors[:, 1] - errors[:, 0], counts.min(axis=1)
    right = np.average(differences, weights=weights)
    raw = [values(Population.recorded(f"AnyNetX_{one}"), "error").mean() for one in "DE"]
    hints = {
        "the sign is turned: E less D.": -right,
        "this is a fraction; the question asks for points, hundredths of it.": right / 100,
        "that is the difference of the two spaces' means, before any matching.": raw[1] - raw[0],
        "every number of blocks has the same weight here; weigh it by the smaller count.": np.mean(
            differences
        ),
    }
    yield from _cases(right, hints, OTHERWISE)


def _halves() -> tuple[list, list]:
    records = list(Population.recorded("AnyNetX_C"))
    return [r for r in records if r.index < SEEN], [r for r in records if r.index >= SEEN]


def _gain(half: list, against_rest: bool = False) -> float:
    wide = np.array([record.network.widths[-1] >= LEAST for record in half])
    errors = values(half, "error")
    return float(np.median(errors[wide]) - np.median(errors[~wide] if against_rest else errors))


def _by_blocks() -> tuple[np.ndarray, np.ndarray]:
    """Mean errors and counts, shape (numbers of blocks, 2), where both D and E have networks."""
    sides = [Population.recorded(f"AnyNetX_{one}") for one in "DE"]
    depths = [values(side, "depth") for side in sides]
    errors = [values(side, "error") for side in sides]
    shared = np.intersect1d(*depths)
    means = [[e[d == n].mean() for d, e in zip(depths, errors, strict=True)] for n in shared]
    return np.array(means), np.array([[(d == n).sum() for d in depths] for n in shared])


@numbers(1, "expected one number of points.")
def nearer():
    """The median error of the networks of E nearer to a line, less that of the others."""
    records = Population.recorded("AnyNetX_E")
    errors = values(records, "error")
    order = np.argsort(values(records, "fit_error"), kind="stable")
    near, far = order[: len(order) // 2], order[len(order) // 2 :]
    right = np.median(errors[near]) - np.median(errors[far])
    hints = {
        "the sign is turned: the nearer half less the farther one.": -right,
        "this is a fraction; the question asks for points, hundredths of it.": right / 100,
        "these are means; the question asks for medians.": errors[near].mean() - errors[far].mean(),
    }
    yield from _cases(right, hints, "sort by the distance, smallest first, and halve.")


@numbers(1, "expected one number of points.")
def luck():
    """By how much the mean error of the finalists rises when they are trained again."""
    everyone = {(r.space, r.index): 100 * r.val_error for r in Population.recorded()}
    again = [r for r in Population.trial("finalists") if (r.space, r.index) in everyone]
    chosen = [everyone[r.space, r.index] for r in again]  # each as often as it was trained again
    right = np.mean(values(again, "error")) - np.mean(chosen)
    hints = {
        "the sign is turned: the new errors less those by which they were chosen.": -right,
        "this is a fraction; the question asks for points, hundredths of it.": right / 100,
        "these are all networks; take the ten that were chosen.": np.mean(values(again, "error"))
        - np.mean(list(everyone.values())),
    }
    yield from _cases(right, hints, "match the trainings by space and index, then take means.")


def _cases(right: object, hints: Mapping[str, object], otherwise: str) -> Iterator[Case]:
    """The right number or numbers, what helps with a known mistake, and what is said otherwise.

    hints: by what is said, the wrong answer that it is said to. Two numbers agree if they differ by
    less than a fiftieth, of 1 or of the largest where that is less; the right one also where it is
    rounded to two decimals.
    """
    for said, number in {None: right, **hints}.items():
        each = np.atleast_1d(number)
        within = 0.02 * min(1.0, float(np.abs(each).max()))
        yield hint(said, *each.tolist(), within=within if said else max(within, 0.0051))
    yield hint(otherwise)
