"""Networks of the populations, trained otherwise or again: in which settings, and how.

A setting differs from the book's regime and recipe in one respect, or in how blocks begin together
with rate, batch or length; or it trains once more from other seeds. What was found is recorded, a
folder a setting: `Population.trial` reads it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from designspaces.designs.checks import checked_choice
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.populations.sweep import train_population
from designspaces.spaces import BOOK, spaces_in
from designspaces.spaces.draw import DesignSpace
from designspaces.training.recipe import POPULATION, Recipe

FOUR = ("AnyNetX_A", "AnyNetX_C", "AnyNetX_E", "RegNetX")
SIX = ("AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E", "RegNetX")
RECORDED = 100  # networks a space, of which some settings choose
A_SPACE = 10  # networks of each space in the choice of the second study's regime


def choose_first(spaces: Sequence[str], n: int) -> dict[str, list[int]]:
    """The first n networks of each space."""
    return {name: list(range(n)) for name in spaces}


def choose_strata(spaces: Sequence[str], n: int) -> dict[str, list[int]]:
    """Of each n-th part of a space's recorded networks, by error, the one that was drawn first."""
    chosen = {}
    for name in spaces:
        ranked = sorted(_recorded(name), key=attrgetter("val_error", "index"))
        strata = [ranked[i * RECORDED // n : (i + 1) * RECORDED // n] for i in range(n)]
        chosen[name] = [min(record.index for record in stratum) for stratum in strata]
    return chosen


def choose_spread(spaces: Sequence[str], n: int) -> dict[str, list[int]]:
    """Of the ten that `choose_strata` finds in each space n, from the best to the worst.

    Raises ValueError for more than ten.
    """
    if n > A_SPACE:
        raise ValueError(f"n is {n}; expected at most {A_SPACE} networks of each space")
    every = choose_strata(spaces, A_SPACE)
    ranks = [round(i * (A_SPACE - 1) / max(n - 1, 1)) for i in range(n)]
    return {name: [every[name][rank] for rank in ranks] for name in spaces}


def choose_best(spaces: Sequence[str], n: int) -> dict[str, list[int]]:
    """The n networks of smallest error among the first hundred of each space."""
    every = [record for name in spaces for record in _recorded(name)]
    best = sorted(every, key=attrgetter("val_error", "space", "index"))[:n]
    return {name: [record.index for record in best if record.space == name] for name in spaces}


@dataclass(frozen=True)
class Setting:
    """What differs from the book's regime and recipe, and in which networks it is tried.

    n: how many `choose` takes, a space or in all, unless somebody says otherwise.
    """

    regime: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    repeats: tuple[int, ...] = (0,)
    spaces: tuple[str, ...] = FOUR
    choose: Callable[[Sequence[str], int], dict[str, list[int]]] = choose_first
    n: int = 6


SIXTY: dict[str, Any] = {"spaces": SIX, "choose": choose_strata, "n": A_SPACE}
IDENTITY = {"zero_init_residual": True, "lr": 0.4}  # the peak of least mean error in the lab

SETTINGS = {
    "stem-1": Setting(regime={"stem_stride": 1, "strides": (2, 2, 2, 2)}),
    "stem-2": Setting(regime={"stem_stride": 2, "strides": (1, 2, 2, 2)}),
    "lr-0.05": Setting(recipe={"lr": 0.05}),
    "lr-0.2": Setting(recipe={"lr": 0.2}),
    "lr-0.4": Setting(recipe={"lr": 0.4}),
    "second-seed": Setting(repeats=(1,), spaces=SIX, n=5),
    "five-epochs": Setting(recipe={"epochs": 5}, **SIXTY),
    # what a minute's training is to foretell: the reference for the choice of the next regime;
    # ten times as long, as in the paper (10 and 100 epochs)
    "ten-epochs": Setting(recipe={"epochs": 10}, **SIXTY),
    # the same again for its noise, and from the other way that a block may start
    "ten-epochs-again": Setting(
        recipe={"epochs": 10}, repeats=(1,), spaces=SIX, choose=choose_spread, n=3
    ),
    "ten-epochs-identity": Setting(
        recipe={"epochs": 10} | IDENTITY, spaces=SIX, choose=choose_spread, n=3
    ),
    # the first study's regime from a second seed, and the candidates beside it
    "again": Setting(repeats=(1,), **SIXTY),
    "identity-0.1": Setting(recipe=IDENTITY | {"lr": 0.1}, **SIXTY),
    "identity-0.2": Setting(recipe=IDENTITY | {"lr": 0.2}, **SIXTY),
    "identity-0.4": Setting(recipe=IDENTITY, **SIXTY),
    "identity-0.8": Setting(recipe=IDENTITY | {"lr": 0.8}, **SIXTY),
    # batches with the rate in proportion (Goyal et al. 2017)
    "identity-batch-64": Setting(recipe=IDENTITY | {"batch_size": 64, "lr": 0.2}, **SIXTY),
    "identity-batch-256": Setting(recipe=IDENTITY | {"batch_size": 256, "lr": 0.8}, **SIXTY),
    "identity-two-epochs": Setting(recipe=IDENTITY | {"epochs": 2}, **SIXTY),
    "identity-half-twice": Setting(
        recipe=IDENTITY | {"epochs": 2, "train_images": 25_000}, **SIXTY
    ),
    "finalists": Setting(repeats=(1, 2, 3), spaces=SIX, choose=choose_best, n=10),
    # the only ones that are shown the test images, after training on all the others
    "finalists-test": Setting(
        recipe={"split": "test"}, repeats=(4,), spaces=SIX, choose=choose_best, n=10
    ),
}

# the same from a second seed, for those that the choice asks it of
SETTINGS |= {
    f"{name}-again": replace(setting, repeats=(1,))
    for name, setting in SETTINGS.items()
    if name.startswith("identity-")
}


def recipe_of(name: str) -> Recipe:
    """The recipe of a setting. Raises ValueError for a setting that there is not."""
    return replace(POPULATION, name=name, **_find_setting(name).recipe)


def spaces_of(name: str) -> dict[str, DesignSpace]:
    """The book's spaces as a setting draws from them, by name. Raises ValueError as `recipe_of`."""
    return spaces_in(replace(BOOK, **_find_setting(name).regime))


def run_trial(
    name: str, executor: Executor, folder: Path, *, n: int | None = None, **options: Any
) -> Population:
    """Train what is missing of a setting's networks; returns all of them.

    n: how many networks, in place of the setting's own number.
    options: of `train_population`, which says what is raised.
    """
    setting, recipe, spaces = _find_setting(name), recipe_of(name), spaces_of(name)
    n = setting.n if n is None else n
    if not 1 <= n <= RECORDED:
        raise ValueError(f"n is {n}; expected 1 to {RECORDED} networks")
    chosen = setting.choose(setting.spaces, n)
    chosen = {space: indices for space, indices in chosen.items() if indices}
    for repeat in setting.repeats:
        population = train_population(
            [spaces[space] for space in chosen],
            1 + max(index for indices in chosen.values() for index in indices),
            recipe,
            executor,
            folder,
            repeat=repeat,
            only=chosen,
            **options,
        )
    return population


def _find_setting(name: str) -> Setting:
    return SETTINGS[checked_choice(name, "trial", SETTINGS)]


def _recorded(space: str) -> list[Record]:
    records = [record for record in Population.recorded(space) if record.index < RECORDED]
    if len(records) < RECORDED:
        raise ValueError(f"{space} has {len(records)} networks; expected at least {RECORDED}")
    return records
