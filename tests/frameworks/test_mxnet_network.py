"""The Gluon network, in MXNet's own environment: the same numbers as PyTorch's."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from designspaces.designs.regnet import REGNETX32
from designspaces.frameworks.mxnet import environment, exchange
from designspaces.needs import EnvironmentProblem

torch = pytest.importorskip("torch")

import refusals  # noqa: E402
from designspaces.frameworks import loop, parity, pytorch  # noqa: E402
from designspaces.networks.anynet import build  # noqa: E402
from designspaces.training.history import TRACE_POINTS  # noqa: E402
from designspaces.training.loop import shuffled  # noqa: E402
from learners import BOTTLENECKS, LR, reference  # noqa: E402

SUPPORT = Path(refusals.__file__).parent
THERE = """
import json, sys
from pathlib import Path

import numpy as np

from designspaces.designs.architecture import Architecture
from designspaces.frameworks.mxnet import answer, exchange, network as gluon
from refusals import refusal

folder, found = Path(sys.argv[1]), {}
for name in ("bottlenecks", "single", "training"):
    request = exchange.read(folder / f"{name}.npz")
    exchange.write(folder / f"{name} answer.npz", answer.answer(request))

wrong = exchange.read(folder / "wrong.npz")
network = gluon.AnyNet(Architecture.from_dict(json.loads(wrong["network"])))
before = gluon.state(network)
weights = {name[6:]: value for name, value in wrong.items() if name.startswith("state ")}
found["wrong"] = refusal(gluon.load, network, weights)
after = gluon.state(network)
found["untouched"] = all(np.array_equal(before[name], after[name]) for name in before)
found["wrong status"] = answer.main([str(folder / "wrong.npz"), str(folder / "nothing.npz")])
found["nothing"] = not (folder / "nothing.npz").exists()

se = Architecture.from_lists((1,), (16,), 4, se_ratio=0.25)
basic = Architecture.from_lists((1,), (16,), (16,), block="basic")
found["plain"] = [refusal(gluon.AnyNet, architecture) for architecture in (se, basic)]

learner = gluon.Learner(gluon.RegNetX32(), 0.05)
found["device"] = learner.device
before = learner.state()
pixels = np.ones((2, 1, 32, 32), np.float32)
logits = learner.predict(pixels)
learner.gradients(pixels, np.array([1, 2]))
after = learner.state()
found["gradients"] = all(np.array_equal(before[name], after[name]) for name in before)
found["gradients"] &= bool(np.array_equal(logits, learner.predict(pixels)))

same, other = (gluon.state(gluon.RegNetX32(seed=seed)) for seed in (0, 1))
states = {"one": before, "same": same, "other": other}
for name, state in states.items():
    exchange.write(folder / f"{name} answer.npz", state)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def python():
    reason = environment.reason_not_here()
    if reason is not None:
        pytest.skip(reason)
    try:
        return environment.ensure()
    except EnvironmentProblem as problem:
        pytest.skip(str(problem))


def asked(learner, architecture, pixels, labels, **options):
    return exchange.measuring_request(
        architecture, learner.state(), pixels, labels, lr=LR, **options
    )


def differences(learner, pixels, labels, theirs):
    before, counts = learner.state(), learner.normalized(pixels)
    return parity.differences(parity.measure(learner, pixels, labels), theirs, before, counts)


@pytest.fixture(scope="module")
def there(python, tiny, small, tmp_path_factory):
    """What one process in MXNet's environment found out, with the answers that it wrote."""
    folder = tmp_path_factory.mktemp("gluon")
    ours = reference(BOTTLENECKS, "float64", resolution=32, in_channels=3)
    write = exchange.write
    bottlenecks = asked(ours[0], BOTTLENECKS, *ours[1:], in_channels=3)
    write(folder / "bottlenecks.npz", bottlenecks)
    single = reference(REGNETX32, "float32", resolution=96)
    write(folder / "single.npz", asked(single[0], REGNETX32, *single[1:]))
    write(folder / "training.npz", training(tiny, small))
    wrong = dict(build(BOTTLENECKS, 0).state_dict()) | {"net.extra.weight": torch.zeros(3)}
    del wrong["net.head.2.bias"]
    wrong["net.stem.0.conv.weight"] = torch.zeros(8, 3, 3, 3)
    wrong["net.stage1.0.body.reduce.norm.weight"] = torch.full((8,), 7.0)
    pixels, labels = np.zeros((2, 1, 32, 32), np.float32), np.zeros(2, np.int64)
    request = exchange.measuring_request(BOTTLENECKS, wrong, pixels, labels, lr=LR)
    write(folder / "wrong.npz", request)
    finished = subprocess.run(
        [python, "-c", THERE, folder],
        env=os.environ | {"PYTHONPATH": f"{exchange.PACKAGE.parent}{os.pathsep}{SUPPORT}"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    answers = {
        path.stem.removesuffix(" answer"): exchange.read(path)
        for path in folder.glob("* answer.npz")
    }
    return json.loads(finished.stdout) | answers | {"stderr": finished.stderr}


def training(tiny, architecture):
    data, recipe = tiny
    images, state = data.train, build(architecture, 0).state_dict()
    sides = images.pixels.numpy(), images.labels.numpy()
    return exchange.measuring_request(architecture, state, *sides, lr=recipe.lr) | {
        "val_pixels": data.val.pixels.numpy(),
        "val_labels": data.val.labels.numpy(),
        "order": np.stack([shuffled(len(images), 0, epoch) for epoch in range(recipe.epochs)]),
        "batch_size": recipe.batch_size,
        "trace_points": TRACE_POINTS,
    }


def test_float64_agrees_to_rounding(python):
    learner, pixels, labels = reference(REGNETX32, "float64", resolution=64, conv_bias=True)
    request = asked(learner, REGNETX32, pixels, labels, conv_bias=True)
    theirs = exchange.run(request)
    assert {name for name in theirs if name.startswith("gradient")} == {
        f"gradient {name}" for name, _ in learner.network.named_parameters()
    }
    assert json.loads(theirs["versions"]) == {"mxnet": "1.9.1"}
    assert [line.split("shape: ")[1] for line in theirs["summary"].splitlines()] == [
        "(1, 32, 32, 32)",
        "(1, 32, 16, 16)",
        "(1, 80, 8, 8)",
        "(1, 10)",
    ]
    assert [line.split()[0] for line in theirs["summary"].splitlines()] == [
        "stem",
        "stage1",
        "stage2",
        "head",
    ]
    found = differences(learner, pixels, labels, theirs)
    assert max(found["eval"], found["train"]) < 1e-10
    assert max(found["gradients"], found["weights"], found["statistics"]) < 1e-6


def test_other_blocks_agree_as_well(there):
    learner, pixels, labels = reference(BOTTLENECKS, "float64", resolution=32, in_channels=3)
    found = differences(learner, pixels, labels, there["bottlenecks"])
    assert max(found["eval"], found["train"]) < 1e-10
    assert max(found["gradients"], found["weights"], found["statistics"]) < 1e-6


def test_float32_logits_agree(there):
    learner, pixels, _ = reference(REGNETX32, "float32", resolution=96)
    theirs = there["single"]["eval"]
    assert theirs.dtype == np.float32
    assert np.abs(theirs - learner.predict(pixels)).max() < 1e-5


def test_states_with_other_tensors_are_refused_and_nothing_is_loaded(there):
    for word in ("net.head.2.bias", "net.extra.weight", "(8, 3, 3, 3)", "(8, 1, 3, 3)"):
        assert word in there["wrong"]
    assert there["untouched"]
    assert there["wrong status"] == exchange.USELESS_REQUEST
    assert there["nothing"]
    assert there["wrong"] in there["stderr"]


def test_what_only_pytorch_has_is_refused(there):
    assert all("X blocks" in refusal for refusal in there["plain"])


def test_the_processor_computes(there):
    assert there["device"] == "cpu"


def test_gradients_change_nothing(there):
    assert there["gradients"]


def test_fresh_weights_follow_the_seed_and_the_papers_spread(there):
    one, same, other = there["one"], there["same"], there["other"]
    name = "net.stage2.1.body.group.conv.weight"
    assert np.array_equal(one[name], same[name])
    assert not np.array_equal(one[name], other[name])
    assert not np.array_equal(one[name], one["net.stage2.2.body.group.conv.weight"])
    assert one[name].std() == pytest.approx((2 / (9 * 80)) ** 0.5, rel=0.05)
    assert one["net.head.2.weight"].std() == pytest.approx(0.01, rel=0.15)


def test_training_there_is_the_books_training(there, tiny, small):
    data, recipe = tiny
    learner = pytorch.Learner(build(small, 0), recipe.lr)
    recipe = replace(recipe, precision="float32")
    ours, theirs = loop.train(learner, data, recipe, framework={}), there["training"]
    assert theirs["trace"].tolist() == pytest.approx(ours.train_loss_trace, abs=1e-3)
    for name in ("train_loss", "train_accuracy"):
        found = [getattr(epoch, name) for epoch in ours.epochs]
        assert theirs[name].tolist() == pytest.approx(found, abs=5e-3)
    # PyTorch keeps the unbiased variance, MXNet the biased one
    found = [epoch.val_loss for epoch in ours.epochs]
    assert theirs["val_loss"].tolist() == pytest.approx(found, abs=0.05)
    assert theirs["val_accuracy"][-1] == pytest.approx(ours.epochs[-1].val_accuracy, abs=0.03)
    assert theirs["seconds"].min() > 0
    name = "net.head.2.weight"
    assert np.abs(theirs[f"after {name}"] - learner.state()[name]).max() < 1e-3
