"""The device and the precision it is good at."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch

from designspaces.networks import run_time
from designspaces.networks.anynet import build
from designspaces.networks.device import best_precision, memory_format
from designspaces.training import loop


@pytest.mark.parametrize(
    ("capability", "expected"),
    [((6, 0), "float16"), ((7, 5), "float16"), ((8, 0), "bfloat16"), ((9, 0), "bfloat16")],
)
def test_a_gpu_older_than_bfloat16_computes_in_float16(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert best_precision(torch.device("cuda")) == expected


def test_what_has_neither_computes_in_float32():
    assert best_precision(torch.device("mps")) == "float32"


def test_apples_gpu_gets_contiguous_memory():
    assert memory_format(torch.device("mps")) == torch.contiguous_format
    assert memory_format(torch.device("cuda")) == torch.channels_last
    assert memory_format(torch.device("cpu")) == torch.channels_last


def test_run_times_are_measured_in_the_layout_that_is_right_there(monkeypatch, small):
    seen = []

    def to(self, device, memory_format):
        seen.append((device.type, memory_format))
        return self

    monkeypatch.setattr(run_time.AnyNet, "to", to)
    monkeypatch.setattr(torch.Tensor, "to", to)
    monkeypatch.setattr(torch.mps, "synchronize", lambda: None)
    for name in ("mps", "cpu"):
        options = {"resolution": 16, "batch_size": 2, "repeats": 1, "in_channels": 1}
        run_time.measure([small], **options, device=torch.device(name))
    there = [("mps", torch.contiguous_format)] * 2
    assert seen == there + [("cpu", torch.channels_last)] * 2


@pytest.mark.parametrize(
    ("precision", "entered"), [("auto", []), ("float32", []), ("bfloat16", [("mps", "bfloat16")])]
)
def test_in_float32_no_autocast_is_entered_on_apples_gpu(monkeypatch, tiny, precision, entered):
    seen = []

    def autocast(kind, dtype):
        seen.append((kind, str(dtype).removeprefix("torch.")))
        return nullcontext()

    monkeypatch.setattr(torch, "autocast", autocast)
    recipe = replace(tiny[1], precision=precision)
    with loop._autocast(torch.device("mps"), recipe):
        assert seen == entered


def test_a_training_on_apples_gpu_is_contiguous_and_in_float32(monkeypatch, tiny, small):
    """The loop as it is, on tensors that stay here and only say that they are on that device."""
    data, recipe = tiny
    formats = []

    def remember(self, *places, **options):
        formats.append(options["memory_format"])
        return self

    network = build(small, seed=0)
    monkeypatch.setattr(loop, "memory_format", lambda device: memory_format(torch.device("mps")))
    monkeypatch.setattr(type(network), "to", remember)
    monkeypatch.setattr(torch, "autocast", lambda *_: pytest.fail("entered autocast"))
    contiguous = []
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.register_forward_pre_hook(lambda _, x: contiguous.append(x[0].is_contiguous()))
    recipe = replace(recipe, epochs=1, precision="float32")
    loop.train(network, data, recipe, device=torch.device("cpu"))
    assert formats == [torch.contiguous_format]
    assert contiguous
    assert all(contiguous)
