"""Answers: what a study's populations say to the questions of its plan.

A `Plan` is data, committed before the first record of its study. Its families are judged one by
one: a simultaneous one by intervals that hold all at once, another by 95% each, with Benjamini and
Hochberg's correction beside it. A verdict follows from an interval alone, and there is none before
all populations of a question have as many networks as the plan says.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from math import inf

import numpy as np

from designspaces.designs.checks import checked_positive, positive_integer
from designspaces.judging.effects import Effect, capped
from designspaces.judging.intervals import (
    NO_MATTER,
    NOT_RESOLVED,
    Interval,
    benjamini_hochberg,
    simultaneous,
)
from designspaces.judging.questions import Question
from designspaces.judging.statistics import TooFew
from designspaces.populations.checks import by_network, check_one_source
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.record import Record
from designspaces.spaces.own import load_object
from designspaces.training.recipe import POPULATION, Recipe, tell_differences

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
    of data that were there before it, which is exploratory. recipe: of all trainings. sample_seed:
    of all samples. n: by population, how many networks it takes. margin: points of error below
    which a difference does not matter. calibrated: whether means are; see `effects.mean_of`.
    images: whether intervals allow for the luck of the validation images; see `images`.
    """

    signed: str | None
    recipe: Recipe
    sample_seed: int
    n: Mapping[str, int]
    margin: float
    calibrated: bool
    families: tuple[Family, ...]
    images: bool = False

    def __post_init__(self):
        if self.signed and not _is_moment(self.signed):
            raise ValueError(
                f"signed is {self.signed!r}; expected a moment with its time zone, such as "
                "2026-11-29T07:16:00+00:00"
            )
        if not isinstance(self.recipe, Recipe):
            raise ValueError(f"recipe is {self.recipe!r}; expected a Recipe")
        checked_positive(self.margin, "margin")
        for name, wanted in self.n.items():
            positive_integer(wanted, f"n of {name}")
        asked = {
            name for family in self.families for q in family.questions for name in q.populations
        }
        if missing := sorted(asked - self.n.keys()):
            raise ValueError(f"n does not say how many networks of {', '.join(missing)} it takes")
        ids = Counter(q.id for family in self.families for q in family.questions)
        if twice := [name for name, times in ids.items() if times > 1]:
            raise ValueError(f"two questions have the id {twice[0]!r}; name each by one of its own")


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def draft(
    families: tuple[Family, ...], n: Mapping[str, int], margin: float = 0.5, *, images: bool = True
) -> Plan:
    """A plan not yet signed, of a study like the second: sample 1, today's regime, plain means."""
    return Plan(None, POPULATION, 1, n, margin, False, families, images)


@dataclass(frozen=True)
class Answer:
    """What the populations say to a question.

    verdict: `NOT_YET` where there are fewer networks than planned. interval: None where nothing
    could be measured; why: then the reason. p, unless the family's intervals are simultaneous:
    two-sided, that the number is 0 or, of a claim with ends, at the nearer one; survives: whether
    the verdict stays when the family is corrected at `LEVEL`: one of a difference among the p of
    all differences, one of no difference that matters among those of lying at the margin.
    size_survives: whether what it says of the margin does, among the latter. left_out: where
    networks are missing, those that have no partner for it.
    """

    question: Question
    family: Family
    verdict: str
    n: tuple[int, ...]
    interval: Interval | None = None
    p: float | None = None
    survives: bool | None = None
    size_survives: bool | None = None
    why: str = ""
    left_out: tuple[str, ...] = ()


def evaluate(evidence: Population, plan: Plan) -> dict[str, Answer]:
    """The answers to a plan's questions by their ids.

    Of each population the planned places count, and no others: whoever trains on until an answer
    pleases changes nothing. Raises PopulationError for records of several recipes or samples, or
    older than the plan.
    """
    check_belongs(evidence, plan)
    evidence = Population(r for r in evidence if r.index < plan.n.get(r.space, inf))
    answers = {}
    for family in plan.families:
        answers |= {answer.question.id: answer for answer in _judge(family, evidence, plan)}
    return answers


def check_belongs(evidence: Population, plan: Plan) -> None:
    """Raises PopulationError, naming both, where records do not belong together or to the plan.

    One network trained twice does not: a plan counts networks.
    """
    by_network(evidence)
    check_one_source(evidence)
    signed = plan.signed and datetime.fromisoformat(plan.signed)
    first = next(iter(evidence), None)
    for record in evidence:
        if record.trained_by != plan.recipe:
            raise PopulationError(
                f"{record.id} was trained by another recipe than the plan's: "
                f"{tell_differences(record.trained_by, plan.recipe)}"
            )
        if record.data_checksum != first.data_checksum:
            raise PopulationError(
                f"{first.id} and {record.id} were trained on other data: {first.data_checksum} and "
                f"{record.data_checksum}"
            )
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
    for family in plan.families:
        for question in family.questions:
            check_devices(evidence, question.populations)


def check_signed(plan: Plan) -> None:
    """Say before a training what would else be said after it.

    Warns of a plan that is not signed. Raises ValueError for one that is signed for a moment still
    to come.
    """
    if plan.signed is None:
        warnings.warn(
            "the plan is not signed: what it says will be exploratory, and once it is signed, "
            "networks that were trained before are refused",
            stacklevel=2,
        )
    elif datetime.fromisoformat(plan.signed) > datetime.now(UTC):
        raise ValueError(
            f"the plan is signed for {plan.signed}, which is still to come; what is trained before "
            "would be refused"
        )


def check_devices(evidence: Population, names: Iterable[str]) -> None:
    """Raises PopulationError where a space has a device of its own.

    The same place, the same device, in all of those named.
    """
    first: dict[int, Record] = {}
    for name in names:
        for record in evidence.space(name):
            other = first.setdefault(record.index, record)
            if other.device_kind != record.device_kind:
                raise PopulationError(
                    f"{other.id} was trained on {other.device} and {record.id} on {record.device}; "
                    "train whole blocks of places, of all spaces, on one kind of device"
                )


def load_plan(where: str) -> Plan:
    """The plan at `FILE.py:NAME` or `MODULE:NAME`. Raises ValueError where that is none."""
    plan = load_object(where)
    if not isinstance(plan, Plan):
        raise ValueError(f"{where} is a {type(plan).__name__}; expected a Plan")
    return plan


def fingerprint(plan: Plan) -> str:
    """Twelve hexadecimal digits that change with anything that the plan says."""
    said = repr(sorted((vars(plan) | {"n": sorted(plan.n.items())}).items()))
    # a file of the package is named the same wherever that is installed
    said = re.sub(r"""\w+Path\((['"]).*?recorded(.*?)\1\)""", r"Path(recorded\2)", said)
    return sha256(said.encode()).hexdigest()[:12]


def _judge(family: Family, evidence: Population, plan: Plan) -> Iterable[Answer]:
    measured, open_ = [], []
    for question in family.questions:
        n = tuple(len({r.index for r in evidence.space(name)}) for name in question.populations)
        planned = tuple(plan.n[name] for name in question.populations)
        if any(there < wanted for there, wanted in zip(n, planned, strict=True)):
            counted = zip(n, planned, strict=True)
            why = ", ".join(f"{there} of {wanted}" for there, wanted in counted)
            alone = tuple(question.unpaired(evidence, min(planned)))
            open_.append(
                Answer(question, family, NOT_YET, n, why=f"{why} networks", left_out=alone)
            )
            continue
        try:
            effect = question.measure(evidence, calibrated=plan.calibrated)
            if plan.images:
                effect = question.over_images(effect, evidence)
        except TooFew as reason:
            open_.append(Answer(question, family, NOT_RESOLVED, n, why=str(reason)))
            continue
        measured.append((question, effect))
    intervals = _intervals(family, [effect for _, effect in measured])
    p, at_margin = (
        [each(question, effect, plan.margin) for question, effect in measured]
        for each in (_p, _p_at_margin)
    )
    differ, equal = (
        benjamini_hochberg([*each, *[1.0] * len(open_)])[: len(each)] for each in (p, at_margin)
    )
    for (question, effect), ends, own, as_different, as_equal in zip(
        measured, intervals, p, differ, equal, strict=True
    ):
        verdict = question.decide(ends.low, ends.high, plan.margin)
        corrected = as_equal if verdict == NO_MATTER else as_different
        apart = not family.simultaneous
        yield Answer(
            question,
            family,
            verdict,
            effect.n,
            ends,
            own if apart else None,
            bool(corrected < LEVEL) if apart else None,
            bool(as_equal < LEVEL) if apart and verdict.endswith("the margin") else None,
        )
    yield from open_


def _intervals(family: Family, effects: list[Effect]) -> list[Interval]:
    if not family.simultaneous:
        return [simultaneous([effect])[0] for effect in effects]
    if len(effects) == len(family.questions):
        return simultaneous(effects)
    # what is open still counts in a family: by Bonferroni's inequality, until all are there
    share = LEVEL / len(family.questions)
    return [
        replace(
            simultaneous([effect], confidence=1 - share)[0], alone=simultaneous([effect])[0].alone
        )
        for effect in effects
    ]


def _p(question: Question, effect: Effect, margin: float) -> float:
    """Two-sided; agrees with the interval at 95% on the side that the verdict takes."""
    if question.expects in ("better", "rises") or not effect.error:
        return effect.p
    return _p_at_margin(question, effect, margin)


def _p_at_margin(question: Question, effect: Effect, margin: float) -> float:
    """Two-sided, that the number is at the nearer end of what does not matter, or is claimed."""
    margin = question.margin or margin
    ends = (-margin, margin) if isinstance(question.expects, str) else question.expects
    return effect.p_at(min(ends, key=lambda end: abs(effect.value - end)))


def whole(evidence: Population, planned: Mapping[str, int]) -> Population:
    """The populations that have all their planned networks, and of them no others.

    Without what is still growing. Raises PopulationError for a network that is there twice.
    """
    by_network(evidence)
    wanted = Population(r for r in evidence if r.index < planned.get(r.space, 0))
    there = Counter((record.space, record.sample_seed) for record in wanted)
    return Population(r for r in wanted if there[r.space, r.sample_seed] == planned[r.space])


def counts(evidence: Population, planned: Mapping[str, int]) -> list[dict[str, object]]:
    """What may be looked at while a study grows, a row a population.

    How many networks are trained and planned, the standard deviation of their capped errors in
    points, and how many trainings diverged or went astray.
    """
    rows = []
    for name, n in planned.items():
        own = evidence.space(name)
        errors = capped(100 * np.array(own.errors))
        rows.append(
            {
                "population": name,
                "trained": len(own),
                "planned": n,
                "spread": float(errors.std(ddof=1)) if len(own) > 1 else None,
                "failed": own.diverged + own.astray,
            }
        )
    return rows
