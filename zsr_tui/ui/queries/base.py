"""What the screens of an evaluation's queries share: names of the systems, a line for what went wrong, workers."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.text import one_line, printable
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.queries.asked import Shown
from zsr_tui.ui.queries.table.columns import legend, name_of
from zsr_tui.ui.queries.table.legend import Legend
from zsr_tui.ui.queries.work import AskFailed, QueriesWork


class PerQueryScreen(BaseScreen[None]):
    """`shown` says which systems and which measure are looked at."""

    PLACE = ""
    AUTO_FOCUS = ""
    CSS_PATH = Path(__file__).with_name("screen.tcss")

    def __init__(self, engine: StartedEngine, shown: Shown, item: EvaluationItem | None) -> None:
        super().__init__()
        self.engine, self.shown, self.item = engine, shown, item
        self.work = QueriesWork(engine, shown.id, self.post_message)
        self.status_line = Bar(id="status")
        self.legend = Legend()
        self.notice = Static(markup=False, id="notice")
        self.notice.display = False
        self._failed = ""  # what the notice is about

    def go_back(self) -> None:
        self.dismiss()

    # what is shown

    def _show_names(self, right: str) -> None:
        """The lines above: what is compared on what, and how much of it."""
        look = self.shown.look(self.item)
        pieces: list[Piece] = [(" Evaluation ", "muted")]
        if self.item is not None:
            pieces = [(f" {one_line(self.item.dataset)}", "strong")]
            if self.item.subset:
                pieces.append((f" ({one_line(self.item.subset)})", "muted"))
            pieces += [
                (f" · {self.shown.measure} · ", "text"),
                (name_of(look.system, look), "reference"),
                (" against ", "muted"),
                (name_of(look.baseline, look), "reference"),
            ]
            self.legend.show(legend(self.item.systems, look))
        self.status_line.show(pieces, [(f"{right} ", "text")])

    def _say(self, sentence: str, what: str = "") -> None:
        """A line that stays until `what` is answered, or the user asks again."""
        self._failed = what
        if sentence or self.notice.display:
            self.notice.display = bool(sentence)
            self.notice.update(Content(printable(sentence)))

    def on_ask_failed(self, message: AskFailed) -> None:
        message.stop()
        self._say(message.sentence, message.what)
        self._went_wrong(message.what)

    def _went_wrong(self, what: str) -> None:
        """After the sentence was shown."""

    def _answered(self, what: str) -> None:
        if what == self._failed:
            self._say("")

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence)
