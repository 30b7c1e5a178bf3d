"""The one place where the device and the precision it is good at are chosen."""

import ctypes
import platform
import sys

import torch


def best_device() -> torch.device:
    """CUDA where there is one, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def has_native_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is computed by the hardware, not emulated (then it would be slow).

    `torch.cuda.is_bf16_supported` counts emulation, so a T4 would pass it; compute capability 8.0
    is where the hardware begins.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("bf16"))
    return False


def best_precision(device: torch.device) -> str:
    """What a device multiplies fastest in without being emulated: bfloat16, float16 or float32."""
    if has_native_bfloat16(device):
        return "bfloat16"
    return "float16" if device.type == "cuda" else "float32"


def memory_format(device: torch.device) -> torch.memory_format:
    """The layout in which a device convolves best and rightly.

    Channels last, but for Apple's GPU, where batch norms of that layout were wrong for years.
    """
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def describe(device: torch.device) -> str:
    """The device in words, for the record of a run."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"Apple GPU ({platform.machine()})"
    threads = torch.get_num_threads()
    return f"{_processor()}, {threads} thread{'s' if threads > 1 else ''}"


def keep_freed_memory() -> None:
    """Have glibc keep freed blocks for the next step, not return each to the system.

    A training step allocates and frees the same large activations again and again; by default
    glibc maps and unmaps them, and the page faults cost a tenth of the step. Elsewhere than on
    glibc nothing happens.
    """
    if not sys.platform.startswith("linux") or platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    trim_threshold, mmap_threshold = -1, -3
    libc.mallopt(mmap_threshold, 1 << 30)
    libc.mallopt(trim_threshold, (1 << 31) - 1)


def _processor() -> str:
    if sys.platform.startswith("linux"):
        with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
            for line in cpuinfo:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
