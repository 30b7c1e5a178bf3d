"""The recorded trainings between which the second study's regime is chosen; see `fidelity`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from designspaces.judging.calibration import expectation, known
from designspaces.judging.effects import capped, slope
from designspaces.judging.fidelity import (
    FAINT,
    SCREENED,
    Assessment,
    Candidate,
    Sixty,
    choose,
    front_runners,
    margin_of,
    spread_within,
)
from designspaces.judging.intervals import Interval, simultaneous
from designspaces.judging.ranks import RankCorrelation, centred_spearman
from designspaces.judging.statistics import TooFew, or_too_few
from designspaces.populations.checks import by_network
from designspaces.populations.population import TRIALS_FOLDER, Population
from designspaces.populations.record import Record
from designspaces.populations.sweep import REPEAT_STEP
from designspaces.populations.trials import (
    A_SPACE,
    SETTINGS,
    SIX,
    choose_spread,
    choose_strata,
    recipe_of,
)
from designspaces.training.recipe import POPULATION
from designspaces.words import minus, with_ends, within

LONG = "ten-epochs"
AGAIN, IDENTITY = f"{LONG}-again", f"{LONG}-identity"
"""The reference, a second training of a few of its networks, and one whose blocks begin as the
identity. How these are read was committed while the first of them were being trained:

* `agreements`: how the three agree in rank, and how today's regime and the runner-up foretell each
  start, on the same networks. The first is about the most that a short training can reach.
* `between_starts`: by how much the errors of the one start less those of the other go with depth
  and parameters. The starts disagree on depth where the 95% interval of `SCREENED`'s last step,
  AnyNetX_E to RegNetX, leaves out 0. Then that step has no answer free of regime at this scale, and
  the rule's choice is shown against both. Otherwise the interval says how far they may disagree;
  only one that lies within the screen's margin would say that they do not.

A start comes with a rate of its own: 0.1, the highest at which nothing broke, and 0.4, the best in
the lab. So what is said of starts is said of both together.
"""

TODAY = "first study"

CANDIDATES: dict[str, tuple[str, ...]] = {TODAY: ("again",)} | {
    name: (name, f"{name}-again")
    for name in (
        "identity-0.1",
        "identity-0.2",
        "identity-0.4",
        "identity-0.8",
        "identity-batch-64",
        "identity-batch-256",
        "identity-two-epochs",
        "identity-half-twice",
    )
}
"""By name, the trials with its trainings from a first and a second seed; the first ones of today's
regime are the populations themselves."""

Place = tuple[str, int]
"""A network of the choice: its space and its place in the sample."""

Trained = Mapping[tuple[str, int, int], Record]
"""Records by space, place and repeat."""


@dataclass(frozen=True)
class Trainings:
    """What is recorded of the choice. places: the sixty networks; short: by candidate.

    identity: the long trainings whose blocks begin as the identity.
    """

    places: Sequence[Place]
    long: Trained
    short: Mapping[str, Trained]
    identity: Trained = field(default_factory=dict)

    def count(self, seed: int = 0) -> dict[str, int]:
        """How many of the networks are trained, from the first seed or the second, 1.

        By candidate, the long training being the "reference"; no error is looked at.
        """
        every = {"reference": self.long, **self.short}
        return {
            name: sum((*place, seed) in found for place in self.places)
            for name, found in every.items()
        }


def places() -> list[Place]:
    """The sixty networks of the choice, space by space."""
    return [(space, i) for space, chosen in choose_strata(SIX, A_SPACE).items() for i in chosen]


def read() -> Trainings:
    """All that is recorded of the choice so far, read from the files."""
    short = {name: {} for name in CANDIDATES}
    short[TODAY] = _by_place(Population.recorded(*SIX))
    for name, trials in CANDIDATES.items():
        for trial in trials:
            short[name] |= _of_trial(trial)
    return Trainings(places(), _of_trial(LONG) | _of_trial(AGAIN), short, _of_trial(IDENTITY))


def recorded(trained: Trainings) -> tuple[Sixty, list[Candidate]]:
    """The networks with their long errors, and the candidates.

    Raises TooFew before all first seeds are trained, and the second ones of those that
    `front_runners` names.
    """
    n, counts, again = len(trained.places), trained.count(), trained.count(1)
    fewest = min(counts, key=counts.get)
    if counts[fewest] < n:
        raise TooFew(f"of {n} networks {counts[fewest]} are trained by {fewest}; all are needed")
    records = [trained.long[*place, 0] for place in trained.places]
    sixty = Sixty(
        [space for space, _ in trained.places],
        known(records)[:, :2],
        {space: expectation(space).mean[:2] for space in SIX},
        np.array([100 * record.val_error for record in records]),
    )
    candidates = [_candidate(name, trained) for name in trained.short]
    missing = [name for name in front_runners(sixty, candidates) if again[name] < n]
    if missing:
        raise TooFew(
            f"the second seeds of {', '.join(missing)} are not complete; the rule asks them"
        )
    return sixty, candidates


def chosen(trained: Trainings) -> list[Assessment]:
    """The recorded candidates as the rule orders them; raises TooFew as `recorded` does."""
    return choose(*recorded(trained))


def screen(trained: Trainings) -> float:
    """The screen's margin, in points of the long training; raises TooFew as `recorded` does."""
    sixty, _ = recorded(trained)
    return margin_of(spread_within(sixty.long, sixty.spaces))


def trained_thrice() -> list[Place]:
    """Those of the sixty that are trained long from two seeds and from both starts."""
    (chosen,) = {
        tuple((space, i) for space, own in choose_spread(SIX, setting.n).items() for i in own)
        for setting in (SETTINGS[AGAIN], SETTINGS[IDENTITY])
    }
    return list(chosen)


def long_errors(trained: Trainings) -> dict[str, np.ndarray]:
    """Capped errors of the long trainings of `trained_thrice`, in percent, by trial.

    Raises TooFew before all of them are there.
    """
    wanted = trained_thrice()
    sources = {LONG: (trained.long, 0), AGAIN: (trained.long, 1), IDENTITY: (trained.identity, 0)}
    found = {}
    for name, (records, repeat) in sources.items():
        there = [records[*place, repeat] for place in wanted if (*place, repeat) in records]
        if len(there) < len(wanted):
            raise TooFew(
                f"of {len(wanted)} networks {len(there)} are trained by {name}; all are needed"
            )
        found[name] = capped([100 * record.val_error for record in there])
    return found


def agreements(
    trained: Trainings, candidates: Sequence[str] = (TODAY, "identity-0.4")
) -> dict[str, dict[str, RankCorrelation]]:
    """How trainings agree in rank with a long one from each start, by that and by theirs.

    Spearman's correlation, centred within spaces, over the networks of `trained_thrice`: of the
    long training from another seed, and of candidates from the first. Raises TooFew as
    `long_errors`.
    """
    long, wanted = long_errors(trained), trained_thrice()
    others = {AGAIN: long[AGAIN]} | {
        name: capped([100 * trained.short[name][*place, 0].val_error for place in wanted])
        for name in candidates
    }
    spaces = [space for space, _ in wanted]
    return {
        start: {name: centred_spearman(each, long[start], spaces) for name, each in others.items()}
        for start in (LONG, IDENTITY)
    }


def between_starts(trained: Trainings) -> dict[tuple[str, str], Interval]:
    """By how much a long training whose blocks begin as the identity moves each screened step.

    In points, by depth and parameters alone: the difference of the two starts' errors, today's
    averaged over its two seeds, is regressed on the logarithms of both; the slopes times the step
    of the spaces' means in both. (So where one start only draws errors together, and depth goes
    with error, depth gets a share.) Intervals of 95%, each alone, by Student's t. Raises TooFew as
    `long_errors`, and as `effects.slope` where the errors differ by the same throughout.
    """
    long, wanted = long_errors(trained), trained_thrice()
    moved = long[IDENTITY] - (long[LONG] + long[AGAIN]) / 2
    held = known(trained.identity[*place, 0] for place in wanted)[:, :2]
    found = {}
    for a, b in SCREENED:
        step = expectation(b).mean[:2] - expectation(a).mean[:2]
        across = np.array([-step[1], step[0]])
        # along the step the slope is the sum of both slopes times their steps
        effect = slope(f"{a} to {b}", wanted, moved, held @ step / (step @ step), held @ across)
        (found[a, b],) = simultaneous([effect])
    return found


def chosen_by(trained: Trainings) -> dict[str, list[Assessment]]:
    """The candidates as the rule orders them by the networks of `trained_thrice`, by either start.

    By start, the long training being the first one or that whose blocks begin as the identity.
    Raises TooFew as `recorded` and `long_errors`.
    """
    (sixty, candidates), long = recorded(trained), long_errors(trained)
    rows = [trained.places.index(place) for place in trained_thrice()]
    few = [replace(each, errors=each.errors[:, rows]) for each in candidates]
    spaces = [sixty.spaces[row] for row in rows]
    return {
        start: choose(Sixty(spaces, sixty.held[rows], sixty.expected, long[start]), few)
        for start in (LONG, IDENTITY)
    }


def margins(trained: Trainings) -> dict[str, float]:
    """The screen's margin by either start, in points, by the networks of `trained_thrice`.

    Raises TooFew as `long_errors`.
    """
    spaces, long = [space for space, _ in trained_thrice()], long_errors(trained)
    return {start: margin_of(spread_within(long[start], spaces)) for start in (LONG, IDENTITY)}


def agreement(first: Population, again: Population) -> RankCorrelation | TooFew:
    """How two trainings of the same networks agree in rank, or why that cannot be told.

    Spearman's correlation of their capped errors, centred within spaces, over the networks of both.
    """
    sides = [by_network(one) for one in (first, again)]
    both = sorted(sides[0].keys() & sides[1].keys())
    errors = [capped([100 * side[network].val_error for network in both]) for side in sides]
    return or_too_few(centred_spearman, *errors, [space for space, *_ in both])


def rows(choice: Sequence[Assessment]) -> dict[str, dict[str, str]]:
    """What the rule looks at, as columns by candidate."""
    return {
        each.candidate.name: {
            "cost": f"{each.candidate.cost:g}",
            "rank correlation": with_ends(each.correlation, each.low, each.high),
            "over all spaces": with_ends(*each.pooled),
            "information a unit of work": _information(each),
            "noise, spread, margin in points": (
                f"{each.noise:.2f}, {each.spread:.2f}, {each.margin:.2f}"
            ),
            "astray": str(each.candidate.astray),
            "departures": str(each.candidate.departures),
            "outcome": minus(_outcome(each)),
        }
        for each in choice
    }


def _information(each: Assessment) -> str:
    """With its interval: that of the correlation, squared, over the cost, as the rule has it."""
    ends = (max(FAINT, end) ** 2 / each.candidate.cost for end in (each.low, each.high))
    return within(each.information, *ends)


def in_short(choice: Sequence[Assessment]) -> dict[str, dict[str, str]]:
    """What becomes of each candidate, and its bias in the last of the screened steps, in points."""
    return {
        each.candidate.name: {
            "outcome": _short_outcome(each, choice[0]),
            # a narrow table breaks nowhere within a number and its interval
            "bias, E to RegNetX": with_ends(*each.biases[SCREENED[-1]]).replace(
                " ", "\N{NO-BREAK SPACE}"
            ),
        }
        for each in choice
    }


def _short_outcome(each: Assessment, first: Assessment) -> str:
    if each is first:
        return "chosen"
    return "out" if each.reasons else "tied" if each.tied else "less"


def _outcome(each: Assessment) -> str:
    if each.reasons:
        return "out, and the least so of all: " * each.tied + "; ".join(each.reasons)
    return "tied with the best" if each.tied else "less"


def _candidate(name: str, trained: Trainings) -> Candidate:
    own, wanted = trained.short[name], trained.places
    seeds = [s for s in (0, 1) if all((*place, s) in own for place in wanted)]
    rows = [[own[*place, seed] for place in wanted] for seed in seeds]
    first = Population(rows[0])
    recipe = POPULATION if name == TODAY else recipe_of(name)
    errors = np.array([[100 * record.val_error for record in row] for row in rows])
    return Candidate(name, recipe, errors, first.diverged + first.astray)


def _of_trial(trial: str) -> Trained:
    if not list((TRIALS_FOLDER / trial).glob("*.jsonl")):
        return {}
    return _by_place(Population.trial(trial))


def _by_place(population: Population) -> Trained:
    """Raises PopulationError where a network is there twice from one seed."""
    found = {}
    for repeat in {record.seed // REPEAT_STEP for record in population}:
        own = by_network(r for r in population if r.seed // REPEAT_STEP == repeat)
        found |= {(r.space, r.index, repeat): r for r in own.values()}
    return found
