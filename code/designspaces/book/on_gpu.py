"""What was measured on a GPU, for the pages: a table that is there whether or not it was.

`tools/gpu.py` measures; what it wrote lies in recorded/gpu, a file a stage. No torch.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from designspaces.designs.checks import checked_choice
from designspaces.judging.shares import Share, explained

FOLDER = Path(__file__).parents[1] / "recorded" / "gpu"
STAGES = ("correct", "regnetx32", "run-time", "populations")
MISSING = "not measured"

Quantity = str | Callable[[Mapping[str, Any]], float | Share]
"""Keys with slashes between them, or what a function makes of the results."""


def measured(stage: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """The recorded file of a stage; None where there is none.

    Raises ValueError for a stage that there is not, and for a file that is not the record of such
    a measurement, a rehearsal's for instance.
    """
    path = Path(folder) / f"{checked_choice(stage, 'stage', STAGES)}.json"
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        rehearsed = found["quick"] or found["made_on"]["kind"] != "cuda"
        wrong = found["stage"] != stage or not isinstance(found["results"], dict)
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no record of tools/gpu.py: {error!r}") from error
    if rehearsed or wrong:
        raise ValueError(
            f"{path} was not measured on a GPU, or not by the stage {stage}; remove the file"
        )
    return found


def table(stage: str, folder: Path = FOLDER):
    """What a stage found, as text by quantity, with the device and the versions: a DataFrame.

    A quantity that was not measured says so; where the whole stage was not, one row does. Raises
    what `measured` raises.
    """
    import pandas as pd

    found, rows = measured(stage, folder), {"everything": MISSING}
    if found is not None:
        rows = told(ROWS[stage], found["results"]) | told(MADE_ON, found["made_on"])
    return pd.DataFrame({"on a GPU": rows})


def told(rows: Mapping[str, tuple[Quantity, str]], found: Mapping[str, Any]) -> dict[str, str]:
    """Each of `rows` as text: a quantity of `found`, in its format, or that it was not measured."""
    return {name: _text(found, *row) for name, row in rows.items()}


def foretold(results: Mapping[str, Any], cost: str, batch: int) -> Share:
    """The share of the variance of log time that a power of a cost explains, R squared.

    results: of the stage run-time. cost: "flops" or "activations".
    """
    times = results["milliseconds"][str(batch)]
    logs = np.log([(results["costs"][name][cost], times[name]) for name in times])
    return explained(*logs.T)


def _text(found: Any, quantity: Quantity, form: str) -> str:
    try:
        if callable(quantity):
            return form.format(quantity(found))
        for key in quantity.split("/"):
            found = found[int(key) if isinstance(found, list) else key]
        return MISSING if found is None else form.format(found)
    except (KeyError, TypeError):  # the stage ended before that, or there is no such thing there
        return MISSING


def _busy(results: Mapping[str, Any]) -> float:
    profile = results["profiles"]["bfloat16"]
    return profile["busy_ms"] / profile["step_ms"]


ROWS: dict[str, dict[str, tuple[Quantity, str]]] = {
    "correct": {f"tests {outcome}": (outcome, "{}") for outcome in ("passed", "failed", "skipped")},
    "regnetx32": {
        "epochs in bfloat16": ("epochs", "{}"),
        "seconds for them": ("seconds", "{:.1f}"),
        "test accuracy": ("accuracy", "{:.2%}"),
        "seconds for one in float16": ("trainings/float16, 1 epochs/epochs/0/seconds", "{:.1f}"),
        "seconds for one in float32": ("trainings/float32, 1 epochs/epochs/0/seconds", "{:.1f}"),
        "seconds for one of d2l's": ("d2l/epoch_seconds", "{:.1f}"),
        "d2l's over ours in bfloat16": ("d2l/ratio", "{:.1f}"),
        "a step in bfloat16, ms": ("profiles/bfloat16/step_ms", "{:.2f}"),
        "its images alone, ms": ("profiles/bfloat16/parts_ms/data", "{:.2f}"),
        "its forward pass alone, ms": ("profiles/bfloat16/parts_ms/forward", "{:.2f}"),
        "its backward pass alone, ms": ("profiles/bfloat16/parts_ms/backward", "{:.2f}"),
        "its update alone, ms": ("profiles/bfloat16/parts_ms/step", "{:.2f}"),
        "kernels in a step": ("profiles/bfloat16/kernels", "{}"),
        "share of a step they run": (_busy, "{:.0%}"),
    },
    "run-time": {
        "networks": (lambda results: len(results["costs"]), "{}"),
        **{
            f"r squared of {name}, batches of {batch}": (
                partial(foretold, cost=cost, batch=batch),
                "{}",
            )
            for batch in (1, 64, 256)
            for cost, name in (("flops", "multiply-adds"), ("activations", "activations"))
        },
    },
    "populations": {
        **{
            f"networks an hour, {way}": (f"ways/{way}/an_hour", "{:,.0f}")
            for way in (
                *(f"{n} processes" for n in (1, 4, 8, 16)),
                *(f"{n} threads" for n in (4, 8, 16)),
            )
        },
        "best": ("best", "{}"),
        "the same errors in every way": ("same_errors", "{}"),
        "networks recorded": ("networks", "{}"),
    },
}
"""What a page shows of each stage: where a quantity stands in its results, and how it reads."""

MADE_ON: dict[str, tuple[Quantity, str]] = {
    "GPU": ("device", "{}"),
    "driver": ("driver", "{}"),
    "torch": ("versions/torch", "{}"),
    "CUDA": ("versions/cuda", "{}"),
    "commit": ("commit", "{:.10}"),
    "changed since that commit": ("modified", "{}"),
    "finished": ("finished", "{}"),
}
