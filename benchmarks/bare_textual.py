"""What Textual alone needs to paint a screen with the kinds of widgets that the Compare screen has."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.scroll_view import ScrollView
from textual.widgets import Footer, Input, Static


class Bare(App[None]):
    BINDINGS = [("q", "quit", "Quit"), ("slash", "focus", "Query"), ("n", "next", "Next")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Static("demo")
        yield Static("Query")
        yield Input(placeholder="type")
        with Horizontal():
            for _ in range(3):
                yield Static("head")
                yield ScrollView()
        yield Static("document")
        yield Footer()


if __name__ == "__main__":
    Bare().run()
