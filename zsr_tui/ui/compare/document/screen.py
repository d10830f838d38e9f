"""A document on the whole screen: its judgment, its place in every list, its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from zsr_tui.ui.compare.document.pane import DocumentPane
from zsr_tui.ui.compare.judging import Judging
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.screen import BaseScreen


class DocumentScreen(BaseScreen[None]):
    """Shows one document; whoever opened it fills its `pane`."""

    PLACE = "document"
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,backspace,q", "close", "Back")  # besides what the table of keys has
    ]

    def __init__(
        self,
        doc_id: str,
        step: Callable[[int], None],
        explain: Callable[[], None],
        edit: Callable[[], None],
        judging: Judging,
    ) -> None:
        """`step` is called to go to the next (1) or previous (-1) document of the list, `explain` to explain its
        score, `edit` to score it with another text. `judging` is of the document under the list's cursor, which is this
        one."""
        super().__init__()
        self.doc_id = doc_id
        self._step, self._explain, self._edit, self.judging = step, explain, edit, judging
        self.pane = DocumentPane(full=True)

    def compose(self) -> ComposeResult:
        yield self.pane
        yield KeyBar()

    @property
    def key_labels(self) -> dict[str, str]:
        return self.judging.key_labels

    def applies(self, action: Action) -> bool:
        judged = action.handler.startswith("judging.")
        return super().applies(action) and (not judged or self.judging.applies(action))

    def why_not(self, action: Action) -> str:
        return self.judging.why_not(action) if action.handler == "judging.grade" else ""

    def on_mount(self) -> None:
        self.pane.body.focus()

    def explain(self) -> None:
        self._explain()

    def edit(self) -> None:
        self._edit()

    def step(self, by: int) -> None:
        self._step(by)
