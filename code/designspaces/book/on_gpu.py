"""What was measured on a GPU, for the pages: a table that is there whether or not it was.

`tools/gpu.py` measures; what it wrote lies in recorded/gpu, a file a stage. No torch.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parents[1] / "recorded" / "gpu"
STAGES = ("correct", "regnetx32", "run-time", "populations")
MISSING = "not measured"


def measured(stage: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """The recorded file of a stage; None where there is none.

    Raises ValueError for a stage that there is not, and for a file that is not the record of such
    a measurement, a rehearsal's for instance.
    """
    if stage not in STAGES:
        raise ValueError(f"there is no stage {stage!r}; expected one of {', '.join(STAGES)}")
    path = Path(folder) / f"{stage}.json"
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

    A quantity that was not measured says so. Raises what `measured` raises.
    """
    import pandas as pd

    found = measured(stage, folder)
    rows = {name: _text(tell, found and found["results"]) for name, tell in ROWS[stage].items()}
    rows |= {name: _text(tell, found and found["made_on"]) for name, tell in MADE_ON.items()}
    return pd.DataFrame({"on a GPU": rows})


def foretold(results: Mapping[str, Any], cost: str, batch: str) -> float:
    """The share of the variance of log time that a power of a cost explains, r squared.

    results: of the stage run-time. cost: "flops" or "activations".
    """
    times = results["milliseconds"][batch]
    logs = np.log([(results["costs"][name][cost], times[name]) for name in times])
    return float(np.corrcoef(logs.T)[0, 1] ** 2)


def _text(tell: Callable[[Any], str], found: Any) -> str:
    try:
        return str(tell(found))
    except (KeyError, TypeError):  # it came to an end before that, or there is no such thing here
        return MISSING


def _step(precision: str) -> Callable[[Any], str]:
    def tell(found: Any) -> str:
        profile = found["profiles"][precision]
        parts = ", ".join(f"{name} {ms:.1f}" for name, ms in profile["parts_ms"].items())
        return f"{profile['step_ms']:.1f} ms; waiting after each part: {parts}"

    return tell


def _launches(found: Any) -> str:
    profile = found["profiles"]["bfloat16"]
    busy = 100 * profile["busy_ms"] / profile["step_ms"]
    return f"{profile['kernels']}, which keep the GPU busy for {busy:.0f}% of the step"


def _epoch(precision: str) -> Callable[[Any], str]:
    def tell(found: Any) -> str:
        (epoch,) = found["trainings"][f"{precision}, 1 epochs"]["epochs"]
        return f"{epoch['seconds']:.1f} s"

    return tell


def _foretold(cost: str) -> Callable[[Any], str]:
    return lambda found: ", ".join(
        f"{foretold(found, cost, batch):.2f} ({batch})" for batch in found["milliseconds"]
    )


def _ways(found: Any) -> str:
    return ", ".join(
        f"{name}: {way['an_hour']:,.0f}" if "an_hour" in way else f"{name}: {way['error']}"
        for name, way in found["ways"].items()
    )


ROWS: dict[str, dict[str, Callable[[Any], str]]] = {
    "correct": {
        "tests passed": lambda found: found["passed"],
        "tests failed": lambda found: found["failed"],
        "tests skipped": lambda found: found["skipped"],
    },
    "regnetx32": {
        "epochs in bfloat16": lambda found: found["epochs"],
        "training and judging": lambda found: f"{found['seconds']:.1f} s",
        "test accuracy": lambda found: f"{100 * found['accuracy']:.2f}%",
        "an epoch in float16": _epoch("float16"),
        "an epoch in float32": _epoch("float32"),
        "a step in bfloat16": _step("bfloat16"),
        "kernels of that step": _launches,
        "an epoch of d2l's loop": lambda found: f"{found['d2l']['epoch_seconds']:.1f} s",
        "that, in epochs of ours": lambda found: f"{found['d2l']['ratio']:.1f}",
    },
    "run-time": {
        "networks": lambda found: len(found["costs"]),
        "r squared of multiply-adds (batch)": _foretold("flops"),
        "r squared of activations (batch)": _foretold("activations"),
    },
    "populations": {
        "networks an hour": _ways,
        "the best way": lambda found: found["best"],
        "the same errors in every way": lambda found: "yes" if found["same_errors"] else "no",
        "networks recorded": lambda found: found["networks"],
    },
}
"""What a page shows of each stage: a quantity and how it reads."""

MADE_ON: dict[str, Callable[[Any], str]] = {
    "GPU": lambda made_on: made_on["device"],
    "driver": lambda made_on: made_on["driver"],
    "versions": lambda made_on: ", ".join(f"{k} {v}" for k, v in made_on["versions"].items()),
    "commit": lambda made_on: made_on["commit"][:10] + " and changes" * made_on["modified"],
    "finished": lambda made_on: made_on["finished"],
}
