"""Figures of networks as such: what their parts cost, and the line behind their widths."""

import re
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import MaxNLocator

from designspaces.designs.architecture import Architecture
from designspaces.designs.checks import checked_choice
from designspaces.designs.complexity import breakdown
from designspaces.designs.published import PublishedRegNet
from designspaces.designs.regnet import Line, LinearFit
from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    ROWS,
    STYLE,
    Picture,
    as_file,
    as_svg,
    panel,
)
from designspaces.spaces.draw import Draw
from designspaces.words import listed

SMALL = (1.62, 1.5)  # inches; four of them stand side by side
QUANTITIES = {"params": "parameters", "flops": "multiply-adds", "activations": "activations"}


def shares_by_part(
    networks: Sequence[Architecture], resolution: int, quantity: str
) -> tuple[list[str], np.ndarray]:
    """The parts' names and what percentage of a cost each part of each network takes.

    quantity: "params", "flops" or "activations". Returns names and an array (networks, parts).
    Raises ValueError for another quantity, for no network and unless all have equally many stages.
    """
    checked_choice(quantity, "quantity", QUANTITIES)
    counts = {len(network.stages) for network in networks}
    if len(counts) != 1:
        raise ValueError(
            f"networks have {sorted(counts)} stages; expected at least one network, all of them "
            "with equally many"
        )
    parts = [breakdown(network, resolution) for network in networks]
    costs = np.array([[getattr(cost, quantity) for cost in costs.values()] for costs in parts])
    return list(parts[0]), 100 * costs / costs.sum(axis=1, keepdims=True)


@mpl.rc_context(STYLE)
def cost_by_part(networks: Sequence[Architecture], resolution: int) -> Picture:
    """The share of parameters, multiply-adds and activations in stem, stages and head.

    The median network and the middle 80% of all; the first three networks as thin lines.
    """
    panels, sentences = [], []
    for quantity, words in QUANTITIES.items():
        names, share = shares_by_part(networks, resolution, quantity)
        low, median, high = np.percentile(share, [10, 50, 90], axis=0)
        peak = names[median.argmax()]
        peak = peak if peak.startswith("stage") else f"the {peak}"

        figure, axes = panel()
        places = np.arange(len(names))
        axes.fill_between(places, low, high, color=COOL, alpha=0.22, lw=0, label="middle 80%")
        for line, style in zip(share, ("-", "--", ":"), strict=False):
            axes.plot(places, line, color=BASELINE, lw=1, ls=style)
        axes.plot(places, median, color=COOL, lw=2.2, marker="o", ms=4, label="median")
        axes.set_xticks(places, [name.removeprefix("stage ") for name in names])
        axes.set(title=f"{words.capitalize()} peak in {peak}", xlabel="stem, stage, head")
        axes.set(ylabel=f"share of {words}, %", ylim=(0, 100))
        axes.legend()
        panels.append(as_svg(figure, f"cost-{quantity}"))
        medians = ", ".join(
            f"{name} {value:.0f}" for name, value in zip(names, median, strict=True)
        )
        sentences.append(f"{words}: {medians}")
    alt = (
        f"Three line charts of the share that stem, stages and head have in the cost of "
        f"{len(networks)} networks. Medians in percent, {'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


LAW = {"as drawn": {"color": BASELINE, "alpha": 0.6}, "in the band": {"color": COOL}}


@mpl.rc_context(STYLE)
def law_of_drawing(free: Sequence[Draw], kept: Sequence[Draw]) -> Picture:
    """How often each depth of a stage is drawn, and the widths between each two doublings.

    free: drawn without a band of cost; kept: those that a band leaves. Raises ValueError if one of
    them is empty.
    """
    if not (free and kept):
        raise ValueError(f"{len(free)} and {len(kept)} draws; expected at least one of each")
    panels, sentences = [], []
    for name, unit, first in (("depth", "blocks", 1), ("width", "channels", 8)):
        sides = [np.ravel([one.drawn[f"{name}s"] for one in side]) for side in (free, kept)]
        most = max(side.max() for side in sides)
        powers = first * 2 ** np.arange(np.ceil(np.log2(most / first)), dtype=int)
        edges = np.append(np.arange(1, most + 1) if name == "depth" else powers, most + 1)
        figure, axes = panel()
        told = []
        for side, shift, (kind, style) in zip(sides, (-0.2, 0.2), LAW.items(), strict=True):
            shares = 100 * np.histogram(side, edges)[0] / len(side)
            axes.bar(np.arange(len(shares)) + shift, shares, width=0.38, label=kind, **style)
            told.append(f"{kind} {listed(f'{share:.0f}' for share in shares)} percent")
        axes.set_xticks(np.arange(len(edges) - 1), [f"{edge}" for edge in edges[:-1]])
        means = "mean {:.3g}, in the band {:.3g}".format(*(side.mean() for side in sides))
        axes.set(ylabel="share of stages, %", title=f"{name.capitalize()}: {means}")
        axes.set(xlabel=f"{name} of a stage, {unit}" + (" (at least)" if name == "width" else ""))
        axes.grid(visible=False, axis="x")
        axes.legend()
        panels.append(as_svg(figure, f"law-{name}"))
        sentences.append(f"{name} from {edges[0]} to {most} {unit}, {'; '.join(told)}")
    return Picture(tuple(panels), f"Bars, shares of stages by {', by '.join(sentences)}.")


@mpl.rc_context(STYLE)
def line_to_steps(line: Line, name: str) -> Picture:
    """How a line becomes steps: s_j and its rounding, then u_j and the widths w_j."""
    depth, w_0, w_a, w_m = line
    j = np.arange(depth)
    u = w_0 + w_a * j
    s = np.log(u / w_0) / np.log(w_m)
    rounded = np.round(s)
    widths = line.widths
    values, depths = np.unique(widths, return_counts=True)

    powers, axes = panel()
    for half in np.arange(rounded.max()) + 0.5:
        axes.axhline(half, color=BASELINE, lw=1, ls="--")
    axes.vlines(j, s, rounded, color=BASELINE, lw=1)
    axes.plot(j, s, color=ACCENT, marker=".", ms=6, lw=1.2, label="$s_j$")
    axes.plot(j, rounded, color=COOL, ls="", marker="s", ms=4, label="rounded")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    levels = len(np.unique(rounded))
    axes.set(title=f"{depth} blocks round to {levels} powers")
    axes.set(xlabel="block $j$", ylabel="power of $w_m$")
    axes.set_ylim(-0.07 * s[-1], 1.3 * max(1, rounded.max()))  # room for the legend
    axes.legend(loc="upper left", ncols=2)

    steps, axes = panel()
    _silhouette(axes, widths, u[-1])
    axes.plot(j, u, color=ACCENT, lw=2)
    _name_line(axes, line, max(u[-1], *widths))
    axes.set(title=f"Widths {listed(values)}", ylabel="width, channels", xlabel="block $j$")
    alt = (
        f"{name}, two charts over its {depth} blocks. Left, the line in powers of {w_m:g}, from 0 "
        f"to {s[-1]:.2f}, each point tied to the whole number it is rounded to, {levels} in all. "
        f"Right, bars for the widths that follow, not yet made to fit groups: {listed(values)} "
        f"channels in {listed(depths)} blocks, and the straight line from {w_0} to {u[-1]:g} "
        "through them."
    )
    name = name.lower().replace(".", "-")
    return Picture((as_svg(powers, f"{name}-powers"), as_svg(steps, f"{name}-steps")), alt)


@mpl.rc_context(STYLE)
def staircase(network: PublishedRegNet) -> str:
    """A standalone SVG file's text: block widths of a published RegNet and the line behind them."""
    widths = network.architecture.block_widths
    blocks = np.arange(network.depth)
    figure, axes = panel((ROWS, 2.6))
    axes.bar(blocks, widths, width=0.86, color=COOL, alpha=0.55, lw=0)
    line = network.w_0 + network.w_a * blocks
    axes.plot(blocks, line, color=ACCENT, lw=2)
    axes.set(xlabel="block", ylabel="width, channels", title=network.name)
    _name_line(axes, network.line, max(line[-1], *widths))
    alt = f"Block widths of {network.name}, a staircase over a straight line"
    return as_file(figure, "staircase", alt)


@mpl.rc_context(STYLE)
def profiles(networks: Mapping[str, Architecture]) -> Picture:
    """Small multiples: the block widths of each network as bars, all on one scale."""
    widest = max(max(network.widths) for network in networks.values())
    longest = max(sum(network.depths) for network in networks.values())
    panels, sentences = [], []
    for place, (name, network) in enumerate(networks.items()):
        figure, axes = panel(SMALL)
        _silhouette(axes, network.block_widths, widest)
        axes.set(title=name, xlim=(-0.8, longest - 0.2))
        if not place:  # the others have the same axes
            axes.set(xlabel="block", ylabel="channels")
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        panels.append(as_svg(figure, f"profile-{place}"))
        sentences.append(
            f"{name}: widths {listed(network.widths)} in {listed(network.depths)} blocks"
        )
    alt = (
        f"{len(panels)} small bar charts, the width of each block in channels: "
        f"{'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


@mpl.rc_context(STYLE)
def overlaid(groups: Mapping[str, Sequence[Architecture]], slopes: Sequence[float]) -> Picture:
    """A panel for each group of networks, all their block widths at once on a logarithmic axis.

    slopes: for each group the c of the line c (j + 1) that is drawn through it, in channels.
    """
    every = [network.block_widths for networks in groups.values() for network in networks]
    low, high = min(map(min, every)), max(map(max, every))
    longest = max(map(len, every))
    panels, sentences = [], []
    for (name, networks), slope in zip(groups.items(), slopes, strict=True):
        figure, axes = panel()
        for network in networks:
            widths = network.block_widths
            axes.plot(np.arange(len(widths)), widths, color=COOL, lw=1, alpha=0.55)
        blocks = np.arange(max(len(network.block_widths) for network in networks))
        axes.plot(blocks, slope * (blocks + 1), color=ACCENT, lw=2.4)
        axes.set(title=f"{name}: ${slope:.1f}\\,(j + 1)$", xlabel="block $j$")
        axes.set(ylabel="width, channels", yscale="log", xlim=(-0.5, longest - 0.5))
        axes.set_yticks(ticks := 2 ** np.arange(3, np.log2(high) + 1, dtype=int), ticks)
        axes.set_ylim(low / 1.3, high * 1.3)
        axes.minorticks_off()
        panels.append(as_svg(figure, "overlaid-" + name.lower().replace(" ", "-")))
        sentences.append(f"{name}, {len(blocks)} blocks at the most, line {slope:.1f} (j + 1)")
    alt = (
        f"{len(panels)} charts of block widths against the block's number, a line a network, on a "
        f"logarithmic axis: {'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


@mpl.rc_context(STYLE)
def silhouettes(networks: Mapping[str, Architecture], fits: Mapping[str, LinearFit]) -> Picture:
    """Block widths of networks as bars, each with the quantized line fitted to them."""
    panels, sentences = [], []
    for name, network in networks.items():
        fit, widths = fits[name], network.block_widths
        j = np.arange(len(widths))
        figure, axes = panel()
        line = fit.w_0 + fit.w_a * j
        steps = fit.widths
        _silhouette(axes, widths, max(line[-1], steps[-1]))
        axes.plot(j, line, color=ACCENT, lw=2, label="line")
        edges = np.arange(len(j) + 1) - 0.5
        axes.stairs(steps, edges, baseline=None, color=ACCENT, lw=1.2, ls="--", label="its steps")
        axes.set(title=f"{name}: off by {fit.percent:.1f}%")
        axes.set(xlabel="block $j$", ylabel="width, channels")
        axes.legend(loc="upper left")
        panels.append(as_svg(figure, "silhouette-" + re.sub(r"[^a-z0-9]+", "-", name.lower())))
        sentences.append(
            f"{name}, widths {listed(network.widths)} in {listed(network.depths)} blocks, off "
            f"by {fit.percent:.1f} percent"
        )
    alt = f"Bars of block widths with the fitted line and its steps: {'; '.join(sentences)}."
    return Picture(tuple(panels), alt)


def _name_line(axes, line: Line, highest: float) -> None:
    """The formula of the line u_j in a corner, above whatever reaches `highest`."""
    axes.set_ylim(0, 1.22 * highest)
    words = f"$u_j = {line.w_0} + {line.w_a:g}\\,j$"
    axes.annotate(words, (0.02, 0.97), xycoords="axes fraction", va="top", color=ACCENT)


def _silhouette(axes, widths, highest):
    """A bar for each block, all in one path, which keeps the file small.

    highest: what else the chart has to reach.
    """
    bars = [
        mpl.path.Path([(j - 0.43, 0), (j - 0.43, w), (j + 0.43, w), (j + 0.43, 0), (0, 0)], _BAR)
        for j, w in enumerate(widths)
    ]
    path = mpl.path.Path.make_compound_path(*bars)
    axes.add_patch(mpl.patches.PathPatch(path, color=COOL, alpha=0.55, lw=0))
    axes.set(xlim=(-0.8, len(widths) - 0.2), ylim=(0, 1.06 * max(*widths, highest)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(False, axis="x")


_BAR = [mpl.path.Path.MOVETO, *[mpl.path.Path.LINETO] * 3, mpl.path.Path.CLOSEPOLY]
