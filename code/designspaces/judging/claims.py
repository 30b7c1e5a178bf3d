"""The paper's claims, put to the test: what is measured, and by which rule it is judged.

Statistics, margin, families and rules were written down before the populations were complete, so
that no verdict could shape its own rule. (Later four rules were made stricter: a claim of equality
is contradicted only beyond the margin, equivalence takes the whole 95% interval and not the 90% one
within it, a best range must be rare by chance, depthwise networks are compared within their space.)
Errors are in percent here, differences in points.

The five primary contrasts are a family for Holm's correction, once for differences and once for
equivalences; n was fixed at `PLANNED` networks a space, and where somebody has added to these, all
of them count. All other claims are exploratory: judged each by itself at 95%, and worth no more
than a hint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from designspaces.judging.statistics import TooFew, holm
from designspaces.judging.verdicts import (
    NOT_RESOLVED,
    BestWithin,
    Contrast,
    Judgement,
    Rises,
    Rule,
    Untestable,
    Without,
)
from designspaces.populations.checks import by_network, check_trained_alike
from designspaces.populations.population import Population

PLANNED = 100
"""Networks a space; with fewer, a primary verdict is provisional."""

EARLY = "ImageNet, 360 to 400 million multiply-adds, 500 networks a space, 10 epochs"
LATE = "ImageNet, several bands of multiply-adds, 100 networks a space, 25 epochs"


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


@dataclass(frozen=True, kw_only=True)
class Finding(Judgement):
    """What populations say of a claim.

    `p` and `p_equivalent` are corrected by Holm's method for a primary claim.
    """

    claim: Claim


def _primary(a: str, b: str, expects: str, text: str) -> Claim:
    rule = Contrast(f"AnyNetX_{a}", b if b == "RegNetX" else f"AnyNetX_{b}", expects)
    figure = {"B": 5, "C": 5, "D": 7, "E": 7, "RegNetX": 9}[b]
    source = f"section {'3.3' if b == 'RegNetX' else '3.2'}, figure {figure}"
    return Claim(f"{a}-{b}", text, source, EARLY, rule, "primary")


def _control(space: str, control: str, text: str) -> Claim:
    """A control is worse than the rule it turns round: the rule's space is better."""
    rule = Contrast(f"AnyNetX_{control}", f"AnyNetX_{space}", "better")
    return Claim(control.replace("_", "-"), text, "section 3.2, figure 7", EARLY, rule)


PRIMARY = (
    _primary("A", "B", "same", "One bottleneck ratio for all stages changes nothing"),
    _primary("B", "C", "same", "One group width for all stages changes nothing"),
    _primary("C", "D", "better", "Widths that never fall make better networks"),
    _primary("D", "E", "better", "Depths that never fall make better networks"),
    _primary("E", "RegNetX", "better", "RegNetX, drawn from a line, is better than AnyNetX_E"),
)
"""The five contrasts of the family."""

CONTROLS = (
    _control("D", "C_equal_widths", "Equal widths are worse than widths that never fall"),
    _control("D", "C_decreasing_widths", "Falling widths are worse than widths that never fall"),
    _control("E", "D_equal_depths", "Equal depths are worse than depths that never fall"),
    _control("E", "D_decreasing_depths", "Falling depths are worse than depths that never fall"),
)
"""What turns round the rules for widths and depths."""

CLAIMS = (
    *PRIMARY,
    replace(
        _primary("A", "RegNetX", "better", "RegNetX is better than AnyNetX_A, which has no rules"),
        family="exploratory",
    ),
    *CONTROLS,
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
        "Depthwise convolution, with groups of one channel, hurts (here in C, D, E; there RegNetX)",
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
        Untestable(
            "All networks of the populations have about the same multiply-adds; the chapter on the "
            "published family asks a clock"
        ),
    ),
    Claim(
        "inverted",
        "Inverted bottlenecks, with b below 1, hurt",
        "section 4, figure 14",
        LATE,
        Untestable("No space of the first study has b below 1"),
    ),
    Claim(
        "squeeze",
        "Squeeze-and-excitation helps",
        "section 4, figure 14",
        LATE,
        Untestable("The first study trained no population with it"),
    ),
)
"""In the order of the paper's argument; the primary ones first."""


def evaluate(population: Population, claims: Sequence[Claim] = CLAIMS) -> dict[str, Finding]:
    """What the population says of each claim, by the claims' ids.

    A claim whose rule takes more networks than there are is not resolved, and says how many it
    takes. Raises PopulationError for records that differ in recipe, data, sample or kind of device,
    and for a network that is there twice.
    """
    check_trained_alike(population)
    by_network(population)
    asked = {claim.id: claim for claim in [*PRIMARY, *claims]}  # the family is judged as a whole
    findings = {name: _judge_claim(claim, population) for name, claim in asked.items()}
    for finding in _correct_family([findings[claim.id] for claim in PRIMARY]):
        findings[finding.claim.id] = finding
    return {claim.id: findings[claim.id] for claim in claims}


def _judge_claim(claim: Claim, population: Population) -> Finding:
    try:
        judgement = claim.rule.judge(population)
    except TooFew as error:
        judgement = Judgement(NOT_RESOLVED, f"Too few networks: {error}")
    return Finding(claim=claim, **vars(judgement))


def _correct_family(family: Sequence[Finding]) -> Iterator[Finding]:
    """With p-values by Holm's method; what could not be tested still counts in the family."""
    tested = [finding for finding in family if finding.estimate is not None]
    rest = [1.0] * (len(family) - len(tested))
    differ = holm([finding.p for finding in tested] + rest)
    equal = holm([finding.p_equivalent for finding in tested] + rest)
    for finding, p, p_equivalent in zip(
        tested, map(float, differ), map(float, equal), strict=False
    ):
        verdict = finding.claim.rule.decide_verdict(finding.estimate, p, p_equivalent)
        yield replace(finding, verdict=verdict, p=p, p_equivalent=p_equivalent)
