"""Where models run, and in which precision.

ZSR_TUI_PRECISION     fp32, bf16 or fp16, in place of the device's own choice
ZSR_TUI_DEVICES       the devices to use, as torch names them: cpu, cuda:0,cuda:1
ZSR_TUI_CPU_FALLBACK  1: when the last other device is lost, models go on on the processor
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zsr_tui import machine
from zsr_tui.domain import Problem

CPU_SHARE, GPU_SHARE = 0.5, 0.85  # of a device's memory, that models may take
CPU_TOKENS, GPU_TOKENS = 2048, 16384  # of a batch before it is calibrated, padding included
PRECISIONS = ("fp32", "bf16", "fp16")
_most_cores = 0  # 0: all that there are


@dataclass(frozen=True, slots=True)
class Device:
    """`name` as torch writes it; `budget_bytes` for the weights of all loaded models together; `tokens` of a batch
    before calibration."""

    name: str  # "cpu", "cuda:0", "mps"; "endpoint <host>" for a server elsewhere
    budget_bytes: int
    tokens: int
    hardware: str = ""  # as the driver names it
    input_tokens: int = 512  # of a full-length input; 1 on a server, where inputs are counted in place of tokens

    @property
    def kind(self) -> str:
        """The same for devices that are equally fast: a batch size that was found on one holds for the other."""
        return self.hardware or self.name.partition(":")[0]


@cache
def for_torch() -> tuple[Device, ...]:
    """All CUDA devices, else Apple's, else the processor; what ZSR_TUI_DEVICES names, where it is set. Imports torch.

    Raises `Problem` for a device that is not here.
    """
    named = [name.strip() for name in os.environ.get("ZSR_TUI_DEVICES", "").split(",") if name.strip()]
    found = {device.name: device for device in (*_accelerators(), cpu())}
    for name in named:
        if name not in found:
            raise Problem(
                f"ZSR_TUI_DEVICES names {name}, which this machine does not have: it has {', '.join(found)}.",
                usage=True,
            )
    if named:
        return tuple(found[name] for name in dict.fromkeys(named))
    return tuple(device for device in found.values() if device.name != "cpu") or (cpu(),)


def fallback() -> Device | None:
    """The processor, if the user allows it to take over from a lost device."""
    return cpu() if os.environ.get("ZSR_TUI_CPU_FALLBACK") == "1" else None


def torch_precision(wanted: str | None = None, *, bounded: bool = False) -> str:
    """Of models that torch runs, where none is `wanted`: bf16 where all devices compute in it, fp16 on older GPUs, fp32
    otherwise. `bounded` is a network whose numbers stay within what fp16 can hold: that is 8 times as exact as bf16,
    and taken on every GPU that has it. Imports torch where the system does not already say that there is no
    accelerator. Raises `Problem` for a ZSR_TUI_PRECISION that does not exist."""
    wanted = wanted or os.environ.get("ZSR_TUI_PRECISION", "")
    if wanted and wanted not in PRECISIONS:
        raise Problem(f"ZSR_TUI_PRECISION is {wanted!r}: write {', '.join(PRECISIONS[:-1])} or fp16.", usage=True)
    return wanted or _own_precision(bounded)


@cache
def _own_precision(bounded: bool) -> str:
    flags = _linux_processor()
    if flags is not None:
        return "bf16" if flags & {"avx512_bf16", "amx_bf16"} else "fp32"
    import torch

    names = [device.name for device in for_torch()]
    if names == ["cpu"]:
        fast = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
        return "bf16" if fast.get("avx512_bf16") or fast.get("amx_bf16") else "fp32"
    capabilities = [torch.cuda.get_device_capability(name) for name in names if name.startswith("cuda")]
    if len(capabilities) < len(names):
        return "fp32"  # Apple's, or the processor beside GPUs: one precision for all, so that scores do not differ
    oldest = min(capabilities)
    # tensor cores: fp16 since compute capability 7.0 (Volta), bf16 since 8.0 (Ampere)
    if oldest < (7, 0):
        return "fp32"
    return "bf16" if oldest >= (8, 0) and not bounded else "fp16"


def _linux_processor() -> set[str] | None:
    """The processor's abilities on a Linux machine that will use nothing else; None where only torch can tell."""
    asked = os.environ.get("ZSR_TUI_DEVICES", "").strip()
    information = Path("/proc/cpuinfo")
    drivers = [Path("/dev/nvidiactl"), Path("/dev/dxg"), Path("/dev/kfd")]  # NVIDIA's, Windows' and AMD's
    if not information.is_file() or (asked != "cpu" and (asked or any(driver.exists() for driver in drivers))):
        return None
    lines = [
        line
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith("flags")
    ]
    return set(lines[0].split()) if lines else None


def _accelerators() -> list[Device]:
    import torch

    if torch.cuda.is_available():
        totals = [torch.cuda.mem_get_info(index)[1] for index in range(torch.cuda.device_count())]
        return [
            Device(f"cuda:{index}", int(total * GPU_SHARE), GPU_TOKENS, torch.cuda.get_device_name(index))
            for index, total in enumerate(totals)
        ]
    if torch.backends.mps.is_available():
        return [Device("mps", int(_ram() * CPU_SHARE), GPU_TOKENS)]
    return []


@cache
def cpu() -> Device:
    """The processor; what onnxruntime runs on."""
    return Device("cpu", int(_ram() * CPU_SHARE), CPU_TOKENS)


def cores() -> int:
    """The processors that this process may use."""
    return min(machine.cores(), _most_cores or machine.cores())


def take_cores(most: int) -> None:
    """This process is one of several on its machine, and computes on so many."""
    global _most_cores
    _most_cores = most


def _ram() -> int:
    """Physical memory in bytes, or what a container allows where that is less."""
    import psutil

    physical = psutil.virtual_memory().total
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(physical, int(allowed)) if allowed.isdigit() else physical
