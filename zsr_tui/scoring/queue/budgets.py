"""Batch sizes that were calibrated once, by model and device, kept between runs."""

from __future__ import annotations

import threading
from typing import Any

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import remembered
from zsr_tui.scoring.queue.batching import LARGEST, Budget

_NAME = "batch-sizes.json"
_lock = threading.Lock()


def of(fingerprint: str, device: Device) -> Budget:
    """What was found before for this model on a device of this kind, else the device's own start. A server elsewhere
    has its own limits, which its client finds."""
    if device.input_tokens == 1:
        return Budget(device.tokens, settled=True)
    with _lock:
        known: Any = remembered.read(_NAME).get(_key(fingerprint, device))
    try:
        tokens, bound = max(1, int(known["tokens"])), max(1, min(LARGEST, int(known["bound"])))
        return Budget(tokens, bound=bound, settled=bool(known["settled"]))
    except (TypeError, KeyError, ValueError):  # none, or one that was edited by hand
        return Budget(device.tokens)


def remember(fingerprint: str, device: Device, budget: Budget) -> None:
    with _lock:
        known = remembered.read(_NAME)
        found = {"tokens": budget.tokens, "bound": budget.bound, "settled": budget.settled}
        remembered.write(_NAME, {**known, _key(fingerprint, device): found})


def _key(fingerprint: str, device: Device) -> str:
    return f"{fingerprint} {device.kind}"
