"""The figures of populations."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from designspaces.figures.canvas import (
    ACCENT,
    BASELINE,
    COOL,
    PANEL,
    ROWS,
    STYLE,
    Picture,
    as_file,
    as_svg,
    panel,
    plain_log,
)
from designspaces.figures.styles import style_of, styles_of
from designspaces.judging.properties import PROPERTIES, values
from designspaces.judging.ranks import spearman
from designspaces.judging.resampling import best_range
from designspaces.judging.statistics import EDF, TooFew, repeatability
from designspaces.populations.population import Population
from designspaces.populations.record import Record
from designspaces.words import counted, listed, name_space, with_ends

WIDE = (6.4, 3.6)  # inches, the size at which the figure is shown
FILE = (ROWS, 3.0)  # and in a file


def describe_populations(population: Population, spaces: Sequence[str]) -> str:
    """How the populations of these spaces were made, for a caption: n, recipe, hours, failures."""
    chosen = {space: population.space(space) for space in spaces}
    of_size = {len(part): [] for part in chosen.values()}
    for space, part in chosen.items():
        of_size[len(part)].append(name_space(space))
    if len(of_size) == 1:
        n = f"{next(iter(of_size))} networks" + " of each space" * (len(chosen) > 1)
    else:
        n = ", ".join(f"{size} networks of {listed(names)}" for size, names in of_size.items())
    every = Population(record for part in chosen.values() for record in part)
    if not len(every):
        return f"{n} yet"
    failed = [
        f"{part.diverged} of {name_space(space)}" for space, part in chosen.items() if part.diverged
    ]
    return (
        f"{n}, trained for {counted(every.recipe.epochs, 'epoch')} by the recipe "
        f"“{every.recipe.name}”; {every.hours:.1f} hours of a worker with one thread; "
        f"{', '.join(failed) or 'none'} diverged, {every.astray or 'none'} went astray"
    )


@mpl.rc_context(STYLE)
def edf_with_mine(space: str, curve: EDF, mine: Sequence[float]) -> Picture:
    """A population's EDF with its 95% band, and where single networks land on it.

    mine: validation errors as fractions.
    """
    title = f"Half of {curve.n} networks stay below {100 * curve.median:.1f}%"
    figure = _edfs({space: curve}, title, WIDE, also=mine)
    axes = figure.axes[0]
    axes.plot(
        100 * np.asarray(mine), curve(mine), ls="", marker="o", ms=7, color=ACCENT, label="yours"
    )
    axes.legend(loc="lower right", fontsize=10)
    places = ", ".join(f"{100 * error:.1f} percent" for error in mine)
    alt = (
        f"{_described(space, curve)} A band reaches {100 * curve.half_band():.0f} percentage "
        f"points up and down. {len(mine)} networks of the reader are marked, at {places}."
    )
    return Picture((as_svg(figure, "edf-with-mine"),), alt)


@mpl.rc_context(STYLE)
def edf_panels(population: Population, panels: Mapping[str, Sequence[str]], name: str) -> Picture:
    """A panel of EDFs with their 95% bands for each title, all on one scale.

    panels: the names of the spaces to compare, by the panel's title. name: begins the ids of the
    SVG. A space without networks is left out, and the alt text says so.
    """
    spaces = dict.fromkeys(space for names in panels.values() for space in names)
    curves, sentences = {}, []
    for space in spaces:
        errors = population.space(space).errors
        if errors:
            curves[space] = EDF(errors)
            sentences.append(_described(space, curves[space]))
        else:
            sentences.append(f"There are no networks of {space} yet.")
    every = np.concatenate([curve.errors for curve in curves.values()] or [[0.1, 0.2]])
    styles = styles_of(list(spaces))
    figures = [
        _edfs({s: curves[s] for s in names if s in curves}, title, PANEL, every, styles)
        for title, names in panels.items()
    ]
    drawn = tuple(as_svg(figure, f"{name}-{i}") for i, figure in enumerate(figures))
    alt = f"{counted(len(drawn), 'chart')} of EDFs with their bands. {' '.join(sentences)}"
    return Picture(drawn, alt, made=describe_populations(population, list(spaces)))


@mpl.rc_context(STYLE)
def edf_file(population: Population, title: str, spaces: Sequence[str], name: str) -> str:
    """The text of an SVG file with the EDFs of these spaces, as far as they have networks."""
    errors = {space: population.space(space).errors for space in spaces}
    curves = {space: EDF(those) for space, those in errors.items() if those}
    figure = _edfs(curves, title, FILE, also=[0.1, 0.2] * (not curves))
    sentences = " ".join(_described(space, curve) for space, curve in curves.items())
    return as_file(figure, name, f"{title}. {sentences}")


@mpl.rc_context(STYLE)
def cost_panels(population: Population, spaces: Sequence[str]) -> Picture:
    """How parameters and activations are distributed in spaces that cost equal multiply-adds."""
    figures, sentences = [], []
    for quantity in ("params", "activations"):
        found = {space: values(population.space(space), quantity) for space in spaces}
        found = {space: costs / 1e3 for space, costs in found.items() if len(costs)}
        if not found:
            return Picture(
                (), f"There are no networks of {', '.join(map(name_space, spaces))} yet."
            )
        medians = {space: np.median(costs) for space, costs in found.items()}
        words = PROPERTIES[quantity].label
        figure, axes = panel()
        for space, costs in found.items():
            ordered = np.sort(costs)
            shares = np.arange(1, len(costs) + 1) / len(costs)
            axes.step(ordered, shares, where="post", label=name_space(space), **style_of(space))
        axes.set(xscale="log", xlabel=f"{words}, thousands", ylabel="share of networks")
        few, many = (pick(medians, key=medians.get) for pick in (min, max))
        ends = (
            f"{name_space(few)} {medians[few]:.0f}, {name_space(many)} {medians[many]:.0f} thousand"
        )
        axes.set(title=f"{words.capitalize()}: {ends}", ylim=(0, 1.02))
        plain_log(axes.xaxis)
        axes.legend(loc="lower right")
        figures.append(as_svg(figure, f"cost-{quantity}"))
        medians_in_words = ", ".join(
            f"{name_space(space)} {median:.0f}" for space, median in medians.items()
        )
        sentences.append(f"median {words} in thousands: {medians_in_words}")
    alt = f"Two charts of cumulative distributions; {'; '.join(sentences)}."
    return Picture(tuple(figures), alt, made=describe_populations(population, spaces))


@mpl.rc_context(STYLE)
def block_counts(population: Population, spaces: Sequence[str]) -> Picture:
    """How many blocks the networks of each space have: a strip a space, its median as a dot.

    Each strip is scaled to its own highest bar. A space without networks is left out.
    """
    found = {space: values(population.space(space), "depth").astype(int) for space in spaces}
    found = {space: blocks for space, blocks in found.items() if len(blocks)}
    if not found:
        return Picture((), f"There are no networks of {', '.join(map(name_space, spaces))} yet.")
    medians = {space: float(np.median(blocks)) for space, blocks in found.items()}
    shares = {space: np.bincount(blocks) / len(blocks) for space, blocks in found.items()}
    figure, axes = panel((ROWS, 0.9 + 0.32 * len(found)))
    for row, (space, share) in enumerate(reversed(shares.items())):
        color, edges = style_of(space)["color"], np.arange(len(share) + 1) - 0.5
        heights = row + 0.7 * share / share.max()
        axes.stairs(heights, edges, baseline=row, fill=True, color=color, lw=0)
        axes.plot(medians[space], row - 0.13, ls="", marker="^", ms=6, color=color)
    few, many = (pick(medians, key=medians.get) for pick in (min, max))
    ends = [f"{name_space(space)} {medians[space]:g}" for space in (few, many)]
    axes.set_yticks(np.arange(len(found)) + 0.2, [name_space(space) for space in reversed(found)])
    axes.set(title=f"Median number of blocks:\n{ends[0]}, {ends[1]}", xlabel="blocks")
    axes.set(ylim=(-0.35, len(found) - 0.1), xlim=(0, None))
    axes.grid(visible=False, axis="y")
    told = ", ".join(f"{name_space(space)} {median:g}" for space, median in medians.items())
    alt = f"Histograms of the number of blocks, a row a space. Medians: {told}."
    return Picture((as_svg(figure, "block-counts"),), alt)


@mpl.rc_context(STYLE)
def repeats(first: Sequence[Record], second: Sequence[Record]) -> Picture:
    """The errors of the same networks, trained twice from different seeds."""
    x, y = (values(side, "error") for side in (first, second))
    title = f"One training has a noise of {repeatability(x, y).noise:.2f} points"
    figure, axes = panel((4.2, 3.8))
    low, high = np.floor(min(*x, *y) - 0.5), np.ceil(max(*x, *y) + 0.5)
    axes.plot([low, high], [low, high], color=BASELINE, lw=1, ls="--")
    axes.plot(x, y, ls="", marker="o", ms=5, color=COOL)
    axes.set(title=title, xlabel="validation error, first seed, %", aspect="equal")
    axes.set(ylabel="validation error, second seed, %", xlim=(low, high), ylim=(low, high))
    alt = (
        f"Scatter plot of {len(x)} networks, each trained from two seeds, around the diagonal. "
        f"Errors go from {min(*x, *y):.1f} to {max(*x, *y):.1f} percent; the two of a network "
        f"differ by {np.abs(x - y).mean():.1f} points on average."
    )
    again = Population(second)
    spaces = list(dict.fromkeys(record.space for record in again))
    return Picture((as_svg(figure, "repeats"),), alt, made=describe_populations(again, spaces))


@mpl.rc_context(STYLE)
def trends(population: Population, panels: Sequence[tuple[str, str]]) -> Picture:
    """The error against properties, with the range of the best networks shaded.

    panels: for each a space and a property of `properties.PROPERTIES`. Networks above the axis are
    drawn at its upper edge, as triangles.
    """
    drawn = [_trend(list(population.space(space)), space, name) for space, name in panels]
    alts = " ".join(alt for _, alt in drawn)
    spaces = list(dict.fromkeys(space for space, _ in panels))
    svgs = tuple(svg for svg, _ in drawn)
    return Picture(
        svgs, f"Scatter plots of networks. {alts}", made=describe_populations(population, spaces)
    )


def _trend(records: Sequence[Record], space: str, name: str) -> tuple[str, str]:
    quantity, color = PROPERTIES[name], style_of(space)["color"]
    x, errors = values(records, name), values(records, "error")
    figure, axes = panel()
    sentence = f"{name_space(space)}, error against {quantity.name}, {len(records)} networks: "
    try:
        low, middle, high = best_range(x, errors)
        axes.axvspan(low, high, color=BASELINE, alpha=0.18, lw=0)
        axes.axvline(middle, color=BASELINE, lw=1.2, ls="--")
        title = f"{name_space(space)}, best: {low:.2g}" + (f" to {high:.2g}" if low < high else "")
        found = spearman(x, errors)
        top = _limits(errors / 100)[1]
        above = errors > top
        edge = np.full(above.sum(), top)
        axes.plot(x[above], edge, ls="", marker="^", ms=5, color=color, clip_on=False)
        axes.set_ylim(_limits(errors / 100)[0], top)
        sentence += (
            f"the best lie from {low:.3g} to {high:.3g}, middle {middle:.3g}; errors from "
            f"{errors.min():.1f} to {errors.max():.1f} percent, {above.sum()} above the axis; rank "
            f"correlation {with_ends(found.value, found.low, found.high)}."
        )
    except TooFew as error:
        title = f"{name_space(space)}: too few networks"
        sentence += f"{error}."
    axes.plot(x, errors, ls="", marker="o", ms=3.4, mew=0.9, mfc="none", color=color)
    axes.margins(x=0.08)
    if quantity.logarithmic and len(x):
        axes.set_xscale("log")
        plain_log(axes.xaxis, np.unique(x) if len(np.unique(x)) < 8 else None)
    axes.set(title=title, xlabel=quantity.label, ylabel=PROPERTIES["error"].label)
    return as_svg(figure, f"trend-{space}-{name}".lower()), sentence


def short_name(space: str) -> str:
    """A space's name at a line: a control by its rule alone, as in "equal widths"."""
    name = name_space(space)
    return name.rpartition(" with ")[2].replace("decreasing", "falling")


def _described(space: str, curve: EDF) -> str:
    return (
        f"EDF of {curve.n} networks of {space}: it climbs from {100 * curve.errors[0]:.1f} to "
        f"{100 * curve.errors[-1]:.1f} percent; median error {100 * curve.median:.1f} percent."
    )


def _edfs(
    curves: Mapping[str, EDF],
    title: str,
    size,
    also: Sequence[float],
    styles: Mapping[str, dict] | None = None,
) -> Figure:
    """EDFs with their bands; the axis holds nearly all of them and of `also`, fractions too."""
    styles = styles or styles_of(list(curves))
    rows = 1 + -(-len(curves) // _columns(curves)) if len(curves) > 1 else 0
    figure, axes = panel((size[0], size[1] + 0.2 * rows))
    left, right = _limits(np.concatenate([np.asarray(also), *(c.errors for c in curves.values())]))
    for space, curve in curves.items():
        errors, shares = curve.between(left / 100, right / 100)
        half, style = curve.half_band(), styles[space]
        axes.fill_between(
            100 * errors,
            np.clip(shares - half, 0, 1),
            np.clip(shares + half, 0, 1),
            step="pre",
            color=style["color"],
            alpha=0.18 if len(curves) == 1 else min(0.12, 0.48 / len(curves)),
            lw=0,
        )
    for space, curve in curves.items():
        errors, shares = curve.between(left / 100, right / 100)
        label = f"{short_name(space)}: {100 * curve.median:.1f}%" if len(curves) > 1 else None
        axes.step(100 * errors, shares, where="pre", label=label, **styles[space])
    if len(curves) > 1:  # outside: within the axes there is a curve wherever a legend would be
        figure.legend(
            title="median error",
            loc="outside lower center",
            ncols=_columns(curves),
            handlelength=2.4,
        )
    axes.set(
        title=title,
        xlabel="validation error, %",
        ylabel="share of networks below",
        xlim=(left, right),
        ylim=(0, 1.02),
    )
    return figure


def _columns(curves: Mapping[str, EDF]) -> int:
    """Of the legend: two short names stand side by side in a panel, controls do not."""
    return 2 if len(curves) == 2 else 1


def _limits(errors: np.ndarray) -> tuple[float, float]:
    """The part of the axis, in percent, that holds nearly all; a few failures must not rule it."""
    low, high = 100 * errors.min(), 100 * np.quantile(errors, 0.98)
    return np.floor(low - 0.5), np.ceil(high + 0.5)
