"""What is said of findings: in prose, titles and tables. `claims` and `sensitivity` find them."""

from collections.abc import Iterable, Mapping

from designspaces.judging.claims import PLANNED, Finding
from designspaces.judging.resampling import Estimate
from designspaces.judging.statistics import TooFew
from designspaces.judging.verdicts import EQUIVALENT, NOT_RESOLVED, SUPPORTED
from designspaces.words import interval, listed, name_space, p_value, signed


def in_words(findings: Mapping[str, Finding]) -> dict[str, str]:
    """What was found, for the prose, by names such as `measured_A-B`.

    They begin with "measured", "verdict", "p" or "equal", which is the p-value of equivalence.
    """
    words = {}
    for name, finding in findings.items():
        words |= {f"measured_{name}": finding.measured, f"verdict_{name}": finding.verdict}
        for kind, p in (("p", finding.p), ("equal", finding.p_equivalent)):
            told = "unknown" if p is None else p_value(p).removeprefix("p ").removeprefix("= ")
            words[f"{kind}_{name}"] = told
    return words


def headline(finding: Finding) -> str:
    """The answer to a contrast in a few words, for a title."""
    rule, found = finding.claim.rule, finding.estimate
    spaces = f"{name_space(rule.a)} to {name_space(rule.b)}"
    if found is None:
        return f"{spaces}: too few networks"
    if finding.verdict == NOT_RESOLVED:
        return f"{spaces}: not resolved"
    if finding.verdict == EQUIVALENT or (finding.verdict, rule.expects) == (SUPPORTED, "same"):
        return f"{spaces}: equal within {found.margin:g} points"
    return f"{spaces}: {'better' if found.value < 0 else 'worse'} by {abs(found.value):.1f} points"


def controls_headline(findings: Mapping[str, Finding], letter: str, rule: str) -> str:
    """How controls fare against the space whose rule they turn round: in points, for a title."""
    changes = []
    for kind, word in (("equal", "equal"), ("decreasing", "falling")):
        found = findings[f"{letter}-{kind}-{rule}"].estimate
        changes.append(f"{word} {'?' if found is None else signed(-found.value)}")
    return f"{rule.capitalize()}: {', '.join(changes)} points"


def table(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Claim, the paper's scale, what was measured here and the verdict: a row a finding."""
    return [
        {
            "claim": f"{finding.claim.text} ({finding.claim.source})",
            "the paper's scale": finding.claim.scale,
            "here": "; ".join([finding.measured, *circumstances(finding)]),
            "verdict": told_verdict(finding),
        }
        for finding in findings
    ]


def circumstances(finding: Finding) -> list[str]:
    """How many networks a finding rests on, and its p-values, in words."""
    said = [f"{listed(finding.n)} networks"] if finding.n else []
    if finding.p is not None:
        holms = " after Holm's correction" if finding.claim.family == "primary" else ""
        equal = ""
        if finding.p_equivalent is not None and finding.claim.rule.expects == "same":
            equal = f", {p_value(finding.p_equivalent)} for equality"
        said.append(f"{p_value(finding.p)}{equal}{holms}")
    return said


def told_verdict(finding: Finding) -> str:
    """A verdict, and that it is exploratory, or provisional with fewer networks than planned."""
    if not finding.n:
        return finding.verdict
    if finding.claim.family != "primary":
        return f"{finding.verdict} (exploratory)"
    return finding.verdict + " (provisional)" * (min(finding.n) < PLANNED)


def tell_estimate(found: Estimate | TooFew) -> str:
    """An estimate with its 95% interval, or that there are too few networks."""
    if isinstance(found, TooFew):
        return "too few networks"
    space = "\N{NO-BREAK SPACE}"  # a narrow table breaks before the interval, not within it
    return f"{signed(found.value, 2)} ({interval(found.low, found.high).replace(' ', space)})"
