"""At which multiple of the multiply-adds plain networks take as long as their X networks.

What is timed is to name a batch on one thread; `times.csv` has the quickest of some turns. Run
`python -m designspaces.experiments.plain.timing` on a quiet machine, put what it prints into
`space.TIMES`, and commit both before a network of `EQUAL_TIME` is trained.
"""

import csv
from pathlib import Path

import numpy as np

from designspaces.experiments.plain.space import BESIDE, PlainSpace
from designspaces.files import atomic

_Rows = list[tuple[int, float, float, float]]

FILE = Path(__file__).with_name("times.csv")
_COLUMNS = ("pair", "times", "x_ms", "plain_ms")
_MULTIPLES = (1.0, 1.5, 2.0, 3.0)
_PAIRS, _SAMPLE, _BATCH, _TURNS = 24, 2, 128, 10


def _measure() -> _Rows:
    """A row for each pair, of another sample than the plan's, and multiple; takes minutes."""
    import torch

    from designspaces.networks import run_time

    torch.set_num_threads(1)
    sides = [BESIDE, *(PlainSpace("plain", times) for times in _MULTIPLES)]
    rows = []
    for pair in zip(*(side.draw(_PAIRS, _SAMPLE) for side in sides), strict=True):
        found = run_time.measure(
            [draw.architecture for draw in pair],
            resolution=BESIDE.regime.resolution,
            batch_size=_BATCH,
            repeats=_TURNS,
            in_channels=1,
            num_classes=10,
            device=torch.device("cpu"),
        )
        x, *plain = (1000 * found.min(axis=0)).round(3).tolist()
        index = pair[0].index
        rows += [(index, times, x, ms) for times, ms in zip(_MULTIPLES, plain, strict=True)]
    return rows


def _read(path: Path = FILE) -> _Rows:
    """What was measured: pair, multiple, and the times of both in ms."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (int(row["pair"]), *(float(row[c]) for c in _COLUMNS[1:]))
            for row in csv.DictReader(file)
        ]


def _write(rows: _Rows, path: Path = FILE) -> None:
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([_COLUMNS, *rows])


def ratios(rows: _Rows | None = None) -> dict[float, np.ndarray]:
    """The plain network's time over the X network's, of each pair, by multiple."""
    rows = _read() if rows is None else rows
    return {
        times: np.array([plain / x for _, at, x, plain in rows if at == times])
        for times in sorted({row[1] for row in rows})
    }


def multiple(rows: _Rows) -> float:
    """The multiple at which the geometric mean of the ratios is 1, to two decimals.

    Between two multiples by a straight line in logarithms. Raises ValueError beyond them.
    """
    found = ratios(rows)
    times, means = np.log(list(found)), [np.log(each).mean() for each in found.values()]
    if not means[0] <= 0 <= means[-1]:
        ends = f"{np.exp(means[0]):.2f} to {np.exp(means[-1]):.2f}"
        raise ValueError(f"plain networks take {ends} of the X networks' times; expected 1 within")
    return round(float(np.exp(np.interp(0, means, times))), 2)


if __name__ == "__main__":
    _write(_measure())
    print(multiple(_read()))
