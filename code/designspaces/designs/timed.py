"""Run times of networks on an NVIDIA V100, as the paper printed them and as its authors' code does.

`timed.csv`, beside this module, has a row a network and source: Radosavovic et al. 2020, figures 15
and 16, tables 3 and 4 (a network that stands in two of them, once); and MODEL_ZOO.md of pycls,
commit 5719de6, where all of them were timed again. Its columns are the fields of `Timed`, with
multiply-adds in billions and activations in millions. Numbers have the digits of their source.
"""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timed:
    """What a source says of a network.

    flops (multiply-adds) and activations: an image of the network's own resolution. ms: of 64
    images forward on one V100. hours: of 100 epochs of ImageNet on eight. error: top-1 on ImageNet
    after these, in percent: in the paper the mean of five trainings, with their standard deviation
    std in points; in the code that of one of the five, and std is None. own_error: by the network's
    own authors and their recipe, None for RegNets and in the code.
    """

    source: str
    family: str
    network: str
    flops: float
    activations: float
    ms: float
    hours: float
    error: float
    std: float | None
    own_error: float | None


def _timed(row: dict[str, str]) -> Timed:
    flops, activations = 1e9 * float(row["gflops"]), 1e6 * float(row["mactivations"])
    ms, hours, error = (float(row[name]) for name in ("ms", "hours", "error"))
    std, own_error = (float(row[name]) if row[name] else None for name in ("std", "own_error"))
    named = (row[name] for name in ("source", "family", "network"))
    return Timed(*named, flops, activations, ms, hours, error, std, own_error)


with open(Path(__file__).with_suffix(".csv"), newline="", encoding="utf-8") as _file:
    _ALL = tuple(map(_timed, csv.DictReader(_file)))

TIMED = tuple(one for one in _ALL if one.source != "MODEL_ZOO.md")
"""The paper's: 24 RegNets, 6 ResNe(X)ts and 6 EfficientNets."""

TIMED_AGAIN = tuple(one for one in _ALL if one.source == "MODEL_ZOO.md")
"""The same networks by the authors' code, later, with other versions and other batches."""
