"""What models of the same weights have in common on a device, as bge-m3 read by its heads, or a model in two lengths:
it is there once, as long as one of them is loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar
from weakref import WeakValueDictionary

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import checkpoint, digests
from zsr_tui.scoring.models.weights import ResolvedModel

T = TypeVar("T")
_held: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()
_lock = threading.Lock()


class Weights(NamedTuple):
    """Names the network that runs them. `content`: digests of its files."""

    device: str
    precision: str
    folder: str
    content: tuple[str, ...]


def weights(resolved: ResolvedModel, device: Device) -> Weights:
    """An adapter's are its own: what is merged into them lies elsewhere."""
    files = ("config.json", *resolved.weights)
    content = tuple(digests.of(resolved.path / name) for name in files)
    if (resolved.path / checkpoint.ADAPTER).exists():
        content = (resolved.fingerprint,)
    return Weights(device.name, resolved.precision, str(resolved.path), content)


def one(key: Hashable, make: Callable[[], T]) -> T:
    """What there is of the key, else what `make` gives. A device's models are loaded one after the other."""
    with _lock:
        found: T | None = _held.get(key)
    if found is not None:
        return found
    made = make()
    if made is not None:
        with _lock:
            _held[key] = made
    return made


def is_loaded(resolved: ResolvedModel, device: Device) -> bool:
    """Whether the network of its weights is there, so that it takes no more memory."""
    with _lock:
        keys = [key for key in _held if isinstance(key, Weights) and key.folder == str(resolved.path)]
    return bool(keys) and weights(resolved, device) in keys
