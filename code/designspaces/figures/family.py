"""The figures of the chapter on the published family."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import MaxNLocator

from designspaces.designs.published import PublishedRegNet
from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    STYLE,
    TALL,
    Picture,
    as_svg,
    panel,
    plain_log,
    set_log_log,
)
from designspaces.figures.styles import MORE_STYLES, style_of
from designspaces.judging.shares import Share
from designspaces.words import listed, signed

FAMILY = {
    "X": {"color": ACCENT, "ls": "-", "lw": 1.8, "marker": "o"},
    # Hollow, so that an X beneath is seen.
    "Y": MORE_STYLES["RegNetY"] | {"ls": "--", "marker": "s", "mfc": "none", "mew": 1.4},
}
"""How RegNetX and RegNetY are drawn beside one another."""

COSTS = {
    "flops": ("multiply-adds", "billions", 1e9),
    "activations": ("activations", "millions", 1e6),
    "params": ("parameters", "millions", 1e6),
}
"""What a network costs: in words, and the unit in which it is shown."""

SMALL = (2.1, 1.75)  # inches: three of these stand side by side


def letter_of(network: PublishedRegNet) -> str:
    """X or Y: whether a network has squeeze-and-excitation."""
    return "Y" if network.se_ratio else "X"


def of_letter(networks: Sequence[PublishedRegNet], letter: str) -> list[PublishedRegNet]:
    """Those whose `letter_of` is the given one."""
    return [network for network in networks if letter_of(network) == letter]


def size(network: PublishedRegNet) -> str:
    """What follows the dash of its name, such as 400MF."""
    return network.name.partition("-")[2]


def budget(network: PublishedRegNet) -> float:
    """The multiply-adds that its label promises: 4e8 for RegNetX-400MF."""
    number, unit = size(network)[:-2], size(network)[-2:]
    return float(number) * {"MF": 1e6, "GF": 1e9}[unit]


def gaps(networks: Sequence[PublishedRegNet], cost: str) -> np.ndarray:
    """By how many points of error each Y lies below the X of equal cost.

    There is no X of just that cost, so that the line is taken which joins those to both sides, over
    the logarithm of the cost; a Y that costs less or more than every X is left out.
    """
    x, y = (
        np.array(sorted((getattr(n, cost), n.top1_error) for n in of_letter(networks, letter)))
        for letter in "XY"
    )
    y = y[(x[0, 0] <= y[:, 0]) & (y[:, 0] <= x[-1, 0])]
    return np.interp(np.log(y[:, 0]), np.log(x[:, 0]), x[:, 1]) - y[:, 1]


@mpl.rc_context(STYLE)
def errors(networks: Sequence[PublishedRegNet]) -> Picture:
    """The error that the authors report against what a network costs, a panel for each cost."""
    panels, sentences = [], []
    for cost, (words, unit, one_unit) in COSTS.items():
        figure, axes = panel()
        for letter, style in FAMILY.items():
            points = sorted((getattr(n, cost), n.top1_error) for n in of_letter(networks, letter))
            x, y = np.array(points).T
            axes.plot(x / one_unit, y, ms=4, label=f"RegNet{letter}", **style)
        gap = np.median(gaps(networks, cost))
        axes.set(title=f"Equal {words}: Y {signed(-gap, 2)} points", xscale="log")
        axes.set(xlabel=f"{words}, {unit}", ylabel="top-1 error, %")
        plain_log(axes.xaxis)
        axes.legend()
        panels.append(as_svg(figure, f"family-error-{cost}"))
        sentences.append(
            f"over {words}, the median Y lies {gap:.2f} points below the line through X"
        )
    ends = [
        f"RegNet{letter} from {max(errors):.1f} to {min(errors):.1f} percent"
        for letter in FAMILY
        for errors in [[n.top1_error for n in of_letter(networks, letter)]]
    ]
    alt = (
        f"Three charts of the top-1 error of {len(networks)} networks against their cost: "
        f"{' and '.join(ends)}; {'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


@mpl.rc_context(STYLE)
def widths(networks: Sequence[PublishedRegNet]) -> Picture:
    """Block widths against the block's number, a panel for each size, with the line behind them."""
    sizes = list(dict.fromkeys(size(network) for network in networks))
    panels, sentences = [], []
    for name in sizes:
        figure, axes = panel(SMALL)
        for network in (network for network in networks if size(network) == name):
            style, blocks = FAMILY[letter_of(network)], np.arange(network.depth)
            steps, edges = network.architecture.block_widths, np.arange(network.depth + 1) - 0.5
            axes.plot(
                blocks, network.w_0 + network.w_a * blocks, color=style["color"], lw=0.8, alpha=0.8
            )
            axes.stairs(steps, edges, baseline=None, color=style["color"], lw=1.8, ls=style["ls"])
            sentences.append(f"{network.name} {listed(network.architecture.widths)}")
        axes.set(title=name, ylim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(3))
        if name == sizes[0]:
            axes.set(xlabel="block", ylabel="channels")
            _name_both(axes)
        panels.append(as_svg(figure, "family-widths-" + name.lower().replace(".", "-")))
    alt = (
        f"{len(sizes)} small charts, one for each size, of the widths of the blocks as stairs "
        f"around a straight line. Widths of the stages: {'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


@mpl.rc_context(STYLE)
def bounds(networks: Sequence[PublishedRegNet], most: Mapping) -> Picture:
    """Parameters and activations against multiply-adds, and the most that a rule lets them be.

    most: for "params" and "activations" a function of multiply-adds; all are plain numbers. The
    rule's multiply-adds are a ceiling, so that the titles count by the budgets on the labels.
    """
    flops = np.array([network.flops for network in networks])
    budgets = np.array([budget(network) for network in networks])
    range_ = np.geomspace(flops.min(), flops.max(), 60)
    panels, sentences = [], []
    for cost, rule in most.items():
        words, unit, one_unit = COSTS[cost]
        figure, axes = panel()
        axes.plot(range_ / 1e9, rule(range_) / one_unit, color=BASELINE, lw=1.4, label="at most")
        for letter, style in FAMILY.items():
            x, y = np.array([(n.flops, getattr(n, cost)) for n in of_letter(networks, letter)]).T
            points = style | {"ls": ""}
            axes.plot(x / 1e9, y / one_unit, ms=4.5, label=f"RegNet{letter}", **points)
        values = np.array([getattr(network, cost) for network in networks])
        kept = int((values < rule(budgets)).sum())
        slope = np.polyfit(np.log(flops), np.log(values), 1)[0]
        title = f"{words.capitalize()}: {kept} of {len(networks)} below"
        set_log_log(axes, title, "multiply-adds, billions", f"{words}, {unit}")
        axes.legend()
        panels.append(as_svg(figure, f"family-bounds-{cost}"))
        sentences.append(
            f"{words} grow with the power {slope:.2f}, {kept} networks below the bound"
        )
    alt = (
        f"Two charts on logarithmic axes of {len(networks)} networks over multiply-adds, each with "
        f"the bound of a rule: {'; '.join(sentences)}."
    )
    return Picture(tuple(panels), alt)


@mpl.rc_context(STYLE)
def run_times(
    groups: Mapping[str, Mapping[str, np.ndarray]],
    explained: Mapping[str, Share],
    curve: tuple[float, float],
    pixels: int,
    quick: bool = False,
) -> Picture:
    """Run time against multiply-adds and against activations, on logarithmic axes.

    groups: "X", "Y" and, by its own name, one more; each with arrays "flops" and "activations" for
        an image and "seconds" for it.
    explained: for "flops" and "activations" the share of the variance of log time that a power
        of them explains.
    curve: beta_1 and beta_2 of the time beta_1 f + beta_2 sqrt(f) in seconds; f are multiply-adds.
    pixels: a side of the images. quick: whether this was a first look; the figure then says so.
    """
    every = {
        name: np.concatenate([group[name] for group in groups.values()])
        for name in ("flops", "activations", "seconds")
    }
    panels, sentences = [], []
    for cost in ("flops", "activations"):
        words, unit, one_unit = COSTS[cost]
        figure, axes = panel(TALL)
        if cost == "flops":
            f = np.geomspace(every["flops"].min(), every["flops"].max(), 60)
            seconds = curve[0] * f + curve[1] * np.sqrt(f)
            axes.plot(f / 1e9, 1e3 * seconds, color=BASELINE, lw=1.2, label="β₁ f + β₂ √f")
        for name, group in groups.items():
            style = FAMILY.get(name, style_of(name) | {"marker": "^"}) | {"ls": ""}
            label = f"RegNet{name}" if name in FAMILY else name
            axes.plot(group[cost] / one_unit, 1e3 * group["seconds"], ms=4.5, label=label, **style)
        share = explained[cost]
        title = f"{words.capitalize()}:\nR² = {share}"
        set_log_log(axes, title, f"{words}, {unit}", "ms an image")
        axes.legend(handlelength=1.2)
        panels.append(as_svg(figure, f"family-time-{cost}"))
        sentences.append(f"{words} explain the share {share} of the variance of log time")
    milliseconds = 1e3 * every["seconds"]
    alt = (
        f"Two scatter plots on logarithmic axes of the run time of {len(milliseconds)} networks, "
        f"from {milliseconds.min():.1f} to {milliseconds.max():.0f} ms an image; "
        f"{'; '.join(sentences)}."
    )
    note = f"Quick profile: {pixels} pixels, small networks, not the result."
    return Picture(tuple(panels), alt, note if quick else "")


def _name_both(axes) -> None:
    """X and Y named in the first panel alone; the others are read like it."""
    for letter, style in FAMILY.items():
        axes.plot([], [], color=style["color"], ls=style["ls"], lw=1.8, label=letter)
    axes.legend(loc="upper left", handlelength=1.6)
