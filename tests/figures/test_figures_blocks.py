"""The figures on stem and stages: what their titles and alt texts claim follows from the data."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.designs.complexity import breakdown, complexity
from designspaces.figures import blocks as figures_blocks
from designspaces.networks.anynet import REGNETX32

FINE = replace(REGNETX32, stem_stride=1)


def texts(picture):
    return " ".join(picture.panels)


def stem_work(resolutions):
    parts = {2: breakdown(REGNETX32, 96), 1: breakdown(FINE, 96)}
    totals = {
        net.stem_stride: {r: complexity(net, r).flops for r in resolutions}
        for net in (REGNETX32, FINE)
    }
    return figures_blocks.stem_work(parts, totals, 96)


def block_cost(group_widths):
    return figures_blocks.block_cost(80, {1: {g: (12_800, 720 * g) for g in group_widths}})


def test_stem_work_says_how_often_and_where():
    picture = stem_work((28, 56))
    assert "Stride 1 costs 4 times as much" in texts(picture)
    assert "98% of the increase in the stages" in texts(picture)
    assert "stage 2 21.9 and 87.7" in picture.alt


def test_stem_work_claims_equality_only_where_the_data_has_it():
    assert "twice the resolution" in texts(stem_work((28, 56)))
    assert "stride 1 at 28 pixels with stride 2 at 56" in stem_work((28, 56)).alt
    assert "twice the resolution" not in texts(stem_work((28, 96)))
    assert "Equal" not in stem_work((28, 96)).alt


def test_receptive_fields_admit_a_disagreement():
    profile = np.zeros(40)
    profile[11:20] = [1, 1, 1, 5, 9, 5, 1, 1, 1]
    computed, other = {2: [3, 9], 1: [3, 5]}, {2: [3, 9], 1: [3, 7]}
    good = figures_blocks.receptive_fields(computed, computed, profile)
    bad = figures_blocks.receptive_fields(computed, other, profile)
    assert "as computed" in texts(good)
    assert "lie on the lines" in good.alt
    assert "disagree" in texts(bad)
    assert "differ from them" in bad.alt
    assert "The middle 3 of 9 pixels" in texts(good)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [([0, 0, 0, 1, 0, 0, 0], 1), ([1] * 9, 5), ([0, 1, 1, 1, 1, 1, 0], 3), ([4, 1, 1, 1, 4], 5)],
)
def test_half_of_counts_columns_around_the_middle(profile, expected):
    assert figures_blocks.half_of(np.array(profile, float)) == expected


def test_block_cost_finds_the_border_and_the_savings():
    picture = block_cost([1, 2, 4, 5, 8, 10, 16, 20, 40, 80])
    assert "Up to g = 16" in texts(picture)
    assert "41% at first, 5% at last" in texts(picture)
    assert "70.4 thousand with one group of 80 to 13.5 thousand with groups of 1" in picture.alt
    assert "Up to g = 10" in texts(block_cost([1, 2, 10, 40, 80]))


def test_pictures_are_drawn_in_the_page_s_ink_with_ids_of_their_own():
    picture = stem_work((28, 56))
    assert len(picture.panels) == 2
    for panel, prefix in zip(picture.panels, ("work-part", "work-resolution"), strict=True):
        assert panel.startswith("<svg aria-hidden")
        assert figures_blocks.INK not in panel
        assert f'id="{prefix}-' in panel
