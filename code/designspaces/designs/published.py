"""The 24 RegNets of the paper, with what its authors report about each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from designspaces.designs.architecture import Architecture
from designspaces.designs.regnet import Line, generate


@dataclass(frozen=True)
class PublishedRegNet:
    """One of the 24 networks of the paper, with what its authors report about it.

    `params`, `flops` (multiply-adds) and `activations` are counts at 224x224 pixels, 3
    channels and 1000 classes. Errors are on ImageNet, in percent, after 100 epochs: each network
    was trained five times, `top1_error` is that of the released copy, whose error is the nearest
    to the mean of the five, and `top1_std` their standard deviation in points.
    Source: pycls, commit 5719de6, configs/dds_baselines and dev/model_error.json; `top1_std` from
    Radosavovic et al. 2020, figures 15 and 16, which print the means to one decimal.
    """

    name: str
    depth: int
    w_0: int
    w_a: float
    w_m: float
    group_width: int
    se_ratio: float
    params: int
    flops: int
    activations: int
    top1_error: float
    top1_std: float

    @property
    def line(self) -> Line:
        """The line that its block widths follow."""
        return Line(self.depth, self.w_0, self.w_a, self.w_m)

    @property
    def architecture(self) -> Architecture:
        """The network itself, generated from its parameters."""
        return self._generated(self.line)

    @property
    def printed(self) -> Architecture:
        """What comes of the rounded numbers in the paper's figures: often another network.

        They give w_a as a whole number and w_m to one decimal.
        """
        return self._generated(replace(self.line, w_a=round(self.w_a), w_m=round(self.w_m, 1)))

    def _generated(self, line: Line) -> Architecture:
        return generate(*line, group_width=self.group_width, se_ratio=self.se_ratio)


# fmt: off
_REGNET_X = (
    # name    depth  w_0    w_a   w_m    g       params           flops  activations   top1   std
    ("X-200MF", 13,  24,  36.44, 2.49,   8,   2_684_792,    199_040_872,  2_164_056, 31.088, 0.09),
    ("X-400MF", 22,  24,  24.48, 2.54,  16,   5_157_512,    397_678_568,  3_143_272, 27.382, 0.15),
    ("X-600MF", 16,  48,  36.97, 2.24,  24,   6_196_040,    600_891_112,  3_975_096, 25.864, 0.03),
    ("X-800MF", 16,  56,  35.73, 2.28,  16,   7_259_656,    799_700_712,  5_148_744, 24.846, 0.09),
    ("X-1.6GF", 18,  80,  34.01, 2.25,  24,   9_190_136,  1_602_850_792,  7_933_512, 23.038, 0.13),
    ("X-3.2GF", 25,  88,  26.31, 2.25,  48,  15_296_552,  3_176_622_952, 11_367_432, 21.736, 0.08),
    ("X-4.0GF", 23,  96,  38.65, 2.43,  40,  22_118_248,  3_964_499_816, 12_201_608, 21.356, 0.19),
    ("X-6.4GF", 17, 184,  60.83, 2.07,  56,  26_209_256,  6_460_292_264, 16_369_744, 20.844, 0.07),
    ("X-8.0GF", 23,  80,  49.56, 2.88, 120,  39_572_648,  7_995_133_416, 14_059_688, 20.728, 0.07),
    ("X-12GF",  19, 168,  73.36, 2.37, 112,  46_106_056, 12_086_679_016, 21_366_568, 20.288, 0.04),
    ("X-16GF",  22, 216,  55.59, 2.10, 128,  54_278_536, 15_940_756_456, 25_515_496, 19.956, 0.11),
    ("X-32GF",  23, 320,  69.86, 2.00, 168, 107_811_560, 31_735_930_792, 36_302_160, 19.498, 0.12),
)
_REGNET_Y = (
    # name    depth  w_0    w_a   w_m    g       params           flops  activations   top1   std
    ("Y-200MF", 13,  24,  36.44, 2.49,   8,   3_162_996,    199_519_076,  2_168_052, 29.658, 0.11),
    ("Y-400MF", 16,  48,  27.89, 2.09,   8,   4_344_144,    401_849_056,  3_892_496, 25.898, 0.16),
    ("Y-600MF", 15,  48,  32.54, 2.32,  16,   6_055_160,    601_227_608,  4_334_296, 24.540, 0.07),
    ("Y-800MF", 14,  56,  38.84, 2.40,  16,   6_263_168,    797_183_328,  5_249_888, 23.684, 0.03),
    ("Y-1.6GF", 27,  48,  20.71, 2.65,  24,  11_202_430,  1_612_087_326,  8_044_814, 22.066, 0.08),
    ("Y-3.2GF", 21,  80,  42.63, 2.66,  24,  19_436_338,  3_176_496_162, 11_263_418, 21.074, 0.05),
    ("Y-4.0GF", 22,  96,  31.41, 2.24,  64,  20_646_656,  3_973_301_344, 12_287_200, 20.640, 0.08),
    ("Y-6.4GF", 25, 112,  33.22, 2.27,  72,  30_583_252,  6_355_221_876, 16_407_188, 20.110, 0.04),
    ("Y-8.0GF", 17, 192,  76.82, 2.19,  56,  39_180_068,  7_963_074_196, 17_968_916, 20.052, 0.09),
    ("Y-12GF",  19, 168,  73.36, 2.37, 112,  51_822_544, 12_092_395_504, 21_384_496, 19.670, 0.06),
    ("Y-16GF",  18, 200, 106.23, 2.48, 112,  83_590_140, 15_911_534_044, 23_041_228, 19.608, 0.16),
    ("Y-32GF",  20, 232, 115.89, 2.53, 232, 145_046_770, 32_279_583_362, 30_261_570, 19.066, 0.12),
)
# fmt: on

PUBLISHED = {
    f"RegNet{row[0]}": PublishedRegNet(f"RegNet{row[0]}", *row[1:6], se_ratio, *row[6:])
    for rows, se_ratio in ((_REGNET_X, 0.0), (_REGNET_Y, 0.25))
    for row in rows
}
"""The 24 published networks by name, "RegNetX-200MF" to "RegNetY-32GF"."""
