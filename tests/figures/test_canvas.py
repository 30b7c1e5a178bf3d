"""The canvas: light SVG in one style."""

import re
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from designspaces.figures import canvas


def test_drawings_are_light_and_whole():
    """Points of one look share their style, and coordinates are no finer than a hundredth."""
    figure, axes = canvas.panel((3, 2))
    axes.plot(np.random.default_rng(0).random(200), ls="", marker="o", color="#447dc2")
    text = canvas.as_svg(figure, "points")
    ElementTree.fromstring(text)
    group = re.search(r'<g clip-path="[^"]*" style="([^"]*)">((?:\n<use [^>]*/>)+)', text)
    assert group[1] == "fill: #447dc2; stroke: #447dc2"
    assert group[2].count("<use") == 200
    assert "style" not in group[2]
    assert not re.search(r' [dxy]="[^"]*[.][0-9]{3}', text)
    assert "<g id" not in text


def test_steps_are_level_and_upright_lines_through_the_same_corners():
    figure, axes = canvas.panel((3, 2))
    axes.step([0, 1, 1, 2, 3], [0, 1, 1, 3, 3], color="#447dc2")
    axes.plot([0, 3], [0, 3], color="#447dc3")
    text = canvas.as_svg(figure, "steps")
    step, line = (
        re.search(rf' d="([^"]*)"[^>]*stroke: {color}', text)[1] for color in ("#447dc2", "#447dc3")
    )
    assert re.sub(r"[\d. ]+", "", step) == "MVHVHH"
    left, bottom, right, top = re.fullmatch(r"M(\S+) (\S+)L(\S+) (\S+)", line).groups()
    assert step.startswith(f"M{left} {bottom}V")
    assert step.endswith(f"H{right}")
    assert f"V{top}H" in step


def test_what_is_said_often_is_said_once():
    """Looks have names, the same in each drawing; groups that do nothing go, the ids stay whole."""
    figure, axes = canvas.panel((3, 2))
    axes.plot([0, 1], [0, 1], ls="", marker="o")
    text, other = canvas.as_svg(figure, "one"), canvas.as_svg(figure, "other")
    rules = re.search(r"<style[^>]*>(.*?)</style>", text)[1]
    named = dict(re.findall(r"[.](s[0-9a-f]{5}){([^}]*)}", rules))
    assert "stroke: #000000; stroke-width: 0.8" in named.values()  # of the ticks
    assert set(re.findall(r' class="([^"]*)"', text)) == named.keys()
    assert rules in other
    assert "<g>" not in text
    axes.set(yticks=[])  # an axis with nothing on it is an empty group
    ElementTree.fromstring(canvas.as_svg(figure, "one"))
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert {*re.findall(r'(?:url\(|href=")#([^")]*)', text)} <= {*ids}
    assert all(one.startswith("one-") for one in ids)


def test_a_panel_has_the_size_asked_for_and_a_legend_in_the_books_style():
    with mpl.rc_context(canvas.STYLE):
        figure, axes = canvas.panel()
        axes.plot([0, 1], label="a line")
        legend = axes.legend()
        text = canvas.as_svg(figure, "legend")
    assert isinstance(figure, Figure)
    assert tuple(figure.get_size_inches()) == canvas.PANEL
    assert tuple(canvas.panel((5, 4))[0].get_size_inches()) == (5, 4)
    assert text.count("font-family") == 1 < text.count("<text")
    assert not legend.get_frame_on()
    assert legend.get_texts()[0].get_fontsize() == 9


def test_only_a_wide_drawing_scrolls_before_it_gets_too_small():
    """Words of nine points stand nine pixels high at three quarters of a drawing's width."""
    wide = canvas.as_svg(canvas.panel((canvas.ROWS, 2))[0], "wide")
    assert "width:4.6in;max-width:100%;min-width:3.45in;" in wide
    assert "min-width" not in canvas.as_svg(canvas.panel()[0], "panel")
