"""Moving in whatever has the focus, by rows or lines: our own views, lists of dialogs, texts that scroll."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.containers import ScrollableContainer
from textual.widget import Widget


@runtime_checkable
class Movable(Protocol):
    """Has rows or lines, and goes so many of them further, at most to either end."""

    def action_move(self, by: int) -> None: ...


def can_move(widget: Widget | None) -> bool:
    return isinstance(widget, Movable | ScrollableContainer)


def move(widget: Widget, by: int) -> None:
    if isinstance(widget, Movable):
        widget.action_move(by)
    elif hasattr(widget, "highlighted"):
        _highlight(widget, by)
    else:
        widget.scroll_to(y=max(0, min(widget.scroll_offset.y + by, widget.max_scroll_y)), animate=False)


def half_page(widget: Widget) -> int:
    """In rows or lines."""
    return max(1, int(getattr(widget, "page", widget.size.height)) // 2)


def _highlight(widget: Widget, by: int) -> None:
    """The option that is so many further; headings are none."""
    from textual.widgets import OptionList  # in dialogs

    assert isinstance(widget, OptionList)
    enabled = [place for place, option in enumerate(widget.options) if not option.disabled]
    if not enabled:
        return
    now = widget.highlighted
    at = enabled.index(now) if now in enabled else -1
    widget.highlighted = enabled[max(0, min(at + by, len(enabled) - 1))]
