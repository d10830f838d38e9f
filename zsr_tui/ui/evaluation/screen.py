"""The evaluation screen: what its keys do, and the evaluation that runs."""

from __future__ import annotations

import secrets
from functools import partial
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult

from zsr_tui.api.evaluations import DeleteEvaluation, EvaluationItem, ListEvaluations, ReadRequest, StopEvaluation
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.client.reports import Written, save_report
from zsr_tui.selection import QuerySelection
from zsr_tui.text import printable
from zsr_tui.ui.evaluation import plot
from zsr_tui.ui.evaluation.header import empty, running_lines, title
from zsr_tui.ui.evaluation.running import EvaluationAsked, EvaluationChanged, EvaluationWatch
from zsr_tui.ui.evaluation.standing import Standing, standing
from zsr_tui.ui.evaluation.table.columns import TESTS
from zsr_tui.ui.evaluation.views import COMBINED, LIST, MATRIX, PLACES, TABLE, VIEWS, EvaluationViews
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.heights import SHORT
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.messages import Axiomatic, AxiomsWanted, QueriesWanted
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.tab_line import TabLine


class EvaluationScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.bindings`; its handlers are the public methods here."""

    PLACE = "evaluation"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(plot.COMPONENTS)
    DEFAULT_CSS = f"EvaluationScreen {{ {plot.RULES} &:ansi {{ {plot.ANSI_RULES} }} }}"

    def __init__(self, engine: EngineApi, watch: EvaluationWatch, dataset: str, systems: tuple[str, ...]) -> None:
        super().__init__()
        self._engine, self._ask, self._watch = engine, Asker(self, engine), watch
        self._dataset, self._systems = dataset, systems
        job = watch.job
        self._followed = job.id if job is not None and job.active else ""  # the evaluation that was opened by itself
        self.title_bar, self.progress, self.notice = Bar(id="status"), Lines(id="job"), Notice()
        self.tabs, self.notes = TabLine(tuple(VIEWS.values()), id="views"), Lines(id="notes")
        self.views = EvaluationViews(engine, self._ask, self._table_read, self._show_notes)
        self.list, self.table = self.views.list, self.views.table

    def compose(self) -> ComposeResult:
        yield self.title_bar
        yield self.progress
        yield self.notice
        yield self.tabs
        yield self.views
        yield self.notes
        yield KeyBar()

    def on_mount(self) -> None:
        self.table.grid.say([[], [("  asking the engine ...", "muted")]])
        self._go(TABLE)
        self._read_items()

    @property
    def key_labels(self) -> dict[str, str]:
        """The key bar leaves out what does nothing at this moment."""
        idle = self.views.idle(self._standing(self.views.item), self._watch.busy)
        return dict.fromkeys((f"evaluation_{each}" for each in idle), "")

    # what the keys do

    def show_view(self, number: int) -> None:
        """`number` counts from 1. What was said of work that is over, or refused, has been read."""
        if self.table.view is not None:
            self.notice.say("")
        self._forget_ended()
        self._go(PLACES[number - 1])

    def next_view(self, by: int) -> None:
        self.show_view((PLACES.index(self.views.place) + by) % len(PLACES) + 1)

    def new_evaluation(self) -> None:
        self._forget_ended()
        from zsr_tui.ui.evaluation.start.screen import EvaluationStartScreen

        self.app.push_screen(EvaluationStartScreen(self._engine, self._watch, self._dataset, self._systems))

    @on(CursorView.Opened)
    def open_row(self) -> None:
        """An evaluation of the list; the queries behind a system of the table."""
        item, table = self.list.item, self.table
        if self.views.place == LIST and item is not None:
            self._open(item.id)
            self._go(TABLE)
        elif self.views.place == TABLE and table.view is not None:
            chosen = QuerySelection(measure=table.measure, system=table.grid.cursor, baseline=table.baseline)
            self.post_message(QueriesWanted(table.asked, chosen))

    def next_measure(self) -> None:
        self.views.next_measure()
        self._show_place()

    def next_pair(self) -> None:
        if self.views.place == "weights":
            self.views.pair += 1
            self._show_place()

    def choose_baseline(self) -> None:
        if self.table.view is None or self.views.place != TABLE:
            self.tell("Go to a system of the table to make it the baseline.")
        elif self.table.grid.cursor == self.table.baseline:
            self.tell("This system is the baseline already.")
        else:
            self.table.choose_baseline()
            self._show_title()

    def next_test(self) -> None:
        self.table.next_test()
        self._show_title()

    def pause_job(self) -> None:
        if self._watch.busy:
            self.ask("pause", self._watch.pause)
        else:
            self.tell("No evaluation is running.")

    def stop_job(self) -> None:
        item = self.views.item
        now = self._standing(item)
        if self._watch.busy:
            self.ask("stop", self._watch.stop)
        elif item is not None and now is not None and now.active:
            self.ask("stop", self._engine.call, StopEvaluation(id=item.id))
        else:
            self.tell("No evaluation is running.")

    def resume_evaluation(self) -> None:
        """Go on with one that was stopped, or follow one that the engine runs already."""
        item = self.views.item
        now = self._standing(item)
        if item is None or now is None:
            self.tell("There is no evaluation to go on with.")
        elif self._watch.busy:
            self.tell("An evaluation is running: stop it first, or wait.")
        elif now.state == "complete":
            self.tell("This evaluation is complete.")
        else:
            self._ask("resume", ReadRequest(id=item.id), self._resume)

    def export_report(self) -> None:
        from zsr_tui.ui.evaluation.report import SPREADSHEET, report_screen

        item = self.views.item
        if item is None:
            self.tell("There is no evaluation to write a report of.")
            return
        shown = self.table if item.id == self.table.opened else None
        baseline, measure = (shown.baseline, shown.measure) if shown is not None else (0, "")
        id = self.table.asked if shown is not None else item.id
        write = partial(save_report, self._engine, id=id, baseline=baseline, test=self.table.test, measure=measure)

        def written(report: Written | None) -> None:
            if report is not None:
                warning = report.warning(f"{SPREADSHEET} in the dialog puts an apostrophe before such texts")
                self.notify(
                    " ".join(filter(None, (f"The report is in {report.path}.", warning))), timeout=10, markup=False
                )

        name = printable(item.dataset).replace("/", "-")
        self.app.push_screen(report_screen(f"{name}.html", write), written)

    def delete_evaluation(self) -> None:
        from zsr_tui.ui.parts.confirm import ConfirmScreen

        item = self.views.item
        if item is None:
            self.tell("There is no evaluation to delete.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._ask("delete", DeleteEvaluation(id=item.id), self._deleted)

        about = f"{item.dataset}: {', '.join(item.systems)}; {standing(item, self._watch.job).counted}."
        self.app.push_screen(
            ConfirmScreen(
                "Delete this evaluation?", (about, "It cannot be brought back."), "Delete", "Keep", careful=True
            ),
            answered,
        )

    def check_axioms(self) -> None:
        item = self.views.item
        if item is None:
            self.tell("There is no evaluation whose lists could be looked at.")
        else:
            about = Axiomatic(dataset=item.dataset, evaluation=item.id, drop_self=item.drop_self)
            self.post_message(AxiomsWanted(about))

    def about_evaluation(self) -> None:
        from zsr_tui.ui.evaluation.about import AboutEvaluationScreen

        if self.table.view is None:
            self.tell("No evaluation is open.")
        else:
            self.app.push_screen(AboutEvaluationScreen(self.table.view))

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show_view(event.number)

    # what comes of them

    def _resume(self, request: EvaluateRequest) -> None:
        request = msgspec.structs.replace(request, id=secrets.token_hex(8), background=True, per_query=False)
        self.post_message(EvaluationAsked(request))

    def _deleted(self, _: None) -> None:
        self.tell("The evaluation is deleted.")
        self._forget_ended()
        self._read_items()

    def on_evaluation_changed(self, message: EvaluationChanged) -> None:
        job = message.job
        self._show_running()
        self._show_title()
        self.list.show_running(job)
        if job.id and job.id != self._followed:
            self._followed = job.id
            self._open(job.id)
            self._go(TABLE)
            self._read_items()
        elif not job.active:
            self._followed = ""
            self._read_items()
            if job.id and job.id == self.table.opened:
                self._open(job.id)
        elif job.id and job.id == self.table.opened:
            self.table.load_again()
            self._show_title()

    def _read_items(self) -> None:
        self._ask("items", ListEvaluations(), self._items_read)

    def _items_read(self, items: list[EvaluationItem]) -> None:
        self.list.items = items
        job, known = self._watch.job, {item.id for item in items}
        if self.table.opened not in known:
            self.workers.cancel_group(self, "table")
            self.table.close(self._nothing())
            self.views.plot.say([])
        if not self.table.opened:
            running = job.id if job is not None and job.active and job.id in known else ""
            here = next((item.id for item in items if item.dataset == self._dataset), "")
            if running or here:
                self._open(running or here)
            elif items and self.views.place == TABLE:
                self._go(LIST)
            else:
                self._show_place()
        self.list.show(job, self.table.opened, self._nothing())
        self._show_title()

    def _table_read(self, item: EvaluationItem) -> None:
        self.notice.say("")
        self.list.items = [item if each.id == item.id else each for each in self.list.items or [item]]
        self._show_place()

    def show_problem(self, sentence: str, group: str) -> None:
        if group == "plot":
            self.views.shown_plot.refuse(sentence)
            return
        self.notice.say(sentence)
        if group == "table" or (group == "items" and self.table.view is None):
            self.table.failed()
            self._show_title()
        elif group in (MATRIX, COMBINED):
            (self.views.matrix if group == MATRIX else self.views.combinations).say([])

    # what is shown

    def _standing(self, item: EvaluationItem | None) -> Standing | None:
        return None if item is None else standing(item, self._watch.job)

    def _open(self, evaluation: str) -> None:
        self.table.open(evaluation)
        self._show_title()

    def _go(self, place: str) -> None:
        self.tabs.choose(PLACES.index(place) + 1)
        self.views.go(place)
        self._show_place()

    def _show_place(self) -> None:
        """What the view needs beside the table."""
        self._show_title()
        self._show_notes()
        self.table.make_room(self.size.height - len(self.notes.text.splitlines()) - 7)
        self.views.show_plot(self._nothing())
        self.views.show_combinations(self._nothing())

    @on(CursorView.Moved)
    def _cursor_moved(self) -> None:
        if self.views.place == LIST:
            self.list.note_cursor()
            self._show_title()
        elif self.views.place == TABLE:
            self._show_notes()

    def _nothing(self) -> list[list[Piece]]:
        """What to do where no evaluation is open."""
        new = self.key_of("evaluation_new")
        return empty(self._dataset, self._systems, new, len(self.list.items or []))

    def _show_notes(self) -> None:
        self.notes.show(self.views.notes(), 5 if self.size.height < SHORT else 12, self.key_of("evaluation_about"))

    def _show_title(self) -> None:
        table = self.table
        right: list[Piece] = [(f"{table.measure} · {TESTS[table.test]} ", "muted")] if table.measure else []
        if table.computing:
            right = [("computing ", "bar")]
        self.title_bar.show(title(self.views.item, self._dataset, self._watch.job), right)
        if self._watch.busy:
            self._show_running()
        self.refresh_bindings()  # the key bar names what can be done with it

    def _show_running(self) -> None:
        item, job = self.views.item, self._watch.job
        if job is not None:
            other = item is not None and item.id != job.id
            pause, stop = self.key_of("evaluation_pause"), self.key_of("evaluation_stop")
            self.progress.show(running_lines(job, pause, stop, other), 2)

    def _forget_ended(self) -> None:
        """It has been read."""
        if not self._watch.busy:
            self.progress.show([])

    def on_resize(self) -> None:
        self._show_place()
