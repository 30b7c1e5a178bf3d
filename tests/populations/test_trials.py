"""Trials: which networks a setting trains, by what, and that it goes on where it was."""

from dataclasses import replace

import pytest

from designspaces.__main__ import main
from designspaces.populations import sweep, trials
from designspaces.populations.population import TRIALS_FOLDER, Population
from designspaces.populations.trials import SETTINGS, recipe_of, run_trial
from designspaces.training import recipe as recipes
from faults import Here


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_recorded_of_a_setting_is_what_it_would_train(name):
    """Nothing is foreign, and of a setting that is recorded nothing is missing."""
    if not list((TRIALS_FOLDER / name).glob("*.jsonl")):
        pytest.skip("not recorded yet")
    population, setting = Population.trial(name), SETTINGS[name]
    assert population.recipe == recipe_of(name)
    assert {record.space for record in population} <= set(setting.spaces)
    # a setting was sometimes run with more networks than its own number
    n = max(len(population.space(space)) for space in setting.spaces) // len(setting.repeats)
    if setting.choose is trials.choose_best:
        n = len(population) // len(setting.repeats)
    chosen = setting.choose(setting.spaces, n)
    seeds = [sweep.REPEAT_STEP * repeat for repeat in setting.repeats]
    expected = {
        (space, index, index + seed)
        for space in chosen
        for index in chosen[space]
        for seed in seeds
    }
    found = {(record.space, record.index, record.seed) for record in population}
    assert found == expected


def test_ten_epochs_are_the_networks_of_five():
    five, ten = SETTINGS["five-epochs"], SETTINGS["ten-epochs"]
    assert ten == replace(five, recipe={"epochs": 10})
    assert recipe_of("ten-epochs") == replace(recipes.POPULATION, name="ten-epochs", epochs=10)
    assert (len(ten.spaces), ten.n) == (6, 10)


def test_a_spread_goes_from_the_best_to_the_worst_of_the_strata():
    every, three = (
        choose(["AnyNetX_D"], n)["AnyNetX_D"]
        for choose, n in ((trials.choose_strata, trials.A_SPACE), (trials.choose_spread, 3))
    )
    assert three == [every[0], every[4], every[9]]
    assert trials.choose_spread(["AnyNetX_D"], 10)["AnyNetX_D"] == every
    assert trials.choose_spread(["AnyNetX_D"], 1)["AnyNetX_D"] == every[:1]
    with pytest.raises(ValueError, match="n is 11; expected at most 10 networks of each space"):
        trials.choose_spread(["AnyNetX_D"], 11)


@pytest.fixture
def tiny(monkeypatch):
    """The populations' recipe cut down to a moment, and no network of two spaces trained twice."""
    cut = replace(recipes.POPULATION, train_images=64, val_images=50)
    monkeypatch.setattr(trials, "POPULATION", cut)
    two = trials.Setting(recipe={"lr": 0.2}, repeats=(1, 2), spaces=("AnyNetX_E", "RegNetX"), n=2)
    monkeypatch.setitem(SETTINGS, "tiny", two)


def test_a_trial_trains_what_is_missing_from_its_own_seeds(tiny, tmp_path):
    executor = Here()
    population = run_trial("tiny", executor, tmp_path, n=1)
    assert [(task.space, task.index, task.seed) for task in executor.tasks] == [
        ("AnyNetX_E", 0, 1_000_000),
        ("RegNetX", 0, 1_000_000),
        ("AnyNetX_E", 0, 2_000_000),
        ("RegNetX", 0, 2_000_000),
    ]
    assert population.recipe == recipe_of("tiny")
    assert (population.recipe.lr, population.recipe.name) == (0.2, "tiny")
    executor = Here()
    assert len(run_trial("tiny", executor, tmp_path)) == 8
    assert [task.index for task in executor.tasks] == [1, 1, 1, 1]
    assert len(Population.load(*tmp_path.glob("*.jsonl"))) == 8


def test_the_command_trains_a_trial_into_its_folder(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("designspaces.commands.sweeping._executor", lambda *_: (Here(), None))
    command = ["sweep", "--trial", "tiny", "--workers", "1", "--n", "1"]
    assert main([*command, "--folder", str(tmp_path / "mine")]) == 0
    assert f"4 networks in {tmp_path / 'mine'}" in capsys.readouterr().out
    monkeypatch.setattr("designspaces.populations.population.TRIALS_FOLDER", tmp_path)
    assert main(command) == 0
    assert f"4 networks in {tmp_path / 'tiny'}" in capsys.readouterr().out
    names = sorted(path.name for path in (tmp_path / "tiny").glob("*.jsonl"))
    assert names == ["AnyNetX_E.jsonl", "RegNetX.jsonl"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--trial", "unheard"], "trial is 'unheard'; expected one of stem-1"),
        (["--trial", "lr-0.2", "--space", "RegNetX"], "a trial decides --space itself"),
        (["--trial", "lr-0.2", "--start", "0", "--seed", "1"], "decides --start, --seed itself"),
        (["--trial", "lr-0.2", "--precision", "float16"], "decides --precision itself"),
        (["--trial", "five-epochs", "--n", "101"], "n is 101; expected 1 to 100"),
        (["--trial", "lr-0.2", "--n", "0"], "n is 0; expected 1 to 100"),
        (["--space", "RegNetX"], "a sweep takes --space and --n or --plan, or --trial"),
        (["--n", "3"], "a sweep takes --space and --n or --plan, or --trial"),
        (["--space", "RegNetX", "--plan", "no.py:PLAN"], "there is no file no.py"),
        (["--space", "RegNetX", "--n", "3", "--start", "3"], "--start is 3; expected 0 to 2"),
        (["--space", "RegNetX", "--n", "3", "--workers", "0"], "--workers is 0"),
    ],
)
def test_what_a_sweep_does_not_take_is_named(options, said, tmp_path, capsys):
    assert main(["sweep", *options, "--folder", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_best_and_the_strata_are_what_plain_counting_finds():
    records = {
        name: [r for r in Population.recorded(name) if r.index < 100]
        for name in ("AnyNetX_A", "RegNetX")
    }
    best = trials.choose_best(("AnyNetX_A", "RegNetX"), 7)
    every = sorted(r.val_error for mine in records.values() for r in mine)
    chosen = [r for name, mine in records.items() for r in mine if r.index in best[name]]
    assert sorted(r.val_error for r in chosen) == every[:7]
    strata = trials.choose_strata(("RegNetX",), 4)["RegNetX"]
    errors = sorted(r.val_error for r in records["RegNetX"])
    for quarter, index in enumerate(strata):
        (record,) = [r for r in records["RegNetX"] if r.index == index]
        assert errors[25 * quarter] <= record.val_error <= errors[25 * quarter + 24]
    assert trials.choose_first(("AnyNetX_A",), 3) == {"AnyNetX_A": [0, 1, 2]}


def test_a_sweep_begins_where_it_is_told(tiny, tmp_path, monkeypatch):
    executor = Here()
    monkeypatch.setattr("designspaces.commands.sweeping._executor", lambda *_: (executor, None))
    monkeypatch.setattr(recipes, "POPULATION", trials.POPULATION)
    command = ["sweep", "--space", "RegNetX", "--workers", "1", "--folder", str(tmp_path)]
    assert main([*command, "--start", "2", "--n", "3", "--seed", "5"]) == 0
    assert [(task.index, task.sample_seed) for task in executor.tasks] == [(2, 5)]


@pytest.mark.parametrize("trial", ["stem-1", "stem-2", "second-seed"])
def test_what_a_trial_draws_otherwise_is_verified_as_it_draws(trial, capsys):
    assert main(["verify", "--folder", str(TRIALS_FOLDER / trial)]) == 0
    assert "RegNetX.jsonl: " in capsys.readouterr().out
