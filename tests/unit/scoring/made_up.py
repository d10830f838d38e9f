"""Model folders with the right files and meaningless weights, and scorers that need no weights at all."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zsr_tui.domain import ModelInfo
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared

BERT = {"architectures": ["BertModel"], "model_type": "bert", "max_position_embeddings": 512}


def safetensors(shapes: Mapping[str, tuple[str, Sequence[int]]]) -> bytes:
    """A valid safetensors file of zeros: `shapes` is name -> (dtype, shape)."""
    header, offset = {}, 0
    for name, (dtype, shape) in shapes.items():
        size = math.prod(shape) * {"F32": 4, "F16": 2, "I64": 8, "U8": 1}[dtype]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(offset)


def _field(number: int, payload: bytes | int) -> bytes:
    def varint(value: int) -> bytes:
        out = bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def _message(number: int, *fields: bytes) -> bytes:
    return _field(number, b"".join(fields))


def _value(number: int, name: str, kind: int, shape: Sequence[str]) -> bytes:
    """A ValueInfoProto of a tensor with named dimensions."""
    dims = [_message(1, _field(2, each.encode())) for each in shape]
    tensor = _message(1, _field(1, kind), _message(2, *dims))
    return _message(number, _field(1, name.encode()), _message(2, tensor))


def onnx_graph(
    nodes: Sequence[tuple[str, Sequence[str], str]],
    tensors: dict[str, np.ndarray],
    inputs: dict[str, int],
    outputs: dict[str, Sequence[str]],
) -> bytes:
    """A complete ONNX file: `nodes` are (operator, inputs, output), `inputs` are data types by name (6: int32, 7:
    int64) of shape (batch, tokens), `outputs` are float32 with the named dimensions."""
    graph = [
        _message(1, *(_field(1, each.encode()) for each in taken), _field(2, given.encode()), _field(4, kind.encode()))
        for kind, taken, given in nodes
    ]
    graph.append(_field(2, b"graph"))
    for name, array in tensors.items():
        kind = {"float32": 1, "int64": 7}[array.dtype.name]
        dims = [_field(1, size) for size in array.shape]
        graph.append(_message(5, *dims, _field(2, kind), _field(8, name.encode()), _field(9, array.tobytes())))
    graph += [_value(11, name, kind, ("batch", "tokens")) for name, kind in inputs.items()]
    graph += [_value(12, name, 1, shape) for name, shape in outputs.items()]
    return _field(1, 8) + _message(7, *graph) + _message(8, _field(1, b""), _field(2, 13))


def onnx(tensors: Sequence[tuple[int, Sequence[int]]], output: str) -> bytes:
    """The headers of an ONNX file: `tensors` is (data type, shape), without their values."""
    graph = b"".join(
        _field(5, b"".join(_field(1, size) for size in shape) + _field(2, kind) + _field(8, b"weight"))
        for kind, shape in tensors
    )
    return _field(1, 8) + _field(7, graph + _field(12, _field(1, output.encode())))


def model_folder(folder: Path, files: dict[str, Any] | None = None) -> Path:
    """A complete plain BERT encoder of 6 parameters; `files` adds and overrides (None leaves one out)."""
    contents: dict[str, Any] = {
        "config.json": BERT,
        "tokenizer.json": {},
        "model.safetensors": safetensors({"a": ("F32", (2, 3)), "position_ids": ("I64", (1, 512))}),
        **(files or {}),
    }
    for name, content in contents.items():
        if content is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder


def resolved(name: str = "made-up", size: int = 8) -> ResolvedModel:
    """A model that nothing can load, `size` bytes large."""
    info = ModelInfo(name=name, label=name, family="cross-encoder", parameters=size // 4)
    return ResolvedModel(Path(), (), "", "transformers", "fp32", info, Recipe(), fingerprint=name)


class Lengths:
    """Scores a text with its number of words, a query with the texts; encodes it as [words, 1]."""

    dimension = 2

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def prepare(self, first: Any, second: Any) -> list[Prepared]:
        texts = second if isinstance(first, str) else first  # (query, texts) or (texts, role)
        return [Prepared(len(text.split()), text.endswith("..."), text) for text in texts]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        self.batches.append([prepared.payload for prepared in batch])
        return np.array([float(prepared.tokens) for prepared in batch], dtype=np.float32)


class LengthVectors(Lengths):
    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        words = super().run(batch)
        return np.stack([words, np.ones_like(words)], axis=1)
