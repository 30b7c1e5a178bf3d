"""How the learning rate moves over a training: a function of the step and nothing else."""

from math import cos, pi

from designspaces.training.recipe import Recipe

# one_cycle as in Smith and Topin 2019 and torch's OneCycleLR
RISE = 0.3  # the share of all steps on the way up
FIRST = 25  # the peak over the rate that it starts from
LAST = 1e4  # the rate that it starts from over the one that it ends with


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """The rate of one step, counted from 0, of a training that takes `steps` in all.

    "constant" is recipe.lr throughout; "cosine" half a cosine from it to 0; "one_cycle" up to it
    and down again, in half cosines. The step after the last one would have the final rate.
    """
    if recipe.schedule == "cosine":
        return recipe.lr * (1 + cos(pi * step / steps)) / 2
    if recipe.schedule == "one_cycle":
        start, top = recipe.lr / FIRST, RISE * (steps + 1) - 1
        if step <= top:
            return _between(start, recipe.lr, step / top)
        return _between(recipe.lr, start / LAST, (step - top) / (steps - top))
    return recipe.lr


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + cos(pi * share))
