"""What MXNet found: measured where it can run, recorded where it cannot."""

import pytest

pytest.importorskip("torch")

from designspaces.frameworks.mxnet import environment, result
from designspaces.needs import EnvironmentProblem
from designspaces.training.recipe import ELSEWHERE


def test_the_record_holds_a_whole_result():
    found = result.recorded()
    assert [line.split()[0] for line in found.summary.splitlines()] == [
        "stem",
        "stage1",
        "stage2",
        "head",
    ]
    assert max(found.differences[kind] for kind in ("eval", "train")) < 1e-10
    assert max(found.differences.values()) < 1e-6
    assert found.history.status == "trained"
    assert found.history.recipe == ELSEWHERE
    assert found.history.versions["mxnet"] == environment.PINS[0].partition("==")[2]
    assert found.history.params == 177_322


def test_where_mxnet_cannot_run_the_record_is_shown_with_the_reason(monkeypatch):
    def fail():
        raise EnvironmentProblem("There is no room.")

    monkeypatch.setattr(environment, "ensure", fail)
    found, how = result.here_or_recorded()
    assert found == result.recorded()
    assert how == "There is no room. What follows is the recorded result."


def test_a_training_in_mxnet_is_the_books_training(tiny):
    """A recipe of a few steps, through MXNet's own environment."""
    from dataclasses import replace

    from designspaces.designs.regnet import REGNETX32
    from designspaces.frameworks import loop, pytorch
    from designspaces.needs import EnvironmentProblem
    from designspaces.networks.anynet import build

    data, recipe = tiny
    recipe = replace(recipe, precision="float32", epochs=1)
    try:
        theirs = result.train(data, recipe)
    except EnvironmentProblem as problem:
        pytest.skip(str(problem))
    ours = loop.train(pytorch.Learner(build(REGNETX32, 0), recipe.lr), data, recipe, framework={})
    assert theirs.train_loss_trace[0] == pytest.approx(ours.train_loss_trace[0], abs=1e-4)
    assert len(theirs.train_loss_trace) == len(ours.train_loss_trace)
    assert (theirs.params, theirs.status) == (ours.params, "trained")
