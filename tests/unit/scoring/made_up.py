"""Model folders with the right files and meaningless weights, and scorers that need no weights at all."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zsr_tui.domain import ModelInfo
from zsr_tui.scoring.catalogue import Recipe
from zsr_tui.scoring.families.base import Prepared
from zsr_tui.scoring.weights import ResolvedModel

BERT = {"architectures": ["BertModel"], "model_type": "bert", "max_position_embeddings": 512}


def safetensors(shapes: dict[str, tuple[str, Sequence[int]]]) -> bytes:
    """A valid safetensors file of zeros: `shapes` is name -> (dtype, shape)."""
    header, offset = {}, 0
    for name, (dtype, shape) in shapes.items():
        size = math.prod(shape) * {"F32": 4, "F16": 2, "I64": 8}[dtype]
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
    return ResolvedModel(Path(), (), "", "", "transformers", "fp32", info, Recipe(), fingerprint=name)


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
