"""Which models run through a network of ours."""

from __future__ import annotations

import logging

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import checkpoint
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import choose

_log = logging.getLogger(__name__)


def possible(resolved: ResolvedModel, device: Device) -> bool:
    """Whether there are networks on this device, for models whose code is not their own."""
    return not resolved.trusted and (device.name == "cpu" or device.name.startswith("cuda"))


def wanted(resolved: ResolvedModel, device: Device) -> bool:
    """Whether the model's files say that it has a network on this device. It is then loaded in fp32 on the processor,
    and the network rounds what it multiplies."""
    reason = choose.against(checkpoint.read_json(resolved.path / "config.json"))
    if reason:
        _log.info("%s keeps its own forward pass: %s", resolved.info.name, reason)
    return not reason and possible(resolved, device)
