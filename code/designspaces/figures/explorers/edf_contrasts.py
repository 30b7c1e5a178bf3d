"""What the EDF explorer says of two of its curves: verdicts, in the words of the book's tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from designspaces.figures.explorers.records import FIRST, SECOND
from designspaces.judging.answer_tables import table as tell_answers
from designspaces.judging.claims import Finding
from designspaces.judging.questions import Means, Partners
from designspaces.judging.study import Plan, evaluate
from designspaces.judging.telling import table as tell_findings
from designspaces.judging.verdicts import Contrast
from designspaces.populations.population import Population
from designspaces.populations.study import SAMPLE_SEED


def curve_key(space: str, study: str) -> str:
    """Names a curve in an address, where the first study's stand as they always did."""
    return f"{space}/{SAMPLE_SEED}" if study == SECOND else space


def of_findings(findings: Iterable[Finding], spaces: Sequence[str]) -> list[dict[str, Any]]:
    """The claims that compare two of the spaces, in the words of the table of claims."""
    found = []
    for finding in findings:
        rule, estimate = finding.claim.rule, finding.estimate
        if type(rule) is Contrast and {rule.a, rule.b} <= set(spaces):
            (row,) = tell_findings([finding])
            numbers = {} if estimate is None else asdict(estimate)
            numbers = {name: numbers.get(name) for name in ("value", "low", "high", "margin")}
            row = {name: row[name] for name in ("claim", "here", "verdict")}
            kind = {"family": finding.claim.family, "study": FIRST}
            told = {"of": "medians", "ends": "95% interval"}
            found.append({"a": rule.a, "b": rule.b} | kind | told | row | numbers)
    return found


def of_answers(
    population: Population, plan: Plan | None, spaces: Sequence[str], study: str
) -> list[dict[str, Any]]:
    """The answers that compare two of the spaces, in the words of the study's table."""
    if plan is None or not len(population):
        return []
    families = [
        family for family in plan.families if any(_compares(q, spaces) for q in family.questions)
    ]
    found = []
    answers = evaluate(population, replace(plan, families=tuple(families)))
    for name, answer in answers.items():
        if not _compares(answer.question, spaces):
            continue
        (row,) = tell_answers({name: answer})
        paired = isinstance(answer.question, Partners)
        a, b = answer.question.populations[:: -1 if paired else 1]  # below 0 the second is better
        ends = answer.interval
        numbers = {"value": None, "low": None, "high": None, "margin": plan.margin}
        if ends is not None:
            numbers |= {"value": ends.effect.value, "low": ends.low, "high": ends.high}
        at_once = "95% interval, with the others of its family at once"
        found.append(
            {
                "a": curve_key(a, study),
                "b": curve_key(b, study),
                "family": answer.family.name,
                "study": study,
                "of": "capped means" + ", pair by pair" * paired,
                "ends": at_once if answer.family.simultaneous else "95% interval",
                "claim": row["claim"],
                "here": f"{row['number']}; {row['networks']} networks" if ends else row["number"],
                "verdict": row["verdict"],
            }
            | numbers
        )
    return found


def _compares(question: Any, spaces: Sequence[str]) -> bool:
    """Whether a question is about two of the spaces as they are, drawn apart or as partners."""
    return type(question) in (Means, Partners) and set(question.populations) <= set(spaces)
