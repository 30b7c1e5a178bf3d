"""The device and the precision it is good at."""

import pytest
import torch

from designspaces.networks.device import best_precision


@pytest.mark.parametrize(
    ("capability", "expected"),
    [((6, 0), "float16"), ((7, 5), "float16"), ((8, 0), "bfloat16"), ((9, 0), "bfloat16")],
)
def test_a_gpu_older_than_bfloat16_computes_in_float16(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert best_precision(torch.device("cuda")) == expected


def test_what_has_neither_computes_in_float32():
    assert best_precision(torch.device("mps")) == "float32"
