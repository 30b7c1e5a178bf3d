"""What a network is: a stem, stages in a row and a head, as plain validated data.

An `Architecture` says everything that distinguishes one network of a design space from
another and nothing about how it is computed: this module does not know torch.

Widths count channels, depths count blocks, resolutions count pixels along one side of a square.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isclose
from typing import Any

import numpy as np

from designspaces.designs.checks import (
    BLOCKS,
    WIDEST,
    checked_choice,
    checked_depth,
    checked_positive,
    checked_se_ratio,
    checked_stride,
    checked_width,
    is_finite,
    plain,
    positive_integer,
)


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
        try:
            vars(self).update(_checked_stage(**vars(self)))
        except ValueError as error:
            raise ValueError(f"stage: {error}") from None

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
            **checked_shared(self.stem_width, self.stem_stride, self.se_ratio, self.block),
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

    @classmethod
    def from_textbook(cls, stages: Sequence[Sequence], stem_channels: int) -> Architecture:
        """Read d2l's ((depth, channels, group_width, bot_mul), ...).

        bot_mul multiplies a width into the bottleneck's: it is one over the paper's ratio b.
        """
        if not isinstance(stages, Sequence) or isinstance(stages, str) or not stages:
            raise ValueError(f"stages is {stages!r}; expected a list, a tuple for each stage")
        for number, stage in enumerate(stages, start=1):
            if not _is_textbook_stage(stage):
                raise ValueError(
                    f"stage {number}: got {stage!r}; expected (depth, channels, group_width, "
                    "bot_mul) with bot_mul > 0"
                )
        depths, widths, group_widths, multipliers = zip(*stages, strict=True)
        ratios = [inverse(multiplier) for multiplier in multipliers]
        return cls.from_lists(depths, widths, group_widths, ratios, stem_width=stem_channels)

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
            if squeezed_width(width, self.se_ratio) < 1:
                raise ValueError(
                    f"stage {number}: se_ratio is {self.se_ratio}, which squeezes "
                    f"{width} channels to none; expected at least one"
                )


def checked_shared(stem_width, stem_stride, se_ratio, block) -> dict[str, Any]:
    """What all stages share, as Python's values, or a ValueError."""
    shared = {
        "stem_width": checked_width(stem_width, "stem_width"),
        "stem_stride": checked_stride(stem_stride, "stem_stride"),
        "se_ratio": checked_se_ratio(se_ratio),
        "block": checked_choice(block, "block", BLOCKS),
    }
    if block == "basic" and shared["se_ratio"]:
        raise ValueError(f"se_ratio is {shared['se_ratio']}; expected 0 with basic blocks")
    return shared


def inverse(multiplier: float) -> int | float:
    """1 / multiplier, as an integer where it is one (0.25 gives 4): bot_mul to ratio and back."""
    ratio = 1 / plain(multiplier)
    whole = is_finite(ratio) and abs(ratio - round(ratio)) < 1e-9 and round(ratio)
    return round(ratio) if whole else ratio


def squeezed_width(width, se_ratio: float):
    """Channels between the two layers of squeeze-and-excitation, for a number or an array.

    As in pycls: a share of the `width` that enters the block, not of the width that is squeezed.
    """
    squeezed = np.rint(width * se_ratio)
    return squeezed.astype(np.int64) if isinstance(squeezed, np.ndarray) else int(squeezed)


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


def _checked_stage(depth, width, group_width, bottleneck_ratio, stride) -> dict[str, Any]:
    """The fields of a Stage as Python numbers, or a ValueError that does not know which stage."""
    depth = checked_depth(depth, "depth")
    width = checked_width(width, "width")
    group_width = positive_integer(group_width, "group_width")
    ratio = checked_positive(bottleneck_ratio, "bottleneck_ratio")
    stride = checked_stride(stride, "stride")
    bottleneck_width = width / ratio
    # Ratios such as 1/3 have no exact float, so neither need the quotient be exact.
    if bottleneck_width > WIDEST or not isclose(bottleneck_width, round(bottleneck_width)):
        raise ValueError(
            f"bottleneck_ratio is {ratio}; expected one that divides the width {width}"
        )
    if round(bottleneck_width) % group_width:
        raise ValueError(
            f"group_width is {group_width}; "
            f"expected a divisor of the bottleneck width {round(bottleneck_width)}"
        )
    return {
        "depth": depth,
        "width": width,
        "group_width": group_width,
        "bottleneck_ratio": ratio,
        "stride": stride,
    }


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
    """Stages from their fields; one that is refused is named by its number, which is known here."""
    stages = []
    for number, row in enumerate(rows, start=1):
        try:
            stages.append(Stage(**row))
        except ValueError as error:
            raise ValueError(f"stage {number}{str(error).removeprefix('stage')}") from None
    return tuple(stages)


def _is_textbook_stage(stage: object) -> bool:
    return isinstance(stage, Sequence) and len(stage) == 4 and is_finite(stage[3]) and stage[3] > 0


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
