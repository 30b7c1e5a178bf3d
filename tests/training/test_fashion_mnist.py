"""The images: verified, split and resized as d2l's; the ways to get them and what they say."""

import gzip
import subprocess

import numpy as np
import pytest
import torch

from designspaces.training import fashion_mnist, fetch
from designspaces.training.fetch import CHECKSUMS, DataError, read_files


@pytest.fixture(scope="module")
def files():
    return read_files()


@pytest.fixture
def folder(files, tmp_path):
    """A data folder with the four real files."""
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No installed package and no download: only the folder that a test names."""

    def refuse(_):
        raise OSError("no network in this test")

    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", tmp_path / "not-installed")
    monkeypatch.setattr(fetch, "_download_with_torchvision", refuse)
    monkeypatch.setattr(fetch, "_download_from_debian", refuse)


def test_the_pixels_are_fashion_mnists():
    data = fashion_mnist.load("test")
    assert data.train.pixels.shape == (60_000, 1, 28, 28)
    assert data.val.pixels.shape == (10_000, 1, 28, 28)
    pixels = data.train.pixels.numpy() / 255
    assert pixels.mean() == pytest.approx(0.2860, abs=1e-4)
    assert pixels.std() == pytest.approx(0.3530, abs=1e-4)
    assert torch.bincount(data.train.labels).tolist() == [6000] * 10
    assert torch.bincount(data.val.labels).tolist() == [1000] * 10


def test_validation_judges_by_training_images_and_never_by_the_test_set():
    textbook, population = fashion_mnist.load("test"), fashion_mnist.load("validation")
    assert len(population.train) == 50_000
    assert len(population.val) == 10_000
    together = torch.cat([population.train.pixels, population.val.pixels])
    assert torch.equal(together, textbook.train.pixels)


@pytest.mark.parametrize("size", [7, 8, 13, 27, 29, 33, 50, 64, 96, 97, 131, 224, 250])
def test_resizing_gives_d2ls_pixels(size):
    from torchvision import transforms

    few = fashion_mnist.load("test", train_images=20, val_images=1).train.pixels
    ours = fashion_mnist.load("test", size, train_images=20, val_images=1).train.pixels
    resize = transforms.Compose([transforms.ToPILImage(), transforms.Resize((size, size))])
    theirs = np.stack([np.array(resize(image)) for image in few])
    assert np.array_equal(ours[:, 0].numpy(), theirs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "train"}, "split is 'train'; expected one of test, validation"),
        ({"resolution": 0}, "resolution is 0"),
        ({"train_images": 0}, "train_images is 0; expected 1 to 60000"),
        ({"split": "validation", "train_images": 50_001}, "expected 1 to 50000"),
        ({"val_images": 10_001}, "val_images is 10001; expected 1 to 10000"),
    ],
)
def test_impossible_data_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        fashion_mnist.load(**options)


def test_plain_and_compressed_files_are_read(files, folder, offline):
    assert read_files(folder) == files
    name = "t10k-labels-idx1-ubyte"
    (folder / f"{name}.gz").write_bytes(gzip.compress(files[name]))
    (folder / name).unlink()
    assert read_files(folder) == files


@pytest.mark.parametrize("damage", ["truncated", "altered"])
def test_a_damaged_file_is_named_with_both_checksums(files, folder, offline, damage):
    name = "t10k-images-idx3-ubyte"
    content = files[name]
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    (folder / name).write_bytes(content[:1000] if damage == "truncated" else flipped)
    with pytest.raises(DataError) as error:
        fashion_mnist.load("test", folder=folder)
    message = str(error.value)
    assert str(folder / name) in message
    assert f"expected SHA-256 {CHECKSUMS[name]}, found " in message
    assert message.count(CHECKSUMS[name]) == 1, "what was found must differ from what was expected"


def test_a_damaged_archive_is_named(files, folder, offline):
    name = "train-labels-idx1-ubyte"
    (folder / f"{name}.gz").write_bytes(gzip.compress(files[name])[:-20])
    (folder / name).unlink()
    with pytest.raises(DataError) as error:
        read_files(folder)
    message = str(error.value)
    assert f"{name}.gz is truncated or altered: expected SHA-256 {CHECKSUMS[name]}" in message
    assert "found " in message
    assert "cannot be decompressed" in message


def test_without_any_source_one_message_has_all_places_and_ways(tmp_path, offline):
    with pytest.raises(DataError) as error:
        read_files(tmp_path / "empty")
    message = str(error.value)
    for words in (
        f"{tmp_path / 'empty'}: not there",
        f"{tmp_path / 'not-installed'}: not there",
        "torchvision's download: OSError: no network in this test",
        "Debian's package dataset-fashion-mnist: OSError",
        "apt-get install dataset-fashion-mnist",
        "DESIGNSPACES_DATA",
    ):
        assert words in message


def test_a_download_is_verified_and_kept(files, tmp_path, offline, monkeypatch):
    def download(folder):
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    monkeypatch.setattr(fetch, "_download_from_debian", download)
    cache = tmp_path / "cache"
    assert read_files(cache) == files
    monkeypatch.undo()
    assert sorted(path.name for path in cache.iterdir()) == sorted(CHECKSUMS)
    assert fetch._read_folder(cache) == files


def test_a_damaged_download_is_not_kept_and_the_next_source_is_asked(
    files, tmp_path, offline, monkeypatch
):
    def damaged(folder):
        for name, content in files.items():
            (folder / name).write_bytes(content[:-1])
        return folder

    def whole(folder):
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    monkeypatch.setattr(fetch, "_download_with_torchvision", damaged)
    with pytest.raises(DataError, match="torchvision's download: .*truncated or altered"):
        read_files(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    monkeypatch.setattr(fetch, "_download_from_debian", whole)
    assert read_files(tmp_path / "cache") == files


def test_a_folder_with_some_of_the_files_says_which_it_lacks(folder, offline):
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=f"{folder}: lacks t10k-labels-idx1-ubyte"):
        read_files(folder)


def test_a_command_that_fails_says_what_it_said(tmp_path):
    with pytest.raises(OSError, match=r"`ls no-such-file` failed: .*no-such-file"):
        fetch._run(["ls", "no-such-file"], tmp_path)


def test_the_command_line_names_a_damaged_file(folder, files):
    import os
    import sys

    (folder / "train-labels-idx1-ubyte").write_bytes(b"")
    finished = subprocess.run(
        [sys.executable, "-m", "designspaces", "data"],
        env=os.environ | {"DESIGNSPACES_DATA": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 2
    assert "train-labels-idx1-ubyte is truncated or altered" in finished.stderr
    assert "Traceback" not in finished.stderr
