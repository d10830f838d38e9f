"""Reads the header of a safetensors file: what tensors are in it, without their numbers."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

from zsr_tui import outside
from zsr_tui.domain import Problem

_LARGEST_HEADER = 32 << 20  # bytes: some 150 a tensor


def parameters(path: Path) -> int:
    """Numbers of all tensors; whole-number ones are positions, counters and masks, not parameters."""
    tensors = _header(path).values()
    return sum(math.prod(each["shape"]) for each in tensors if each["dtype"] not in ("I64", "I32", "U8", "BOOL"))


def shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Of its tensors, by name. Raises `Problem` for a file that is not complete."""
    return {name: tuple(tensor["shape"]) for name, tensor in _header(path).items()}


def _header(path: Path) -> dict[str, Any]:
    """JSON behind its size in 8 bytes (https://github.com/huggingface/safetensors)."""
    try:
        with outside.opened(path) as file:
            (size,) = struct.unpack("<Q", file.read(8))
            if size > min(path.stat().st_size, _LARGEST_HEADER):
                raise ValueError("the header is longer than the file, or than any")
            header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        end = max((tensor["data_offsets"][1] for tensor in header.values()), default=0)
        if 8 + size + end > path.stat().st_size:
            raise ValueError("the file ends before its last tensor")
        if any(math.prod(tensor["shape"]) > 8 * end for tensor in header.values()):
            raise ValueError("a tensor has more numbers than the file has bits")
        if not all(isinstance(tensor["dtype"], str) for tensor in header.values()):
            raise ValueError("a tensor has no type")
        return header
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise Problem(
            f"{path.name} is not a complete safetensors file: copy or download the model again.", detail=str(path)
        ) from error
