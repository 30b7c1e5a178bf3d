"""What a network is: a stem, stages in a row and a head, as plain validated data.

An `Architecture` says everything that distinguishes one network of a design space from
another and nothing about how it is computed: this module does not know torch.

Widths count channels, depths count blocks, resolutions count pixels along one side of a square.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isclose
from numbers import Integral, Real
from typing import Any

import numpy as np

BLOCKS = ("x", "basic")
WIDEST = 2**20  # channels; beyond, a convolution's weights could not even be counted


@dataclass(frozen=True)
class Stage:
    """A run of `depth` blocks of the same width; only the first of them strides.

    `bottleneck_ratio` is the paper's b, width over bottleneck width: 2 halves the width inside a
    block, 0.5 doubles it (an inverted bottleneck). `group_width` is the paper's g, the channels
    in one group of the 3x3 convolution, not the number of groups.

    Raises ValueError for a value out of range, and where the widths do not divide evenly.
    Source: Radosavovic et al. 2020, section 3.2 and figure 4.
    """

    depth: int
    width: int
    group_width: int
    bottleneck_ratio: int | float = 1
    stride: int = 2

    def __post_init__(self):
        vars(self).update(_checked_stage("stage", **vars(self)))

    @property
    def bottleneck_width(self) -> int:
        """Channels of the 3x3 convolution: the paper's w / b."""
        return round(self.width / self.bottleneck_ratio)

    @property
    def groups(self) -> int:
        """Number of groups of the 3x3 convolution."""
        return self.bottleneck_width // self.group_width


@dataclass(frozen=True)
class Architecture:
    """A whole network: a 3x3 convolution as stem, the stages, average pooling and a linear layer.

    `block` is "x", the paper's residual bottleneck block (with `se_ratio` above 0 its Y block,
    which squeezes to `se_ratio` times the block's input width), or "basic", the residual block
    of two plain 3x3 convolutions.

    Raises ValueError naming the value, what was expected and the stage, counted from 1.
    Source: Radosavovic et al. 2020, figure 3.
    """

    stages: tuple[Stage, ...]
    stem_width: int = 32
    stem_stride: int = 2
    se_ratio: float = 0.0
    block: str = "x"

    def __post_init__(self):
        vars(self).update(
            stages=_checked_stages(self.stages),
            stem_width=_width(self.stem_width, "stem_width"),
            stem_stride=checked_stride(self.stem_stride, "stem_stride"),
            se_ratio=checked_se_ratio(self.se_ratio),
            block=checked_block(self.block),
        )
        if self.block == "basic":
            self._check_basic_blocks()
        if self.se_ratio > 0:
            self._check_squeeze_widths()

    @classmethod
    def from_lists(
        cls,
        depths: Sequence[int],
        widths: Sequence[int] | int,
        group_widths: Sequence[int] | int,
        bottleneck_ratios: Sequence[int | float] | int | float = 1,
        strides: Sequence[int] | int = 2,
        **rest: Any,
    ) -> Architecture:
        """Build the stages from one list a property; a single number is shared by all stages.

        `rest` goes to the Architecture. Unlike a Stage built alone, a bad stage is named by its
        number.
        """
        if not isinstance(depths, Iterable):
            raise ValueError(f"depths is {depths!r}; expected a list, one depth for each stage")
        columns = {"depth": list(depths)}
        shared_or_listed = {
            "width": widths,
            "group_width": group_widths,
            "bottleneck_ratio": bottleneck_ratios,
            "stride": strides,
        }
        for name, values in shared_or_listed.items():
            columns[name] = _one_each(values, f"{name}s", len(columns["depth"]))
        rows = zip(*columns.values(), strict=True)
        return cls(_numbered_stages(dict(zip(columns, row, strict=True)) for row in rows), **rest)

    @property
    def depths(self) -> tuple[int, ...]:
        """Blocks in each stage."""
        return tuple(stage.depth for stage in self.stages)

    @property
    def widths(self) -> tuple[int, ...]:
        """Output channels of each stage."""
        return tuple(stage.width for stage in self.stages)

    @property
    def group_widths(self) -> tuple[int, ...]:
        """Channels per group in each stage."""
        return tuple(stage.group_width for stage in self.stages)

    @property
    def bottleneck_ratios(self) -> tuple[int | float, ...]:
        """Width over bottleneck width in each stage."""
        return tuple(stage.bottleneck_ratio for stage in self.stages)

    @property
    def strides(self) -> tuple[int, ...]:
        """Stride of the first block of each stage."""
        return tuple(stage.stride for stage in self.stages)

    @property
    def depth(self) -> int:
        """Blocks in the whole body."""
        return sum(self.depths)

    @property
    def block_widths(self) -> tuple[int, ...]:
        """Output channels of each block, from the first to the last: `depth` values."""
        return tuple(stage.width for stage in self.stages for _ in range(stage.depth))

    def resolutions(self, resolution: int) -> tuple[int, ...]:
        """Pixels along one side after the stem, after stage 1, and so on, for a square input.

        Raises ValueError, naming the stage, where a 1x1 map would have to be halved.
        """
        resolution = positive_integer(resolution, "resolution")
        after = [strided(resolution, self.stem_stride, "stem")]
        for number, stride in enumerate(self.strides, start=1):
            after.append(strided(after[-1], stride, f"stage {number}"))
        return tuple(after)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, numbers and strings, ready for JSON; from_dict turns them back."""
        return asdict(self) | {"stages": [asdict(stage) for stage in self.stages]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Architecture:
        """The architecture that `to_dict` described.

        Raises ValueError for a key that is unknown or missing, besides all the usual checks.
        """
        _check_keys(data, cls, "architecture")
        stages = _listed_stages(data["stages"])
        for number, stage in enumerate(stages, start=1):
            _check_keys(stage, Stage, f"stage {number}")
        return cls(**{**data, "stages": _numbered_stages(stages)})

    def _check_basic_blocks(self):
        if self.se_ratio:
            raise ValueError(f"se_ratio is {self.se_ratio}; expected 0 with basic blocks")
        for number, stage in enumerate(self.stages, start=1):
            if stage.bottleneck_ratio != 1:
                raise ValueError(
                    f"stage {number}: bottleneck_ratio is {stage.bottleneck_ratio}; "
                    "expected 1, since a basic block has no bottleneck"
                )
            if stage.group_width != stage.width:
                raise ValueError(
                    f"stage {number}: group_width is {stage.group_width}; "
                    f"expected the width {stage.width}, since a basic block has one group"
                )

    def _check_squeeze_widths(self):
        inputs = (self.stem_width, *self.widths)
        for number, width in enumerate(inputs[:-1], start=1):
            if round(width * self.se_ratio) < 1:
                raise ValueError(
                    f"stage {number}: se_ratio is {self.se_ratio}, which squeezes "
                    f"{width} channels to none; expected at least one"
                )


def strided(resolution, stride, where: str):
    """The side of what a 3x3 convolution with padding 1 makes of a `resolution`-sided map.

    That is resolution / stride, rounded up. Numbers and arrays alike; `where` begins the message
    of the ValueError raised for a 1x1 map, which has nothing left to halve.
    """
    if np.any((np.asarray(resolution) == 1) & (np.asarray(stride) > 1)):
        raise ValueError(
            f"{where}: cannot halve a resolution of 1x1; "
            "expected a larger input image, fewer stages or a stride of 1"
        )
    return -(-resolution // stride)


def positive_integer(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError that calls it `name`.

    Integers of every library pass; True and 2.0 do not, for both are more often mistakes.
    """
    value = _plain(value)
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {value!r}; expected a positive integer")
    return int(value)


def checked_stride(value: Any, name: str) -> int:
    """`value` as a Python int, or a ValueError that calls it `name`, unless it is 1 or 2."""
    value = _plain(value)
    if not isinstance(value, Integral) or isinstance(value, bool) or value not in (1, 2):
        raise ValueError(f"{name} is {value!r}; expected 1 or 2")
    return int(value)


def checked_se_ratio(value: Any) -> float:
    """`value` as a float, or a ValueError unless it lies between 0 and 1."""
    value = _plain(value)
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:
        raise ValueError(f"se_ratio is {value!r}; expected a number from 0 to 1")
    return float(value)


def checked_block(value: Any) -> str:
    """`value` itself, or a ValueError unless it names a kind of block."""
    if value not in BLOCKS:
        raise ValueError(f"block is {value!r}; expected 'x' or 'basic'")
    return value


def refuse_first(bad, values, name: str, expected: str, place: str = "stage") -> None:
    """A ValueError about the first of `values` where `bad` is true; nothing where none is.

    The last axis counts stages (or what `place` says) from 1, those before it rows from 0.
    """
    if not np.any(bad):
        return
    index = tuple(np.argwhere(bad)[0])
    counted = [f"row {row}" for row in index[:-1]] + [f"{place} {last + 1}" for last in index[-1:]]
    where = ", ".join(counted) + ": " if counted else ""
    raise ValueError(f"{where}{name} is {np.asarray(values).item(*index)!r}; expected {expected}")


def check_positive_integers(values: np.ndarray, name: str, place: str = "stage") -> None:
    """A ValueError, worded as by refuse_first, unless all of an array are positive integers."""
    # An array of True, or of 2.0, is refused as a whole, as positive_integer refuses each.
    bad = values < 1 if values.dtype.kind in "iu" else np.ones(values.shape, bool)
    refuse_first(bad, values, name, "a positive integer", place)


def check_positive_numbers(values: np.ndarray, name: str) -> None:
    """A ValueError, worded as by refuse_first, unless all of an array are finite and above 0."""
    numbers = values.dtype.kind in "iuf"
    bad = ~(np.isfinite(values) & (values > 0)) if numbers else np.ones(values.shape, bool)
    refuse_first(bad, values, name, "a positive number")


def _plain(value):
    """A number of numpy's as Python's, which also reads better in a message."""
    return value.item() if isinstance(value, np.generic) else value


def _checked_stage(where, depth, width, group_width, bottleneck_ratio, stride) -> dict[str, Any]:
    """The fields of a Stage as Python numbers; `where` begins the message of every error."""
    depth = positive_integer(depth, f"{where}: depth")
    width = _width(width, f"{where}: width")
    group_width = positive_integer(group_width, f"{where}: group_width")
    ratio = _checked_bottleneck_ratio(bottleneck_ratio, where)
    stride = checked_stride(stride, f"{where}: stride")
    bottleneck_width = width / ratio
    # Ratios such as 1/3 have no exact float, so neither need the quotient be exact.
    if bottleneck_width > WIDEST or not isclose(bottleneck_width, round(bottleneck_width)):
        raise ValueError(
            f"{where}: bottleneck_ratio is {ratio}; expected one that divides the width {width}"
        )
    if round(bottleneck_width) % group_width:
        raise ValueError(
            f"{where}: group_width is {group_width}; "
            f"expected a divisor of the bottleneck width {round(bottleneck_width)}"
        )
    return {
        "depth": depth,
        "width": width,
        "group_width": group_width,
        "bottleneck_ratio": ratio,
        "stride": stride,
    }


def _width(value: Any, name: str) -> int:
    value = positive_integer(value, name)
    if value > WIDEST:
        raise ValueError(f"{name} is {value}; expected at most {WIDEST} channels")
    return value


def _checked_bottleneck_ratio(value, where):
    value = _plain(value)
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not 0 < value < sys.float_info.max:
        raise ValueError(f"{where}: bottleneck_ratio is {value!r}; expected a positive number")
    # 2.0 and 2 are the same ratio, so they are kept, shown and saved the same way.
    return int(value) if float(value).is_integer() else float(value)


def _checked_stages(stages):
    stages = _listed_stages(stages)
    if not stages:
        raise ValueError("stages is empty; expected at least one Stage")
    for number, stage in enumerate(stages, start=1):
        if not isinstance(stage, Stage):
            raise ValueError(f"stage {number} is {stage!r}; expected a Stage")
    return stages


def _listed_stages(stages) -> tuple:
    if not isinstance(stages, Iterable) or isinstance(stages, (str, Mapping)):
        raise ValueError(f"stages is {stages!r}; expected a list")
    return tuple(stages)


def _numbered_stages(rows: Iterable[Mapping]) -> tuple[Stage, ...]:
    """Stages from their fields; checked here, where a stage's number is known, and so named."""
    return tuple(
        Stage(**_checked_stage(f"stage {number}", **row))
        for number, row in enumerate(rows, start=1)
    )


def _one_each(values, name, stages: int) -> list:
    if not isinstance(values, Iterable):
        return [values] * stages
    values = list(values)
    if len(values) != stages:
        raise ValueError(f"{name} has {len(values)} values; expected {stages}, as many as depths")
    return values


def _check_keys(data, cls, where):
    if not isinstance(data, Mapping):
        raise ValueError(f"{where} is {data!r}; expected a dict")
    expected = [field.name for field in fields(cls)]
    for key in data:
        if key not in expected:
            raise ValueError(f"{where}: unknown key {key!r}; expected {', '.join(expected)}")
    for key in expected:
        if key not in data:
            raise ValueError(f"{where}: missing key {key!r}; expected {', '.join(expected)}")
