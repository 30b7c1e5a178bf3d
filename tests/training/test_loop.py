"""Training: it learns, resumes to the same weights, and says what is wrong with its input."""

import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest
import torch

from designspaces.networks.anynet import build
from designspaces.training import loop as training
from designspaces.training.checkpoint import Checkpoint
from designspaces.training.history import History
from designspaces.training.loop import predict, train
from designspaces.training.recipe import SCHEDULES, TEXTBOOK, Recipe


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_training_learns_and_records_what_it_did(tiny, small, precision):
    data, recipe = tiny
    recipe = replace(recipe, epochs=15, lr=0.1, momentum=0.9, precision=precision)
    network = build(small, seed=0)
    history = train(network, data, recipe, seed=3)
    assert history.status == "trained"
    assert len(history.epochs) == 15
    assert history.epochs[-1].train_loss < 0.6 * history.epochs[0].train_loss
    assert history.epochs[-1].train_accuracy > 0.6
    assert history.val_accuracy == history.epochs[-1].val_accuracy > 0.2
    assert (history.recipe.precision, history.seed) == (precision, 3)
    assert history.params == sum(p.numel() for p in network.parameters())
    steps = 4  # 256 images in batches of 64: fewer than the trace would like
    assert len(history.train_loss_trace) == 15 * steps
    assert History.from_dict(history.to_dict()) == history


def test_the_last_partial_batch_is_trained_on(tiny, small):
    data, recipe = tiny
    history = train(build(small, 0), data, replace(recipe, epochs=1, batch_size=100))
    assert len(history.train_loss_trace) == 3
    network, same = build(small, 0), build(small, 0)
    few = replace(data, train=data.train[:150])
    train(network, few, replace(recipe, epochs=1, batch_size=100, lr=0.0))
    train(same, few, replace(recipe, epochs=1, batch_size=150, lr=0.0))
    seen = [net.net.stem[0].norm.num_batches_tracked.item() for net in (network, same)]
    assert seen == [2, 1]


@pytest.mark.parametrize(
    ("schedule", "precision"),
    [*((schedule, "float32") for schedule in SCHEDULES), ("one_cycle", "float16")],
)
def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(
    tiny, small, tmp_path, schedule, precision
):
    data, recipe = tiny
    recipe = replace(recipe, schedule=schedule, momentum=0.9, nesterov=True, weight_decay=1e-4)
    recipe = replace(recipe, precision=precision)
    whole = build(small, 0)
    expected = train(whole, data, recipe)

    class Interrupted(Exception):
        pass

    def interrupt(*_):
        raise Interrupted

    checkpoint = tmp_path / "checkpoint.pt"
    original, evaluations = training.evaluate, []

    def stop_in_the_second_epoch(*args):
        evaluations.append(1)
        return interrupt() if len(evaluations) == 2 else original(*args)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(training, "evaluate", stop_in_the_second_epoch)
        train(build(small, 0), data, recipe, checkpoint=checkpoint)
    resumed = build(small, seed=99)  # its weights must come from the checkpoint
    history = train(resumed, data, recipe, checkpoint=checkpoint)
    for name, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value), name
    assert history.train_loss_trace == expected.train_loss_trace
    assert [e.val_loss for e in history.epochs] == [e.val_loss for e in expected.epochs]


KILLED = """
import sys
from designspaces.networks.anynet import build
from designspaces.training.recipe import TEXTBOOK
from designspaces.designs.architecture import Architecture
from designspaces.training.fashion_mnist import load
from designspaces.training.recipe import Recipe
from designspaces.training.loop import train
recipe = Recipe("tiny", epochs=40, batch_size=64, train_images=256, val_images=200)
data = load("test", 28, train_images=256, val_images=200)
network = build(Architecture.from_lists((1, 2), (8, 16), 4, stem_width=8), 0)
train(network, data, recipe, checkpoint=sys.argv[1])
"""


def test_a_killed_training_resumes_to_the_same_weights(tiny, small, tmp_path):
    data, recipe = tiny
    recipe = replace(recipe, epochs=40)
    checkpoint = tmp_path / "checkpoint.pt"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(checkpoint)])
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.1)
    process.kill()
    process.wait()
    assert checkpoint.exists(), "the training ended before its first epoch was saved"
    done = torch.load(checkpoint, weights_only=True)["history"]["epochs"]
    assert 0 < len(done) < 40
    whole, resumed = build(small, 0), build(small, 1)
    train(whole, data, recipe)
    train(resumed, data, recipe, checkpoint=checkpoint)
    for name, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value), name


def test_a_checkpoint_from_before_there_was_a_scaler_is_resumed(tiny, small, tmp_path):
    data, recipe = tiny
    checkpoint = tmp_path / "checkpoint.pt"
    whole = train(build(small, 0), data, recipe, checkpoint=checkpoint)
    state = torch.load(checkpoint, weights_only=True)
    del state["scaler"]
    torch.save(state, checkpoint)
    resumed = train(build(small, 0), data, recipe, checkpoint=checkpoint)
    assert resumed.epochs == whole.epochs


def test_a_checkpoint_of_another_training_is_refused(tiny, small, tmp_path):
    data, recipe = tiny
    checkpoint = tmp_path / "checkpoint.pt"
    train(build(small, 0), data, recipe, checkpoint=checkpoint)
    with pytest.raises(ValueError, match="another training: its seed is 0, this one's is 5"):
        train(build(small, 0), data, recipe, seed=5, checkpoint=checkpoint)


def test_a_full_disk_while_saving_leaves_the_earlier_checkpoint_whole(tiny, small, tmp_path):
    data, recipe = tiny
    checkpoint = tmp_path / "checkpoint.pt"
    train(build(small, 0), data, recipe, checkpoint=checkpoint)
    before = checkpoint.read_bytes()

    def full(_, file):
        file.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    history = History.from_dict(torch.load(checkpoint, weights_only=True)["history"])
    optimizer = torch.optim.SGD(build(small, 0).parameters())
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(torch, "save", full)
        saved = Checkpoint(checkpoint, build(small, 1), data)
        saved.write(history, {"network": build(small, 1), "optimizer": optimizer})
    assert checkpoint.read_bytes() == before
    assert list(tmp_path.iterdir()) == [checkpoint]


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_divergence_is_a_result(tiny, small, precision):
    data, recipe = tiny
    recipe = replace(recipe, lr=1e30, precision=precision)
    history = train(build(small, 0), data, recipe)
    assert history.status == "diverged"
    assert history.val_accuracy == 0.1


def test_not_a_number_within_the_network_shows_although_the_fast_relu_hides_it(tiny, small):
    data, recipe = tiny
    network = build(small, 0)
    with torch.no_grad():
        network.net.stem[0].conv.weight[0] = -float("nan")
    history = train(network, data, replace(recipe, precision="bfloat16"))
    assert history.status == "diverged"


def test_the_order_of_the_batches_depends_on_the_seed_alone(tiny, small):
    data, recipe = tiny
    one, same, other = (train(build(small, 0), data, recipe, seed=seed) for seed in (1, 1, 2))
    assert one.train_loss_trace == same.train_loss_trace != other.train_loss_trace


def test_predictions_are_those_of_the_network(tiny, small):
    data, recipe = tiny
    network = build(small, 0).eval()
    logits = predict(network, data.val, replace(recipe, precision="float32"))
    with torch.no_grad():
        expected = network(data.val.pixels.float() / 255)
    assert torch.allclose(logits, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("batch_size", -1),
        ("lr", -0.1),
        ("schedule", "step"),
        ("precision", "float8"),
        ("split", "train"),
    ],
)
def test_a_recipe_that_cannot_be_followed_names_the_field(field, value):
    with pytest.raises(ValueError, match=f"{field} is .*{value}"):
        Recipe("bad", **{field: value})


def test_data_of_another_resolution_are_refused(tiny, small):
    data, recipe = tiny
    with pytest.raises(ValueError, match="resolution 28.*32"):
        train(build(small, 0), data, replace(recipe, resolution=32))


def test_a_network_too_deep_for_the_resolution_is_refused(tiny):
    from designspaces.designs.architecture import Architecture

    data, recipe = tiny
    deep = Architecture.from_lists((1,) * 6, (8,) * 6, 4, stem_width=8)
    with pytest.raises(ValueError, match="stage 5"):
        train(build(deep, 0), data, recipe)


def test_a_history_with_foreign_keys_is_refused(tiny, small):
    data, recipe = tiny
    history = train(build(small, 0), data, replace(recipe, epochs=1)).to_dict()
    with pytest.raises(ValueError, match="unknown.*colour"):
        History.from_dict(history | {"colour": "red"})


def test_the_textbooks_protocol_is_the_textbooks():
    assert asdict(TEXTBOOK) == {
        "name": "textbook",
        "epochs": 10,
        "batch_size": 128,
        "lr": 0.05,
        "momentum": 0.0,
        "nesterov": False,
        "weight_decay": 0.0,
        "schedule": "constant",
        "precision": "auto",
        "split": "test",
        "resolution": 96,
        "train_images": None,
        "val_images": None,
        "zero_init_residual": False,
    }
