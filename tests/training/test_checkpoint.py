"""A checkpoint knows its whole training: whatever differs is refused, and named."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from designspaces.designs.architecture import Architecture
from designspaces.networks.anynet import AnyNet, build
from designspaces.training.fashion_mnist import Images
from designspaces.training.loop import train

SAME_SHAPES = Architecture.from_lists((1, 2), (8, 16), 4, strides=(2, 1), stem_width=8)


@pytest.fixture
def saved(tiny, small, tmp_path):
    """The checkpoint of a training of `small`, and that training's history."""
    data, recipe = tiny
    path = tmp_path / "checkpoint.pt"
    return path, train(build(small, 0), data, recipe, checkpoint=path)


def refused(saved, network, data, recipe, named: str, **options) -> None:
    path, _ = saved
    before = path.read_bytes()
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(ValueError, match=f"belongs to another.*{named}") as error:
        train(network, data, recipe, checkpoint=path, **options)
    assert len(str(error.value)) < 1000
    assert path.read_bytes() == before
    for name, value in network.state_dict().items():
        assert torch.equal(value, weights[name]), "the network was touched"


def test_the_same_training_is_taken_up(saved, tiny, small):
    data, recipe = tiny
    again = train(build(small, 0), data, replace(recipe, name="other"), checkpoint=saved[0])
    assert again.epochs == saved[1].epochs


def test_strides_alone(saved, tiny, small):
    network = build(SAME_SHAPES, 0)
    shapes = [value.shape for value in network.state_dict().values()]
    assert shapes == [value.shape for value in build(small, 0).state_dict().values()]
    refused(saved, network, *tiny, named=r"layers is .*stride=\(2, 2\).*stride=\(1, 1\)")


def test_other_widths(saved, tiny):
    wider = Architecture.from_lists((1, 2), (8, 24), 4, stem_width=8)
    refused(saved, build(wider, 0), *tiny, named="params is")


def test_a_dropout_that_has_no_tensors(saved, tiny, small):
    network = build(small, 0)
    network.net.head[1] = nn.Sequential(nn.Flatten(), nn.Dropout(0.1))
    refused(saved, network, *tiny, named="layers")


def test_frozen_parameters(saved, tiny, small):
    network = build(small, 0)
    network.net.stem.requires_grad_(False)
    refused(saved, network, *tiny, named="frozen parameters is nothing, .*stem")


@pytest.mark.parametrize("part", ["train", "val"])
@pytest.mark.parametrize("change", ["pixel", "label", "order"])
def test_other_images_under_one_recipe(saved, tiny, small, part, change):
    data, recipe = tiny
    images = getattr(data, part)
    pixels, labels = images.pixels.clone(), images.labels.clone()
    if change == "pixel":
        pixels[7, 0, 3, 3] ^= 1
    elif change == "label":
        labels[7] = (labels[7] + 1) % 10
    else:
        pixels, labels = pixels.flip(0), labels.flip(0)
    other = replace(data, **{part: Images(pixels, labels)})
    refused(saved, build(small, 0), other, recipe, named="images")


@pytest.mark.parametrize(
    "change", [{"lr": 0.06}, {"momentum": 0.5}, {"zero_init_residual": True}, {"epochs": 4}]
)
def test_another_recipe(saved, tiny, small, change):
    data, recipe = tiny
    refused(saved, build(small, 0), data, replace(recipe, **change), named="recipe")


def test_another_order_of_the_batches(saved, tiny, small):
    refused(saved, build(small, 0), *tiny, named="seed is 0, this one's is 5", seed=5)


def test_a_checkpoint_from_before_it_knew_its_origin_is_taken_up(saved, tiny, small):
    path, history = saved
    state = torch.load(path, weights_only=True)
    del state["origin"], state["history"]["recipe"]["zero_init_residual"]
    torch.save(state | {"schedule": {"last_epoch": 12}}, path)
    data, recipe = tiny
    assert train(build(small, 0), data, recipe, checkpoint=path).epochs == history.epochs


def test_a_damaged_checkpoint_begins_anew_with_a_warning(saved, tiny, small):
    path, history = saved
    path.write_bytes(path.read_bytes()[:1000])
    data, recipe = tiny
    with pytest.warns(UserWarning, match="cannot be read.*begun anew"):
        again = train(build(small, 0), data, recipe, checkpoint=path)
    assert again.train_loss_trace == history.train_loss_trace


def test_a_last_batch_of_one_image_is_refused_before_training(tiny):
    data, recipe = tiny
    deep = Architecture.from_lists((1,) * 4, (8,) * 4, 4, stem_width=8)  # ends on 1x1 maps
    network = build(deep, 0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    one_more = replace(data, train=data.train[:65])
    with pytest.raises(ValueError, match=r"last batch.*single image.*65 images in batches of 64"):
        train(network, one_more, recipe)
    with pytest.raises(ValueError, match="batches of 1"):
        train(network, data, replace(recipe, batch_size=1))
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_a_last_batch_of_one_image_is_fine_where_maps_are_larger(tiny, small):
    data, recipe = tiny
    one_more = replace(data, train=data.train[:65])
    history = train(build(small, 0), one_more, replace(recipe, epochs=1))
    assert history.status == "trained"


def test_a_network_of_anybody_is_known_by_its_layers(tiny, tmp_path):
    data, recipe = tiny
    recipe = replace(recipe, epochs=1, precision="float32")

    def plain(padding: int) -> nn.Module:
        layers = nn.Conv2d(1, 4, 3, padding=padding), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        return nn.Sequential(*layers, nn.Linear(4, 10))

    path = tmp_path / "checkpoint.pt"
    train(plain(0), data, recipe, checkpoint=path)
    with pytest.raises(ValueError, match="layers"):
        train(plain(1), data, recipe, checkpoint=path)
    assert not isinstance(plain(0), AnyNet)
