"""What is said of answers: verdicts with their notes, and tables. `study` finds them."""

from collections.abc import Mapping

from designspaces.judging.intervals import NOT_RESOLVED
from designspaces.judging.study import Answer
from designspaces.words import interval, listed, signed, some

_LOST = " (not when the whole family is corrected)"
_SIZE_LOST = " (of this size not when the whole family is corrected)"


def tell_verdict(answer: Answer) -> str:
    """With a note where it does not stay once the whole family is corrected."""
    if answer.survives is False and not answer.verdict.startswith(NOT_RESOLVED):
        return answer.verdict + _LOST
    return answer.verdict + _SIZE_LOST * (answer.size_survives is False)


def table(answers: Mapping[str, Answer]) -> list[dict[str, str]]:
    """Claim, number with its interval, networks and verdict: a row an answer."""
    rows = []
    for answer in answers.values():
        question = answer.question
        rows.append(
            {
                "claim": f"{question.text} ({question.source})",
                "family": answer.family.name,
                "number": _number(answer),
                "networks": listed(answer.n)
                + f"; {len(answer.left_out)} alone: {some(answer.left_out)}"
                * bool(answer.left_out),
                "verdict": tell_verdict(answer),
            }
        )
    return rows


def side_by_side(
    first: Mapping[str, Answer], second: Mapping[str, Answer], own: Mapping[str, str]
) -> list[dict[str, str]]:
    """The verdicts of two studies on the claims of either, a row a claim, those of both first.

    first: the data of the first, asked again in the second's way. own: what the first said in its
    own way, by claim.
    """
    both = [name for name in first if name in second]
    names = dict.fromkeys([*both, *first, *second, *own])
    return [
        {
            "claim": name,
            "first, in its own way": own.get(name, "not asked"),
            "first": _number(first[name]) if name in first else "not asked",
            "n then": listed(first[name].n) if name in first else "",
            "verdict then": tell_verdict(first[name]) if name in first else "",
            "second": _number(second[name]) if name in second else "not asked",
            "n now": listed(second[name].n) if name in second else "",
            "verdict now": tell_verdict(second[name]) if name in second else "",
        }
        for name in names
    ]


def _number(answer: Answer) -> str:
    found = answer.interval
    if found is None:
        return answer.why.removeprefix(f"{answer.question.id}: ")
    ends = interval(found.low, found.high)
    return f"{signed(found.effect.value, 2)} {answer.question.unit} ({ends})"
