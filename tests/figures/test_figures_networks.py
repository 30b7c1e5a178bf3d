"""figures_networks.py: what the drawings say is what the data say."""

import re

import numpy as np
import pytest

from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import breakdown
from designspaces.designs.published import PUBLISHED
from designspaces.designs.regnet import Line, fit
from designspaces.figures import networks as figures
from designspaces.spaces import SPACES

SMALL = Architecture.from_lists((1, 2), (8, 16), 8, stem_width=8)
WIDE = Architecture.from_lists((1, 2), (8, 64), 8, stem_width=8)


def test_shares_are_those_of_the_breakdown():
    names, share = figures.shares_by_part([SMALL, WIDE], 28, "activations")
    assert names == ["stem", "stage 1", "stage 2", "head"]
    parts = breakdown(WIDE, 28)
    total = sum(part.activations for part in parts.values())
    assert share[1] == pytest.approx([100 * p.activations / total for p in parts.values()])
    assert share.sum(axis=1) == pytest.approx([100, 100])


def test_shares_refuse():
    with pytest.raises(ValueError, match="quantity is 'time'; expected one of params"):
        figures.shares_by_part([SMALL], 28, "time")
    with pytest.raises(ValueError, match=r"networks have \[1, 2\] stages; expected"):
        figures.shares_by_part([SMALL, Architecture.from_lists([1], [8], 8)], 28, "params")
    with pytest.raises(ValueError, match="at least one network"):
        figures.shares_by_part([], 28, "params")


def test_the_titles_name_the_peak():
    picture = figures.cost_by_part([WIDE] * 3, 28)
    assert len(picture.panels) == 3
    parts = breakdown(WIDE, 28)
    for panel, quantity in zip(picture.panels, ("params", "flops", "activations"), strict=True):
        peak = max(parts, key=lambda name, quantity=quantity: getattr(parts[name], quantity))
        assert f"peak in {peak}<" in panel
    assert "Parameters peak in stage 2" in picture.panels[0]
    assert "3 networks" in picture.alt
    shares = figures.shares_by_part([WIDE], 28, "params")[1][0]
    assert f"stage 2 {shares[2]:.0f}," in picture.alt


def test_the_law_of_drawing_shows_what_was_drawn():
    space = SPACES["AnyNetX_A"]
    free, kept = space.draw(300, flops=(0, np.inf)), space.draw(100)
    picture = figures.law_of_drawing(free, kept)
    depths = np.ravel([one.drawn["depths"] for one in kept])
    shares = ", ".join(f"{100 * (depths == d).mean():.0f}" for d in range(1, 8))
    assert f"in the band {shares} and {100 * (depths == 8).mean():.0f} percent" in picture.alt
    widths = np.ravel([one.drawn["widths"] for one in free])
    assert f"Width: mean {widths.mean():.3g}, in" in picture.panels[1]
    assert f"as drawn {100 * (widths < 16).mean():.0f}, " in picture.alt
    with pytest.raises(ValueError, match="0 and 100 draws; expected at least one of each"):
        figures.law_of_drawing([], kept)


def test_line_to_steps_tells_widths_and_depths():
    picture = figures.line_to_steps(Line(10, 32, 5.0, 2.5), "RegNetX32")
    assert "Widths 32 and 80" in picture.panels[1]
    assert "10 blocks round to 2 powers" in picture.panels[0]
    assert "32 and 80 channels in 4 and 6 blocks" in picture.alt
    assert "from 32 to 77" in picture.alt


def test_one_stage_can_be_drawn():
    picture = figures.line_to_steps(Line(3, 32, 0.0, 2.5), "flat")
    assert "32 channels in 3 blocks" in picture.alt


def test_profiles_have_a_bar_for_each_block_on_one_scale():
    picture = figures.profiles({"best": SMALL, "worst": WIDE})
    assert picture.alt.startswith("2 small bar charts")
    assert "worst: widths 8 and 64 in 1 and 2 blocks." in picture.alt
    bars = [
        max(re.findall(r'<path d="([^"]*)"', p), key=lambda d: d.count("z")) for p in picture.panels
    ]
    assert [path.count("z") for path in bars] == [3, 3]
    assert bars[0] != bars[1], "the narrower one's bars are lower"
    assert [("channels" in panel, "block" in panel) for panel in picture.panels] == [
        (True, True),
        (False, False),
    ]


def test_overlaid_networks_have_a_line_each_and_the_fitted_one():
    picture = figures.overlaid({"Best two": [SMALL, WIDE], "One": [SMALL]}, [4.0, 2.5])
    assert "Best two, 3 blocks at the most, line 4.0 (j + 1)" in picture.alt
    thin = [len(re.findall(r"stroke: #4a86c5", panel)) for panel in picture.panels]
    assert thin == [2, 1]
    assert all(panel.count("stroke: #d0602a") == 1 for panel in picture.panels)


def test_silhouettes_have_a_bar_for_each_block_and_reach_everything():
    name = "RegNetX-200MF"
    network = PUBLISHED[name].architecture
    fits = {name: fit(network)}
    picture = figures.silhouettes({name: network}, fits)
    (panel,) = picture.panels
    assert "widths 24, 56, 152 and 368 in 1, 1, 4 and 7 blocks" in picture.alt
    bars = max(re.findall(r'<path d="([^"]*)"', panel), key=lambda path: path.count("z"))
    assert bars.count("z") == network.depth
    # The line passes the highest bar; it is inside the axes, whose top is the smallest y of a clip.
    top = float(re.search(r'<clipPath.*?y="([\d.]+)"', panel, re.S)[1])
    line = next(p for p in re.findall(r'<path d="([^"]*)"[^>]*#d0602a', panel))
    ys = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", line)]
    assert min(ys) >= top


def test_ids_do_not_meet_on_one_page():
    pictures = [
        figures.line_to_steps(Line(10, 32, 5.0, 2.5), "RegNetX32"),
        figures.line_to_steps(PUBLISHED["RegNetX-200MF"].line, "RegNetX-200MF"),
        figures.silhouettes({"a": SMALL, "b": WIDE}, {"a": fit(SMALL), "b": fit(WIDE)}),
    ]
    ids = [i for p in pictures for panel in p.panels for i in re.findall(r'\bid="([^"]+)"', panel)]
    assert len(ids) == len(np.unique(ids))
