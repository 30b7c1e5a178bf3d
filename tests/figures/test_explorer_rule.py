"""rule.js against the package: what a setting makes, what it costs, and how it is refused."""

import json

import numpy as np
import pytest

from designspaces.designs.complexity import complexity
from designspaces.figures.explorers import frame, network
from designspaces.figures.explorers import regnet as explorers
from explored import chromium, opened, write

MOST = 2**53 - 1
"""Beyond, JavaScript's numbers do not count one by one; the explorer then says "more than"."""

BROKEN = (0, -1, -0.5, 0.1, 1e-5, 2.5, 1.0000000001, 3.0001, 12, 10**7, 10**20, 2**20 + 8, None)


def some(rng, *values):
    return values[rng.integers(len(values))]


def usual(rng) -> dict:
    digits = int(rng.integers(0, 4))
    return {
        "depth": int(rng.integers(1, 65)),
        "w_0": 8 * int(rng.integers(1, 65)),
        "w_a": round(float(some(rng, rng.uniform(0, 256), rng.uniform(0, 20), 0.0)), digits),
        "w_m": round(float(rng.uniform(1.05, 4)), 2 + digits),
        "group_width": some(rng, 1, 2, 3, 4, 8, 16, 24, 32, 48, int(rng.integers(1, 300))),
        "bottleneck_ratio": some(rng, 1, 1, 2, 3, 4, 8, 0.5, 0.25, 1 / 3),
        "stem_width": some(rng, 1, 2, 3, 6, 16, 32, 32, 64),
        "stem_stride": some(rng, 1, 2),
        "se_ratio": some(rng, 0, 0, 0.25, 0.3, 0.5, 1),
        "resolution": some(rng, 28, 96, 224, int(rng.integers(1, 513))),
        "in_channels": some(rng, 1, 3),
        "num_classes": some(rng, 10, 1000),
    }


def tie(rng) -> dict:
    """Powers, widths and groups that lie halfway between two neighbors."""
    root = some(rng, 1.1, 1.2, 1.25, 1.3, 1.5, 1.6, 1.7, 2, 2.5, 3)
    w_0 = 8 * int(rng.integers(1, 65))
    slope = w_0 * (root ** some(rng, 1, 3, 5) - 1) / some(rng, 1, 2, 4, 5)
    group_width = some(rng, 2, 4, 8, 16, 2 * w_0, 2 * w_0 // 3)
    line = {"w_0": w_0, "w_a": slope, "w_m": some(rng, root**2, round(root**2, 4))}
    return usual(rng) | line | {"group_width": max(1, group_width)}


def extreme(rng) -> dict:
    return usual(rng) | {
        "depth": int(rng.integers(1, 1025)),
        "w_0": 8 * int(2 ** rng.uniform(0, 17)),
        "w_a": float(2 ** rng.uniform(-30, 20)),
        "w_m": some(rng, 1 + 2 ** rng.uniform(-50, 0), 2 ** rng.uniform(0.1, 20)),
        "group_width": int(2 ** rng.uniform(0, 20)),
        "bottleneck_ratio": some(rng, 1, 2**10, 2**20, 2**-10, 2**-20, 1 / 7, 641),
        "stem_width": int(2 ** rng.uniform(0, 20)),
        "resolution": int(2 ** rng.uniform(0, 30)),
        "num_classes": int(2 ** rng.uniform(0, 30)),
    }


def broken(rng) -> dict:
    setting = some(rng, usual, usual, extreme)(rng)
    names = rng.choice(list(setting), int(rng.integers(1, 3)), replace=False)
    return setting | {str(name): some(rng, *BROKEN) for name in names}


def as_read(value):
    """As JSON brings a number to JavaScript and back: whole ones are integers; None is nan."""
    if value is None:
        return float("nan")
    return int(value) if float(value).is_integer() else float(value)


def expected(setting) -> list | str:
    setting = {name: as_read(value) for name, value in setting.items()}
    task = [setting[name] for name in explorers.TASK]
    try:
        built = explorers.build(setting)
        cost = complexity(built, *task)
    except ValueError as error:
        return str(error)
    counts = (cost.params, cost.flops, cost.activations)
    stages = [
        [one.depth, one.width, one.group_width, one.bottleneck_width, side]
        for one, side in zip(built.stages, built.resolutions(task[0])[1:], strict=True)
    ]
    return [stages, *(count if count <= MOST else None for count in counts)]


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    address = write(tmp_path_factory.mktemp("rule"), explorers.explore("RegNetX32"))
    with opened(browser, address) as (page, _):
        yield page


def answers(page, settings) -> list:
    ask = """text => JSON.stringify(JSON.parse(text).map((setting) => {
      for (const name in setting) if (setting[name] === null) setting[name] = NaN;
      try {
        const { stages, params, flops, activations } =
          document.querySelector(".explorer").rule(setting);
        const kept = stages.map((s) => [s.depth, s.width, s.g, s.v, s.resolution]);
        return [kept, params, flops, activations];
      } catch (error) {
        return error.field ? error.message : "no refusal, but " + error;
      }
    }))"""
    return json.loads(page.evaluate(ask, json.dumps(settings)))


@pytest.mark.slow
def test_twenty_thousand_settings_agree_to_the_integer_and_to_the_word(page):
    rng = np.random.default_rng(0)
    amounts = {usual: 8_000, tie: 3_000, extreme: 2_000, broken: 7_500}
    settings = [make(rng) for make, n in amounts.items() for _ in range(n)]
    wanted, found = [expected(setting) for setting in settings], answers(page, settings)
    wrong = [case for case in zip(settings, wanted, found, strict=True) if case[1] != case[2]]
    assert not wrong, f"{len(wrong)} of {len(settings)} differ, first {wrong[0]}"
    refused = {text.split("; expected")[1] for text in wanted if isinstance(text, str)}
    assert len(refused) >= 14, "refusals of every kind are among them"
    assert sum(isinstance(one, list) for one in wanted) > 9_000
    assert sum(isinstance(one, list) and None in one for one in wanted) > 50


def test_a_planted_fault_is_seen(browser, tmp_path, monkeypatch):
    """Halves that go up, as Math.round's do: only ties tell."""
    whole = frame._text("rule", "js")
    faulty = whole.replace("rest < 0.5 || (rest === 0.5 && below % 2 === 0)", "rest < 0.5")
    assert faulty != whole
    texts = {("rule", "js"): faulty}
    told = frame._text
    monkeypatch.setattr(frame, "_text", lambda *key: texts.get(key) or told(*key))
    rng = np.random.default_rng(1)
    settings = [tie(rng) for _ in range(200)]
    with opened(browser, write(tmp_path, explorers.explore("RegNetX32"))) as (page, _):
        assert answers(page, settings) != [expected(setting) for setting in settings]


def test_every_published_setting_agrees(page):
    settings = list(explorers.settings().values())
    assert answers(page, settings) == [expected(setting) for setting in settings]


def test_layers_are_the_packages(page):
    """What the walk of a setting shows is what `layers` of the package says."""
    rng = np.random.default_rng(2)
    known = [one for one in (usual(rng) for _ in range(400)) if isinstance(expected(one), list)]
    settings = [*explorers.settings().values(), *known]
    ask = """text => JSON.stringify(JSON.parse(text).map((setting) =>
      document.querySelector(".explorer").rule(setting).parts.map((part) => ({
        ...part,
        first: part.first.map((layer) => layer.slice(0, 5)),
        further: part.count ? part.further.map((layer) => layer.slice(0, 5)) : [],
      }))))"""
    found = json.loads(page.evaluate(ask, json.dumps(settings)))
    for setting, parts in zip(settings, found, strict=True):
        task = [setting[name] for name in explorers.TASK]
        assert parts == network.rows_of(explorers.build(setting), *task)
