"""Where a best value lies, and whether it grows with cost."""

from dataclasses import replace

import numpy as np
import pytest

from designspaces.judging.intervals import simultaneous
from designspaces.judging.optima import Best, Grows, lowest
from designspaces.judging.properties import values
from designspaces.judging.statistics import TooFew
from designspaces.populations.population import Population

EVIDENCE = Population.recorded("RegNetX")
TOLD = {"text": "", "source": ""}


def with_errors(errors_of, name="RegNetX"):
    """The recorded networks with other errors, in percent, and perhaps as of another space."""
    records = list(EVIDENCE)
    return [
        replace(record, val_error=error / 100, space=name)
        for record, error in zip(records, errors_of(records), strict=True)
    ]


def parabola(best, of="w_m", noise=0.1):
    def errors(records):
        x = np.log(values(records, of))
        own = np.random.default_rng(1).normal(0, noise, len(records))
        return 10 + 3 * (x - np.log(best)) ** 2 + own

    return errors


def test_the_best_value_is_where_the_parabola_is_lowest():
    question = Best(
        id="w_m",
        expects=(np.log(2), np.log(3)),
        space="RegNetX",
        property="w_m",
        logarithmic=True,
        **TOLD,
    )
    found = question.measure(Population(with_errors(parabola(2.4))))
    assert np.exp(found.value) == pytest.approx(2.4, rel=0.05)
    assert 0 < found.error < 0.1
    assert found.freedom == 97
    with pytest.raises(TooFew, match="bend upwards over w_m"):
        question.measure(Population(with_errors(lambda rs: np.linspace(9, 11, len(rs)))))


def test_a_best_value_at_the_edge_is_none():
    question = Best(id="w_m", expects=(0, 1), space="RegNetX", property="w_m", **TOLD)
    with pytest.raises(TooFew, match="at the edge"):
        question.measure(Population(with_errors(parabola(1.45))))


def test_the_error_of_a_best_value_is_its_spread():
    found = []
    for seed in range(200):

        def errors(records, seed=seed):
            x = np.log(values(records, "w_m"))
            own = np.random.default_rng(seed).normal(0, 0.3, len(records))
            return 10 + 5 * (x - np.log(2.2)) ** 2 + own

        records = with_errors(errors)
        found.append(lowest("w_m", records, "w_m", logarithmic=True))
    inside = [abs(each.value - np.log(2.2)) < 1.96 * each.error for each in found]
    assert 0.90 < np.mean(inside) <= 0.99


def test_growth_is_the_slope_of_best_values_over_cost():
    bands = {"half": 0.5, "one": 1, "double": 2, "fourfold": 4}
    records = []
    for name, size in bands.items():
        some = with_errors(parabola(12 * size**0.5, "depth"), name)
        records += [replace(record, flops=round(record.flops * size)) for record in some]
    question = Grows(
        id="depth", expects=(-0.25, 0.25), spaces=tuple(bands), property="depth", **TOLD
    )
    found = question.measure(Population(records))
    assert found.value == pytest.approx(0.5, abs=0.05)
    assert found.n == tuple(len(EVIDENCE) for _ in bands)
    assert 97 < found.freedom < 97 * 4 + 1, "a sum of four, each of 97"
    flat = with_errors(lambda rs: np.linspace(9, 11, len(rs)), "fourfold")
    others = [record for record in records if record.space != "fourfold"]
    fewer = question.measure(Population([*others, *flat]))
    assert len(fewer.n) == 3, "a band without a best value is left out"
    assert fewer.value == pytest.approx(0.5, abs=0.06)
    with pytest.raises(TooFew, match="of 4 bands 2"):
        question.measure(Population(r for r in [*others, *flat] if r.space != "half"))
    assert question.decide(0.3, 0.6, 0.5) == "contradicted"
    assert question.decide(-0.2, 0.1, 0.5) == "supported"
    assert question.decide(-0.2, 0.3, 0.5) == "not resolved"


@pytest.mark.simulation
def test_the_interval_of_growth_holds_the_truth():
    """In 57 of 60 rounds of made-up errors, each with noise of its own."""
    bands = {"half": 0.5, "one": 1, "double": 2, "fourfold": 4}
    networks = {
        name: [replace(r, space=name, flops=round(r.flops * size)) for r in EVIDENCE]
        for name, size in bands.items()
    }
    depth = np.log(values(list(EVIDENCE), "depth"))
    question = Grows(
        id="depth", expects=(-0.25, 0.25), spaces=tuple(bands), property="depth", **TOLD
    )
    held = 0
    for seed in range(60):
        generator, records = np.random.default_rng(seed), []
        for name, size in bands.items():
            errors = 10 + 3 * (depth - np.log(12 * size**0.5)) ** 2
            errors += generator.normal(0, 0.5, len(errors))
            records += [
                replace(record, val_error=error / 100)
                for record, error in zip(networks[name], errors, strict=True)
            ]
        (found,) = simultaneous([question.measure(Population(records))])
        held += found.low <= 0.5 <= found.high
    assert 53 <= held <= 60
