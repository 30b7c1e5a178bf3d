"""Find, verify or fetch the four files of Fashion-MNIST.

They come from the first place that has them: a folder of ours, Debian's package where it is
installed, torchvision's download, and, where that host cannot be reached, Debian's package fetched
without root. Every file is checked against the SHA-256 of its uncompressed content before use.
"""

import gzip
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from designspaces.files import atomic, cache_folder

CHECKSUMS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""SHA-256 of each file as it is uncompressed (the archives differ from mirror to mirror)."""

CHECKSUM = hashlib.sha256("".join(CHECKSUMS.values()).encode()).hexdigest()[:16]
"""One checksum for the four verified files, recorded with every result."""

SPLITS = ("test", "validation")
"""What a network is judged by; `fashion_mnist.load` says what each means."""

CLASSES = (
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)

DEBIAN_PACKAGE = "dataset-fashion-mnist"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")


class DataError(ValueError):
    """The images are missing, truncated or not the ones they should be."""


def data_folder() -> Path:
    """Where the files are looked for first and put: `DESIGNSPACES_DATA`, or a cache folder."""
    return Path(os.environ.get("DESIGNSPACES_DATA") or cache_folder() / "fashion-mnist")


def read_files(folder: Path | None = None) -> dict[str, bytes]:
    """The verified, uncompressed content of the four files by name.

    folder: where to look first (and where a download is kept); `data_folder()` by default.
    Raises DataError when a file is found but altered, or when no source has the files: the message
    lists where each was looked for and how to get the data.
    """
    folder = Path(folder) if folder is not None else data_folder()
    tried = []
    for place in (folder, DEBIAN_FOLDER):
        absent = [name for name in CHECKSUMS if _existing(place, name) is None]
        if not absent:
            return _read_folder(place)
        found = "not there" if len(absent) == len(CHECKSUMS) else f"lacks {', '.join(absent)}"
        tried.append(f"{place}: {found}")
    for name, download in (
        ("torchvision's download", _download_with_torchvision),
        (f"Debian's package {DEBIAN_PACKAGE}", _download_from_debian),
    ):
        print(f"fetching Fashion-MNIST: {name}", file=sys.stderr)
        try:
            files = _fetch(download)
        except Exception as error:  # whatever failed, the next source may work
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            tried.append(f"{name}: {reason[:400]}")
            continue
        for file, content in files.items():
            with atomic(folder / file) as temporary:
                temporary.write_bytes(content)
        return files
    raise DataError(
        "Fashion-MNIST was not found. Looked for it in:\n  "
        + "\n  ".join(tried)
        + f"\nTo get it, connect to the network and try again; or on Debian `apt-get install "
        f"{DEBIAN_PACKAGE}`; or put the files {', '.join(CHECKSUMS)} (or their .gz) into {folder} "
        "(the environment variable DESIGNSPACES_DATA names another folder)."
    )


def _read_folder(folder: Path) -> dict[str, bytes]:
    """The four files of a folder, verified."""
    return {name: _read_verified(name, folder) for name in CHECKSUMS}


def _existing(folder: Path, name: str) -> Path | None:
    candidates = (folder / name, folder / f"{name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def _read_verified(name: str, folder: Path) -> bytes:
    path = _existing(folder, name)
    if path is None:
        raise DataError(f"{folder} lacks {name}")
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise _damaged(path, name, content, f"; it cannot be decompressed ({error})") from error
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
        raise _damaged(path, name, content)
    return content


def _damaged(path: Path, name: str, content: bytes, reason: str = "") -> DataError:
    return DataError(
        f"{path} is truncated or altered: expected SHA-256 {CHECKSUMS[name]}, found "
        f"{hashlib.sha256(content).hexdigest()} ({len(content)} bytes){reason}. "
        "Delete it and it is fetched again."
    )


def _fetch(download: Callable[[Path], Path]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as temporary:
        return _read_folder(download(Path(temporary)))


def _download_with_torchvision(folder: Path) -> Path:
    from torchvision.datasets import FashionMNIST

    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(30)  # torchvision sets none, and a silent host would hold us for ever
    try:
        FashionMNIST(folder, download=True)
    finally:
        socket.setdefaulttimeout(patience)
    return folder / "FashionMNIST" / "raw"


def _download_from_debian(folder: Path) -> Path:
    """Fetch and unpack the package; no step needs root, and nothing is installed."""
    for command in ("apt-get", "dpkg"):
        if shutil.which(command) is None:
            raise FileNotFoundError(f"there is no {command} here")
    try:
        _run(["apt-get", "download", DEBIAN_PACKAGE], folder)
    except OSError:  # a fresh system has no package lists; ours go to a folder of our own
        (folder / "lists" / "partial").mkdir(parents=True)
        own = [f"-oDir::State::Lists={folder / 'lists'}", f"-oDir::Cache={folder / 'cache'}"]
        _run(["apt-get", *own, "update"], folder)
        _run(["apt-get", *own, "download", DEBIAN_PACKAGE], folder)
    package = next(folder.glob("*.deb"))
    _run(["dpkg", "-x", str(package), "unpacked"], folder)
    return folder / "unpacked" / DEBIAN_FOLDER.relative_to("/")


def _run(command: list[str], folder: Path) -> None:
    finished = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )
    if finished.returncode:
        reason = (finished.stderr.strip() or finished.stdout.strip()).splitlines()[-1:]
        raise OSError(f"`{' '.join(command)}` failed: {' '.join(reason)}")
