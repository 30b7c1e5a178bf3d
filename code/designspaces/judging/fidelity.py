"""Which short training foretells a long one: the rule by which the second study's regime is chosen.

Committed before any candidate was trained on all sixty networks. No result of a comparison of
spaces enters it, and no correlation of depth with error; depth enters by what it adds to the long
errors beyond the short ones:

1. Every candidate trains the same networks once; the `FRONT` of most information, and today's
   regime, train them again from a second seed.
2. Screen. The long errors are regressed on the short ones, the logarithms of depth and of
   parameters, with the short errors' noise taken out of their variance. What depth and parameters
   still add is what the short training hides; times the spaces' differences in both it is the bias
   of a contrast. Out goes a candidate of which the 95% interval of the bias of one of `SCREENED`
   lies wholly beyond the margin of the long errors, or with more than `MOST_ASTRAY` of sixty
   networks astray. Should all be out, of those with no more astray than that the one is left of
   which the farthest of these intervals reaches nearest to 0 (added when the reference and five of
   nine candidates were trained).
3. Of the rest, information a unit of work: the squared rank correlation of short and long errors,
   centred within spaces, over the cost in images times multiply-adds.
4. Whose logarithm of the ratio to the most informative one may be 0 (95%, networks drawn again in
   pairs within spaces) is tied with it. Of the tied the one with the fewest departures from the
   authors' recipe wins, then the cheapest, then the most informative.

Errors are in percent, differences in points. Needs numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose

import numpy as np

from designspaces.judging.effects import capped
from designspaces.judging.ranks import centred_spearman, pearson, rank, spearman
from designspaces.judging.statistics import TooFew
from designspaces.training.recipe import POPULATION, Recipe
from designspaces.training.telling import images_of

SHARE_OF_SPREAD = 0.38
"""The margin over the spread of a space's errors: what half a point was in the first study."""

SCREENED = (
    ("AnyNetX_C", "AnyNetX_D"),
    ("AnyNetX_D", "AnyNetX_E"),
    ("AnyNetX_E", "RegNetX"),
)
MOST_ASTRAY = 2
"""Of sixty networks."""

FRONT = 4
"""Candidates that are trained again from a second seed."""

DRAWS = 10_000
ENDS = ("value", "low", "high")
FAINT = 0.05
"""A rank correlation that is no greater counts as this: what foretells the opposite is no use."""


@dataclass(frozen=True)
class Sixty:
    """The networks of the choice: for each its space, and what is held, from the untrained drawing.

    spaces: of each network. held: log depth and log parameters, shape (networks, 2). expected: the
    mean of both over each space's distribution. long: errors of the long training.
    """

    spaces: Sequence[str]
    held: np.ndarray
    expected: Mapping[str, np.ndarray]
    long: np.ndarray

    def __post_init__(self):
        n = len(self.spaces)
        if np.shape(self.held) != (n, 2) or np.shape(self.long) != (n,):
            raise ValueError(
                f"{n} networks, held of shape {np.shape(self.held)} and long of "
                f"{np.shape(self.long)}; expected ({n}, 2) and ({n},)"
            )
        if missing := set(self.spaces) - set(self.expected):
            raise ValueError(f"expected has no mean for {', '.join(sorted(missing))}")
        counts = [list(self.spaces).count(space) for space in dict.fromkeys(self.spaces)]
        if min(counts, default=0) < 3:
            raise TooFew(f"a space has {min(counts, default=0)} networks; this takes at least 3")


@dataclass(frozen=True)
class Candidate:
    """A regime that may be chosen: its recipe and the errors that it gives, in percent.

    errors: of shape (seeds, networks), one seed or two. astray: how many of the first seed's
    trainings diverged or ended above `populations.population.ASTRAY`.
    """

    name: str
    recipe: Recipe
    errors: np.ndarray
    astray: int

    @property
    def cost(self) -> float:
        """Images of a training times the networks' multiply-adds, in units of the first study's."""
        return self.recipe.epochs * images_of(self.recipe)[0] / images_of(POPULATION)[0]

    @property
    def departures(self) -> int:
        """In how many respects the recipe departs from that of the paper's authors.

        These are: how a block starts, the rate in proportion to the batch (theirs is 0.1 for 128
        images), and whether every training image is seen.
        """
        recipe = self.recipe
        rate = recipe.lr * POPULATION.batch_size / recipe.batch_size
        return sum(
            [recipe.zero_init_residual, not isclose(rate, POPULATION.lr), bool(recipe.train_images)]
        )


@dataclass(frozen=True)
class Assessment:
    """What the rule finds of a candidate.

    correlation: Spearman's, centred within spaces, the mean over the seeds; low, high: its 95%
    interval by Fisher's z (`ranks.centred_spearman`), for one training. pooled: the same, value and
    ends, over all networks as they are. information: correlation squared over cost; ratio: the 95%
    interval of the logarithm of its ratio to the most informative candidate left, empty for one
    that is out. biases: by contrast, value and ends of the 95% interval, in points of the long
    training. noise: of one training, in points; of one without a second seed, the root of the
    others' mean square. spread: of its errors within spaces. Both this and the biases are of the
    first seed. reasons: why it is out.
    """

    candidate: Candidate
    correlation: float
    low: float
    high: float
    pooled: tuple[float, float, float]
    information: float
    biases: Mapping[tuple[str, str], tuple[float, float, float]]
    noise: float
    spread: float
    ratio: tuple[float, float] | None = None
    reasons: tuple[str, ...] = ()

    @property
    def tied(self) -> bool:
        """Whether it cannot be told from the most informative one."""
        return self.ratio is not None and self.ratio[0] <= 0 <= self.ratio[1]

    @property
    def hidden(self) -> float:
        """How many points of bias it surely has in one of the contrasts at least."""
        return max((max(low, -high) for _, low, high in self.biases.values()), default=0.0)

    @property
    def margin(self) -> float:
        """Points below which a difference between spaces would not matter under this regime."""
        return margin_of(self.spread)


def margin_of(spread: float) -> float:
    """The margin, in points, that belongs to a spread of errors within spaces; to 0.05."""
    return max(0.05, round(SHARE_OF_SPREAD * spread / 0.05) * 0.05)


def spread_within(errors: np.ndarray, spaces: Sequence[str]) -> float:
    """The pooled standard deviation of capped errors within spaces, in points."""
    errors, spaces = capped(errors), np.asarray(spaces)
    names = list(dict.fromkeys(spaces))
    squares = sum(((errors[spaces == s] - errors[spaces == s].mean()) ** 2).sum() for s in names)
    return float(np.sqrt(squares / (len(errors) - len(names))))


def front_runners(sixty: Sixty, candidates: Sequence[Candidate]) -> list[str]:
    """Who is to be trained from a second seed: today's and the most informative by the first."""

    def information(each: Candidate) -> float:
        short, long = capped(each.errors[0]), capped(sixty.long)
        found = centred_spearman(short, long, list(sixty.spaces), draws=100).value
        return max(FAINT, found) ** 2 / each.cost

    today = [each.name for each in candidates if not each.departures]
    others = sorted((c for c in candidates if c.departures), key=information, reverse=True)
    return today + [each.name for each in others[:FRONT]]


def choose(sixty: Sixty, candidates: Sequence[Candidate], *, seed: int = 0) -> list[Assessment]:
    """The candidates, best first: the chosen one, those tied with it, the others, those out.

    The chosen one has reasons to be out only if all have. Raises ValueError for candidates of other
    networks, or where networks went astray by all; TooFew where none has a second seed.
    """
    n = len(sixty.spaces)
    for each in candidates:
        if np.ndim(each.errors) != 2 or np.shape(each.errors)[1] != n:
            raise ValueError(
                f"{each.name} has errors of shape {np.shape(each.errors)}, not (., {n})"
            )
    picks = _draws(sixty.spaces, np.random.default_rng(seed))
    if all(len(each.errors) < 2 for each in candidates):
        raise TooFew("no candidate has a second seed, so the noise of a training is not known")
    noises = [_noise(each) for each in candidates if len(each.errors) > 1]
    usual = float(np.sqrt(np.mean(np.square(noises))))
    drawn, found = {}, []
    for each in candidates:
        noise = _noise(each) if len(each.errors) > 1 else usual
        drawn[each.name], assessment = _assess(sixty, each, noise, picks)
        found.append(assessment)
    left = [each for each in found if not each.reasons]
    if not left:
        steady = [each for each in found if each.candidate.astray <= MOST_ASTRAY]
        if not steady:
            raise ValueError("networks went astray by every candidate; the rule chooses none")
        left = [min(steady, key=lambda each: each.hidden)]
    best = max(left, key=lambda each: each.information)
    compared = [
        replace(each, ratio=_interval(drawn[each.candidate.name] - drawn[best.candidate.name]))
        for each in left
    ]
    tied = [each for each in compared if each.tied]
    rest = [each for each in compared if not each.tied]
    tied.sort(key=lambda e: (e.candidate.departures, e.candidate.cost, -e.information))
    rest.sort(key=lambda e: -e.information)
    kept = {each.candidate.name for each in left}
    out = [each for each in found if each.candidate.name not in kept]
    out.sort(key=lambda e: -e.information)
    return tied + rest + out


def _assess(sixty: Sixty, candidate: Candidate, noise: float, picks: np.ndarray):
    long, spaces = capped(sixty.long), np.asarray(sixty.spaces)
    short = capped(candidate.errors)
    each_seed = [centred_spearman(one, long, list(spaces), draws=100) for one in short]
    correlation = np.mean([found.value for found in each_seed])
    as_they_are = [spearman(one, long, draws=100) for one in short]
    drawn_spaces = spaces[picks[0]]  # the same in every draw: each space keeps its number
    drawn_ranks = rank(_centred(long[picks], drawn_spaces))
    resampled = np.mean(
        [pearson(rank(_centred(one[picks], drawn_spaces)), drawn_ranks) for one in short],
        axis=0,
    )
    cost = candidate.cost
    biases = _biases(sixty, short[0], long, noise, picks)
    margin = margin_of(spread_within(long, spaces))
    reasons = [
        f"its bias from {a} to {b} is {value:+.2f} points ({low:+.2f} to {high:+.2f})"
        for (a, b), (value, low, high) in biases.items()
        if low > margin or high < -margin
    ]
    if candidate.astray > MOST_ASTRAY:
        reasons.append(f"{candidate.astray} networks went astray")
    assessment = Assessment(
        candidate,
        float(correlation),
        float(np.mean([found.low for found in each_seed])),
        float(np.mean([found.high for found in each_seed])),
        tuple(float(np.mean([getattr(one, of) for one in as_they_are])) for of in ENDS),
        max(FAINT, float(correlation)) ** 2 / cost,
        biases,
        noise,
        spread_within(short[0], spaces),
        reasons=tuple(reasons),
    )
    return np.log(np.maximum(resampled, FAINT) ** 2 / cost), assessment


def _biases(sixty: Sixty, short, long, noise: float, picks):
    """By contrast, what depth and parameters add to the short errors, with its interval.

    The noise is taken as known, so the interval is a little too narrow.
    """
    every = np.concatenate([np.arange(len(long))[None], picks])
    columns = np.stack([short[every], *np.moveaxis(np.asarray(sixty.held)[every], -1, 0)], axis=-1)
    columns = columns - columns.mean(axis=1, keepdims=True)
    target = long[every] - long[every].mean(axis=1, keepdims=True)
    moments = np.einsum("dni,dnj->dij", columns, columns) / len(long)
    cross = np.einsum("dni,dn->di", columns, target) / len(long)
    # noise blunts the slope of the short errors; at most as much is taken out as leaves a tenth of
    # what depth and parameters do not explain of them
    own = 1 / np.linalg.inv(moments)[:, 0, 0]
    moments[:, 0, 0] -= np.minimum(noise**2, 0.9 * own)
    held = np.linalg.solve(moments, cross[..., None])[:, 1:, 0]
    found = {}
    for a, b in SCREENED:
        if a in sixty.expected and b in sixty.expected:
            bias = held @ (np.asarray(sixty.expected[b]) - np.asarray(sixty.expected[a]))
            found[a, b] = (float(bias[0]), *_interval(bias[1:]))
    return found


def _noise(candidate: Candidate) -> float:
    """The standard deviation of trainings of one network, from two seeds; points."""
    first, second = capped(candidate.errors[:2])
    return float(np.sqrt(np.mean((first - second) ** 2) / 2))


def _draws(spaces: Sequence[str], generator: np.random.Generator) -> np.ndarray:
    """Networks drawn again within their space; shape (draws, networks), space by space."""
    spaces = np.asarray(spaces)
    rows = [np.flatnonzero(spaces == space) for space in dict.fromkeys(spaces)]
    return np.concatenate(
        [own[generator.integers(len(own), size=(DRAWS, len(own)))] for own in rows], axis=1
    )


def _centred(errors: np.ndarray, spaces: Sequence[str]) -> np.ndarray:
    """Errors, shape (..., networks), less the mean of their space."""
    spaces, moved = np.asarray(spaces), np.array(errors, float)
    for space in dict.fromkeys(spaces):
        own = spaces == space
        moved[..., own] -= moved[..., own].mean(axis=-1, keepdims=True)
    return moved


def _interval(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
