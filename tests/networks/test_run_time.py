"""Measuring run time: what is timed, in which order, and how it refuses. No time is asserted."""

import numpy as np
import pytest
import torch

from designspaces.designs.architecture import Architecture
from designspaces.networks import run_time

SMALL = Architecture.from_lists((1, 1), (8, 16), 8, stem_width=8)
LARGE = Architecture.from_lists((1, 2), (16, 32), 8, stem_width=8)
SIZES = {"resolution": 16, "batch_size": 2, "repeats": 3}


@pytest.fixture
def turns(monkeypatch):
    """What each pass saw: the network's widths, the images' shape, whether it trains."""
    seen = []
    original = run_time.AnyNet.forward

    def forward(self, x):
        seen.append(
            (self.architecture.widths, tuple(x.shape), self.training, torch.is_grad_enabled())
        )
        return original(self, x)

    monkeypatch.setattr(run_time.AnyNet, "forward", forward)
    return seen


def test_there_is_a_time_for_each_turn_and_network():
    times = run_time.measure([SMALL, LARGE], **SIZES)
    assert times.shape == (3, 2)
    assert times.dtype == np.float64
    assert (times > 0).all()
    assert np.isfinite(times).all()


def test_networks_take_turns_and_the_first_turn_is_not_counted(turns):
    run_time.measure([SMALL, LARGE], **SIZES, device=torch.device("cpu"))
    widths = [one[0] for one in turns]
    assert widths == [SMALL.widths, LARGE.widths] * 4


def test_a_pass_is_inference_on_the_batch_asked_for(turns):
    run_time.measure([SMALL], **SIZES, in_channels=1, num_classes=4)
    assert set(turns) == {(SMALL.widths, (2, 1, 16, 16), False, False)}


def test_each_network_may_have_images_of_its_own(turns):
    run_time.measure([SMALL, LARGE], **SIZES | {"resolution": (16, 32)})
    assert [shape for _, shape, *_ in turns[:2]] == [(2, 3, 16, 16), (2, 3, 32, 32)]
    with pytest.raises(ValueError, match="1 resolutions; expected 1, or 2 for as many"):
        run_time.measure([SMALL, LARGE], **SIZES | {"resolution": (16,)})


def test_a_pass_backward_is_one_of_training(turns, monkeypatch):
    ran = []
    backward = torch.Tensor.backward
    monkeypatch.setattr(torch.Tensor, "backward", lambda loss: ran.append(backward(loss)))
    run_time.measure([SMALL], **SIZES, backward=True)
    assert set(turns) == {(SMALL.widths, (2, 3, 16, 16), True, True)}
    assert len(ran) == 1 + SIZES["repeats"]


def test_torchs_generator_and_threads_stay_as_they_were():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)  # more than the one of a measurement, wherever this runs
    try:
        run_time.measure([SMALL], **SIZES)
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("value", [0, -1, 2.5, True])
def test_sizes_are_positive_integers(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}; expected a positive integer"):
        run_time.measure([SMALL], **{**SIZES, name: value})


def test_no_network_is_refused():
    with pytest.raises(ValueError, match="networks is empty; expected at least one"):
        run_time.measure([], **SIZES)


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_gpu_is_waited_for(monkeypatch, name):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: waited.append(device.type))
    monkeypatch.setattr(torch.mps, "synchronize", lambda: waited.append("mps"))
    run_time.wait_for(torch.device(name))
    assert waited == [name]
