"""What the screens of an evaluation's queries share: names of the systems, a line for what went wrong, workers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.text import one_line, printable
from zsr_tui.ui.keys.bar import HasActions
from zsr_tui.ui.parts import problems as failures
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.parts.paint import PaintedScreen
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.queries.asked import Shown
from zsr_tui.ui.queries.table.columns import legend, name_of
from zsr_tui.ui.queries.table.legend import Legend
from zsr_tui.ui.queries.work import AskFailed, QueriesWork

SHORT = 30  # lines below which nothing is spent on space


class PerQueryScreen(PaintedScreen):
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

    def on_mount(self) -> None:
        self._install(self, self.PLACE)
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self.set_class(self.size.height < SHORT, "short")

    def _install(self, screen: Screen[Any], place: str) -> None:
        """The keys of `place`, the user's own among them."""
        if isinstance(self.app, HasActions):
            self.app.keys.install(screen, place)

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

    def _tell(self, sentence: str) -> None:
        self.notify(sentence, timeout=4, markup=False)

    def on_ask_failed(self, message: AskFailed) -> None:
        message.stop()
        self._say(message.sentence, message.what)
        self._went_wrong(message.what)

    def _went_wrong(self, what: str) -> None:
        """After the sentence was shown."""

    def _answered(self, what: str) -> None:
        if what == self._failed:
            self._say("")

    # workers

    def _ask(self, group: str, work: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> None:
        """One worker of a group at a time: a new one cancels the one before."""

        async def run() -> None:
            await work(*arguments)

        _: Worker[None] = self.run_worker(run, group=group, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._say(failures.sentence(event.worker.error))
