"""The pages show what a GPU gave where it was measured, and say so where it was not."""

import json

import pytest

from designspaces.book import on_gpu

pytest.importorskip("pandas")

MADE_ON = {
    "device": "A GPU",
    "kind": "cuda",
    "driver": "580.1",
    "versions": {"torch": "2.11"},
    "commit": "0123456789abcdef",
    "modified": False,
    "finished": "2026-11-28",
}


@pytest.fixture
def record(tmp_path):
    def write(stage, results, **changed):
        made_on = MADE_ON | changed.pop("made_on", {})
        content = {"stage": stage, "quick": False, "made_on": made_on, "results": results}
        (tmp_path / f"{stage}.json").write_text(json.dumps(content | changed), encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("stage", on_gpu.STAGES)
def test_where_nothing_was_measured_one_row_says_so(stage, tmp_path):
    assert on_gpu.measured(stage, tmp_path) is None
    assert on_gpu.table(stage, tmp_path)["on a GPU"].to_dict() == {"everything": "not measured"}


@pytest.mark.parametrize("stage", on_gpu.STAGES)
def test_where_a_stage_was_stopped_at_once_every_row_says_so(stage, record):
    table = on_gpu.table(stage, record(stage, {}))["on a GPU"]
    assert list(table.index) == [*on_gpu.ROWS[stage], *on_gpu.MADE_ON]
    assert set(table[list(on_gpu.ROWS[stage])]) == {"not measured"}


@pytest.mark.parametrize("stage", on_gpu.STAGES)
def test_what_came_with_the_package_can_be_shown(stage):
    assert set(on_gpu.table(stage).index) <= {"everything", *on_gpu.ROWS[stage], *on_gpu.MADE_ON}


def test_what_was_measured_stands_with_its_origin(record):
    ways = {"1 processes": {"an_hour": 900.4}, "16 threads": {"error": "out of memory"}}
    folder = record("populations", {"ways": ways, "best": "1 processes", "same_errors": True})
    shown = on_gpu.table("populations", folder)["on a GPU"]
    assert shown["networks an hour, 1 processes"] == "900"
    assert shown["networks an hour, 16 threads"] == "not measured"
    assert shown["the same errors in every way"] == "True"
    assert shown["networks recorded"] == "not measured", "the stage was stopped before that"
    assert (shown["commit"], shown["changed since that commit"]) == ("0123456789", "False")
    assert (shown["GPU"], shown["driver"]) == ("A GPU", "580.1")
    assert (shown["torch"], shown["CUDA"]) == ("2.11", "not measured")


def test_a_training_a_step_and_d2l_beside_it(record):
    profile = {"step_ms": 5.0, "parts_ms": {"data": 0.5}, "kernels": 400, "busy_ms": 1.0}
    results = {
        "epochs": 10,
        "seconds": 30.04,
        "accuracy": 0.9234,
        "trainings": {"float32, 1 epochs": {"epochs": [{"seconds": 4.0}]}},
        "profiles": {"bfloat16": profile},
        "d2l": "not measured: No module named 'torchvision'",
    }
    shown = on_gpu.table("regnetx32", record("regnetx32", results))["on a GPU"]
    assert shown["test accuracy"] == "92.34%"
    assert shown["seconds for one in float32"] == "4.0"
    assert shown["seconds for one in float16"] == "not measured"
    assert shown["its images alone, ms"] == "0.50"
    assert (shown["kernels in a step"], shown["share of a step they run"]) == ("400", "20%")
    assert shown["seconds for one of d2l's"] == "not measured"


def test_a_step_that_no_profiler_saw_is_not_measured(record):
    profile = {"step_ms": 5.0, "kernels": None, "busy_ms": None}
    folder = record("regnetx32", {"profiles": {"bfloat16": profile}})
    shown = on_gpu.table("regnetx32", folder)["on a GPU"]
    assert shown["kernels in a step"] == shown["share of a step they run"] == "not measured"


def test_a_power_law_is_foretold_wholly_and_chance_is_not(record):
    costs = {f"n{i}": {"flops": 10.0**i, "activations": [3, 1, 4, 1, 5][i]} for i in range(5)}
    times = {name: cost["flops"] ** 0.7 for name, cost in costs.items()}
    results = {"costs": costs, "milliseconds": {"64": times}}
    assert on_gpu.foretold(results, "flops", 64).value == pytest.approx(1)
    assert on_gpu.foretold(results, "activations", 64).value < 0.5
    shown = on_gpu.table("run-time", record("run-time", results))["on a GPU"]
    assert shown["r squared of multiply-adds, batches of 64"] == "1.00 (1.00 to 1.00)"
    assert shown["r squared of multiply-adds, batches of 256"] == "not measured"


def test_no_row_is_longer_than_a_page_shows():
    """pandas cuts what is longer than 50 letters."""
    for stage in on_gpu.STAGES:
        assert all(len(name) <= 50 for name in on_gpu.ROWS[stage])


@pytest.mark.parametrize("changed", [{"quick": True}, {"made_on": {"kind": "cpu"}}])
def test_a_rehearsal_is_no_measurement(record, changed):
    folder = record("correct", {}, **changed)
    with pytest.raises(ValueError, match="not measured on a GPU"):
        on_gpu.measured("correct", folder)


def test_what_is_no_record_is_refused(tmp_path):
    (tmp_path / "correct.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="is no record of tools/gpu.py"):
        on_gpu.measured("correct", tmp_path)
    with pytest.raises(ValueError, match="stage is 'speed'; expected one of correct, regnetx32"):
        on_gpu.measured("speed")
