"""What is to be known of an evaluation, and what it takes to repeat it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from zsr_tui.api.evaluations import EvaluationView
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.table.notes import notes
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.two_columns import TwoColumns

UNJUDGED = [
    (
        "bounds",
        "The value as it is, with every unjudged document not relevant, and the largest that it could be, whatever "
        "grades the unjudged ones above the cutoff had, up to the query's highest. Every document keeps its place.",
    ),
    (
        "judged only",
        "The value without the unjudged documents. Those below move up, from beyond the cutoff too: so it can lie "
        "above the bounds, and both are right.",
    ),
]


class AboutEvaluationScreen(BaseScreen[None]):
    PLACE = "evaluation-about"
    DIALOG = True
    DEFAULT_CSS = """
    AboutEvaluationScreen #about { width: 110; }
    AboutEvaluationScreen VerticalScroll { height: auto; max-height: 100%; }
    AboutEvaluationScreen Static { height: auto; }
    AboutEvaluationScreen .heading { text-style: bold; color: $primary; margin-top: 1; }
    AboutEvaluationScreen .heading:ansi { color: ansi_default; text-style: bold underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,enter", "close", "Close")]

    def __init__(self, view: EvaluationView) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        view = self._view
        with Vertical(classes="dialog", id="about") as dialog:
            dialog.border_title = "About this evaluation"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with VerticalScroll():
                found = ["".join(text for text, _ in line) for line in notes(view)]
                yield Static("To be known", classes="heading")
                yield TwoColumns([("", note) for note in found or ["Nothing was odd."]])
                yield Static("Unjudged documents", classes="heading")
                yield TwoColumns(UNJUDGED)
                yield Static("How to repeat it", classes="heading")
                yield TwoColumns(
                    [
                        ("command", one_line(view.command)),
                        ("queries", one_line(view.item.subset) or "all judged queries"),
                        (
                            "depth",
                            f"{counted(view.depth, 'document of each list is', 'documents of each list are')} measured",
                        ),
                        ("self-hits", "dropped" if view.drop_self else "kept"),
                        ("devices", one_line(", ".join(view.devices)) or "none was needed"),
                        *((one_line(name), one_line(mark)) for name, mark in view.fingerprints.items()),
                        *((one_line(name), one_line(version)) for name, version in view.versions.items()),
                    ]
                )

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
