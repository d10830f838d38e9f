"""The evaluation screen: what its keys do, and the evaluation that runs."""

from __future__ import annotations

import secrets
import time

import msgspec
from textual import on

from zsr_tui.selection import QuerySelection
from zsr_tui.text import printable
from zsr_tui.ui.evaluation.columns import TESTS
from zsr_tui.ui.evaluation.messages import Deleted, EvaluationAsked, Resumable
from zsr_tui.ui.evaluation.running import EvaluationChanged, EvaluationWatch
from zsr_tui.ui.evaluation.state import standing
from zsr_tui.ui.evaluation.views import VIEWS, EvaluationViews
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.parts.messages import QueriesWanted
from zsr_tui.ui.parts.view_tabs import ViewTabs

RELOAD = 4.0  # seconds between two looks at the table of an evaluation that runs


class EvaluationOverviewScreen(EvaluationViews):
    """What the keys do is in `zsr_tui.ui.keys.bindings`; its handlers are the public methods here."""

    PLACE = "evaluation"

    def __init__(self, engine: StartedEngine, watch: EvaluationWatch, dataset: str, systems: tuple[str, ...]) -> None:
        super().__init__(engine, watch, dataset, systems)
        job = watch.job
        self._followed = job.id if job is not None and job.active else ""  # the evaluation that was opened by itself

    @property
    def key_labels(self) -> dict[str, str]:
        """The key bar leaves out what does nothing at this moment."""
        item, busy = self._item(), self._watch.busy
        idle: list[str] = []
        if not busy:
            idle.append("pause")
        now = self._standing(item)
        if not (busy or (now is not None and now.active)):
            idle.append("stop")
        if busy or now is None or now.state == "complete":
            idle.append("resume")
        if item is None:
            idle += ["report", "about", "delete", "measure"]
        if self._place != "table" or item is None:
            idle += ["baseline", "test"]
        if self._place not in ("list", "table") or not self._items:
            idle.append("open")
        return dict.fromkeys((f"evaluation_{each}" for each in idle), "")

    # what the keys do

    def show_view(self, number: int) -> None:
        """`number` counts from 1. What was said of work that is over, or refused, has been read."""
        if self._view is not None:
            self._say("")
        self._forget_ended()
        self._go(VIEWS[number - 1][0])

    def next_view(self) -> None:
        self.show_view(self._number % len(VIEWS) + 1)

    def previous_view(self) -> None:
        self.show_view((self._number - 2) % len(VIEWS) + 1)

    def _forget_ended(self) -> None:
        if not self._watch.busy:
            self.job_lines.show([], 0, "")

    def new_evaluation(self) -> None:
        self._forget_ended()
        from zsr_tui.ui.evaluation.start import EvaluationStartScreen

        self.app.push_screen(EvaluationStartScreen(self._engine, self._watch, self._dataset, self._systems))

    def open_row(self) -> None:
        """An evaluation of the list; the queries behind a system of the table."""
        if self._place == "list" and self._items:
            self._open(self._items[self.list.cursor].id)
            self._go("table")
        elif self._place == "table" and self._view is not None:
            system = self.table.cursor
            selection = QuerySelection(measure=self._measure, system=system, baseline=self._baseline)
            self.post_message(QueriesWanted(self._open_id, selection))

    def next_measure(self) -> None:
        if self._view is not None:
            measures = self._view.item.measures
            self._measure = measures[(measures.index(self._measure) + 1) % len(measures)]
            self._show_table()
            self._show_place()

    def choose_baseline(self) -> None:
        if self._view is None or self._place != "table":
            self.tell("Go to a system of the table to make it the baseline.")
        elif self.table.cursor == self._baseline:
            self.tell("This system is the baseline already.")
        else:
            self._baseline = self.table.cursor
            self._load_table()

    def next_test(self) -> None:
        """The other test of significance."""
        if self._view is not None:
            names = list(TESTS)
            self._test = names[(names.index(self._test) + 1) % len(names)]
            self._load_table()

    def pause_job(self) -> None:
        if self._watch.busy:
            self.ask("pause", self._ask.pause)
        else:
            self.tell("No evaluation is running.")

    def stop_job(self) -> None:
        item = self._item()
        now = self._standing(item)
        if self._watch.busy:
            self.ask("stop", self._ask.stop)
        elif item is not None and now is not None and now.active:
            self.ask("stop", self._ask.stop, item.id)
        else:
            self.tell("No evaluation is running.")

    def resume_evaluation(self) -> None:
        """Go on with one that was stopped, or follow one that the engine runs already."""
        item = self._item()
        now = self._standing(item)
        if item is None or now is None:
            self.tell("There is no evaluation to go on with.")
        elif self._watch.busy:
            self.tell("An evaluation is running: stop it first, or wait.")
        elif now.state == "complete":
            self.tell("This evaluation is complete.")
        else:
            self.ask("resume", self._ask.resume, item.id)

    def export_report(self) -> None:
        from zsr_tui.ui.evaluation.report import ReportPathScreen

        item = self._item()
        if item is None:
            self.tell("There is no evaluation to write a report of.")
            return

        baseline = self._baseline if item.id == self._open_id else 0
        measure = self._measure if item.id == self._open_id else ""

        async def write(path: str) -> str:
            return await self._engine.evaluation_report(
                item.id, path, baseline=baseline, test=self._test, measure=measure
            )

        def written(path: str | None) -> None:
            if path is not None:
                self.notify(f"The report is in {path}.", timeout=10, markup=False)

        name = printable(item.dataset).replace("/", "-")
        self.app.push_screen(ReportPathScreen(f"{name}.html", write), written)

    def delete_evaluation(self) -> None:
        from zsr_tui.ui.parts.confirm import ConfirmScreen

        item = self._item()
        if item is None:
            self.tell("There is no evaluation to delete.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.ask("delete", self._ask.delete, item.id)

        about = f"{item.dataset}: {', '.join(item.systems)}; {standing(item, self._watch.job).counted}."
        self.app.push_screen(
            ConfirmScreen(
                "Delete this evaluation?", (about, "It cannot be brought back."), "Delete", "Keep", careful=True
            ),
            answered,
        )

    def about_evaluation(self) -> None:
        from zsr_tui.ui.evaluation.about import AboutEvaluationScreen

        if self._view is None:
            self.tell("No evaluation is open.")
        else:
            self.app.push_screen(AboutEvaluationScreen(self._view))

    def leave(self) -> None:
        self.dismiss(None)

    @on(CursorView.Opened)
    def _row_opened(self, event: CursorView.Opened) -> None:
        event.stop()
        self.open_row()

    @on(ViewTabs.Chosen)
    def _tab_chosen(self, event: ViewTabs.Chosen) -> None:
        event.stop()
        self.show_view(event.number)

    # what comes of them

    def on_resumable(self, message: Resumable) -> None:
        message.stop()
        request = msgspec.structs.replace(message.request, id=secrets.token_hex(8), background=True, per_query=False)
        self.post_message(EvaluationAsked(request))

    def on_deleted(self, message: Deleted) -> None:
        message.stop()
        self.tell("The evaluation is deleted.")
        self._forget_ended()
        self.ask("items", self._ask.items)

    def on_evaluation_changed(self, message: EvaluationChanged) -> None:
        message.stop()
        job = message.job
        self._show_job()
        self._show_title()
        self._show_list()
        if job.id and job.id != self._followed:
            self._followed = job.id
            self._open(job.id)
            self._go("table")
            self.ask("items", self._ask.items)
        elif not job.active:
            self._followed = ""
            self.ask("items", self._ask.items)
            if job.id == self._open_id and job.id:
                self._load_table()
        elif job.id == self._open_id and time.monotonic() - self._loaded > RELOAD:
            self._load_table()
