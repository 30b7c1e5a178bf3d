"""d2l's own RegNetX32, built from its ResNeXt block: the oracle for ours."""

import importlib
import sys
from types import ModuleType

import torch
from torch import nn


def d2l_without_board():
    """d2l.torch with its plotting board off.

    IPython and matplotlib_inline, which it imports for the board alone, may be missing.
    Raises ImportError naming another package that it lacks.
    """
    for name, part in (("IPython", "display"), ("matplotlib_inline", "backend_inline")):
        try:
            importlib.import_module(name)
        except ImportError:
            stand_in = ModuleType(name)
            stand_in.get_ipython = lambda: None  # matplotlib asks whoever bears that name
            setattr(stand_in, part, ModuleType(f"{name}.{part}"))
            sys.modules[name] = stand_in
    from d2l import torch as d2l

    d2l.ProgressBoard.draw = lambda *_, **__: None
    return d2l


def lay_out_for_torchvision(root) -> None:
    """Put the verified files where d2l looks for them when it runs in a folder beside `data`."""
    from designspaces.training.fetch import read_files

    raw = root / "data" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in read_files().items():
        (raw / name).write_bytes(content)


def d2l_regnetx32(d2l) -> nn.Module:
    """RegNetX32 from d2l's lazy blocks, with its lazy layers filled in by one forward pass."""

    def stage(depth, channels, groups, bot_mul):
        blocks = [
            d2l.ResNeXtBlock(
                channels, groups, bot_mul, use_1x1conv=i == 0, strides=2 if i == 0 else 1
            )
            for i in range(depth)
        ]
        return nn.Sequential(*blocks)

    class Network(d2l.Classifier):
        def __init__(self, lr=0.05):
            super().__init__()
            self.save_hyperparameters()
            stem = nn.Sequential(
                nn.LazyConv2d(32, kernel_size=3, stride=2, padding=1),
                nn.LazyBatchNorm2d(),
                nn.ReLU(),
            )
            head = nn.Sequential(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.LazyLinear(10))
            self.net = nn.Sequential(stem, stage(4, 32, 16, 1), stage(6, 80, 16, 1), head)

    network = Network()
    network.net.eval()
    network.net(torch.zeros(1, 1, 96, 96))
    return network


def copy_d2l_weights(source: nn.Module, target: nn.Module) -> None:
    """Copy the weights of `d2l_regnetx32` into our RegNetX32 with convolution biases."""
    parts = {"0.0": "stem.0.conv", "0.1": "stem.0.norm", "3.2": "head.2"}
    layers = {
        "conv1": "body.reduce.conv",
        "bn1": "body.reduce.norm",
        "conv2": "body.group.conv",
        "bn2": "body.group.norm",
        "conv3": "body.expand.conv",
        "bn3": "body.expand.norm",
        "conv4": "shortcut.conv",
        "bn4": "shortcut.norm",
    }
    renamed = {}
    for name, value in source.net.state_dict().items():
        parent, kind = name.rsplit(".", 1)
        if parent not in parts:
            stage, block, layer = parent.split(".")
            parent_name = f"stage{stage}.{block}.{layers[layer]}"
        else:
            parent_name = parts[parent]
        renamed[f"{parent_name}.{kind}"] = value
    target.net.load_state_dict(renamed)
