"""Reads the weights' shapes of a pickled PyTorch checkpoint, without torch and without running what is in it.

`torch.save` writes a zip archive whose `data.pkl` holds the tensors' shapes, or, before torch 1.6, four pickles one
after the other of which the last holds them (torch/serialization.py). Here every name in such a pickle stands for
something inert, so nothing that it asks to be called is called. Loading is another matter, and is left to torch's
weights-only loader.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from zsr_tui import outside
from zsr_tui.domain import Problem

_WHOLE_NUMBERS = ("LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage")
_LARGEST = 16 << 20  # bytes of a pickle without the numbers of its tensors
_STEPS = 2_000_000  # of a pickle: some 30 a tensor
_LEGACY_HEAD = 3  # pickles before the one with the tensors: magic number, protocol, sizes of types
_TORN = (
    *outside.DAMAGED_ZIP, pickle.UnpicklingError, KeyError, IndexError, ValueError, TypeError, AttributeError,
    ImportError, RuntimeError, MemoryError,
)  # fmt: skip


class _Inert:
    """Stands for any class or function, and for what it would give."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.args = args

    def __call__(self, *args: Any, **more: Any) -> _Inert:
        return _Inert(*args)

    def __hash__(self) -> int:
        return id(self)


class _Tensor(_Inert):
    """`args` of torch._utils._rebuild_tensor_v2: the storage, the offset, the shape, the strides ..."""


class _Parameter(_Inert):
    """`args` of torch._utils._rebuild_parameter: the tensor ..."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch._utils" and name.startswith("_rebuild_tensor"):
            return _Tensor
        if module == "torch._utils" and name.startswith("_rebuild_parameter"):
            return _Parameter
        return _named(name) if name.isidentifier() else _Inert

    def persistent_load(self, pid: Any) -> Any:
        return pid  # ("storage", its type, its key, its device, its length ...)


@lru_cache(maxsize=1000)
def _named(name: str) -> type[_Inert]:
    return type(name, (_Inert,), {})


def parameters(path: Path) -> int:
    """Numbers of all floating-point tensors, of those that share their memory once. Raises `Problem` as `shapes`."""
    found = dict(_tensors(path).values())
    return sum(math.prod(shape) for (kind, *_), shape in found.items() if kind not in _WHOLE_NUMBERS)


def shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Of its tensors, by name. Raises `Problem` where the file is no checkpoint that holds tensors by name, or is not
    complete."""
    return {name: shape for name, (_, shape) in _tensors(path).items()}


def _tensors(path: Path) -> dict[str, tuple[tuple[Any, ...], tuple[int, ...]]]:
    """The storage and the shape of each, by name."""
    try:
        with outside.opened(path) as file:
            content = _content(file, path)
        if not isinstance(content, dict):
            raise Problem(
                f"{path.name} holds a whole Python object ({type(content).__name__}) and not tensors by name, which is "
                "all that is loaded from a pickle: convert it to safetensors.",
                detail=str(path),
            )
        tensors = {str(name): _unwrapped(each) for name, each in content.items()}
        found = {name: _storage_and_shape(each) for name, each in tensors.items() if isinstance(each, _Tensor)}
        if not found:
            raise ValueError("no tensors")
        return found
    except _TORN as error:
        raise Problem(
            f"{path.name} is not a complete checkpoint of tensors by name: copy or download the model again.",
            detail=f"{path}: {error!r}",
        ) from error


def _content(file: IO[bytes], path: Path) -> Any:
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return _loaded(file.read(_LARGEST), _LEGACY_HEAD, path)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(each.file_size for each in members) > os.fstat(file.fileno()).st_size:
            raise _unlike_torch(path, "is packed")
        (name,) = (each.filename for each in members if each.filename.rpartition("/")[2] == "data.pkl")
        with archive.open(name) as data:
            return _loaded(data.read(_LARGEST), 0, path)


def _loaded(data: bytes, without: int, path: Path) -> Any:
    """The pickle behind `without` others. What it can take of memory is bounded by its steps, which are counted first;
    a place in its memory that it names is one of as many."""
    stream, steps = io.BytesIO(data), 0
    content = None
    for _ in range(without + 1):
        begin = stream.tell()
        for step, argument, _ in pickletools.genops(stream):
            steps += 1
            if steps > _STEPS or (step.name.endswith("PUT") and int(argument or 0) > _STEPS):
                raise _unlike_torch(path, f"takes more than {_STEPS:,} steps to read")
        end = stream.tell()
        content = _Reader(io.BytesIO(data[begin:end])).load()
    return content


def _unlike_torch(path: Path, what: str) -> Problem:
    return Problem(
        f"{path.name} {what}, as torch writes no checkpoint: it is not loaded; use a copy in safetensors.",
        detail=str(path),
    )


def _unwrapped(value: Any) -> Any:
    return value.args[0] if isinstance(value, _Parameter) and value.args else value


def _storage_and_shape(tensor: _Tensor) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    (_, kind, key, *_), offset, shape = tensor.args[:3]
    return (kind.__name__, key, offset, tuple(shape)), tuple(shape)
