"""What `zsr-tui bench` has measured on this machine, kept for forecasts."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import date
from typing import Any

from zsr_tui.scoring.models import remembered

_NAME = "speeds.json"


@dataclass(frozen=True, slots=True)
class Speed:
    """Of a model on one device: `tokens_per_second`, measured on the day `when` (ISO)."""

    tokens_per_second: float
    when: str


def remember(fingerprint: str, device: str, tokens_per_second: float) -> None:
    """`device` as `Fleet.place` names it: of several cards each has its share."""
    each = tokens_per_second / len(device.split(" + "))
    found = {"tokens_per_second": each, "when": date.today().isoformat()}
    remembered.write(_NAME, {**remembered.read(_NAME), _key(fingerprint, device): found})


def known(fingerprint: str, device: str) -> Speed | None:
    """None where it was not measured, or where what is kept was edited by hand."""
    found: Any = remembered.read(_NAME).get(_key(fingerprint, device))
    try:
        speed, when = float(found["tokens_per_second"]), date.fromisoformat(found["when"])
    except (TypeError, KeyError, ValueError):
        return None
    return Speed(speed, when.isoformat()) if speed > 0 else None


def _key(fingerprint: str, device: str) -> str:
    """A cache folder may be that of several machines; the cards of one are taken to be alike."""
    return f"{fingerprint} {platform.node()} {device.partition(':')[0]}"
