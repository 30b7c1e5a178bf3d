"""Homework: each student's own task, from a seed, and a check that computes its answer.

No answer is stored. `given(name, seed)` is what a student works with, `hint(name, answer, seed)` is
None for a right answer, else a sentence that helps. `designspaces.check` prints it.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from math import comb
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from designspaces.book.exercises._answers import READERS, integers
from designspaces.designs import regnet
from designspaces.designs.architecture import Architecture, Stage
from designspaces.designs.checks import checked_choice, checked_natural, is_finite, is_integer
from designspaces.designs.complexity import breakdown, complexity
from designspaces.judging.intervals import decide
from designspaces.judging.statistics import EDF
from designspaces.populations.population import Population
from designspaces.spaces import SPACES
from designspaces.words import listed

RECORDED = 40
"""Recorded networks of each space, out of its first hundred, that a student gets."""


class Assignment(NamedTuple):
    """draw: makes a student's task of a generator; judge: takes answer and task, gives a hint."""

    draw: Callable[[np.random.Generator], dict[str, Any]]
    judge: Callable[[object, dict[str, Any]], str | None]


def given(name: str, seed: int) -> dict[str, Any]:
    """What the student with this seed works with, by names that the page explains.

    Raises ValueError for another name, or a seed that is no whole number of at least 0.
    """
    assignment = ASSIGNMENTS[checked_choice(name, "homework", ASSIGNMENTS)]
    seed = checked_natural(seed, "seed", "your own number, a whole one of at least 0")
    return assignment.draw(np.random.default_rng([crc32(name.encode()), seed]))


def hint(name: str, answer: object, seed: int) -> str | None:
    """None if the answer is right for this seed, else what to look at; raises as `given` does."""
    task = given(name, seed)
    return ASSIGNMENTS[name].judge(answer, task)


# --- stem, stage, space ---------------------------------------------------------------------------


def _draw_stem(rng: np.random.Generator) -> dict[str, Any]:
    layers = [(int(k), int(s)) for k, s in zip(rng.permutation([3, 5, 7]), (2, 2, 1), strict=True)]
    sides = tuple(int(side) for side in rng.integers(60, 240, 2))
    return {"image": sides, "layers": [layers[i] for i in rng.permutation(3)]}


def _judge_stem(answer: object, task: dict[str, Any]) -> str | None:
    """Rows and columns behind three convolutions, receptive field and jump."""
    found = integers(answer)
    if found is None or len(found) != 4:
        return _expected("four whole numbers: rows, columns, receptive field, jump", answer)
    sides, field, jump = list(task["image"]), 1, 1
    for kernel, stride in task["layers"]:
        sides = [(side + 2 * (kernel // 2) - kernel) // stride + 1 for side in sides]
        field, jump = field + (kernel - 1) * jump, jump * stride
    if found[:2] != sides:
        return "rows or columns are wrong: go layer by layer, by the formula of the stem's chapter."
    if found[3] != jump:
        return "rows and columns are right. The jump is the product of all strides."
    return (
        None if found[2] == field else "all but the field is right: mind the order of the layers."
    )


def _draw_stage(rng: np.random.Generator) -> dict[str, Any]:
    group_width, ratio = int(rng.choice([4, 8, 16])), int(rng.choice([1, 2]))
    entering, width = np.sort(rng.choice(np.arange(2, 9), 2, replace=False)) * 2 * group_width
    return {
        "entering": int(entering),
        "width": int(width),
        "depth": int(rng.integers(2, 7)),
        "bottleneck_ratio": ratio,
        "group_width": group_width,
        "resolution": int(rng.choice([28, 32, 48, 56])),
    }


def _judge_stage(answer: object, task: dict[str, Any]) -> str | None:
    """Parameters and multiply-adds of a stage that halves the resolution."""
    found = integers(answer)
    if found is None or len(found) != 2:
        return _expected("two whole numbers: parameters, multiply-adds", answer)
    stage = Stage(*(task[name] for name in ("depth", "width", "group_width", "bottleneck_ratio")))
    network = Architecture((stage,), stem_width=task["entering"], stem_stride=1)
    right = breakdown(network, task["resolution"])["stage 1"]
    shares = [found[0] / right.params, found[1] / right.flops]
    if shares == [1, 1]:
        return None
    what = "parameters" if shares[0] != 1 else "multiply-adds"
    wrong = shares[0] if shares[0] != 1 else shares[1]
    return (
        f"the {what} are too {'few' if wrong < 1 else 'many'}. Which layers does the first block "
        "have besides, where does it stride, and which numbers does batch normalization learn?"
    )


def _draw_count(rng: np.random.Generator) -> dict[str, Any]:
    names = ("stages", "depths", "widths", "ratios", "group_widths")
    return dict(zip(names, map(int, rng.integers([3, 4, 6, 2, 3], [6, 10, 17, 4, 7])), strict=True))


def _judge_count(answer: object, task: dict[str, Any]) -> str | None:
    """How many settings a space has whose widths and depths never fall, b and g shared."""
    if not is_integer(answer):
        return _expected("one whole number, exactly", answer)
    n, depths, widths, shared = *list(task.values())[:3], task["ratios"] * task["group_widths"]
    hints = {
        (depths * widths) ** n * shared: "these are all orders; widths and depths may not fall.",
        (depths * widths * shared) ** n: "one ratio and one group width serve all stages.",
        comb(depths, n) * comb(widths, n) * shared: "neighbors may be equal, too.",
        comb(depths + n - 1, n)
        * comb(widths + n - 1, n): "the ratio and the group width are free.",
    }
    if answer == comb(depths + n - 1, n) * comb(widths + n - 1, n) * shared:
        return None
    return hints.get(
        answer, "count the rising lists of two values over two stages by hand, and generalize."
    )


# --- populations ----------------------------------------------------------------------------------


def _draw_edf(rng: np.random.Generator) -> dict[str, Any]:
    a = np.round(rng.normal(14, 1.2, 12), 1).tolist()
    b = np.round(rng.normal(13, 1.2, 15), 1).tolist()
    return {"a": a, "b": b, "place": float(rng.choice(a))}


def _judge_edf(answer: object, task: dict[str, Any]) -> str | None:
    """F of two samples at an error that one of them has, and the largest distance between them."""
    found = _numbers(answer, 3)
    if found is None:
        return _expected("three shares: F of a, F of b, largest distance", answer)
    if max(map(abs, found)) > 1:
        return "F and distances of it are shares, from 0 to 1."
    a, b = EDF(task["a"]), EDF(task["b"])
    steps = np.nextafter([*task["a"], *task["b"]], np.inf)  # right behind each step
    right = [a(task["place"]), b(task["place"]), np.abs(a(steps) - b(steps)).max()]
    near = [abs(one - other) < 1e-3 for one, other in zip(found, right, strict=True)]
    if near[:2] == [True, True]:
        return None if near[2] else "both F are right. The distance may be largest anywhere else."
    return "an F is wrong: it counts what lies strictly below, and divides by its own n."


def _draw_matched(rng: np.random.Generator) -> dict[str, Any]:
    return {
        space: sorted(rng.choice(100, RECORDED, replace=False).tolist())
        for space in ("AnyNetX_C", "AnyNetX_D")
    }


def _judge_matched(answer: object, task: dict[str, Any]) -> str | None:
    """By how many points D differs from C, among networks of as many blocks."""
    if not is_finite(answer):
        return _expected("one number, in points", answer)
    c, d = (_errors_by_blocks(space, places) for space, places in task.items())
    gaps = {blocks: np.mean(d[blocks]) - np.mean(c[blocks]) for blocks in c.keys() & d.keys()}
    right = np.average(list(gaps.values()), weights=[len(d[blocks]) for blocks in gaps])
    hints = {
        -right: "from C to D: below zero where D is better.",
        right / 100: "an error of one percent is a point.",
        np.mean(list(gaps.values())): "a gap counts as often as D has networks of that length.",
        _mean(d) - _mean(c): "that compares networks of unlike lengths, too.",
    }
    near = [said for wrong, said in hints.items() if abs(answer - wrong) < 5e-3]
    if abs(answer - right) < 5e-3:
        return None
    return (
        near[0] if near else "group by blocks, leave out lengths that one side lacks, then weigh."
    )


def _errors_by_blocks(space: str, places: Iterable[int]) -> dict[int, list[float]]:
    records, found = {record.index: record for record in Population.recorded(space)}, {}
    for place in places:
        blocks = sum(records[place].network.depths)
        found.setdefault(blocks, []).append(100 * records[place].val_error)
    return found


def _mean(errors: dict[int, list[float]]) -> float:
    return float(np.mean([error for those in errors.values() for error in those]))


def _draw_verdicts(rng: np.random.Generator) -> dict[str, Any]:
    margin = round(float(rng.uniform(0.3, 0.8)), 1)
    inside, beyond = rng.uniform(0.1, 0.4, 4) * margin, rng.uniform(1.2, 2, 4) * margin
    intervals = [
        (-beyond[0] - inside[0], -beyond[0]),
        (-2 * inside[1], -inside[1]),
        (-inside[2], inside[3]),
        (-inside[0], beyond[1]),
        (beyond[2], beyond[2] + inside[1]),
    ]
    rounded = [tuple(round(float(end), 2) for end in intervals[i]) for i in rng.permutation(5)]
    return {"margin": margin, "intervals": rounded}


def _judge_verdicts(answer: object, task: dict[str, Any]) -> str | None:
    """The verdicts of five intervals on the claim that the second space is better."""
    listed = isinstance(answer, list | tuple) and all(isinstance(one, str) for one in answer)
    if not listed or len(answer) != len(task["intervals"]):
        return _expected(f"a list of {len(task['intervals'])} verdicts, in words", answer)
    right = [decide("better", *ends, task["margin"]) for ends in task["intervals"]]
    wrong = [i for i, pair in enumerate(zip(answer, right, strict=True), 1) if pair[0] != pair[1]]
    if not wrong:
        return None
    return f"look again at interval {wrong[0]}: is zero inside, and how does it lie to the margin?"


# --- RegNet ---------------------------------------------------------------------------------------


def _draw_line(rng: np.random.Generator) -> dict[str, Any]:
    while True:
        depth, w_0 = int(rng.integers(12, 22)), 8 * int(rng.integers(2, 6))
        w_a, w_m = round(float(rng.uniform(6, 24)), 1), round(float(rng.uniform(1.9, 2.8)), 2)
        network = regnet.generate(depth, w_0, w_a, w_m, group_width=8)
        if len(network.stages) in (3, 4):
            return {"w_0": w_0, "depths": network.depths, "widths": network.widths}


def _judge_line(answer: object, task: dict[str, Any]) -> str | None:
    """A slope and a factor that make the given stages, with groups of 8."""
    found = _numbers(answer, 2)
    if found is None:
        return _expected("a pair of numbers (w_a, w_m)", answer)
    try:
        made = regnet.generate(sum(task["depths"]), task["w_0"], *found, group_width=8)
    except ValueError as error:
        return f"the rule refuses them. {error}."
    if (made.depths, made.widths) == (task["depths"], task["widths"]):
        return None
    return f"they make stages of {made.depths} blocks and {made.widths} channels."


def _draw_budget(rng: np.random.Generator) -> dict[str, Any]:
    space = SPACES["AnyNetX_E"]
    costs = [complexity(one, space.regime.resolution) for one in space.sample(9, rng)]
    target = sorted(costs, key=lambda cost: cost.params)[4]
    return {"flops": target.flops, "params": target.params}


def _judge_budget(answer: object, task: dict[str, Any]) -> str | None:
    """A network of AnyNetX_E within 1% of some multiply-adds, with no more parameters."""
    if not isinstance(answer, Architecture):
        return _expected("an Architecture", answer)
    regime = SPACES["AnyNetX_E"].regime
    if (answer.stem_width, answer.stem_stride) != (regime.stem_width, regime.stem_stride):
        return f"the space has stems of {regime.stem_width} channels, stride {regime.stem_stride}."
    if len(answer.stages) != 4 or answer.block != "x" or answer.se_ratio:
        return "the space has networks of four stages of X blocks."
    for name, allowed in {
        "depths": regime.depth.values,
        "strides": regime.strides,
        "bottleneck_ratios": regime.bottleneck_ratio,
    }.items():
        if beyond := sorted(set(getattr(answer, name)) - set(allowed)):
            known = listed(sorted(set(allowed)))
            return f"its {name} have {beyond[0]:g}, and in the space they are {known}."
    if len(set(answer.bottleneck_ratios)) > 1:
        return f"its ratios differ, and the space shares one: {answer.bottleneck_ratios}."
    widest = max(answer.group_widths)
    if any(one.group_width != min(widest, one.bottleneck_width) for one in answer.stages):
        return f"its groups differ in wide stages: {answer.group_widths}, and the space shares one."
    for name in ("widths", "depths"):
        if any(after < before for before, after in pairwise(getattr(answer, name))):
            return f"its {name} fall somewhere: {getattr(answer, name)}."
    try:
        cost = complexity(answer, regime.resolution)
    except ValueError as error:
        return f"{error}."
    if abs(cost.flops / task["flops"] - 1) > 0.01:
        return f"it takes {cost.flops:,} multiply-adds at {regime.resolution} pixels."
    return None if cost.params <= task["params"] else f"it has {cost.params:,} parameters."


def _numbers(answer: object, count: int) -> list[float] | None:
    """So many finite numbers, from a tuple, a list or an array; else None."""
    found = READERS["number"](answer, count) or ()
    return list(map(float, found)) if len(found) == count else None


def _expected(what: str, answer: object) -> str:
    return f"expected {what}; got {answer!r}."


ASSIGNMENTS = {
    "hw-stem": Assignment(_draw_stem, _judge_stem),
    "hw-stage": Assignment(_draw_stage, _judge_stage),
    "hw-count": Assignment(_draw_count, _judge_count),
    "hw-edf": Assignment(_draw_edf, _judge_edf),
    "hw-matched": Assignment(_draw_matched, _judge_matched),
    "hw-verdicts": Assignment(_draw_verdicts, _judge_verdicts),
    "hw-line": Assignment(_draw_line, _judge_line),
    "hw-budget": Assignment(_draw_budget, _judge_budget),
}
