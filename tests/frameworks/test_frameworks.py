"""The same network in each framework: the same numbers as PyTorch's, with the same weights."""

import contextlib

import numpy as np
import pytest

from designspaces.designs.architecture import Architecture
from designspaces.designs.regnet import REGNETX32
from designspaces.frameworks import carrying

torch = pytest.importorskip("torch")

from designspaces.frameworks import loop, parity, pytorch  # noqa: E402
from designspaces.networks.anynet import build  # noqa: E402
from learners import BOTTLENECKS, LR, reference  # noqa: E402


class Nnx:
    def __init__(self):
        self.module = pytest.importorskip("designspaces.frameworks.flax")

    def learner(self, architecture, state, dtype, **options):
        with self.precision("float32"):  # fresh weights in float64 would be compiled anew
            network = self.module.AnyNet(architecture, **options)
        self.module.load(network, state)
        return self.module.Learner(network, LR)

    def precision(self, dtype):
        import jax

        return jax.enable_x64(dtype == "float64")


class Linen(Nnx):
    def __init__(self):
        self.module = pytest.importorskip("designspaces.frameworks.linen")

    def learner(self, architecture, state, dtype, in_channels=1, **options):
        network = self.module.AnyNet(architecture, **options)
        variables = self.module.carried(network, state, in_channels)
        return self.module.Learner(network, variables, LR)


class Keras:
    def __init__(self):
        self.module = pytest.importorskip("designspaces.frameworks.keras")

    def learner(self, architecture, state, dtype, **options):
        network = self.module.AnyNet(architecture, dtype=dtype, **options)
        self.module.load(network, state)
        return self.module.Learner(network, LR)

    def precision(self, dtype):
        return contextlib.nullcontext()


@pytest.fixture(scope="module", params=[Nnx, Linen, Keras])
def framework(request):
    return request.param()


def differences(framework, architecture, dtype, resolution, **options):
    ours, pixels, labels = reference(architecture, dtype, resolution=resolution, **options)
    before, counts = ours.state(), ours.normalized(pixels)
    with framework.precision(dtype):
        theirs = parity.measure(
            framework.learner(architecture, before, dtype, **options), pixels, labels
        )
    assert {name for name in theirs if name.startswith("gradient")} == {
        f"gradient {name}" for name, _ in ours.network.named_parameters()
    }
    return parity.differences(parity.measure(ours, pixels, labels), theirs, before, counts)


@pytest.mark.parametrize(
    ("architecture", "options"),
    [(REGNETX32, {"conv_bias": True}), (BOTTLENECKS, {"in_channels": 3})],
    ids=["regnetx32", "bottlenecks"],
)
def test_float64_agrees_to_rounding(framework, architecture, options):
    found = differences(framework, architecture, "float64", 32, **options)
    assert max(found["eval"], found["train"]) < 1e-10
    assert max(found["gradients"], found["weights"], found["statistics"]) < 1e-6


def test_float32_logits_agree(framework):
    ours, pixels, _ = reference(REGNETX32, "float32", resolution=96)
    theirs = framework.learner(REGNETX32, ours.state(), "float32")
    assert np.abs(theirs.predict(pixels) - ours.predict(pixels)).max() < 1e-5


def test_a_difference_is_found():
    """The comparison itself: a mistake as small as a wrong momentum shows."""
    ours, pixels, labels = reference(BOTTLENECKS, "float64", resolution=16)
    before, counts = ours.state(), ours.normalized(pixels)
    measured = parity.measure(ours, pixels, labels)
    other = {name: np.array(value) for name, value in measured.items()}
    biased = "after net.stem.0.norm.running_var"
    m = counts["net.stem.0.norm"]
    old = 0.9 * before["net.stem.0.norm.running_var"]
    for name in other:
        if name.endswith("running_var"):
            n = counts[name.removeprefix("after ").removesuffix(".running_var")]
            start = 0.9 * before[name.removeprefix("after ")]
            other[name] = start + (other[name] - start) * (n - 1) / n
    assert max(parity.differences(measured, other, before, counts).values()) < 1e-15
    other[biased] = 0.99 / 0.9 * old + (other[biased] - old) / 10
    assert m > 1
    assert parity.differences(measured, other, before, counts)["statistics"] > 1e-4


def test_states_with_other_tensors_are_refused_and_nothing_is_loaded(framework):
    state = build(BOTTLENECKS, 0).state_dict()
    learner = framework.learner(BOTTLENECKS, state, "float32")
    before = learner.state()
    wrong = {**state, "net.extra.weight": torch.zeros(3)}
    del wrong["net.head.2.bias"]
    wrong["net.stem.0.conv.weight"] = torch.zeros(8, 3, 3, 3)
    wrong["net.stage1.0.body.reduce.norm.weight"] = torch.full((8,), 7.0)
    with pytest.raises(ValueError) as error:
        if isinstance(framework, Linen):
            framework.module.carried(learner.network, wrong)
        else:
            framework.module.load(learner.network, wrong)
    for word in ("net.head.2.bias", "net.extra.weight", "(8, 3, 3, 3)", "(8, 1, 3, 3)"):
        assert word in str(error.value)
    for name, value in learner.state().items():
        assert np.array_equal(value, before[name])


@pytest.mark.parametrize(
    "architecture",
    [
        Architecture.from_lists((1,), (16,), 4, se_ratio=0.25),
        Architecture.from_lists((1,), (16,), (16,), block="basic"),
    ],
    ids=["se", "basic"],
)
def test_what_only_pytorch_has_is_refused(framework, architecture):
    with pytest.raises(ValueError, match="X blocks"):
        if isinstance(framework, Linen):
            framework.module.fresh(framework.module.AnyNet(architecture), (1, 16, 16, 1))
        else:
            framework.module.AnyNet(architecture)


def test_the_layer_summary_is_the_books(framework, capsys):
    if isinstance(framework, Linen):
        framework.module.layer_summary(framework.module.regnetx32(), (1, 96, 96, 1))
    else:
        framework.module.RegNetX32().layer_summary((1, 96, 96, 1))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["stem", "stage1", "stage2", "head"]
    assert [" ".join(line[3:]) for line in lines] == [
        "(1, 48, 48, 32)",
        "(1, 24, 24, 32)",
        "(1, 12, 12, 80)",
        "(1, 10)",
    ]


def test_fresh_weights_follow_the_seed_and_the_papers_spread(framework):
    if isinstance(framework, Linen):
        network = framework.module.regnetx32()
        shape = (1, 32, 32, 1)
        one, same, other = (
            framework.module.state(network, framework.module.fresh(network, shape, seed))
            for seed in (0, 0, 1)
        )
    else:
        one, same, other = (
            framework.module.state(framework.module.RegNetX32(seed=seed)) for seed in (0, 0, 1)
        )
    name = "net.stage2.1.body.group.conv.weight"
    assert np.array_equal(one[name], same[name])
    assert not np.array_equal(one[name], other[name])
    assert not np.array_equal(one[name], one["net.stage2.2.body.group.conv.weight"])
    assert one[name].std() == pytest.approx((2 / (9 * 80)) ** 0.5, rel=0.05)
    assert one["net.head.2.weight"].std() == pytest.approx(0.01, rel=0.15)


def test_names_are_pytorchs():
    state = build(BOTTLENECKS, 0).state_dict()
    prefixes = {name.rpartition(".")[0] for name in state}
    assert prefixes == {theirs for theirs, _ in carrying.layers(BOTTLENECKS)}


def test_training_elsewhere_is_the_books_training(tiny, small):
    """The same loop, batches and recipe: PyTorch's Learner ends where `training.train` does."""
    from dataclasses import replace

    from designspaces.training.loop import train

    data, recipe = tiny
    recipe = replace(recipe, precision="float32", epochs=1)
    ours = train(build(small, 0), data, recipe, device=torch.device("cpu"))
    learner = pytorch.Learner(build(small, 0), recipe.lr)
    theirs = loop.train(learner, data, recipe, framework={"toolkit": "1.0"})
    # the first step by rounding; then rounding is magnified, in another memory layout differently
    assert theirs.train_loss_trace[0] == pytest.approx(ours.train_loss_trace[0], abs=1e-5)
    assert theirs.train_loss_trace == pytest.approx(ours.train_loss_trace, abs=0.1)
    assert theirs.params == ours.params
    assert theirs.versions == ours.versions | {"toolkit": "1.0"}
    assert theirs.status == "trained"
    assert len(theirs.train_loss_trace) == len(ours.train_loss_trace)


def test_a_framework_learns_real_images(framework, tiny, small):
    data, recipe = tiny
    learner = framework.learner(small, build(small, 0).state_dict(), "float32")
    history = loop.train(learner, data, recipe, framework=framework.module.versions())
    assert history.epochs[-1].train_loss < history.epochs[0].train_loss
    if learner.device == "cpu":
        assert "thread" in history.device
    else:
        assert history.device == learner.device
    assert len(history.epochs) == recipe.epochs


def test_recipes_that_a_learner_cannot_follow_are_refused(tiny, small):
    from dataclasses import replace

    data, recipe = tiny
    learner = pytorch.Learner(build(small, 0), 0.1)
    for change, word in (
        ({"momentum": 0.9}, "momentum is 0.9"),
        ({"schedule": "cosine"}, "cosine"),
        ({"resolution": 96}, "resolution 28"),
    ):
        with pytest.raises(ValueError, match=word):
            loop.train(learner, data, replace(recipe, **change), framework={})


def test_a_loss_that_is_not_finite_ends_the_training(tiny, small):
    data, recipe = tiny
    history = loop.train(pytorch.Learner(build(small, 0), 1e20), data, recipe, framework={})
    assert history.status == "diverged"


def test_a_prediction_leaves_every_module_in_its_mode(small):
    nnx_framework = Nnx()
    learner = nnx_framework.learner(small, build(small, 0).state_dict(), "float32")
    network = learner.network
    network.train()
    network.stem.norm.use_running_average = True  # frozen, while the rest learns
    before = learner.state()
    learner.predict(np.zeros((2, 1, 28, 28), np.float32))
    learner.gradients(np.zeros((2, 1, 28, 28), np.float32), np.array([1, 2]))
    assert network.stem.norm.use_running_average
    assert not network.stage1.layers[0].reduce.norm.use_running_average
    for name, value in learner.state().items():
        assert np.array_equal(value, before[name])


def test_weights_that_learn_are_carried_and_what_numpy_lacks_is_refused():
    network = build(BOTTLENECKS, 0)
    expected = {name: value.numpy() for name, value in network.state_dict().items()}
    expected = {name: value for name, value in expected.items() if value.ndim}
    found = carrying.checked(network.state_dict(keep_vars=True), expected)
    assert all(np.array_equal(found[name], value) for name, value in expected.items())
    with pytest.raises(ValueError, match=r"net\.stem\.0\.conv\.weight cannot become a numpy array"):
        carrying.checked(network.bfloat16().state_dict(), expected)


def test_a_learner_is_what_the_protocol_says(framework, small):
    import inspect

    for name, method in inspect.getmembers(parity.Learner, inspect.isfunction):
        if not name.startswith("_"):
            ours = inspect.signature(getattr(framework.module.Learner, name))
            assert ours == inspect.signature(method), name
    assert isinstance(framework.module.Learner.device, property)
