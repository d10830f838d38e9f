"""Where models run, and in which precision."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CPU_SHARE, GPU_SHARE = 0.5, 0.85  # of a device's memory, that models may take
CPU_TOKENS, GPU_TOKENS = 2048, 16384  # of a batch, padding included: below a second for a small model


@dataclass(frozen=True, slots=True)
class Device:
    """`name` as torch writes it; `budget_bytes` for the weights of all loaded models together; `tokens` of a batch."""

    name: str  # "cpu", "cuda:0", "mps"
    budget_bytes: int
    tokens: int


@cache
def for_onnx() -> Device:
    """onnxruntime runs on the processor."""
    return _cpu()


@cache
def for_torch() -> Device:
    """The first CUDA device, else Apple's, else the processor. Imports torch."""
    import torch

    if torch.cuda.is_available():
        _, total = torch.cuda.mem_get_info(0)
        return Device("cuda:0", int(total * GPU_SHARE), GPU_TOKENS)
    if torch.backends.mps.is_available():
        return Device("mps", int(_ram() * CPU_SHARE), GPU_TOKENS)
    return _cpu()


@cache
def _cpu() -> Device:
    return Device("cpu", int(_ram() * CPU_SHARE), CPU_TOKENS)


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _ram() -> int:
    """Physical memory in bytes, or what a container allows where that is less."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text().strip() if limit.is_file() else "max"
    return min(physical, int(allowed)) if allowed.isdigit() else physical
