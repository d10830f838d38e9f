"""Reads the weights' shapes and the outputs' names of an ONNX file without loading it.

The file is protobuf; the field numbers are those of onnx.proto (https://github.com/onnx/onnx, onnx/onnx.proto):
ModelProto.graph 7; GraphProto.initializer 5, .output 12; TensorProto.dims 1, .data_type 2; ValueInfoProto.name 1.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zsr_tui import outside
from zsr_tui.domain import Problem

_PRECISIONS = {1: "fp32", 2: "int8", 3: "int8", 10: "fp16", 11: "fp64", 16: "bf16"}  # TensorProto.DataType
_Field = tuple[int, int | tuple[int, int]]  # number, and a whole number or where its bytes begin and end


@dataclass(frozen=True, slots=True)
class OnnxFile:
    parameters: int
    precision: str  # of most parameters
    outputs: tuple[str, ...]


def read(path: Path) -> OnnxFile:
    """Costs a walk over the headers, not over the weights. Raises `Problem` if the file is no ONNX model.

    Tensors without dimensions are the scales and zero points of the quantisation, not parameters of the model.
    """
    counts: dict[str, int] = {}
    outputs: list[str] = []
    try:
        with outside.opened(path) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for number, graph in _fields(data, 0, len(data)):
                if number != 7 or not isinstance(graph, tuple):
                    continue
                for part, place in _fields(data, *graph):
                    if part == 5 and isinstance(place, tuple):
                        size, precision = _tensor(data, place)
                        if size and precision:
                            counts[precision] = counts.get(precision, 0) + size
                    elif part == 12 and isinstance(place, tuple):
                        outputs.append(_name(data, place))
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise Problem(
            f"{path.name} is not a complete ONNX file: copy or download it again.", detail=str(path)
        ) from error
    if not outputs:
        raise Problem(f"{path.name} is not an ONNX model: it has no outputs.", detail=str(path))
    return OnnxFile(sum(counts.values()), max(counts, key=lambda name: counts[name], default="fp32"), tuple(outputs))


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[_Field]:
    while at < end:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        elif wire == 2:
            size, at = _varint(data, at)
            if at + size > end:
                raise ValueError("a field ends behind its message")
            yield number, (at, at + size)
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"unknown wire type {wire}")


def _tensor(data: mmap.mmap, place: tuple[int, int]) -> tuple[int, str]:
    dims: list[int] = []
    kind = 0
    for number, value in _fields(data, *place):
        if number == 1 and isinstance(value, int):
            dims.append(value)
        elif number == 1 and isinstance(value, tuple):  # packed
            at, end = value
            while at < end:
                size, at = _varint(data, at)
                dims.append(size)
        elif number == 2 and isinstance(value, int):
            kind = value
    return math.prod(dims) if dims else 0, _PRECISIONS.get(kind, "")


def _name(data: mmap.mmap, place: tuple[int, int]) -> str:
    for number, value in _fields(data, *place):
        if number == 1 and isinstance(value, tuple):
            return data[value[0] : value[1]].decode()
    return ""
