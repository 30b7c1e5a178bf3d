"""Properties of recorded networks against plain counting."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.book.template.block import Network
from designspaces.designs.regnet import fit
from designspaces.judging.properties import PROPERTIES, from_median, nearest_line, values
from designspaces.populations.population import Population
from designspaces.spaces.own import load_space

ORDERED = list(Population.recorded("AnyNetX_E"))[:5]
LINES = list(Population.recorded("RegNetX"))[:5]


def test_of_networks_whose_stages_share_and_are_drawn_one_by_one():
    for record in ORDERED:
        stages, drawn = record.architecture["stages"], record.drawn

        def one(name, record=record):
            return values([record], name)[0]

        assert one("depth") == sum(stage["depth"] for stage in stages)
        assert one("bottleneck_ratio") == drawn["bottleneck_ratios"][0]
        assert one("group_width") == drawn["group_widths"][0]
        widths = [stage["width"] for stage in stages]
        assert one("width_step") ** 3 == pytest.approx(widths[3] / widths[0])
        assert one("error") == 100 * record.val_error
        assert one("fit_error") == fit(record.network).percent


def test_of_regnets():
    for name in ("w_m", "bottleneck_ratio", "group_width"):
        assert list(values(LINES, name)) == [record.drawn[name] for record in LINES]


def test_every_property_is_there_for_regnets():
    for name in PROPERTIES:
        assert np.isfinite(values(LINES, name)).all()


def test_from_the_median_of_each_space():
    records = Population.recorded("AnyNetX_A", "RegNetX")
    found = from_median(records, ["RegNetX", "nothing", "AnyNetX_A"], "error")
    assert len(found) == len(records)
    first = values(records.space("RegNetX"), "error")
    assert list(found[: len(first)]) == list(first - np.median(first))
    assert np.median(found[len(first) :]) == pytest.approx(0)
    assert from_median(Population(), ["RegNetX"], "error").shape == (0,)


def of_ones_own(network, where="designspaces.book.template.space:FREE"):
    origin = load_space(where).origin
    return replace(LINES[0], schema=3, architecture=network.to_dict(), origin=origin)


def test_of_a_kind_of_ones_own_whatever_has_depths_and_widths_has_a_line():
    network = Network((1, 2, 2), (16, 32, 48), kernel=5)
    record = of_ones_own(network)
    assert values([record], "depth") == [5]
    assert values([record], "width_step") == [pytest.approx(3**0.5)]
    assert values([record], "fit_error") == [fit([16, 32, 32, 48, 48]).percent]
    assert values([record], "kernel") == [5], "a setting that is a number"


def test_a_line_may_fall_where_the_network_says_so(monkeypatch):
    falling = of_ones_own(Network((2, 2, 1), (48, 32, 16)))
    as_it_is = nearest_line(falling)
    monkeypatch.setattr(Network, "line_may_fall", True, raising=False)
    turned = nearest_line(falling)
    assert as_it_is.error > 0.2
    assert turned == fit([16, 32, 32, 48, 48])
    rising = of_ones_own(Network((1, 2, 2), (16, 32, 48)))
    assert nearest_line(rising) == turned


KIND = """
class Plain:
    def to_dict(self): return {"kind": "plain", "units": 7}
class Space:
    name = "Plains"
    def draw(self, n, seed=0, *, resolution=None): return []
    def read(self, settings): return Plain()
SPACE = Space()
"""


def test_what_another_kind_has_not_is_named(tmp_path):
    (tmp_path / "plain.py").write_text(KIND, encoding="utf-8")
    where = f"{tmp_path / 'plain.py'}:SPACE"
    record = of_ones_own(load_space(where).space.read({}), where)
    assert values([record], "units") == [7]
    for name in ("depth", "width_step", "fit_error"):
        with pytest.raises(ValueError, match=r"RegNetX/0/0/0 .*kind 'plain', which has no (de|wi)"):
            values([record], name)
    with pytest.raises(ValueError, match="no property 'kind'; expected one of depth.*units"):
        values([record], "kind")
    with pytest.raises(ValueError, match="has 0 values of w_m"):
        values([replace(record, drawn={})], "w_m")


def test_bad_requests_are_named():
    with pytest.raises(ValueError, match="no property 'colour'; expected one of depth"):
        values(ORDERED, "colour")
    mixed = [r for r in Population.recorded("AnyNetX_A") if len(set(r.drawn["group_widths"])) > 1]
    with pytest.raises(ValueError, match=rf"{mixed[0].id} has \d values of group_width"):
        values(mixed[:1], "group_width")
    with pytest.raises(ValueError, match="has 0 values of w_m"):
        values(ORDERED, "w_m")
