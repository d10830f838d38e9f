"""Reads the weights' shapes of a pickled PyTorch checkpoint, without torch and without running what is in it.

`torch.save` writes a zip archive whose `data.pkl` holds the tensors' shapes, or, before torch 1.6, four pickles one
after the other of which the last holds them (torch/serialization.py). Here every name in such a pickle stands for
something inert, so nothing that it asks to be called is called. Loading is another matter, and is left to torch's
weights-only loader.
"""

from __future__ import annotations

import math
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

from zsr_tui.domain import Problem

_WHOLE_NUMBERS = ("LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage")
_LEGACY_HEAD = 3  # pickles before the one with the tensors: magic number, protocol, sizes of types
_TORN = (
    pickle.UnpicklingError, EOFError, zipfile.BadZipFile, KeyError, IndexError, ValueError, TypeError, AttributeError,
    ImportError, RecursionError, OverflowError, MemoryError,
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
        return type(name, (_Inert,), {}) if name.isidentifier() else _Inert

    def persistent_load(self, pid: Any) -> Any:
        return pid  # ("storage", its type, its key, its device, its length ...)


def parameters(path: Path) -> int:
    """Numbers of all floating-point tensors, of those that share their memory once.

    Raises `Problem` where the file is no checkpoint that holds tensors by name, or is not complete.
    """
    try:
        with path.open("rb") as file:
            content = _content(file)
        if not isinstance(content, dict):
            raise Problem(
                f"{path.name} holds a whole Python object ({type(content).__name__}) and not tensors by name, which is "
                "all that is loaded from a pickle: convert it to safetensors.",
                detail=str(path),
            )
        tensors = (each for each in map(_unwrapped, content.values()) if isinstance(each, _Tensor))
        shapes = dict(map(_storage_and_shape, tensors))
        if not shapes:
            raise ValueError("no tensors")
    except _TORN as error:
        raise Problem(
            f"{path.name} is not a complete checkpoint of tensors by name: copy or download the model again.",
            detail=f"{path}: {error!r}",
        ) from error
    return sum(math.prod(shape) for (kind, *_), shape in shapes.items() if kind not in _WHOLE_NUMBERS)


def _content(file: IO[bytes]) -> Any:
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            (name,) = (each for each in archive.namelist() if each.rpartition("/")[2] == "data.pkl")
            with archive.open(name) as data:
                return _Reader(data).load()
    file.seek(0)
    for _ in range(_LEGACY_HEAD):
        _Reader(file).load()
    return _Reader(file).load()


def _unwrapped(value: Any) -> Any:
    return value.args[0] if isinstance(value, _Parameter) and value.args else value


def _storage_and_shape(tensor: _Tensor) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    (_, kind, key, *_), offset, shape = tensor.args[:3]
    return (kind.__name__, key, offset, tuple(shape)), tuple(shape)
