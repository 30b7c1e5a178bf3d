"""Answers: what a study's populations say to the questions of its plan.

A `Plan` is data, committed before the first record of its study. Its families are judged one by
one: a simultaneous one by intervals that hold all at once, another by 95% each, with Benjamini and
Hochberg's correction beside it. A verdict follows from an interval alone, and there is none before
all populations of a question have as many networks as the plan says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist

import numpy as np

from designspaces.judging.effects import Interval, benjamini_hochberg, simultaneous
from designspaces.judging.questions import Question
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record
from designspaces.words import interval, listed, signed

LEVEL = 0.05
NOT_YET = "not yet"


@dataclass(frozen=True)
class Family:
    """Questions that are judged together; simultaneous: their intervals hold all at once."""

    name: str
    simultaneous: bool
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Plan:
    """What a study fixes before its first record.

    signed: the moment, in ISO 8601 with its zone; older records are refused. None for an analysis
    of data that were there before it, which is exploratory. sample_seed: of all samples. n: by
    population, how many networks it takes. margin: points of error below which a difference does
    not matter. calibrated: whether means are; see `effects.mean_of`.
    """

    signed: str | None
    sample_seed: int
    n: Mapping[str, int]
    margin: float
    calibrated: bool
    families: tuple[Family, ...]

    def __post_init__(self):
        if self.signed and datetime.fromisoformat(self.signed).tzinfo is None:
            raise ValueError(f"signed is {self.signed!r}; expected a moment with its time zone")
        asked = {
            name for family in self.families for q in family.questions for name in q.populations
        }
        if missing := sorted(asked - self.n.keys()):
            raise ValueError(f"n does not say how many networks of {', '.join(missing)} it takes")


@dataclass(frozen=True)
class Answer:
    """What the populations say to a question.

    verdict: `NOT_YET` where there are fewer networks than planned. interval: None where nothing
    could be measured; why: then the reason. p: that the claim's opposite brings as much; survives:
    whether it stays below `LEVEL` when the whole family is corrected.
    """

    question: Question
    family: str
    verdict: str
    n: tuple[int, ...]
    interval: Interval | None = None
    p: float | None = None
    survives: bool = False
    why: str = ""


def evaluate(evidence: Population, plan: Plan) -> dict[str, Answer]:
    """The answers to a plan's questions by their ids.

    Raises PopulationError for records of several recipes or samples, or older than the plan.
    """
    check_belongs(evidence, plan)
    answers = {}
    for family in plan.families:
        answers |= {answer.question.id: answer for answer in _judge(family, evidence, plan)}
    return answers


def check_belongs(evidence: Population, plan: Plan) -> None:
    """Raises PopulationError, naming both, where records do not belong together or to the plan."""
    evidence.check_one_recipe()
    signed = plan.signed and datetime.fromisoformat(plan.signed)
    for record in evidence:
        if record.sample_seed != plan.sample_seed:
            raise PopulationError(
                f"{record.id} is of sample {record.sample_seed}; the plan is about sample "
                f"{plan.sample_seed}. Load the study's own files"
            )
        if signed and datetime.fromisoformat(record.finished) < signed:
            raise PopulationError(
                f"{record.id} was trained on {record.finished}, before the plan was signed on "
                f"{plan.signed}; what is planned after the data proves nothing"
            )


def permute(evidence: Population, seed: int = 0) -> Population:
    """The same networks, their errors dealt anew among all of them: no question has an answer."""
    records = list(evidence)
    order = np.random.default_rng(seed).permutation(len(records))
    return Population(
        replace(record, val_error=records[other].val_error)
        for record, other in zip(records, order, strict=True)
    )


def _judge(family: Family, evidence: Population, plan: Plan) -> Iterable[Answer]:
    measured, open_ = [], []
    for question in family.questions:
        n = tuple(len(evidence.space(name)) for name in question.populations)
        planned = tuple(plan.n[name] for name in question.populations)
        if any(there < wanted for there, wanted in zip(n, planned, strict=True)):
            counts = ", ".join(
                f"{there} of {wanted}" for there, wanted in zip(n, planned, strict=True)
            )
            open_.append(Answer(question, family.name, NOT_YET, n, why=f"{counts} networks"))
            continue
        try:
            effect = question.measure(evidence, calibrated=plan.calibrated)
        except TooFew as reason:
            open_.append(Answer(question, family.name, "not resolved", n, why=str(reason)))
            continue
        measured.append((question, effect))
    # what is open still counts in a family: its intervals are as wide as all of them need
    effects = [effect for _, effect in measured]
    if family.simultaneous and not open_:
        intervals = simultaneous(effects)
    elif family.simultaneous and effects:
        share = LEVEL / len(family.questions)  # Bonferroni's, until all are there
        intervals = [simultaneous([e], confidence=1 - share)[0] for e in effects]
    else:
        intervals = [simultaneous([effect])[0] for effect in effects]
    p = [_p(question, effect, plan.margin) for question, effect in measured]
    corrected = benjamini_hochberg([*p, *[1.0] * len(open_)])[: len(p)]
    for (question, effect), ends, own, fixed in zip(measured, intervals, p, corrected, strict=True):
        verdict = question.decide(ends.low, ends.high, plan.margin)
        survives = bool(fixed < LEVEL)
        yield Answer(question, family.name, verdict, effect.n, ends, own, survives)
    yield from open_


def _p(question: Question, effect, margin: float) -> float:
    """Of a difference, or of lying outside the margin or the two ends."""
    if question.expects in ("better", "rises") or not effect.error:
        return effect.p
    margin = question.margin or margin
    low, high = (-margin, margin) if question.expects == "same" else question.expects
    normal = NormalDist(0, effect.error).cdf
    return max(normal(low - effect.value), normal(effect.value - high))


def counts(evidence: Population, names: Iterable[str]) -> list[dict[str, object]]:
    """What may be looked at while a study grows: networks, spread, and how many went astray."""
    rows = []
    for name in names:
        records: list[Record] = list(evidence.space(name))
        errors = np.array([100 * record.val_error for record in records])
        spread = float(errors.std(ddof=1)) if len(errors) > 1 else None
        own = Population(records)
        rows.append(
            {
                "population": name,
                "networks": len(records),
                "spread": spread,
                "diverged": own.diverged,
                "astray": own.astray,
            }
        )
    return rows


def table(answers: Mapping[str, Answer]) -> list[dict[str, str]]:
    """Claim, number with its interval, networks and verdict: a row an answer."""
    rows = []
    for answer in answers.values():
        question, found = answer.question, answer.interval
        number = answer.why
        if found is not None:
            ends = interval(found.low, found.high)
            number = f"{signed(found.effect.value, 2)} {question.unit} ({ends})"
        rows.append(
            {
                "claim": f"{question.text} ({question.source})",
                "family": answer.family,
                "number": number,
                "networks": listed(answer.n),
                "verdict": answer.verdict,
            }
        )
    return rows
