"""What the spaces of one comparison share: images, stem, strides, ranges and the band of costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from designspaces.designs.checks import (
    DEEPEST,
    WIDEST,
    at_most,
    checked_band,
    checked_choices,
    checked_each,
    checked_positive,
    checked_ratio,
    checked_se_ratio,
    checked_stride,
    checked_width,
    positive_integer,
)
from designspaces.designs.regnet import WIDTH_STEP

MOST_VALUES = 2**16
"""Values of a Range; each of them gets a weight."""

MOST_STEPS = 2**32
"""From 0 to the end of a Range; beyond, the weights of two values could not be told apart."""

LEAST_RISE = 1 + 1e-6
"""The smallest w_m; nearer to 1 its powers could not be told apart."""


@dataclass(frozen=True)
class Range:
    """The multiples of `step` from `low` to `high`, both included; all are above 0.

    Decimal fractions count as they are written: Range(0.1, 256, 0.1) has 2560 values.
    Raises ValueError unless both ends are such multiples, in this order, and for more than
    `MOST_VALUES` of them.
    """

    low: int | float
    high: int | float
    step: int | float = 1

    def __post_init__(self):
        for name, value in vars(self).items():
            checked_positive(value, name)
        for name in ("low", "high"):
            value = getattr(self, name)
            if _exact(value) % _exact(self.step):
                raise ValueError(f"{name} is {value}; expected a multiple of the step {self.step}")
        if self.low > self.high:
            raise ValueError(f"low is {self.low}; expected at most the high of {self.high}")
        steps = self.steps
        if steps.stop - steps.start > MOST_VALUES or steps.stop > MOST_STEPS:
            raise ValueError(
                f"step is {self.step}; expected at most {MOST_VALUES} steps from {self.low} to "
                f"{self.high}, and {MOST_STEPS} from 0"
            )

    @property
    def steps(self) -> range:
        """The values, counted in steps."""
        low, high = (int(_exact(end) / _exact(self.step)) for end in (self.low, self.high))
        return range(low, high + 1)

    @property
    def values(self) -> tuple[int | float, ...]:
        """The values themselves, from the smallest to the largest."""
        step = _exact(self.step)
        return tuple((int if step.denominator == 1 else float)(k * step) for k in self.steps)


@dataclass(frozen=True)
class Regime:
    """What the spaces of one comparison have in common.

    `resolution` (pixels along a side), `in_channels` and `num_classes` describe the task;
    `strides` has a stride for each stage; `depth`, `width`, `bottleneck_ratio` and `group_width`
    hold what a single stage may have; `w_0`, `w_a` and `w_m` are RegNetX's own ranges. `flops` is
    the band of multiply-adds, both ends included, in which networks are sampled unless another
    is given. Where a Range is expected, a tuple (low, high, step) does.

    Raises ValueError naming the value that is out of range and what was expected.
    """

    resolution: int
    in_channels: int
    num_classes: int
    stem_width: int
    stem_stride: int
    strides: tuple[int, ...]
    depth: Range
    width: Range
    bottleneck_ratio: tuple[int | float, ...]
    group_width: tuple[int, ...]
    w_0: Range
    w_a: Range
    w_m: Range
    flops: tuple[float, float]
    se_ratio: float = 0.0

    def __post_init__(self):
        for name in ("resolution", "in_channels", "num_classes"):
            vars(self)[name] = positive_integer(getattr(self, name), name)
        strides = checked_each(self.strides, "strides", checked_stride)
        at_most(len(strides), "the number of strides", DEEPEST, "stages")
        vars(self).update(
            stem_width=checked_width(self.stem_width, "stem_width"),
            stem_stride=checked_stride(self.stem_stride, "stem_stride"),
            strides=strides,
            depth=_checked_range(self.depth, "depth", whole=1, most=DEEPEST // len(strides)),
            width=_checked_range(self.width, "width", whole=1),
            bottleneck_ratio=checked_choices(
                self.bottleneck_ratio, "bottleneck_ratio", checked_ratio
            ),
            group_width=checked_choices(self.group_width, "group_width", checked_width),
            w_0=_checked_range(self.w_0, "w_0", whole=WIDTH_STEP),
            w_a=_checked_range(self.w_a, "w_a"),
            w_m=_checked_range(self.w_m, "w_m"),
            flops=checked_band(self.flops, "flops"),
            se_ratio=checked_se_ratio(self.se_ratio),
        )
        if self.w_m.low <= 1:
            raise ValueError(f"w_m: low is {self.w_m.low}; expected a number above 1")
        if self.w_m.low < LEAST_RISE:
            raise ValueError(f"w_m: low is {self.w_m.low}; expected at least {LEAST_RISE}")

    @property
    def stages(self) -> int:
        """Stages of every network."""
        return len(self.strides)


def _checked_range(values, name: str, whole: int | None = None, most: int = WIDEST) -> Range:
    """`values` as a Range up to `most`, of multiples of `whole` if given, or a ValueError."""
    try:
        values = values if isinstance(values, Range) else Range(*values)
    except TypeError:
        raise ValueError(f"{name} is {values!r}; expected a Range or (low, high, step)") from None
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    for part, value in vars(values).items():
        if whole and _exact(value) % whole:
            raise ValueError(f"{name}: {part} is {value}; expected a multiple of {whole}")
    at_most(values.high, f"{name}: high", most)
    return values


def _exact(value) -> Fraction:
    """A number as it is written, which for 0.1 is not the float's own value."""
    return Fraction(str(value))


BOOK = Regime(
    resolution=28,
    in_channels=1,
    num_classes=10,
    stem_width=16,
    stem_stride=1,
    strides=(2, 2, 2, 2),
    depth=Range(1, 8),
    width=Range(8, 256, 8),
    bottleneck_ratio=(1, 2, 4),
    group_width=(1, 2, 4, 8, 16, 32),
    w_0=Range(8, 256, 8),
    w_a=Range(0.1, 256, 0.1),
    w_m=Range(1.5, 3, 0.001),
    flops=(900_000, 1_100_000),
)
"""The book's regime: Fashion-MNIST at its native size, around a million multiply-adds."""

PAPER = replace(
    BOOK,
    resolution=224,
    in_channels=3,
    num_classes=1000,
    stem_width=32,
    stem_stride=2,
    depth=Range(1, 16),
    width=Range(8, 1024, 8),
    flops=(360_000_000, 400_000_000),
)
"""The paper's regime: ImageNet, 360 to 400 million multiply-adds. The steps of w are pycls's."""
