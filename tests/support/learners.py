"""What the tests of all frameworks compare with: PyTorch's learner, and a second network."""

import numpy as np
import torch

from designspaces.designs.architecture import Architecture
from designspaces.frameworks import pytorch
from designspaces.networks.anynet import build

LR = 0.05
BOTTLENECKS = Architecture.from_lists(
    (1, 2), (16, 24), 4, bottleneck_ratios=2, strides=(1, 2), stem_width=8, stem_stride=1
)
"""What RegNetX32 has not: bottlenecks, a stem and a stage that keep the resolution."""


def reference(architecture, dtype, *, resolution, **options):
    """PyTorch's learner after a step, so that no statistic is 0 or 1; images and labels."""
    generator = np.random.default_rng(0)
    channels = options.get("in_channels", 1)
    pixels = generator.random((4, channels, resolution, resolution)).astype(dtype)
    labels = generator.integers(0, 10, 4)
    network = build(architecture, 0, **options).to(getattr(torch, dtype))
    learner = pytorch.Learner(network, LR)
    learner.step(pixels, labels)
    return learner, pixels, labels
