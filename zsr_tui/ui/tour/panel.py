"""What the tour says, in a few lines above the screen."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class TourPanel(Static):
    """Takes no keys: those go to the screen, as ever."""

    DEFAULT_CSS = """
    TourPanel {
        dock: top;
        height: auto;
        padding: 0 1;
        background: $surface;
        color: $foreground;
        border-left: thick $primary;
    }
    TourPanel:ansi { background: ansi_default; }
    """
    can_focus = False

    def __init__(self, content: Content) -> None:
        super().__init__(content, markup=False)
