"""Properties of recorded networks against plain counting."""

import numpy as np
import pytest

from designspaces.designs.regnet import fit
from designspaces.judging.properties import PROPERTIES, from_median, values
from designspaces.populations.population import Population

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


def test_bad_requests_are_named():
    with pytest.raises(ValueError, match="no property 'colour'; expected one of depth"):
        values(ORDERED, "colour")
    mixed = [r for r in Population.recorded("AnyNetX_A") if len(set(r.drawn["group_widths"])) > 1]
    with pytest.raises(ValueError, match=rf"{mixed[0].id} has \d values of group_width"):
        values(mixed[:1], "group_width")
    with pytest.raises(ValueError, match="has 0 values of w_m"):
        values(ORDERED, "w_m")
