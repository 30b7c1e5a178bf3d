"""The forests of claims and of ways say what was found."""

from xml.etree import ElementTree

from designspaces.figures.claims import forest, ways_forest
from designspaces.judging import claims
from designspaces.judging.sensitivity import sensitivity
from designspaces.populations.population import Population

CONTRASTS = (*claims.PRIMARY, *claims.CONTROLS)


def test_claims_in_points_are_rows_sorted_by_verdict():
    picture = forest(claims.evaluate(Population.recorded(), CONTRASTS).values(), 0.5)
    primary, controls = picture.panels
    for panel in picture.panels:
        ElementTree.fromstring(panel)
    assert picture.alt.startswith("Intervals of 9 differences of medians in points")
    assert "C to D: supported" in primary
    assert "C to D: supported" not in controls
    verdicts = [row.rpartition(", ")[2] for row in picture.alt.split(": ", 1)[1].split("; ")]
    order = ["supported", "not resolved at this budget", "contradicted."]
    assert list(dict.fromkeys(verdicts)) == order


def test_without_networks_the_forests_say_so():
    nobody = Population([])
    assert forest(claims.evaluate(nobody, CONTRASTS).values(), 0.5).panels == ()
    ways = ways_forest(sensitivity(nobody, nobody, claims.PRIMARY), 0.5)
    assert "medians too few networks" in ways.alt
    assert "medians, too few" in ways.panels[0]


def test_ways_are_a_panel_a_contrast():
    population, longer = Population.recorded(), Population.trial("five-epochs")
    ways = sensitivity(population, longer, claims.PRIMARY[2:4])
    picture = ways_forest(ways, 0.5)
    assert len(picture.panels) == len(ways)
    found = ways["C-D"]["like blocks"]
    assert f"like blocks, {min(found.n)}" in picture.panels[0]
    assert "C to D: medians " in picture.alt
