"""Batch sizes that were calibrated once, by model and device, kept between runs."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

from zsr_tui import paths
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue.batching import LARGEST, Budget

_lock = threading.Lock()
_log = logging.getLogger(__name__)


def of(fingerprint: str, device: Device) -> Budget:
    """What was found before for this model on a device of this kind, else the device's own start. A server elsewhere
    has its own limits, which its client finds."""
    if device.input_tokens == 1:
        return Budget(device.tokens, settled=True)
    with _lock:
        known = _read().get(_key(fingerprint, device))
    if known is None:
        return Budget(device.tokens)
    return Budget(known["tokens"], bound=known["bound"], settled=known["settled"])


def remember(fingerprint: str, device: Device, budget: Budget) -> None:
    """A budget that cannot be written is found again next time, and said in the log."""
    place = _place()
    with _lock:
        known = _read()
        known[_key(fingerprint, device)] = {
            "tokens": budget.tokens, "bound": budget.bound, "settled": budget.settled,
        }  # fmt: skip
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=place.parent, prefix=place.name)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(known, file)
            os.replace(name, place)
        except OSError as error:
            _log.warning("batch sizes are not remembered, %s cannot be written: %s", place, error)


def _key(fingerprint: str, device: Device) -> str:
    return f"{fingerprint} {device.kind}"


def _place() -> Path:
    return paths.cache_dir() / "batch-sizes.json"


def _read() -> dict[str, dict[str, Any]]:
    place = _place()
    if not place.is_file():
        return {}
    try:
        known = json.loads(place.read_text(encoding="utf-8"))
        return {
            key: {
                "tokens": max(1, int(value["tokens"])),
                "bound": max(1, min(LARGEST, int(value["bound"]))),
                "settled": bool(value["settled"]),
            }
            for key, value in known.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("%s is unreadable and is made anew: %s", place, error)
        return {}
