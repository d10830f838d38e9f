"""Which models run through a network of ours."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import checkpoint
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import choose, decoder

_log = logging.getLogger(__name__)


def possible(resolved: ResolvedModel, device: Device) -> bool:
    """Whether there are networks on this device, for models whose code is not their own."""
    return not resolved.trusted and (device.name == "cpu" or device.name.startswith("cuda"))


def wanted(resolved: ResolvedModel, device: Device) -> bool:
    """Whether the model's files say that it is an encoder with a network on this device. It is then loaded in fp32 on
    the processor, and the network rounds what it multiplies."""
    config = checkpoint.read_json(resolved.path / "config.json")
    if config.get("model_type") in decoder.ARCHITECTURES:
        return False
    reason = choose.against(config)
    if reason:
        _log.info("%s keeps its own forward pass: %s", resolved.info.name, reason)
    return not reason and possible(resolved, device)


def decodes(resolved: ResolvedModel, device: Device, modules: Sequence[Any]) -> bool:
    """Whether a loaded sentence-transformers model begins with a decoder that may have a network. Those are large: it
    takes them in the precision that they were loaded in, where nothing behind has weights that were rounded with it."""
    first, *behind = modules
    kind = getattr(getattr(getattr(first, "model", None), "config", None), "model_type", "")
    weights = any(True for module in behind for _ in module.parameters())
    return kind in decoder.ARCHITECTURES and not weights and possible(resolved, device)
