"""The learning rate of each step is torch's own, bit for bit where it can be."""

import pytest
import torch
from torch.optim import lr_scheduler

from designspaces.training.recipe import POPULATION, QUICK, SCHEDULES, TEXTBOOK, Recipe
from designspaces.training.schedule import learning_rate

TORCHS = {
    "constant": lambda optimizer, lr, steps: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "cosine": lambda optimizer, lr, steps: lr_scheduler.CosineAnnealingLR(optimizer, steps),
    # one more step than is taken: torch's last call of step() asks for the rate after the end
    "one_cycle": lambda optimizer, lr, steps: lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps + 1, cycle_momentum=False
    ),
}


def torchs_rates(recipe: Recipe, steps: int) -> list[float]:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=recipe.lr)
    schedule = TORCHS[recipe.schedule](optimizer, recipe.lr, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(
    ("recipe", "images"), [(TEXTBOOK, 60_000), (QUICK, 5_120), (POPULATION, 50_000)]
)
def test_the_named_recipes_take_torchs_steps(recipe, images):
    steps = recipe.epochs * -(-images // recipe.batch_size)
    ours = [learning_rate(recipe, step, steps) for step in range(steps)]
    assert ours == torchs_rates(recipe, steps)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 391])
def test_every_schedule_takes_torchs_steps_however_few_there_are(schedule, steps):
    recipe = Recipe("any", lr=0.3, schedule=schedule)
    ours = [learning_rate(recipe, step, steps) for step in range(steps)]
    assert ours == pytest.approx(torchs_rates(recipe, steps), rel=1e-12, abs=1e-15)
