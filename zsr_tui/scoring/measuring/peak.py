"""What to hold a model's speed against: the product of two matrices on its device; and the memory that it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from zsr_tui.scoring import imports

SIZE, GPU_SIZE = 2048, 8192  # rows and columns of the matrices whose product is the yardstick: they fill the device
_PROBE = 256
_SLOW_S = 2.0  # a product that would take longer is measured on smaller matrices
_SAMPLE_S = 0.02


def matrix_product_peak(device: str, precision: str, repeats: int = 3) -> float:
    """Floating-point operations a second of `torch.matmul` of two matrices of SIZE x SIZE, on a GPU of GPU_SIZE x
    GPU_SIZE, the best of `repeats`.

    Smaller matrices where that would take seconds, as in fp16 on processors that do not compute in it.
    """
    import torch

    from zsr_tui.scoring.families.torch_text import torch_dtype

    largest = GPU_SIZE if device.startswith("cuda") else SIZE
    chance = torch.Generator(device).manual_seed(0)  # its own: the process's may be in use
    with torch.inference_mode():
        a, b = (
            torch.randn(largest, largest, device=device, generator=chance).to(torch_dtype(precision)) for _ in range(2)
        )
        products = 5 if device.startswith("cuda") else 1  # a GPU's queue is filled, so that its start is not measured

        def seconds(size: int) -> float:
            left, right = a[:size, :size].contiguous(), b[:size, :size].contiguous()
            began = time.perf_counter()
            for _ in range(products):
                left @ right
            _wait(device)
            return (time.perf_counter() - began) / products

        _wait(device)
        seconds(_PROBE)
        size, probe = largest, seconds(_PROBE)
        while size > _PROBE and probe * (size / _PROBE) ** 3 > _SLOW_S:
            size //= 2
        best = min(seconds(size) for _ in range(repeats))
    return float(2 * size**3 / best)


@contextmanager
def most_memory() -> Iterator[Callable[[], int]]:
    """Gives what to ask for the most bytes since then: of the GPUs if torch used any, else of this process."""
    import psutil

    torch: Any = imports.there("torch")
    gpus = range(torch.cuda.device_count()) if torch is not None and torch.cuda.is_available() else range(0)
    for gpu in gpus:
        torch.cuda.reset_peak_memory_stats(gpu)
    process = psutil.Process()
    most, over = [process.memory_info().rss], threading.Event()

    def watch() -> None:
        while not over.wait(_SAMPLE_S):
            most[0] = max(most[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch, name="memory", daemon=True)
    watcher.start()
    try:
        yield lambda: sum(torch.cuda.max_memory_allocated(gpu) for gpu in gpus) or most[0]
    finally:
        over.set()
        watcher.join()


def _wait(device: str) -> None:
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    elif device == "mps":
        torch.mps.synchronize()
