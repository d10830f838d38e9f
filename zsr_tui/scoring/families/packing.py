"""Which models run through a network of ours."""

from __future__ import annotations

import logging

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import checkpoint
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import choose

_log = logging.getLogger(__name__)


def wanted(resolved: ResolvedModel, device: Device) -> bool:
    """Whether the model's files say that it has a network on this device. It is then loaded in fp32 on the processor,
    and the network rounds what it multiplies."""
    config = checkpoint.read_json(resolved.path / "config.json")
    reason = "its code is its own" if resolved.trusted else choose.against(config)
    if device.name != "cpu" and not device.name.startswith("cuda"):
        reason = f"none on {device.name}"
    if reason:
        _log.info("%s keeps its own forward pass: %s", resolved.info.name, reason)
    return not reason
