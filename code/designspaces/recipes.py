"""The book's named recipes: data, kept apart from the code that follows them."""

from dataclasses import replace

from designspaces.training import Recipe

TEXTBOOK = Recipe("textbook", epochs=10, batch_size=128, lr=0.05, resolution=96)
"""The textbook's protocol for RegNetX32: plain SGD on all 60,000 images, test accuracy an epoch."""

QUICK = replace(TEXTBOOK, name="quick", epochs=3, train_images=5_120, val_images=1_000)
"""The same on fewer images for fewer epochs, for tests and a first look."""

ELSEWHERE = replace(QUICK, name="elsewhere", resolution=28, precision="float32")
"""The same at native size in float32: what the chapters on other frameworks train by."""

POPULATION = Recipe(
    "population",
    epochs=1,
    batch_size=128,
    lr=0.1,
    momentum=0.9,
    nesterov=True,
    weight_decay=5e-5,
    schedule="one_cycle",
    precision="float32",
    split="validation",
    resolution=28,
)
"""One epoch a network at native size, judged by held-out training images: the populations'.

Chosen by `benchmarks/trials.py`, whose runs are recorded: the highest learning rate at which no
training went astray (`population.ASTRAY`) in any space.
"""


def recipe_for(profile: str) -> Recipe:
    """The recipe of RegNetX32's training in the profile "full" or "quick"."""
    return {"full": TEXTBOOK, "quick": QUICK}[profile]
