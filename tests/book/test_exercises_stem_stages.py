"""Checks of the readers' answers: the right one passes, usual mistakes get the hint that helps."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from designspaces import check
from designspaces.book.exercises import stages, stem
from designspaces.networks.blocks import XBlock

CHECKS = stem.CHECKS | stages.CHECKS


def conv_cost(conv, side):
    """Multiply-adds of a convolution, counted from the weights and the output of the module."""
    output = conv(torch.zeros(1, conv.in_channels, side, side))
    return conv.weight.numel() * output.shape[2] * output.shape[3]


def block_cost(width, group_width):
    """Multiply-adds of a block that keeps its shape, at one position, counted from its weights."""
    convs = [m for m in XBlock(width, width, group_width=group_width).modules() if is_conv(m)]
    assert len(convs) == 3
    return sum(conv.weight.numel() for conv in convs)


def is_conv(module):
    return isinstance(module, nn.Conv2d)


def probed_field():
    """Receptive field and jump of ResNet's stem, from the gradients of two neighboring outputs."""
    layers = nn.Sequential(nn.Conv2d(1, 1, 7, 2, 3), nn.AvgPool2d(3, 2, 1))
    nn.init.ones_(layers[0].weight)
    x = torch.zeros(1, 1, 64, 64, requires_grad=True)
    y = layers(x)
    reached = []
    for place in (7, 8):
        (slope,) = torch.autograd.grad(y[0, 0, 7, place], x, retain_graph=True)
        reached.append(slope[0, 0].abs().sum(0).nonzero().flatten())
    return len(reached[0]), int(reached[1][0] - reached[0][0])


RIGHT = {
    "stem-shape": lambda: nn.Conv2d(3, 24, 3, 2, 1)(torch.zeros(8, 3, 225, 150)).shape,
    "stem-field": probed_field,
    "stem-cost": lambda: conv_cost(nn.Conv2d(3, 64, 7, 2, 3, bias=False), 224),
    "stages-weight": lambda: nn.Conv2d(40, 40, 3, groups=5).weight.shape,
    "stages-budget": lambda: max(
        width for width in range(8, 257, 8) if block_cost(width, 8) <= block_cost(64, 64)
    ),
    "stages-compatible": lambda: ([24, 64, 128, 224], [12, 16, 16, 16]),
}

WRONG = [
    ("stem-shape", (24, 113, 75), "four whole numbers"),
    ("stem-shape", None, "four whole numbers"),
    ("stem-shape", (8, 24, 112.5, 75), "four whole numbers"),
    ("stem-shape", (1, 24, 113, 75), "as many come out"),
    ("stem-shape", (8, 3, 113, 75), "channels"),
    ("stem-shape", (8, 24, 225, 150), "keep the resolution"),
    ("stem-shape", (8, 24, 112, 75), "odd"),
    ("stem-shape", (8, 24, 75, 113), "rows"),
    ("stem-shape", (8, 24, 113, 76), "rule"),
    ("stem-field", 11, "two whole numbers"),
    ("stem-field", (4, 11), "first"),
    ("stem-field", (11, 2), "strides"),
    ("stem-field", (7, 4), "pooling"),
    ("stem-field", (9, 4), "mind the jump"),
    ("stem-field", (15, 4), "own stride"),
    ("stem-field", (21, 4), "own stride"),
    ("stem-field", (10, 4), "one layer at a time"),
    ("stem-cost", "much", "whole number"),
    ("stem-cost", 9_408, "weights"),
    ("stem-cost", 9_408 * 112, "rows and columns of positions"),
    ("stem-cost", 9_408 * 224**2, "every pixel"),
    ("stem-cost", 3_136 * 112**2, "three channels"),
    ("stem-cost", 1_728 * 112**2, "kernel is larger"),
    ("stem-cost", 1_344 * 112**2, "rows and columns of weights"),
    ("stem-cost", 4_704 * 112**2, "wider"),
    ("stem-cost", 9_472 * 112**2, "biases"),
    ("stem-cost", 1, "multiply"),
    ("stages-weight", 40, "four sides"),
    ("stages-weight", (40, 8, 3), "four sides"),
    ("stages-weight", (40, 8, 1, 1), "kernel"),
    ("stages-weight", (160, 8, 3, 3), "divides"),
    ("stages-weight", (80, 8, 3, 3), "inside the bottleneck"),
    ("stages-weight", (8, 40, 3, 3), "filters come first"),
    ("stages-weight", (20, 8, 3, 3), "as many filters"),
    ("stages-weight", (40, 5, 3, 3), "number of groups"),
    ("stages-weight", (40, 40, 3, 3), "not all"),
    ("stages-weight", (40, 16, 3, 3), "how many"),
    ("stages-budget", "wide", "one width"),
    ("stages-budget", 0, "one width"),
    ("stages-budget", 133, "multiple of 8"),
    ("stages-budget", 136, "46,784"),
    ("stages-budget", 64, "wider"),
    ("stages-compatible", 5, "two lists"),
    ("stages-compatible", ([24, 64, 128, 224],), "two lists"),
    ("stages-compatible", ([24, 64, 128], [12, 16, 16, 16]), "as widths"),
    ("stages-compatible", ([24, 64, 128, 224], 16), "as group widths"),
    ("stages-compatible", ([32, 64, 128, 224], [16] * 4), "shrink"),
    ("stages-compatible", ([24, 64, 128, 224], [12, 16, 18, 16]), "only where"),
    ("stages-compatible", ([12, 32, 64, 112], [12, 16, 16, 16]), "larger by the ratio"),
    ("stages-compatible", ([24, 96, 128, 224], [12, 16, 16, 16]), "stage 2.*even"),
    ("stages-compatible", ([24, 64, 160, 224], [12, 16, 16, 16]), "stage 3.*even"),
    ("stages-compatible", ([24, 80, 144, 224], [12, 16, 16, 16]), "stage 2.*not the width"),
    ("stages-compatible", ([24, 64, 128, 256], [12, 16, 16, 16]), "stage 4: divide"),
]


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_answer_passes(name, capsys):
    check(name, RIGHT[name]())
    assert capsys.readouterr().out == "Right.\n"


@pytest.mark.parametrize("name", CHECKS)
def test_arrays_and_lists_pass_as_well(name, capsys):
    answer = RIGHT[name]()
    if name == "stages-compatible":
        answer = [np.array(part) for part in answer]
    else:
        answer = np.array(answer)[()]
    check(name, answer)
    assert capsys.readouterr().out == "Right.\n"


@pytest.mark.parametrize(("name", "answer", "pattern"), WRONG)
def test_a_wrong_answer_gets_its_hint(name, answer, pattern):
    assert re.search(pattern, CHECKS[name](answer))


@pytest.mark.parametrize(("name", "answer", "pattern"), WRONG)
def test_no_hint_gives_the_answer_away(name, answer, pattern):
    """No hint holds a number of the right answer that the reader has not given or been told."""
    told = {
        "stem-shape": {24, 8},
        "stem-field": set(),
        "stem-cost": set(),
        "stages-weight": {8, 3},
        "stages-budget": set(),
        "stages-compatible": {24, 16},
    }
    secret = {int(v) for v in np.ravel(RIGHT[name]())} - told[name]
    hint = CHECKS[name](answer).replace(",", "")
    assert secret
    assert not secret & {int(number) for number in re.findall(r"\d+", hint)}
