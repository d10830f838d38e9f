"""What Textual alone needs to paint the Compare screen's tree of widgets, made of its own widgets and left empty."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.scroll_view import ScrollView
from textual.widgets import Footer, Input, Static

KEYS = "/npfdraxsq"  # as many as the Compare screen shows


class Bare(App[None]):
    BINDINGS = [Binding(key, "bell", f"action {key}") for key in KEYS]  # noqa: RUF012
    CSS = """
    .line { height: 1; }
    #query { height: 1; layout: horizontal; }
    #query Static { width: 10; }
    #query Input { width: 1fr; height: 1; border: none; }
    .pane { width: 1fr; }
    .head { height: 3; }
    ScrollView { height: 1fr; }
    #document { height: 40%; }
    """

    def compose(self) -> ComposeResult:
        yield Static("demo", classes="line")
        with Horizontal(id="query"):
            yield Static("Query")
            yield Input(placeholder="type a query")
        yield Static("", classes="line")
        with Vertical():
            yield Static("tabs", classes="line")
            with Horizontal():
                for number in range(3):
                    with Vertical(classes="pane"):
                        yield Static(f"system {number}", classes="head")
                        yield Static("", classes="line")
                        yield ScrollView()
        with Vertical(id="document"):
            yield Static("document", classes="head")
            yield ScrollView()
        yield Footer()


if __name__ == "__main__":
    Bare().run()
