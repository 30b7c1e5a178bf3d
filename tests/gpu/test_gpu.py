"""What a GPU computes, held against the CPU; `tools/gpu.py` runs these where there is one.

With DESIGNSPACES_TEST_DEVICE=cpu the same tests run on the CPU: a rehearsal of the tests.
"""

import contextlib
import os
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy

from designspaces.designs.architecture import Architecture
from designspaces.networks import run_time
from designspaces.networks.anynet import REGNETX32, build
from designspaces.networks.device import memory_format
from designspaces.populations.executors import Threads
from designspaces.populations.sweep import train_population
from designspaces.spaces.spaces import SPACES
from designspaces.training import loop
from designspaces.training.loop import predict, train
from designspaces.training.profile import profile_step
from faults import RECIPE, SPACES_HERE, Here

pytestmark = pytest.mark.gpu

RANDOM = SPACES["AnyNetX_A"].sample(10, seed=13)
Y = Architecture.from_lists((1, 2), (16, 32), 8, stem_width=8, se_ratio=0.25)
NETWORKS = {"RegNetX32": REGNETX32, "a Y network": Y}
NETWORKS |= {f"AnyNet {i}": architecture for i, architecture in enumerate(RANDOM)}
TOLERANCES = {torch.float64: (1e-9, 1e-9), torch.float32: (2e-3, 0.1)}
"""Of logits and of all gradients together, by norm. In float32 a ReLU here and there falls on the
other side of zero, on the CPU as well, which moves the gradients by percents."""


@pytest.fixture(scope="session")
def device():
    name = os.environ.get("DESIGNSPACES_TEST_DEVICE")
    if not name and not torch.cuda.is_available():
        pytest.skip("there is no GPU here; DESIGNSPACES_TEST_DEVICE=cpu rehearses this test")
    return torch.device(name or "cuda")


@pytest.fixture(autouse=True)
def exact():
    """Products in float32 keep its digits, and sums their order."""
    flags = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
    with flags:
        yield


def passed(architecture, device, dtype):
    """Logits and all gradients of one step, as two vectors in float64 on the CPU."""
    network = build(architecture, seed=0).to(device, dtype, memory_format=memory_format(device))
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(16, 1, 32, 32, generator=generator, dtype=torch.float64)
    labels = torch.randint(10, (16,), generator=generator)
    logits = network.train()(images.to(device, dtype))
    cross_entropy(logits, labels.to(device)).backward()
    gradients = torch.cat([each.grad.reshape(-1) for each in network.parameters()])
    return [vector.detach().reshape(-1).cpu().double() for vector in (logits, gradients)]


@pytest.mark.parametrize("dtype", TOLERANCES, ids=lambda dtype: str(dtype).split(".")[1])
@pytest.mark.parametrize("name", NETWORKS)
def test_forward_and_gradients_are_those_of_the_cpu(device, name, dtype, record_property):
    expected = passed(NETWORKS[name], torch.device("cpu"), torch.float64)
    found = passed(NETWORKS[name], device, dtype)
    errors = [float((f - e).norm() / e.norm()) for f, e in zip(found, expected, strict=True)]
    record_property("relative errors", " ".join(f"{error:.1e}" for error in errors))
    assert all(error <= most for error, most in zip(errors, TOLERANCES[dtype], strict=True))


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("se_ratio", [0.0, 0.25], ids=["X", "Y"])
def test_a_training_learns_and_resumes_to_the_same_weights(
    device, tiny, small, tmp_path, monkeypatch, precision, se_ratio
):
    data, recipe = tiny
    recipe = replace(recipe, precision=precision, momentum=0.9, schedule="cosine")
    architecture = replace(small, se_ratio=se_ratio)
    whole, resumed = build(architecture, 0), build(architecture, 99)
    expected = train(whole, data, recipe, device=device)
    assert expected.status == "trained"
    assert expected.epochs[-1].train_loss < expected.epochs[0].train_loss
    checkpoint, evaluate, judged = tmp_path / "checkpoint.pt", loop.evaluate, []

    def interrupt_the_second_epoch(*arguments):
        judged.append(1)
        if len(judged) == 2:
            raise KeyboardInterrupt
        return evaluate(*arguments)

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(loop, "evaluate", interrupt_the_second_epoch)
        train(build(architecture, 0), data, recipe, device=device, checkpoint=checkpoint)
    assert len(judged) == 2
    found = train(resumed, data, recipe, device=device, checkpoint=checkpoint)
    assert same_weights(whole, resumed)
    assert found.train_loss_trace == expected.train_loss_trace


def same_weights(one, other) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in one.state_dict().items())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_same_training_ends_twice_with_the_same_weights(device, tiny, precision):
    data, recipe = tiny
    recipe = replace(recipe, epochs=1, precision=precision)
    networks = [build(RANDOM[0], 0) for _ in range(2)]
    for network in networks:
        train(network, data, recipe, device=device)
    assert same_weights(*networks)


def test_cudnn_is_on_while_a_network_trains(device, tiny, small, monkeypatch):
    data, recipe = tiny
    seen, evaluate = [], loop.evaluate
    monkeypatch.setattr(
        loop, "evaluate", lambda *a: seen.append(torch.backends.cudnn.enabled) or evaluate(*a)
    )
    train(build(small, 0), data, replace(recipe, epochs=1), device=device)
    assert seen == [True]


def test_what_was_trained_there_predicts_the_same_on_the_cpu(device, tiny, small):
    data, recipe = tiny
    recipe = replace(recipe, precision="float32")
    network = build(small, 0)
    train(network, data, recipe, device=device)
    there = predict(network, data.to(device).val, recipe).cpu()
    here = predict(network.to("cpu"), data.val, recipe)
    assert (there - here).norm() <= 1e-3 * here.norm()


def test_a_gpu_holds_what_was_counted_and_gives_it_back(device, tiny, small, record_property):
    if device.type != "cuda":
        pytest.skip("memory is counted on a GPU alone")
    data, recipe = tiny
    recipe = replace(recipe, precision="float32")
    train(build(small, 0), data, recipe, device=device)  # libraries take their share once
    before = torch.cuda.memory_allocated(device)
    network = build(small, 0).to(device)
    tensors = [*network.state_dict().values()]
    counted = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    held = torch.cuda.memory_allocated(device) - before
    assert counted <= held <= counted + 512 * len(tensors)  # blocks are multiples of 512 bytes
    torch.cuda.reset_peak_memory_stats(device)
    train(network, data, recipe, device=device)
    peak = torch.cuda.max_memory_allocated(device) - before
    pixels = data.train.pixels.numel() + data.val.pixels.numel()
    assert peak > 2 * held + pixels  # weights, their gradients, images
    record_property("peak, bytes", peak)
    del network, tensors
    assert torch.cuda.memory_allocated(device) == before


def test_networks_trained_in_threads_are_those_trained_in_turn(device, tmp_path):
    expected = train_population(SPACES_HERE, 1, RECIPE, Here(), tmp_path / "in turn")
    with Threads(2) as executor:
        found = train_population(SPACES_HERE, 1, RECIPE, executor, tmp_path / "threads", workers=2)
    for record in expected:
        other = found.records[record.id]
        assert (other.val_error, other.train_loss) == (record.val_error, record.train_loss)
        assert other.val_mistakes == record.val_mistakes


def test_run_times_and_profiles_are_measured_there(device, tiny, small):
    times = run_time.measure([small], resolution=32, batch_size=2, repeats=2, device=device)
    assert times.shape == (2, 1)
    assert (times > 0).all()
    found = profile_step(build(small, 0), *tiny, device=device, steps=2)
    assert all(value > 0 for value in found["parts_ms"].values())
    if device.type == "cuda":
        assert found["peak_bytes"] > 0
        assert found["kernels"] is None or found["kernels"] > 100
        assert found["kernels"] is None or found["busy_ms"] > 0


@pytest.fixture(scope="session")
def textbook():
    """d2l's package and ours with its interface; skipped where d2l lacks something."""
    from reference import d2l_without_board

    try:
        theirs = d2l_without_board()
    except ImportError as error:
        pytest.skip(f"d2l cannot be imported: {error}")
    from designspaces import d2l as ours

    return theirs, ours


@pytest.fixture
def few(textbook, monkeypatch, tmp_path):
    """Fashion-MNIST cut down, for us and for d2l."""
    from torch.utils.data import Subset

    from designspaces.training import fashion_mnist
    from reference import lay_out_for_torchvision

    theirs, ours = textbook
    load, cut = fashion_mnist.load, {"train_images": 128, "val_images": 64}
    monkeypatch.setattr(fashion_mnist, "load", lambda *a, **options: load(*a, **options | cut))
    lay_out_for_torchvision(tmp_path)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")  # d2l looks for the images in ../data
    data = theirs.FashionMNIST(batch_size=64, resize=(32, 32))
    data.train, data.val = Subset(data.train, range(128)), Subset(data.val, range(64))
    data.num_workers = 0
    return {"d2l": data, "ours": ours.FashionMNIST(batch_size=64, resize=(32, 32))}


@pytest.mark.parametrize(
    ("network", "trainer", "images"),
    [("d2l", "d2l", "d2l"), ("ours", "ours", "ours"), ("ours", "d2l", "ours")],
)
def test_d2ls_lines_train_on_one_gpu(device, textbook, few, network, trainer, images):
    from reference import d2l_regnetx32

    theirs, ours = textbook
    torch.manual_seed(0)
    model = d2l_regnetx32(theirs) if network == "d2l" else ours.RegNetX32(lr=0.05)
    before = {name: value.clone() for name, value in model.named_parameters()}
    trainer = (theirs if trainer == "d2l" else ours).Trainer(max_epochs=10, num_gpus=1)
    quiet = {"progress": False} if isinstance(trainer, ours.Trainer) else {}
    trainer.fit(model, few[images], **quiet)
    for name, value in model.named_parameters():
        assert value.device.type == device.type
        # a bias before a batch norm has no gradient but rounding
        assert name.endswith("bias") or not torch.equal(value.cpu(), before[name]), name
