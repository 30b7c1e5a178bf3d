"""Fashion-MNIST as whole tensors, with the book's two fixed splits.

`load("test")` is the textbook's protocol: all 60,000 training images to learn from, the 10,000
test images to judge by. `load("validation")` never looks at the test set: it trains on the first
50,000 training images and judges by the other 10,000.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from designspaces.designs.checks import positive_integer
from designspaces.training.fetch import SPLITS, read_files

FIT_IMAGES = 50_000


@dataclass(frozen=True)
class Images:
    """Pixels, uint8 of shape (n, 1, r, r), and labels, int64 of shape (n,), on one device."""

    pixels: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index) -> "Images":
        return Images(self.pixels[index], self.labels[index])

    def to(self, device: torch.device) -> "Images":
        return Images(self.pixels.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Data:
    """What a network learns from (`train`) and what it is judged by (`val`)."""

    train: Images
    val: Images
    split: str

    @property
    def resolution(self) -> int:
        return self.train.pixels.shape[-1]

    def to(self, device: torch.device) -> "Data":
        return replace(self, train=self.train.to(device), val=self.val.to(device))


def load(
    split: str = "test",
    resolution: int = 28,
    *,
    train_images: int | None = None,
    val_images: int | None = None,
    folder: Path | None = None,
) -> Data:
    """The images of a split, resized once.

    split: "test" (60,000 to train, the 10,000 test images to judge) or "validation" (the first
        50,000 training images to train, the last 10,000 to judge).
    resolution: pixels a side; resized bilinearly from 28, by PIL as d2l does, to the
        same values at every size.
    train_images, val_images: only the first so many of each.
    Raises ValueError for an unknown split or more images than there are; DataError (a ValueError)
    when the files are missing or altered.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; expected one of {', '.join(SPLITS)}")
    files = read_files(folder)
    train = _images(files, "train")
    if split == "test":
        val = _images(files, "t10k")
    else:
        train, val = train[:FIT_IMAGES], train[FIT_IMAGES:]
    return Data(
        _resized(_first(train, train_images, "train_images"), resolution),
        _resized(_first(val, val_images, "val_images"), resolution),
        split,
    )


def _images(files: dict[str, bytes], part: str) -> Images:
    pixels = np.frombuffer(files[f"{part}-images-idx3-ubyte"], np.uint8, offset=16)
    labels = np.frombuffer(files[f"{part}-labels-idx1-ubyte"], np.uint8, offset=8)
    return Images(
        torch.from_numpy(pixels.reshape(-1, 1, 28, 28).copy()),
        torch.from_numpy(labels.astype(np.int64)),
    )


def _first(images: Images, count: int | None, name: str) -> Images:
    if count is None:
        return images
    if not 1 <= count <= len(images):
        raise ValueError(f"{name} is {count}; expected 1 to {len(images)}")
    return images[:count]


def _resized(images: Images, resolution: int) -> Images:
    if resolution == images.pixels.shape[-1]:
        return images
    positive_integer(resolution, "resolution")
    size = (resolution, resolution)
    pixels = [
        np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
        for image in images.pixels[:, 0].numpy()
    ]
    return replace(images, pixels=torch.from_numpy(np.stack(pixels)[:, None]))
