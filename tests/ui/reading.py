"""Reading the terminal as a user does."""

from __future__ import annotations

from typing import Any

from textual.app import App


def text_of(app: App[Any]) -> str:
    """What the terminal shows, line by line, modal windows included."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def notices(app: App[Any]) -> list[str]:
    """The sentences that show for a moment."""
    return [str(notification.message) for notification in app._notifications]
