"""What several tests share: the real images, once, and tiny recipes on them."""

import pytest


@pytest.fixture(scope="session")
def tiny():
    """A few hundred real images at their native size, and a recipe that trains on them."""
    from designspaces.training.fashion_mnist import load
    from designspaces.training.recipe import Recipe

    recipe = Recipe("tiny", epochs=3, batch_size=64, train_images=256, val_images=200)
    return load("test", 28, train_images=256, val_images=200), recipe


@pytest.fixture(scope="module")
def first_study_alone():
    """As if nothing of the second study were recorded."""
    from pathlib import Path

    from designspaces.populations import population

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population, "STUDY_FOLDER", Path("no study"))
        yield


@pytest.fixture(scope="session")
def small():
    """An architecture that trains in a moment."""
    from designspaces.designs.architecture import Architecture

    return Architecture.from_lists((1, 2), (8, 16), 4, stem_width=8)
