"""The figure of the choice of regime says what the rule found."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from designspaces.figures import regimes
from designspaces.judging.fidelity import SCREENED, Assessment, Candidate
from designspaces.judging.ranks import RankCorrelation
from designspaces.populations.population import Population
from designspaces.training.recipe import POPULATION
from designspaces.words import within


def assessment(name, correlation, *, epochs=1, ratio=(-1.0, 0.1), reasons=()):
    recipe = replace(POPULATION, epochs=epochs)
    return Assessment(
        Candidate(name, recipe, np.zeros((1, 60)), 0),
        correlation,
        correlation - 0.2,
        correlation + 0.15,
        (correlation, correlation - 0.2, correlation + 0.15),
        correlation**2 / epochs,
        dict.fromkeys(SCREENED, (-0.1, -0.3, 0.1)),
        0.4,
        0.6,
        None if reasons else ratio,
        reasons,
    )


CHOICE = [
    assessment("first study", 0.5),
    assessment("identity-0.4", 0.6),
    assessment("two epochs", 0.5, epochs=2, ratio=(-2.0, -0.5)),
    assessment("wild", 0.8, reasons=("3 networks went astray",)),
]


CEILING = RankCorrelation(0.73, 0.23, 0.93, 0.001, 18)


def test_both_panels_are_drawn_and_described():
    picture = regimes.fidelity(CHOICE, 0.5, CEILING)
    for panel in picture.panels:
        ElementTree.fromstring(panel)
    assert "first study is chosen" in picture.panels[0]
    assert "first study: cost 1, rank correlation 0.50 (0.30 to 0.65)" in picture.alt
    assert "C to D −0.10" in picture.alt
    assert picture.alt.count("tied with the best") == 2
    assert "wild: cost 1" in picture.alt
    assert "; out. A band: 18 networks" in picture.alt


def test_the_ceiling_is_a_band_and_told():
    picture = regimes.fidelity(CHOICE, 0.5, CEILING)
    told = (
        "18 networks, trained long twice, agree with themselves in rank by +0.73 (+0.23 to +0.93)"
    )
    assert told in picture.alt
    higher = regimes.fidelity(CHOICE, 0.5, replace(CEILING, value=0.8, low=0.5))
    assert higher.panels[0] != picture.panels[0]
    assert higher.panels[1] == picture.panels[1]


@pytest.mark.parametrize("name", ["first study", "wild"])
def test_the_rows_say_how_each_fared(name):
    from designspaces.judging.regimes import rows

    row = rows(CHOICE)[name]
    assert row["rank correlation"].startswith("+0.")
    assert row["over all spaces"] == row["rank correlation"]
    each = next(each for each in CHOICE if each.candidate.name == name)
    ends = [end**2 / each.candidate.cost for end in (each.low, each.high)]
    assert row["information a unit of work"] == within(each.information, *ends)
    against = replace(each, correlation=-0.1, low=-0.4, high=0.2, information=0.0)
    assert rows([against])[name]["information a unit of work"] == "0.00 (0.00 to 0.04)"
    assert row["outcome"] == ("3 networks went astray" if name == "wild" else "tied with the best")
    left = replace(CHOICE[0], reasons=("its bias is",))
    assert rows([left])["first study"]["outcome"] == "out, and the least so of all: its bias is"


def test_rates_have_the_mean_and_the_worst_of_each_space():
    tried = {0.1: Population.trial("stem-1"), 0.2: Population.trial("lr-0.2")}
    picture = regimes.rates(tried)
    (panel,) = picture.panels
    ElementTree.fromstring(panel)
    errors = 100 * np.array(tried[0.2].space("AnyNetX_E").errors)
    assert f"at 0.2 {errors.mean():.1f} and {errors.max():.1f}" in picture.alt
