"""The EDF explorer on networks of their own kinds, driven in a browser."""

import json

import pytest

from designspaces.figures.explorers.edf import explore
from designspaces.judging.properties import nearest_line
from designspaces.populations.population import Population
from explored import opened, to_hash, write
from own_records import make_own

WHERE = {
    "MLP_line_small": "designspaces.experiments.mlps.space:MLP_LINE_SMALL",
    "ConvNeXt_A": "designspaces.experiments.convnext.space:A",
    "template_free": "designspaces.book.template.space:FREE",
    "VioNet_falling_widths": "designspaces.experiments.violations.space:FALLING_WIDTHS",
}
N = 6


@pytest.fixture(scope="module")
def population():
    return Population(record for where in WHERE.values() for record in make_own(where, N))


@pytest.fixture(scope="module")
def address(population, tmp_path_factory):
    planned = dict.fromkeys(WHERE, N) | {"ConvNeXt_B": 100}
    explorer = explore(population, planned, "own")
    return write(tmp_path_factory.mktemp("own"), explorer)


def show(page, population, space):
    """The record of a space's best network, which is then shown."""
    best = min(population.space(space), key=lambda record: record.val_error)
    to_hash(page, f"own?network={best.id}")
    return best


STEPS = """() => {
  const path = document.querySelector(".edf-nearest").getAttribute("d");
  return [...path.matchAll(/(?:M\\S+ |V)([\\d.]+)H/g)].map((found) => 156 - Number(found[1]));
}"""


@pytest.mark.parametrize("space", WHERE)
def test_a_network_of_each_kind_is_drawn_and_told(space, page, population):
    record = show(page, population, space)
    network, text = record.network, page.locator(".edf-one").inner_text()
    assert f"{sum(network.depths)} block" in text
    assert ", ".join(map(str, network.widths)) in text
    assert WHERE[space] in text
    heights = [float(bar.get_attribute("height")) for bar in page.locator(".edf-shape rect").all()]
    widths = [w for w, d in zip(network.widths, network.depths, strict=True) for _ in range(d)]
    assert [h / heights[0] for h in heights] == pytest.approx([w / widths[0] for w in widths])
    steps, line = page.evaluate(STEPS), list(nearest_line(record).widths)
    ways = [pytest.approx([w / way[0] for w in way], abs=0.02) for way in (line, line[::-1])]
    assert [step / steps[0] for step in steps] in ways[: 2 if space.startswith("MLP") else 1]
    assert "undefined" not in page.locator(".edf").inner_text()
    assert "NaN" not in page.content()


@pytest.mark.parametrize("space", WHERE)
def test_the_copied_lines_build_the_network(space, page, population):
    torch = pytest.importorskip("torch")
    record, scope = show(page, population, space), {}
    exec(page.locator(".edf pre code").text_content(), scope)
    built = record.network.build(record.seed) if "kind" in record.architecture else None
    assert sum(p.numel() for p in scope["network"].parameters()) == record.params
    if built is not None:
        ours, theirs = (list(one.parameters()) for one in (built, scope["network"]))
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_the_row_has_all_settings_and_where_they_are_from(page, population):
    record = show(page, population, "ConvNeXt_A")
    link = page.get_by_role("link", name="Its row as JSON").get_attribute("href")
    row = json.loads(page.evaluate("(href) => decodeURIComponent(href.split(',')[1])", link))
    assert row["settings"] == record.architecture
    assert (row["origin"], row["study"], row["id"]) == (record.origin, "experiment", record.id)
    assert "group_widths" not in row


STRIPS = {
    "MLP_line_small": {"blocks", "first width", "last width", "expansion", "residual"},
    "ConvNeXt_A": {"blocks", "first width", "last width", "kernels", "expansions"},
    "template_free": {"blocks", "first width", "last width"},
}


@pytest.mark.parametrize("space", STRIPS)
def test_what_varies_is_offered_as_a_property(space, page, population):
    show(page, population, space)
    strips = page.locator(".edf-strips > div")
    told = {strip.locator("p").first.inner_text(): strip.inner_text() for strip in strips.all()}
    assert set(told) == STRIPS[space]
    if "residual" in told:
        assert "yes" in told["residual"]
        assert "%, rest" in told["residual"].replace("\n", " ")


def test_one_that_grows_waits(page):
    assert page.get_by_label("ConvNeXt B 0 of 100 networks; drawn when").is_disabled()


def test_a_kind_without_widths_is_said_to_have_none(browser, population, tmp_path, monkeypatch):
    some = list(population.space("template_free"))
    for record in some:
        monkeypatch.setitem(vars(record), "network", object())
    explorer = explore(Population(some), {"template_free": N}, "odd")
    with opened(browser, write(tmp_path, explorer)) as (page, problems):
        assert "no list of widths" in page.locator(".edf-shape").inner_text()
        assert "block" not in page.locator(".edf-name").inner_text()
        assert page.locator("dl dt", has_text="nearest line").count() == 0
        assert page.locator(".edf-chart").get_attribute("aria-valuetext").endswith("are better")
        assert problems == []
