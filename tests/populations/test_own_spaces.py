"""Spaces of one's own through the whole machine: swept, read, verified, never mixed."""

import re
from dataclasses import replace
from functools import partial

import pytest

from designspaces.__main__ import main
from designspaces.designs.architecture import Architecture
from designspaces.designs.complexity import complexity
from designspaces.experiments.mlps.block import MLP
from designspaces.judging.comparison import compare
from designspaces.judging.study import draft, evaluate
from designspaces.populations.checks import check_drawn
from designspaces.populations.executors import Processes, Threads, TrainingFailed
from designspaces.populations.population import Population, PopulationError
from designspaces.populations.sweep import build_to_train, train_population
from designspaces.populations.writer import merge
from designspaces.spaces import SPACES
from designspaces.spaces.own import load_space
from faults import RECIPE, Here
from own_records import make_own

KIND = '''
from dataclasses import asdict, dataclass

import numpy as np

from designspaces.designs.complexity import Complexity
from designspaces.spaces.draw import Draw


@dataclass(frozen=True)
class OneLayer:
    """One hidden layer."""

    width: int
    kind: str = "one-layer"

    def to_dict(self):
        return asdict(self)

    def cost(self, resolution):
        flops = (resolution**2 + 10) * self.width
        return Complexity(flops + self.width + 10, flops, self.width + 10)

    def build(self, seed):
        import torch
        from torch import nn

        torch.manual_seed(seed)
        layers = nn.LazyLinear(self.width), nn.ReLU(), nn.Linear(self.width, 10)
        network = nn.Sequential(nn.Flatten(), *layers)
        network(torch.zeros(1, 1, 28, 28))
        return network


class Space:
    name = "OneLayers"

    def draw(self, n, seed=0, *, resolution=None):
        widths = np.random.default_rng(seed).integers(8, 64, n)
        return [Draw(i, {"width": int(w)}, OneLayer(int(w))) for i, w in enumerate(widths)]

    def read(self, settings):
        return OneLayer(**settings)


SPACE = Space()
'''
RULES = """
from designspaces.spaces import SPACES
SPACE = SPACES["AnyNetX_E"].with_(name="Narrow", width=(8, 64, 8))
"""


def write(folder, text, name):
    (folder / name).write_text(text, encoding="utf-8")
    return f"{folder / name}:SPACE"


@pytest.mark.parametrize(("text", "space"), [(KIND, "OneLayers"), (RULES, "Narrow")])
def test_a_space_of_ones_own_is_swept_read_and_verified(tmp_path, text, space, capsys):
    own = load_space(write(tmp_path, text, "my_space.py"))
    folder = tmp_path / "populations"
    trained = train_population([own], 3, RECIPE, Here(), folder)
    again = Population.load(folder / f"{space}.jsonl")
    assert list(again) == list(trained)
    for record, draw in zip(again.space(space), own.draw(3, resolution=28), strict=True):
        assert record.schema == 3
        assert record.origin == own.origin
        assert record.network == draw.architecture
    check_drawn(again)
    executor = Here()
    assert len(train_population([own], 3, RECIPE, executor, folder)) == 3
    assert not executor.tasks, "nothing is missing"
    assert main(["status", "--folder", str(folder)]) == 0
    assert main(["verify", "--folder", str(folder)]) == 0
    assert f"{space}.jsonl: 3 networks, whole and as drawn" in capsys.readouterr().out
    assert len(again.to_frame()) == 3


def test_networks_whose_source_is_gone_are_still_a_table(tmp_path):
    records = make_own(write(tmp_path, KIND, "my_space.py"), 3)
    (tmp_path / "my_space.py").unlink()
    frame = Population(records).to_frame()
    assert list(frame.width) == [record.architecture["width"] for record in records]
    assert "kind" not in frame


def test_a_space_that_changed_is_neither_verified_nor_mixed(tmp_path, capsys):
    where = write(tmp_path, KIND, "my_space.py")
    folder = tmp_path / "populations"
    train_population([load_space(where)], 2, RECIPE, Here(), folder)
    old = folder / "OneLayers.jsonl"
    write(tmp_path, KIND.replace("(8, 64, n)", "(8, 128, n)"), "my_space.py")
    assert main(["verify", "--folder", str(folder)]) == 2
    assert "my_space.py:SPACE has changed since its records were made" in capsys.readouterr().err
    content = old.read_bytes()
    with pytest.raises(PopulationError, match=r"OneLayers.jsonl holds networks of .*my_space.py"):
        train_population([load_space(where)], 3, RECIPE, Here(), folder)
    assert old.read_bytes() == content
    other = tmp_path / "other"
    train_population([load_space(where)], 4, RECIPE, Here(), other)
    with pytest.raises(PopulationError, match="folder of its own|different records"):
        merge([other / "OneLayers.jsonl"], old)
    assert old.read_bytes() == content


def test_what_the_book_draws_is_recorded_as_before(tmp_path):
    trained = train_population([SPACES["AnyNetX_E"]], 1, RECIPE, Here(), tmp_path)
    (line,) = (tmp_path / "AnyNetX_E.jsonl").read_text("utf-8").splitlines()
    assert '"schema": 2' in line
    assert "origin" not in line
    assert next(iter(trained)).origin is None


def test_a_network_of_another_kind_is_printed_by_its_settings(tmp_path, capsys):
    where = write(tmp_path, KIND, "my_space.py")
    assert main(["sample", "--space", where, "--n", "2"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("width ")
    assert "kind one-layer" in second
    assert "multiply-adds" in second
    assert main(["sample", "--space", where, "--n", "-1"]) == 2
    assert "n is -1; expected an integer of at least 0" in capsys.readouterr().err
    assert main(["sample", "--space", where.replace("SPACE", "NONE")]) == 2
    assert "my_space.py has no NONE; it has SPACE" in capsys.readouterr().err


def test_networks_are_drawn_and_counted_at_the_resolution_of_their_space(tmp_path, capsys):
    fine = RULES.replace("width=", "resolution=56, flops=(0, 9_000_000), width=")
    own = load_space(write(tmp_path, fine, "my_space.py"))
    for given, resolution in (([], 56), (["--resolution", "32"], 32)):
        assert main(["sample", "--space", own.where, "--n", "2", *given]) == 0
        lines = capsys.readouterr().out.splitlines()
        for line, draw in zip(lines, own.draw(2, resolution=resolution), strict=True):
            cost = complexity(draw.architecture, resolution)
            assert f": {cost.flops:,} multiply-adds, {cost.params:,} parameters" in line


@pytest.mark.parametrize(
    ("network", "start"),
    [
        (MLP((1,), (16,), 1, residual=True), True),
        (MLP((1,), (16,), 1, residual=False), False),
        (Architecture.from_lists((1,), (16,), 4, stem_width=8), True),
    ],
    ids=["shortcuts", "none", "AnyNet"],
)
def test_a_network_begins_as_the_recipe_says_where_it_can(network, start):
    pytest.importorskip("torch")
    asked = replace(RECIPE, zero_init_residual=True)
    (first, recipe), (again, _), (other, _) = (build_to_train(network, asked, s) for s in (3, 3, 4))
    assert recipe == replace(asked, zero_init_residual=start)
    assert build_to_train(network, RECIPE, 3)[1] == RECIPE
    sides = [next(iter(module.parameters())) for module in (first, again, other)]
    assert sides[0].equal(sides[1])
    assert not sides[0].equal(sides[2])


def test_a_sweep_goes_on_from_any_folder(tmp_path, monkeypatch):
    """The path differs with where a command runs; the source is the same."""
    folder = tmp_path / "mine"
    folder.mkdir()
    write(folder, KIND, "my_space.py")
    monkeypatch.chdir(folder)
    train_population([load_space("my_space.py:SPACE")], 1, RECIPE, Here(), folder)
    monkeypatch.chdir(tmp_path)
    assert (
        len(train_population([load_space("mine/my_space.py:SPACE")], 2, RECIPE, Here(), folder))
        == 2
    )
    monkeypatch.chdir(folder)
    assert main(["verify", "--folder", "."]) == 0, "both paths end in the one file"


@pytest.mark.parametrize(
    "where", [partial(Processes, 1), partial(Threads, 1)], ids=["process", "thread"]
)
@pytest.mark.parametrize("cause", ["", " from TypeError('six')"], ids=["alone", "with a cause"])
def test_a_network_that_does_not_train_is_named_with_the_line(where, cause, tmp_path):
    broken = KIND.replace("network(torch.zeros(1, 1, 28, 28))", f"raise KeyError('five'){cause}")
    own = load_space(write(tmp_path, broken, "broken.py"))
    with where() as executor, pytest.raises(TrainingFailed) as failed:
        train_population([own], 1, RECIPE, executor, tmp_path)
    told = str(failed.value)
    assert told.startswith(f"OneLayers/0/0/0 of {own.where} cannot be trained: KeyError: 'five' (")
    assert "broken.py, line " in told


def test_what_torch_refuses_is_told_by_the_line_that_asked_it(tmp_path):
    """A layer that does not take what the one before it gives."""
    asked, wrong = "network(torch.zeros(1, 1, 28, 28))", "nn.Linear(3, 4)(torch.zeros(1, 5))"
    assert asked in KIND
    own = load_space(write(tmp_path, KIND.replace(asked, wrong), "my_space.py"))
    with Threads(1) as executor, pytest.raises(TrainingFailed) as failed:
        train_population([own], 1, RECIPE, executor, tmp_path)
    told = str(failed.value)
    assert told.startswith(f"OneLayers/0/0/0 of {own.where} cannot be trained: RuntimeError: ")
    assert re.search(r"\(\S+my_space.py, line \d+\)", told)


def test_two_states_of_one_source_get_no_verdict_together(tmp_path):
    records = make_own(write(tmp_path, KIND, "my_space.py"), 20)
    origin = records[0].origin | {"checksum": "0" * 16}
    mixed = [*records[:10], *(replace(record, origin=origin) for record in records[10:])]
    plan = replace(draft((), {"OneLayers": 20}), recipe=records[0].trained_by)
    assert evaluate(Population(records), plan) == {}
    with pytest.raises(PopulationError, match="OneLayers/1/0/.* two states of .*my_space.py"):
        evaluate(Population(mixed), plan)
    with pytest.raises(PopulationError, match="OneLayers/1/0/.* two states of .*my_space.py"):
        compare(Population(records), Population(mixed))


def test_two_spaces_of_one_name_are_refused_before_anything_is_written(tmp_path):
    own = [load_space(write(tmp_path, KIND, f"{name}.py")) for name in ("one", "two")]
    with pytest.raises(ValueError, match="two spaces are named 'OneLayers'"):
        train_population(own, 1, RECIPE, Here(), tmp_path / "populations")
    assert not (tmp_path / "populations").exists()
