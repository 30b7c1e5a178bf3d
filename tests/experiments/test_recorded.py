"""What is recorded of experiments: what the spaces draw today, by plans that stay as signed."""

from importlib import import_module
from pathlib import Path

import pytest

from designspaces.judging.study import Plan, fingerprint
from designspaces.populations.checks import check_drawn, check_one_source, check_one_space
from designspaces.populations.population import EXPERIMENTS_FOLDER, Population

SIGNED = {
    "plain": {"SECOND": "12fde7c12fc0", "PLAN": "ba2312a85a82"},
    "mlps": {"PLAN": "e517d0fbd18d"},
    "violations": {"PLAN": "2b1cb8ef469d"},
    "stages": {"PICKING": "bad73957e8ef", "PLAN": "2b3dda9c9417", "LONG_PLAN": "010a7f54af61"},
    "convnext": {"PLAN": "f8424727bea2"},
}
"""By experiment, the fingerprints of the plans in its module."""
FOLDERS = sorted(path.name for path in EXPERIMENTS_FOLDER.iterdir() if any(path.glob("*.jsonl")))


@pytest.mark.parametrize("name", SIGNED)
def test_a_plan_is_as_it_was_signed(name):
    """A margin, a claim or a number that is changed afterwards shows here."""
    plans = vars(import_module(f"designspaces.experiments.{name}.plan"))
    found = {key: fingerprint(plan) for key, plan in plans.items() if isinstance(plan, Plan)}
    assert found == SIGNED[name]
    assert all(plans[key].signed for key in found)


def test_each_experiment_has_its_plan_here():
    from designspaces import experiments

    (folder,) = experiments.__path__
    assert {path.parent.name for path in Path(folder).glob("*/plan.py")} == SIGNED.keys()


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_recorded_is_what_the_spaces_draw_today(folder):
    """So a sweep can go on, and a network that a page shows is the one that was trained."""
    population = Population()
    for path in sorted((EXPERIMENTS_FOLDER / folder).glob("*.jsonl")):
        some = Population.load(path, whole=True)
        check_one_space(path, some)
        population = Population([*population, *some])
    population.check_one_recipe()
    check_one_source(population)
    check_drawn(population)
