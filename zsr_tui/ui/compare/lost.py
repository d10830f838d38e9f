"""What a search says when the engine is lost."""

from __future__ import annotations

from zsr_tui.api.events import EngineLost


def lost(event: EngineLost) -> str:
    if event.waiting:
        return event.waiting
    if event.restarted:
        return f"The engine stopped{event.how}; restarted, repeating the query."
    if event.waits_s:
        return "The engine stopped again over this query."
    return f"The engine stopped{event.how} and could not be restarted{event.see_log}."
