"""What every event is: see `zsr_tui.api.events`."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    request: str
