"""Keep what was trained by its content, so that nothing is trained twice and nothing goes stale.

A result's key is a digest of all that decides it: the architecture, the recipe, the seed, the data
and the source that trains (without comments and docstrings, so that prose may change). The same
question finds its answer; a changed one trains again.
"""

import hashlib
import json
import os
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from designspaces.designs.architecture import Architecture
from designspaces.files import atomic, cache_folder
from designspaces.networks.anynet import AnyNet, build
from designspaces.networks.device import best_device
from designspaces.training import source
from designspaces.training.fashion_mnist import Data, load
from designspaces.training.fetch import CHECKSUM
from designspaces.training.history import History
from designspaces.training.loop import settled, train
from designspaces.training.recipe import Recipe

TRAINING_MODULES = (
    "networks/anynet",
    "networks/blocks",
    "networks/device",
    "training/fashion_mnist",
    "training/loop",
    "training/schedule",
)
"""What decides the numbers that come out of a training, beside the values in its key."""

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Result:
    """A trained network and the history of its training."""

    architecture: Architecture
    history: History
    weights: dict[str, torch.Tensor]

    def network(self) -> AnyNet:
        """The network with its trained weights, in evaluation mode on the CPU."""
        network = build(self.architecture, seed=0)
        network.load_state_dict(self.weights)
        return network.to(memory_format=torch.channels_last).eval()


def results_folder() -> Path:
    """Where results are kept: `DESIGNSPACES_RESULTS`, or a cache folder."""
    return Path(os.environ.get("DESIGNSPACES_RESULTS") or cache_folder() / "results")


def load_for(recipe: Recipe) -> Data:
    """The images that a recipe trains on and is judged by."""
    return load(
        recipe.split,
        recipe.resolution,
        train_images=recipe.train_images,
        val_images=recipe.val_images,
    )


def train_once(
    architecture: Architecture,
    recipe: Recipe,
    seed: int = 0,
    *,
    folder: Path | None = None,
    progress: bool = False,
) -> Result:
    """The result of training `architecture` by `recipe` from `seed`: kept, or trained now.

    An interrupted training goes on from its last epoch. The full set of images is used as the
    recipe says; the device is the best there is.
    Raises what `train` and `fashion_mnist.load` raise.
    """
    recipe = settled(recipe, best_device())
    place = (folder or results_folder()) / key(architecture, recipe, seed)
    kept = _read(place, architecture)
    if kept is not None:
        return kept
    architecture.resolutions(recipe.resolution)
    data = load_for(recipe)
    network = build(architecture, seed)
    checkpoint = place / "checkpoint.pt"
    history = train(network, data, recipe, seed=seed, checkpoint=checkpoint, progress=progress)
    weights = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    with atomic(place / "weights.safetensors") as temporary:
        save_file(weights, temporary)
    # the history comes last: where it stands, the result is whole
    write_recorded(history, place / "history.json")
    checkpoint.unlink(missing_ok=True)
    return Result(architecture, history, weights)


def key(architecture: Architecture, recipe: Recipe, seed: int) -> str:
    """The digest under which a result is kept."""
    settings = {name: value for name, value in asdict(recipe).items() if name != "name"}
    question = {
        "architecture": architecture.to_dict(),
        "recipe": settings,
        "seed": seed,
        "data": CHECKSUM,
        "source": source_checksum(),
    }
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:20]


def source_checksum() -> str:
    """A digest of the modules that train, blind to comments, docstrings and layout."""
    return source.source_checksum(PACKAGE / f"{name}.py" for name in TRAINING_MODULES)


def write_recorded(history: History, path: Path) -> None:
    """Write a history with the checksum of the source that trained it."""
    with atomic(path) as temporary:
        content = {"source": source_checksum(), "history": history.to_dict()}
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_recorded(path: Path) -> tuple[History, str]:
    """A history written by `write_recorded`, and the checksum of the source that trained it.

    Raises ValueError for a file that is not one.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return History.from_dict(content["history"]), content["source"]
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not a recorded training: {error!r}") from error


def recorded(name: str) -> tuple[History, str]:
    """A run that came with the package, such as "plain_resnet", and its source's checksum."""
    return read_recorded(PACKAGE / "recorded" / "runs" / f"{name}.json")


def _read(place: Path, architecture: Architecture) -> Result | None:
    """What is kept at `place`; None, with a warning, where it cannot be read."""
    path = place / "history.json"
    if not path.exists():
        return None
    try:
        history, _ = read_recorded(path)
        return Result(architecture, history, load_file(place / "weights.safetensors"))
    except (ValueError, OSError, SafetensorError) as error:
        warnings.warn(
            f"the result in {place} cannot be read ({error}); training anew", stacklevel=3
        )
        return None
