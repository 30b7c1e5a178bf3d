"""The figures of the chapters on the stem and the stages."""

import matplotlib as mpl
import numpy as np

from designspaces.designs.complexity import Complexity
from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    INK,
    STYLE,
    TALL,
    Picture,
    as_svg,
    label,
    panel,
)

BY_STRIDE = {
    2: {"color": ACCENT, "ls": "-", "marker": "o"},
    1: {"color": COOL, "ls": "--", "marker": "s"},
}
BY_RATIO = {
    1: {"ls": "-", "marker": "o"},
    2: {"ls": "--", "marker": "s"},
    4: {"ls": ":", "marker": "^"},
}


@mpl.rc_context(STYLE)
def stem_work(
    parts: dict[int, dict[str, Complexity]], totals: dict[int, dict[int, int]], resolution: int
) -> Picture:
    """Where a network's multiply-adds go, by part and by resolution, for stem strides 2 and 1.

    parts: for each stride the breakdown at `resolution`. totals: for each stride the multiply-adds
    of the whole network by resolution.
    """
    whole = {stride: sum(p.flops for p in of.values()) for stride, of in parts.items()}
    times = whole[1] / whole[2]
    stages = [name for name in parts[2] if name.startswith("stage")]
    in_stages = sum(parts[1][s].flops - parts[2][s].flops for s in stages) / (whole[1] - whole[2])

    by_part, axes = panel(TALL)
    rows = np.arange(len(parts[2]))
    for stride, shift in ((2, -0.2), (1, 0.2)):
        values = np.array([part.flops for part in parts[stride].values()]) / 1e6
        bars = axes.barh(
            rows + shift,
            values,
            height=0.36,
            facecolor=BY_STRIDE[stride]["color"] if stride == 2 else "none",
            edgecolor=BY_STRIDE[stride]["color"],
            lw=1.4,
            hatch="" if stride == 2 else "////",
            label=f"stem stride {stride}",
        )
        axes.bar_label(bars, [_short(v) for v in values], padding=3, fontsize=9)
    axes.set_yticks(rows, parts[2])
    axes.invert_yaxis()
    axes.grid(False)
    axes.set_xlim(right=1.22 * max(p.flops for p in parts[1].values()) / 1e6)
    axes.set(
        xlabel="multiply-adds, millions",
        title=f"Stride 1 costs {times:.3g} times as much,\n"
        f"{100 * in_stages:.0f}% of the increase in the stages",
    )
    axes.legend(loc="upper right")

    by_resolution, axes = panel(TALL)
    for stride, of in totals.items():
        values = np.array(list(of.values())) / 1e6
        axes.loglog(list(of), values, lw=1.6, ms=5, **BY_STRIDE[stride])
        place, offset, side = (-1, (-8, 5), "right") if stride == 1 else (1, (10, -14), "left")
        at, color = (list(of)[place], values[place]), BY_STRIDE[stride]["color"]
        label(axes, f"stem stride {stride}", at, offset, ha=side, color=color)
    pairs = [(r, 2 * r) for r in totals[1] if totals[2].get(2 * r) == totals[1][r]]
    for once, twice in pairs:
        axes.plot([once, twice], [totals[1][once] / 1e6] * 2, color=BASELINE, lw=1, ls="-.")
    axes.set_xticks(list(totals[2]), [str(r) for r in totals[2]])
    axes.minorticks_off()
    axes.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    axes.set_ylim(1, 1500)
    axes.set(xlabel="resolution, pixels", ylabel="multiply-adds, millions")
    axes.set_title(
        "Half the stride costs what\ntwice the resolution does"
        if pairs
        else "The work grows with the\nsquare of the resolution"
    )

    listed = "; ".join(
        f"{name} {_short(parts[2][name].flops / 1e6)} and {_short(parts[1][name].flops / 1e6)}"
        for name in parts[2]
    )
    ends = ", ".join(
        f"with stride {stride} from {_short(min(of.values()) / 1e6)} at {min(of)} pixels to "
        f"{_short(max(of.values()) / 1e6)} at {max(of)}"
        for stride, of in totals.items()
    )
    same = "; ".join(f"stride 1 at {a} pixels with stride 2 at {b}" for a, b in pairs)
    alt = (
        f"Bars: millions of multiply-adds at {resolution} pixels with stem stride 2 and 1. "
        f"{listed}. Lines: the whole network's millions of multiply-adds, {ends}."
        + (f" Equal, and joined by dash-dotted lines: {same}." if same else "")
    )
    return Picture((as_svg(by_part, "work-part"), as_svg(by_resolution, "work-resolution")), alt)


@mpl.rc_context(STYLE)
def receptive_fields(
    computed: dict[int, list[int]], measured: dict[int, list[int]], profile: np.ndarray
) -> Picture:
    """How many pixels one position sees, after the stem and each block, for two stem strides.

    computed, measured: for each stem stride one side of the field, in pixels, the stem first.
    profile: the size of the gradient in each column of pixels, for the last block and stride 2;
    its middle is the probed position.
    """
    agree = all(computed[stride] == measured[stride] for stride in computed)
    last = {stride: of[-1] for stride, of in computed.items()}
    size, axes = panel(TALL)
    for stride, of in computed.items():
        style = BY_STRIDE[stride]
        axes.plot(of, color=style["color"], ls=style["ls"], lw=1.6)
        axes.plot(measured[stride], color=style["color"], ls="", marker=style["marker"], ms=5)
        height, offset = (of[-1], (0, 7)) if stride == 2 else (0, (4, 5))
        text, at = f"stem stride {stride}: {of[-1]}", (len(of) - 1, height)
        label(axes, text, at, offset, ha="right", color=style["color"])
    axes.set_ylim(0, 1.15 * max(last.values()))
    axes.set(xlabel="block (0 is the stem)", ylabel="field, pixels a side")
    axes.set_xticks(range(0, len(computed[2]), 2))
    axes.set_title(
        "Measured (marks) as computed\n(lines), at every block"
        if agree
        else "Measured (marks) and computed\n(lines) disagree"
    )

    share = 100 * profile / profile.sum()
    middle, field = half_of(profile), measured[2][-1]
    offset = np.arange(len(share)) - np.flatnonzero(share).mean()
    bell, axes = panel(TALL)
    axes.fill_between(offset, share, color=ACCENT, alpha=0.2, lw=0)
    inner = np.abs(offset) <= middle / 2
    axes.fill_between(offset[inner], share[inner], color=ACCENT, alpha=0.45, lw=0)
    axes.plot(offset, share, color=ACCENT, lw=1.2)
    for edge in (-field / 2, field / 2):
        axes.axvline(edge, color=BASELINE, ls="--", lw=1.2)
    label(axes, f"field of {field}", (-field / 2, share.max()), (4, -2), color=INK, fontsize=9)
    axes.set(xlabel="offset from the position, pixels", ylabel="share of the gradient, %")
    axes.set_ylim(bottom=0)
    axes.set_title(f"The middle {middle} of {field} pixels\nget half of the gradient")

    first = {stride: of[0] for stride, of in computed.items()}
    alt = (
        "Two lines over the blocks, the side of the receptive field in pixels: with stem stride 2 "
        f"from {first[2]} to {last[2]}, with stride 1 from {first[1]} to {last[1]}. The measured "
        f"values {'lie on the lines' if agree else 'differ from them'}. Beside them a curve of the "
        f"gradient's size over the columns of pixels, highest in the middle: {middle} of "
        f"{field} columns hold half of it."
    )
    return Picture((as_svg(size, "field-size"), as_svg(bell, "field-bell")), alt)


def half_of(profile: np.ndarray) -> int:
    """The smallest odd number of columns around the middle of the field that holds half of it."""
    middle = round(np.flatnonzero(profile).mean())
    reach = 0
    while profile[max(0, middle - reach) : middle + reach + 1].sum() < profile.sum() / 2:
        reach += 1
    return 2 * reach + 1


@mpl.rc_context(STYLE)
def block_cost(width: int, costs: dict[int, dict[int, tuple[int, int]]]) -> Picture:
    """Multiply-adds of a block at one position against its group width and bottleneck ratio.

    costs: for each ratio and group width the multiply-adds of the two 1x1 convolutions together
    and of the 3x3 convolution.
    """
    group_widths = sorted(costs[1])
    pointwise, grouped = (np.array([costs[1][g][i] for g in group_widths]) for i in (0, 1))
    heavier = [
        g
        for g, two_1x1, three in zip(group_widths, pointwise, grouped, strict=True)
        if two_1x1 > three
    ]

    shares, axes = panel(TALL)
    places = np.arange(len(group_widths))
    axes.bar(places, pointwise / 1e3, width=0.8, color=BASELINE, alpha=0.5, label="two 1x1")
    axes.bar(places, grouped / 1e3, 0.8, pointwise / 1e3, color=COOL, label="3x3 in groups")
    axes.set_xticks(places, [str(g) for g in group_widths])
    axes.grid(axis="x", visible=False)
    axes.set_axisbelow(True)
    axes.set(xlabel="group width, channels", ylabel="multiply-adds, thousands")
    axes.legend(loc="upper left")
    axes.set_title(
        f"Up to g = {max(heavier)} the two 1x1 do more\nthan the 3x3 (width {width}, b = 1)"
    )

    lines, axes = panel(TALL)
    for ratio, of in costs.items():
        gs = sorted(of)
        values = np.array([sum(of[g]) for g in gs]) / 1e3
        axes.loglog(gs, values, color=COOL, lw=1.6, ms=4.5, **BY_RATIO[ratio])
        label(axes, f"b = {ratio}", (gs[-1], values[-1]), (5, -3), color=COOL)
    ticks = [1, 2, 5, 10, 20, 40, width]
    axes.set_xticks(ticks, [str(g) for g in ticks])
    axes.set_yticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
    axes.minorticks_off()
    axes.set_xlim(0.85, 2.1 * width)
    axes.set(xlabel="group width, channels", ylabel="multiply-adds, thousands")
    saved = grouping_saves(costs)
    axes.set_title(
        f"Halving the group width saves\n{saved[0]:.0f}% at first, {saved[1]:.0f}% at last"
    )

    dense, depthwise = group_widths[-1], group_widths[0]
    ends = "; ".join(
        f"ratio {ratio} from {sum(of[max(of)]) / 1e3:.1f} thousand with one group of {max(of)} to "
        f"{sum(of[min(of)]) / 1e3:.1f} thousand with groups of {min(of)}"
        for ratio, of in costs.items()
    )
    alt = (
        f"Stacked bars for a block of {width} channels: the two 1x1 convolutions always take "
        f"{pointwise[0] / 1e3:.1f} thousand multiply-adds a position, the 3x3 convolution from "
        f"{grouped[0] / 1e3:.1f} thousand in groups of {depthwise} to {grouped[-1] / 1e3:.1f} "
        f"thousand in one group of {dense}; up to groups of {max(heavier)} it takes less than the "
        f"1x1 together. Three lines of the whole block's multiply-adds: {ends}."
    )
    return Picture((as_svg(shares, "block-shares"), as_svg(lines, "block-lines")), alt)


def grouping_saves(costs: dict[int, dict[int, tuple[int, int]]]) -> tuple[float, float]:
    """Percent of a block saved by halving its single group, and by going from groups of 2 to 1."""
    whole = {g: sum(both) for g, both in costs[1].items()}
    dense = max(whole)
    return 100 * (1 - whole[dense // 2] / whole[dense]), 100 * (1 - whole[1] / whole[2])


def _short(value: float) -> str:
    """Two or three digits: 0.66, 17.7, 161."""
    if 0 < value < 0.01:
        return "<0.01"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"
