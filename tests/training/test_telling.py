"""What is told of a training is what its history says, counted by hand."""

from dataclasses import replace

import pytest

from designspaces.training.history import Epoch, History
from designspaces.training.recipe import POPULATION, QUICK, TEXTBOOK
from designspaces.training.telling import apart, images_of, in_words


def history(*accuracies: float, recipe=TEXTBOOK, trace=(2.3, 1.0)) -> History:
    epochs = [Epoch(0.5, 0.8125, 0.75, a, 30 * (i + 1)) for i, a in enumerate(accuracies)]
    return History(recipe, 0, "a device", {}, 1, "x", "trained", epochs, list(trace))


def test_a_training_is_told_by_its_last_epoch_and_the_best_stands_beside_it():
    words = in_words(history(0.5, 0.875, 0.75, 0.875, 0.8125))
    assert words["accuracy"] == "81.25"
    assert (words["best"], words["best_epoch"]) == ("87.50", "2"), "the first of equal ones"
    assert (words["epochs"], words["falls"]) == ("5", "2")
    assert (words["train_loss"], words["val_loss"]) == ("0.50", "0.75")
    assert (words["minutes"], words["usual"], words["slowest"]) == ("7.5", "90", "150")
    assert words["device"] == "a device"


@pytest.mark.parametrize(("accuracy", "gap"), [(0.75, "+6.2"), (0.8125, "0.0"), (0.875, "−6.2")])
def test_the_gap_has_its_sign(accuracy, gap):
    assert in_words(history(accuracy))["gap"] == gap


def test_all_images_are_those_of_the_split():
    assert images_of(TEXTBOOK) == (60_000, 10_000)
    assert images_of(POPULATION) == (50_000, 10_000)
    assert images_of(QUICK) == (5_120, 1_000)


def test_all_images_are_as_many_as_are_loaded():
    load = pytest.importorskip("designspaces.training.fashion_mnist").load
    for recipe in (TEXTBOOK, POPULATION):
        data = load(recipe.split)
        assert images_of(recipe) == (len(data.train), len(data.val))


def test_images_and_steps_are_the_recipes():
    few = replace(QUICK, train_images=2_561, val_images=500)
    words = in_words(history(0.5, recipe=few), "quick_")
    assert (words["quick_train_images"], words["quick_judged"]) == ("2,561", "500")
    assert words["quick_portion"] == "1", "21 steps of 128 images make 20 points"
    assert in_words(history(0.5))["train_images"] == "60,000"


@pytest.mark.parametrize(("judged", "told"), [(100, "71"), (1_000, "71.3"), (10_000, "71.27")])
def test_an_accuracy_has_the_decimals_that_its_images_resolve(judged, told):
    recipe = replace(TEXTBOOK, val_images=judged)
    assert in_words(history(0.7127, recipe=recipe))["accuracy"] == told


def test_a_diverged_training_is_worth_a_guess():
    diverged = replace(history(0.5), status="diverged")
    assert in_words(diverged)["accuracy"] == "10.00"


def test_two_trainings_lie_apart_in_either_direction():
    first, second = history(0.5, trace=(2.3, 1.0, 0.5)), history(0.5, trace=(2.3001, 1.25, 0.25))
    assert apart(first, second) == {"first_gap": "0.0001", "largest_gap": "0.25"}
    assert apart(first, second) == apart(second, first)
