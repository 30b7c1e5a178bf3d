"""Whatever is put in: a network, a record or a ValueError. `make soak` tries it 100,000 times."""

import json
import os

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings

from designspaces.anynet import AnyNet
from designspaces.architecture import Architecture
from designspaces.population import Population, Record, _digest

many = settings(
    max_examples=int(os.environ.get("SOAK_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def mostly(good):
    """Values of which nearly all are good, so that a faulty one is not hidden behind others."""
    return st.one_of(*[good] * 9, junk)


sizes = st.integers(1, 8).map(lambda exponent: 2**exponent)
stage = st.fixed_dictionaries(
    {
        "depth": mostly(st.integers(-1, 3)),
        "width": mostly(sizes),
        "group_width": mostly(sizes),
        "bottleneck_ratio": mostly(st.sampled_from([1, 2, 4, 0.5, 3, 1.5])),
        "stride": mostly(st.sampled_from([1, 2, 3])),
    }
)
architecture = st.fixed_dictionaries(
    {
        "stages": mostly(st.lists(mostly(stage), max_size=4)),
        "stem_width": mostly(sizes),
        "stem_stride": mostly(st.sampled_from([1, 2])),
        "se_ratio": mostly(st.sampled_from([0.0, 0.25, 1])),
        "block": mostly(st.sampled_from(["x", "basic"])),
    }
)


@many
@given(architecture, mostly(st.integers(1, 40)))
def test_an_architecture_is_built_and_computes_or_is_refused(description, resolution):
    try:
        found = Architecture.from_dict(description)
        found.resolutions(resolution)
    except ValueError:
        return
    assume(found.depth < 20 and max(found.stem_width, *found.widths) < 2**10)
    with torch.device("meta"):  # shapes alone, so that a hundred thousand take minutes
        network = AnyNet(found)
        assert network(torch.zeros(2, 1, resolution, resolution)).shape == (2, 10)


@many
@given(architecture)
def test_an_architecture_survives_its_description(description):
    try:
        found = Architecture.from_dict(description)
    except ValueError:
        return
    assert Architecture.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@pytest.fixture(scope="module")
def content():
    """What a real line says, without its digest."""
    record = next(iter(Population.recorded("AnyNetX_E")))
    content = json.loads(record.to_line())
    del content["digest"]
    return content


@many
@given(st.one_of(st.text(), junk.map(lambda value: json.dumps(value, default=str))))
def test_any_text_is_a_record_or_refused(line):
    with pytest.raises(ValueError):
        Record.from_line(line)


@many
@given(st.data())
def test_a_forged_line_is_a_record_or_refused(content, data):
    """One field is replaced and the digest made to fit."""
    name = data.draw(st.sampled_from(sorted(content)))
    forged = content | {name: data.draw(st.one_of(junk, architecture))}
    try:
        line = json.dumps(forged | {"digest": _digest(forged)})
    except ValueError:
        return  # not a number: JSON has none
    try:
        record = Record.from_line(line)
        record.network.resolutions(28)
    except ValueError:
        return
    assert Record.from_line(record.to_line()) == record
    assert 0 <= record.val_error <= 1
