"""What `zsr-tui bench` has measured on a machine, kept for forecasts, and what devices do together."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from zsr_tui.scoring import devices
from zsr_tui.scoring.models import remembered

_NAME = "speeds.json"


@dataclass(frozen=True, slots=True)
class Speed:
    """Of a model on one device of the kind "cuda", "mps" or "cpu": `tokens_per_second`, measured on the day `when`
    (ISO). `card` as its driver names it; `cores` of the processor that took part, 0 where nobody knows."""

    fingerprint: str
    device: str
    tokens_per_second: float
    when: str
    card: str = ""
    cores: int = 0


@dataclass(frozen=True, slots=True)
class Together:
    """What all devices do of a model, `said` in words with what that rests on; 0 where one was not measured. `unknown`
    says which, in words, where that is not this machine itself."""

    tokens_per_second: float = 0.0
    said: str = ""
    unknown: tuple[str, ...] = ()


def remember(fingerprint: str, device: str, tokens_per_second: float) -> None:
    """`device` as `Fleet.place` names it: of several cards each has its share."""
    names = device.split(" + ")
    cards = [] if device == "cpu" else [each.hardware for each in devices.for_torch() if each.name in names]
    found = {
        "tokens_per_second": tokens_per_second / len(names),
        "when": date.today().isoformat(),
        "card": next(iter(cards), ""),
        "cores": devices.cores(),
    }
    remembered.write(_NAME, {**remembered.read(_NAME), _key(fingerprint, platform.node(), device): found})


def known(fingerprint: str, device: str) -> Speed | None:
    """On this machine. None where it was not measured, or where what is kept was edited by hand."""
    key = _key(fingerprint, platform.node(), device)
    return _read(key, remembered.read(_NAME).get(key))


def here(card: str = "") -> list[Speed]:
    """All that was measured on this machine, and behind it what is kept here of others with a card of this name."""
    every = list(_all())
    mine = [speed for node, speed in every if node == platform.node()]
    return mine + [speed for node, speed in every if card and speed.card == card and node != platform.node()]


def of_card(fingerprint: str, card: str) -> Speed | None:
    """The newest of a card of this name, on whichever machine."""
    found = [speed for _, speed in _all() if card and (speed.fingerprint, speed.card) == (fingerprint, card)]
    return max(found, key=lambda speed: speed.when, default=None)


def _all() -> Iterator[tuple[str, Speed]]:
    """With the names of their machines."""
    for key, found in remembered.read(_NAME).items():
        if (speed := _read(key, found)) is not None:
            yield key.partition(" ")[2].rpartition(" ")[0], speed


def _read(key: str, found: Any) -> Speed | None:
    fingerprint, _, rest = key.partition(" ")
    try:
        speed, when = float(found["tokens_per_second"]), date.fromisoformat(found["when"])
        card, cores = str(found.get("card", "")), int(found.get("cores", 0))
    except (TypeError, KeyError, ValueError):
        return None
    return Speed(fingerprint, rest.rpartition(" ")[2], speed, when.isoformat(), card, cores) if speed > 0 else None


def _key(fingerprint: str, node: str, device: str) -> str:
    """A cache folder may be that of several machines; the cards of one are taken to be alike."""
    return f"{fingerprint} {node} {device.partition(':')[0]}"
