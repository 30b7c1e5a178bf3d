"""Whatever is put in: a network, a record or a ValueError. `make soak` tries it 100,000 times."""

import json
import os
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

from designspaces.designs.architecture import Architecture
from designspaces.networks.anynet import AnyNet
from designspaces.populations.population import Population
from designspaces.populations.record import Record, _digest, pack_mistakes

many = settings(
    max_examples=int(os.environ.get("SOAK_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def mostly(good):
    """Values of which nearly all are good, so that a faulty one is not hidden behind others."""
    return st.integers(0, 39).flatmap(lambda k: good if k else junk)


@st.composite
def stage(draw):
    width, ratio = draw(st.integers(3, 7)), draw(st.integers(0, 2))
    group_width = draw(st.integers(0, width - ratio))
    good = {
        "depth": st.integers(1, 3),
        "width": st.just(2**width),
        "group_width": st.just(2**group_width),
        "bottleneck_ratio": st.just(2**ratio),
        "stride": st.sampled_from([1, 2]),
    }
    return {name: draw(mostly(value)) for name, value in good.items()}


architecture = st.fixed_dictionaries(
    {
        "stages": mostly(st.lists(mostly(stage()), min_size=1, max_size=4)),
        "stem_width": mostly(st.sampled_from([8, 16, 32])),
        "stem_stride": mostly(st.sampled_from([1, 2])),
        "se_ratio": mostly(st.sampled_from([0.0, 0.25, 1])),
        "block": mostly(st.sampled_from(["x", "x", "x", "basic"])),
    }
)


def test_an_architecture_is_built_and_computes_or_is_refused():
    seen = built = 0

    @many
    @given(architecture, mostly(st.integers(16, 40)))
    def one(description, resolution):
        nonlocal seen, built
        seen += 1
        try:
            found = Architecture.from_dict(description)
            found.resolutions(resolution)
        except ValueError:
            return
        widest = max(found.stem_width, *found.widths)
        if found.depth > 20 or widest > 2**10 or resolution > 2**10:
            return  # valid, but nothing for a test
        with torch.device("meta"):  # shapes alone, so that a hundred thousand take minutes
            network = AnyNet(found)
            assert network(torch.zeros(2, 1, resolution, resolution)).shape == (2, 10)
        built += 1
        again = Architecture.from_dict(json.loads(json.dumps(found.to_dict())))
        assert again == found

    one()
    assert seen / 10 < built < seen, "this tries next to nothing"


@pytest.fixture(scope="module", params=[1, 2], ids=["schema 1", "schema 2"])
def content(request):
    """What a real line says, without its digest."""
    record = next(iter(Population.recorded("AnyNetX_E")))
    if request.param == 2:
        wrong = np.arange(10_000) < round(record.val_error * 10_000)
        record = replace(record, schema=2, val_mistakes=pack_mistakes(wrong))
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
