"""The paper's claims, put to the test: what is measured, and by which rule it is judged.

Statistics, margin, families and rules were written down before the populations were complete, so
that no verdict could shape its own rule. (Later four rules were made stricter: a claim of equality
is contradicted only beyond the margin, equivalence takes the whole 95% interval and not the 90% one
within it, a best range must be rare by chance, depthwise networks are compared within their space.)
Errors are in percent here, differences in points.

The five primary contrasts are a family for Holm's correction, once for differences and once for
equivalences; n was fixed at `PLANNED` networks a space. All other claims are exploratory: judged
each by itself at 95%, and worth no more than a hint.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from designspaces.judging.statistics import TooFew, holm
from designspaces.judging.verdicts import (
    NOT_RESOLVED,
    BestWithin,
    Contrast,
    Rises,
    Rule,
    Untestable,
    Without,
)
from designspaces.moved import names
from designspaces.populations.population import Population

PLANNED = 100
"""Networks a space; with fewer, a primary verdict is provisional."""

EARLY = "ImageNet, 360 to 400 million multiply-adds, 500 networks a space, 10 epochs"
LATE = "ImageNet, several bands of multiply-adds, 100 networks a space, 25 epochs"


@dataclass(frozen=True)
class Finding:
    """What populations say of a claim. `measured` is a sentence without its period.

    `p` and, of contrasts, `p_equivalent` are corrected by Holm's method for a primary claim.
    """

    claim: "Claim"
    verdict: str
    measured: str
    n: tuple[int, ...] = ()
    p: float | None = None
    p_equivalent: float | None = None
    estimate: object = None


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
    _primary("A", "B", "same", "One bottleneck ratio for all stages changes nothing"),
    _primary("B", "C", "same", "One group width for all stages changes nothing"),
    _primary("C", "D", "better", "Widths that never fall make better networks"),
    _primary("D", "E", "better", "Depths that never fall make better networks"),
    _primary("E", "RegNetX", "better", "RegNetX, drawn from a line, is better than AnyNetX_E"),
    replace(
        _primary("A", "RegNetX", "better", "RegNetX is better than AnyNetX_A, which has no rules"),
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
    family = [claim for claim in CLAIMS if claim.family == "primary"]
    findings = {claim.id: _finding(claim, population) for claim in [*family, *claims]}
    # what could not be tested still counts in the family
    tests = [findings[claim.id].estimate for claim in family]
    corrected = (
        holm([getattr(test, name, 1.0) for test in tests]) for name in ("p", "p_equivalent")
    )
    for claim, test, p, p_equivalent in zip(family, tests, *corrected, strict=True):
        if test is not None:
            verdict = claim.rule.verdict(test, p, p_equivalent)
            judged = {"verdict": verdict, "p": float(p), "p_equivalent": float(p_equivalent)}
            findings[claim.id] = replace(findings[claim.id], **judged)
    return {claim.id: findings[claim.id] for claim in claims}


def _finding(claim: Claim, population: Population) -> Finding:
    try:
        verdict, measured, n, estimate = claim.rule(population)
    except TooFew as error:
        return Finding(claim, NOT_RESOLVED, f"Too few networks: {error}")
    p, p_equivalent = (getattr(estimate, name, None) for name in ("p", "p_equivalent"))
    return Finding(claim, verdict, measured, n, p, p_equivalent, estimate)


_TOLD = ("in_words", "headline", "controls_headline", "table", "circumstances")
__getattr__ = names("designspaces.judging", dict.fromkeys(_TOLD, "telling"))
