"""The figures of the discussion: their titles and alt texts follow the data."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("torch")

from designspaces.figures import discussion as figures


def growth(*exponents: float) -> dict:
    flops = 2.0 ** np.arange(7)
    return {
        f"rule {number}": {"flops": flops, "activations": flops**e, "params": flops ** (1 - e)}
        for number, e in enumerate(exponents)
    }


def test_scaling_names_the_rule_that_grows_least_and_the_exponents():
    picture = figures.scaling(growth(0.9, 0.5, 0.7))
    assert "Fewest activations: rule 1" in "".join(picture.panels)
    assert "Fewest parameters: rule 0" in "".join(picture.panels)
    assert "activations: rule 0 0.90, rule 1 0.50, rule 2 0.70" in picture.alt
    assert "parameters: rule 0 0.10, rule 1 0.50, rule 2 0.30" in picture.alt


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((-3.0, -0.51), "rising ahead"),
        ((0.51, 2.0), "falling ahead"),
        ((-1.0, 0.7), "neither ahead"),
        ((0.02, 0.6), "neither ahead"),
        ((-2.0, -0.2), "neither ahead"),
    ],
)
def test_a_population_is_ahead_only_where_the_whole_interval_is(interval, verdict):
    assert figures.leader_of(interval, ("rising", "falling")) == verdict
    errors = {3: {"rising": np.array([20.0, 22.0]), "falling": np.array([24.0, 30.0])}}
    picture = figures.budgets(errors, {3: interval}, planned=3)
    assert f"3 epochs: {verdict}" in picture.panels[0]
    assert "rising after 3 epochs: median 21.0, from 20.0 to 22.0 percent" in picture.alt
    assert picture.note == "Quick profile: 2 networks each, not the result."
    assert figures.budgets(errors, {3: interval}, planned=2).note == ""


def test_the_distribution_climbs_from_zero_to_one():
    from matplotlib.figure import Figure

    drawn = {}
    original = Figure.subplots

    def spy(self, *args, **kwargs):
        drawn["axes"] = original(self, *args, **kwargs)
        return drawn["axes"]

    errors = {3: {"a": np.array([3.0, 1.0, 2.0, 2.0]), "b": np.array([4.0, 5.0, 6.0, 7.0])}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "subplots", spy)
        figures.budgets(errors, {3: (-1, 1)})
    line = drawn["axes"].lines[0]
    x, y = line.get_xdata(), line.get_ydata()
    assert line.get_drawstyle() == "steps-pre"
    for at in (0.5, 1.5, 2.5, 3.5):  # share of networks at or below, counted plainly
        assert y[x >= at][0] == np.mean(errors[3]["a"] <= at)


def test_pictures_are_light():
    picture = figures.scaling(growth(0.9, 0.5, 0.7, 0.8, 1.0))
    assert sum(map(len, picture.panels)) < 60_000
