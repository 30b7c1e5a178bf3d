"""The paper's claims, put to the test: what is measured, and by which rule it is judged.

Statistics, margin, families and rules are fixed here and were written down before the populations
were complete, so that no verdict could shape its own rule. Errors are in percent here, differences
in points.

Contrasts compare two spaces by the difference of their median errors, with a bootstrap interval:

- supported: the claim says that one is better, and it is (Holm-corrected p below 5%); or it says
  that they are equal, and they are equivalent within the margin;
- equivalent within the margin: the claim says better, and the difference is surely smaller in size
  than the margin (two one-sided tests, Holm-corrected p below 5%);
- contradicted: there is a difference that the claim rules out, and not one within the margin;
- not resolved at this budget: none of these.

The five primary contrasts make one family for Holm's correction. All other claims are exploratory:
judged each by itself at 95%, and worth no more than a hint.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from designspaces.population import Population, Record
from designspaces.properties import values
from designspaces.statistics import (
    Difference,
    TooFew,
    best_range,
    difference,
    holm,
    matched,
    spearman,
)

MARGIN = 0.5
"""Points of error below which a difference between populations does not matter here."""

LEVEL = 0.05

SUPPORTED = "supported"
EQUIVALENT = "equivalent within the margin"
NOT_RESOLVED = "not resolved at this budget"
CONTRADICTED = "contradicted"
NOT_TESTABLE = "not testable here"
VERDICTS = (SUPPORTED, EQUIVALENT, NOT_RESOLVED, CONTRADICTED, NOT_TESTABLE)

EARLY = "ImageNet, 360 to 400 million multiply-adds, 500 networks a space, 10 epochs"
LATE = "ImageNet, several bands of multiply-adds, 100 networks a space, 25 epochs"


@dataclass(frozen=True)
class Finding:
    """What populations say of a claim. `measured` is a sentence without its period."""

    claim: "Claim"
    verdict: str
    measured: str
    n: tuple[int, ...] = ()
    p: float | None = None
    estimate: object = None

    @property
    def exploratory(self) -> bool:
        """Whether it was judged by itself: tested, and not among the primary ones."""
        return bool(self.n) and self.claim.family != "primary"


class Rule(ABC):
    """What is measured for a claim, and how it is judged."""

    @abstractmethod
    def __call__(self, population: Population) -> tuple[str, str, tuple[int, ...], object]:
        """Verdict, what was measured, sizes of the samples and the estimate."""


@dataclass(frozen=True)
class Claim:
    """Something the paper says, and the rule by which it is judged here.

    family: "primary" or "exploratory". scale: at which scale the paper saw it.
    """

    id: str
    text: str
    source: str
    scale: str
    rule: Rule
    family: str = "exploratory"


@dataclass(frozen=True)
class Contrast(Rule):
    """The median error of space `b` against that of space `a`: expects "better" or "same"."""

    a: str
    b: str
    expects: str

    def __call__(self, population):
        sides = [population.space(name) for name in (self.a, self.b)]
        return self.judge(sides[0], sides[1], self.a, self.b)

    def judge(self, a: Iterable[Record], b: Iterable[Record], name_a: str, name_b: str):
        errors = [values(side, "error") for side in (a, b)]
        found = difference(*errors, margin=MARGIN)
        verdict = self.verdict(found, found.p, found.p_equivalent)
        text = (
            f"From {spoken(name_a)} to {spoken(name_b)} the median error changes by "
            f"{points(found.value)} ({interval(found)})"
        )
        return verdict, text, tuple(len(side) for side in errors), found

    def verdict(self, found: Difference, p: float, p_equivalent: float) -> str:
        """By p-values that may have been corrected."""
        if p_equivalent < LEVEL:
            return SUPPORTED if self.expects == "same" else EQUIVALENT
        if p >= LEVEL:
            return NOT_RESOLVED
        better = self.expects == "better" and found.value < 0
        return SUPPORTED if better else CONTRADICTED


@dataclass(frozen=True)
class Without(Contrast):
    """Networks of several spaces without a value of a property (b) against those with it (a)."""

    spaces: tuple[str, ...] = ()
    property: str = ""
    value: float = 0

    def __call__(self, population):
        records = [record for name in self.spaces for record in population.space(name)]
        has = values(records, self.property) == self.value
        with_, without = (
            [record for record, one in zip(records, side, strict=True) if one]
            for side in (has, ~has)
        )
        return self.judge(with_, without, self.a, self.b)


@dataclass(frozen=True)
class BestWithin(Rule):
    """The best networks of a space have a property between `low` and `high`.

    Supported where the whole bootstrap range of the best lies there, contradicted where none does.
    """

    space: str
    property: str
    low: float
    high: float

    def __call__(self, population):
        records = population.space(self.space)
        low, median, high = best_range(values(records, self.property), values(records, "error"))
        if self.low <= low and high <= self.high:
            verdict = SUPPORTED
        elif high < self.low or low > self.high:
            verdict = CONTRADICTED
        else:
            verdict = NOT_RESOLVED
        name = self.property.replace("_", " ")
        text = (
            f"The best of {spoken(self.space)} have a {name} of {low:g} to {high:g}, "
            f"{median:g} in the middle"
        )
        return verdict, text, (len(records),), (low, median, high)


@dataclass(frozen=True)
class Rises(Rule):
    """The error of a space's networks rises with a property (Spearman's rank correlation)."""

    space: str
    property: str

    def __call__(self, population):
        records = population.space(self.space)
        found = spearman(values(records, self.property), values(records, "error"))
        if found.p >= LEVEL:
            verdict = NOT_RESOLVED
        else:
            verdict = SUPPORTED if found.value > 0 else CONTRADICTED
        text = (
            f"In {spoken(self.space)} the rank correlation of error and distance from a line is "
            f"{signed(found.value, 2)} ({signed(found.low, 2)} to {signed(found.high, 2)})"
        )
        return verdict, text, (len(records),), found


@dataclass(frozen=True)
class Untestable(Rule):
    """A claim that these populations cannot speak to, and why."""

    why: str

    def __call__(self, population):
        return NOT_TESTABLE, self.why, (), None


def _primary(a: str, b: str, expects: str, text: str) -> Claim:
    rule = Contrast(f"AnyNetX_{a}", b if b == "RegNetX" else f"AnyNetX_{b}", expects)
    figure = {"B": 5, "C": 5, "D": 7, "E": 7, "RegNetX": 9}[b]
    source = f"section {'3.3' if b == 'RegNetX' else '3.2'}, figure {figure}"
    return Claim(f"{a}-{b}", text, source, EARLY, rule, "primary")


def _control(space: str, control: str, text: str) -> Claim:
    """A control is worse than the rule it turns round: the rule's space is better."""
    rule = Contrast(f"AnyNetX_{control}", f"AnyNetX_{space}", "better")
    return Claim(control.replace("_", "-"), text, "section 3.2, figure 7", EARLY, rule)


CLAIMS = (
    _primary("A", "B", "same", "One bottleneck ratio for all stages costs nothing"),
    _primary("B", "C", "same", "One group width for all stages costs nothing"),
    _primary("C", "D", "better", "Widths that never fall make better networks"),
    _primary("D", "E", "better", "Depths that never fall make better networks"),
    _primary("E", "RegNetX", "better", "Widths on a quantized line make better networks"),
    replace(
        _primary("A", "RegNetX", "better", "RegNetX is better than the space without rules"),
        family="exploratory",
    ),
    _control("D", "C_equal_widths", "Equal widths are worse than widths that never fall"),
    _control("D", "C_decreasing_widths", "Falling widths are worse than widths that never fall"),
    _control("E", "D_equal_depths", "Equal depths are worse than depths that never fall"),
    _control("E", "D_decreasing_depths", "Falling depths are worse than depths that never fall"),
    Claim(
        "b-at-most-2",
        "The best networks have a bottleneck ratio of at most 2",
        "section 3.2",
        EARLY,
        BestWithin("AnyNetX_C", "bottleneck_ratio", 1, 2),
    ),
    Claim(
        "g-above-1",
        "The best networks have groups of more than one channel",
        "section 3.2",
        EARLY,
        BestWithin("AnyNetX_C", "group_width", 2, 32),
    ),
    Claim(
        "depthwise",
        "Depthwise convolution, with groups of one channel, hurts",
        "section 4, figure 14",
        LATE,
        Without(
            "the networks with groups of one channel",
            "the others",
            "better",
            ("AnyNetX_C", "AnyNetX_D", "AnyNetX_E"),
            "group_width",
            1,
        ),
    ),
    *(
        Claim(
            f"line-{name[-1]}",
            f"The nearer the widths of {name} to a line, the smaller the error",
            "section 3.3, figure 8",
            EARLY,
            Rises(name, "fit_error"),
        )
        for name in ("AnyNetX_C", "AnyNetX_D", "AnyNetX_E")
    ),
    Claim(
        "b-is-1",
        "A bottleneck ratio of 1 is best",
        "section 4",
        LATE,
        BestWithin("RegNetX", "bottleneck_ratio", 1, 1),
    ),
    Claim(
        "w_m-near-2.5",
        "The best networks have a w_m near 2.5 (here: from 2.25 to 2.75)",
        "section 4",
        LATE,
        BestWithin("RegNetX", "w_m", 2.25, 2.75),
    ),
    Claim(
        "20-blocks",
        "The best networks have about 20 blocks, whatever their cost",
        "section 4",
        LATE,
        Untestable("One band of multiply-adds cannot tell what stays the same across bands"),
    ),
    Claim(
        "activations",
        "Activations predict the run time better than multiply-adds do",
        "section 4",
        LATE,
        Untestable("All networks of the populations have about the same multiply-adds"),
    ),
    Claim(
        "inverted",
        "Inverted bottlenecks, with b below 1, hurt",
        "section 4, figure 14",
        LATE,
        Untestable("The spaces have no b below 1"),
    ),
    Claim(
        "squeeze",
        "Squeeze-and-excitation helps",
        "section 4, figure 14",
        LATE,
        Untestable("No population with it was trained"),
    ),
)
"""In the order of the paper's argument; the primary ones first."""


def evaluate(population: Population, claims: Sequence[Claim] = CLAIMS) -> dict[str, Finding]:
    """What the population says of each claim, by the claims' ids.

    A claim whose rule takes more networks than there are is not resolved, and says how many it
    takes. Raises PopulationError for records of different recipes.
    """
    if len(population):
        population.recipe  # noqa: B018, raises where records cannot be compared
    findings = {claim.id: _finding(claim, population) for claim in claims}
    tested = [
        finding
        for finding in findings.values()
        if finding.claim.family == "primary" and isinstance(finding.estimate, Difference)
    ]
    corrected = zip(
        holm([finding.estimate.p for finding in tested]),
        holm([finding.estimate.p_equivalent for finding in tested]),
        strict=True,
    )
    for finding, (p, p_equivalent) in zip(tested, corrected, strict=True):
        verdict = finding.claim.rule.verdict(finding.estimate, p, p_equivalent)
        findings[finding.claim.id] = replace(finding, verdict=verdict, p=float(p))
    return findings


def _finding(claim: Claim, population: Population) -> Finding:
    try:
        verdict, measured, n, estimate = claim.rule(population)
    except TooFew as error:
        return Finding(claim, NOT_RESOLVED, f"Too few networks: {error}")
    return Finding(claim, verdict, measured, n, getattr(estimate, "p", None), estimate)


def sensitivity(
    population: Population, longer: Population, claims: Sequence[Claim] = CLAIMS
) -> dict[str, dict[str, Difference | TooFew]]:
    """The primary contrasts in other ways, by claim and by way.

    Ways: "medians" is the primary one; "means"; "matched" in parameters and activations, pair by
    pair; "without diverged"; "longer", the medians of the networks in `longer`; "interaction", by
    how much the mean change from here to there, of the networks that are in both, differs.
    """
    return {
        claim.id: _ways(claim.rule, population, longer)
        for claim in claims
        if claim.family == "primary"
    }


def _ways(rule: Contrast, population: Population, longer: Population):
    sides = [list(population.space(name)) for name in (rule.a, rule.b)]
    long = [list(longer.space(name)) for name in (rule.a, rule.b)]
    features = [
        np.log([[record.params, record.activations] for record in side] or np.ones((0, 2)))
        for side in sides
    ]
    alike = [
        [side[row] for row in rows] for side, rows in zip(sides, matched(*features), strict=True)
    ]
    trained = [[record for record in side if record.status == "trained"] for side in sides]
    return {
        "medians": _compare(*sides),
        "means": _compare(*sides, statistic=np.mean),
        "matched": _compare(*alike),
        "without diverged": _compare(*trained),
        "longer": _compare(*long),
        "interaction": _or_too_few(
            *(_changes(*both) for both in zip(sides, long, strict=True)), statistic=np.mean
        ),
    }


def _changes(short: Sequence[Record], long: Sequence[Record]) -> np.ndarray:
    """By how many points the error of each network changes with the longer training."""
    before = {record.id: 100 * record.val_error for record in short}
    return np.array([100 * r.val_error - before[r.id] for r in long if r.id in before])


def _compare(a: Sequence[Record], b: Sequence[Record], statistic=np.median):
    return _or_too_few(values(a, "error"), values(b, "error"), statistic=statistic)


def _or_too_few(a: np.ndarray, b: np.ndarray, statistic) -> Difference | TooFew:
    try:
        return difference(a, b, statistic=statistic, margin=MARGIN)
    except TooFew as error:
        return error


def headline(finding: Finding) -> str:
    """The answer to a contrast in a few words, for a title."""
    rule, found = finding.claim.rule, finding.estimate
    spaces = f"{spoken(rule.a)} to {spoken(rule.b)}"
    if found is None:
        return f"{spaces}: too few networks"
    if finding.verdict == NOT_RESOLVED:
        return f"{spaces}: not resolved"
    if finding.verdict == EQUIVALENT or (finding.verdict, rule.expects) == (SUPPORTED, "same"):
        return f"{spaces}: equal within {found.margin:g} points"
    return f"{spaces}: {'better' if found.value < 0 else 'worse'} by {abs(found.value):.1f} points"


def table(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Claim, the paper's scale, what was measured here and the verdict: a row a finding."""
    return [
        {
            "claim": f"{one.claim.text} ({one.claim.source})",
            "the paper's scale": one.claim.scale,
            "here": one.measured + (f"; {_counted(one.n)} networks" if one.n else ""),
            "verdict": one.verdict + (" (exploratory)" if one.exploratory else ""),
        }
        for one in findings
    ]


def _counted(n: tuple[int, ...]) -> str:
    return " and ".join(map(str, n))


def told(one: Difference | TooFew) -> str:
    """A difference in points with its 95% interval, or that there are too few networks."""
    if isinstance(one, TooFew):
        return "too few networks"
    return f"{signed(one.value, 2)} ({signed(one.low, 2)} to {signed(one.high, 2)})"


def spoken(space: str) -> str:
    """A space's name in a sentence: "C with equal widths" for AnyNetX_C_equal_widths."""
    name, _, rule = space.removeprefix("AnyNetX_").partition("_")
    return f"{name} with {rule.replace('_', ' ')}" if rule and space != name else name


def signed(value: float, digits: int = 1) -> str:
    """With its sign, and a minus that is one."""
    return f"{value:+.{digits}f}".replace("-", "−")


def points(value: float) -> str:
    return f"{signed(value, 2)} points"


def interval(found) -> str:
    return f"95% interval {signed(found.low, 2)} to {signed(found.high, 2)}"
