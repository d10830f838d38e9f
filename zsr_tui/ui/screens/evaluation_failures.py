"""Why queries fail: how many documents each stage lost, and what goes with failure."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.ui.keybar import KeyBar
from zsr_tui.ui.screens.evaluation_queries_asked import Shown
from zsr_tui.ui.screens.evaluation_queries_base import PerQueryScreen
from zsr_tui.ui.screens.evaluation_queries_work import BreakdownsCame, Named, OutcomesCame
from zsr_tui.ui.starting import StartedEngine
from zsr_tui.ui.widgets.breakdowns import Breakdowns
from zsr_tui.ui.widgets.failure_classes import FailureClasses

LENGTH = "query length"  # the feature that the table of queries can be filtered by


class EvaluationFailuresScreen(PerQueryScreen):
    """`chosen` is called with a system and a class, or with None, "" and a range of words, when the user wants to see
    those queries."""

    PLACE = "evaluation_failures"

    def __init__(
        self,
        engine: StartedEngine,
        shown: Shown,
        item: EvaluationItem | None,
        chosen: Callable[[int | None, str, str], None],
    ) -> None:
        super().__init__(engine, shown, item)
        self._chosen = chosen
        self.classes_table = FailureClasses()
        self.about = Static(markup=False, id="about")
        self.breakdowns = Breakdowns()

    def compose(self) -> ComposeResult:
        yield self.status_line
        yield self.legend
        yield self.notice
        yield self.classes_table
        yield self.about
        yield self.breakdowns
        yield KeyBar()

    def on_mount(self) -> None:
        self.classes_table.focus()
        self._begin()

    def _begin(self) -> None:
        look = self.shown.look(self.item)
        self._show_names("why queries fail")
        if self.item is None:
            self._ask("item", self.work.name)
            return
        self.classes_table.show((), look, "Counting; the first time every ranking is read ...")
        self._ask("outcomes", self.work.outcomes)
        self._ask_breakdowns()

    def _ask_breakdowns(self) -> None:
        self.breakdowns.show((), self.shown.look(self.item), "Reading what goes with failure ...")
        self._ask("breakdowns", self.work.breakdowns, self.shown.measure)

    def on_named(self, message: Named) -> None:
        message.stop()
        self.item: EvaluationItem | None = message.item
        self._begin()

    def on_outcomes_came(self, message: OutcomesCame) -> None:
        message.stop()
        judged = any(sum(row.documents) for row in message.rows if row.outcome != "unjudged")
        rows = message.rows if judged else ()
        self.classes_table.show(
            rows, self.shown.look(self.item), "No judgments: nothing is known to be missing. Sort by disagreement (a)."
        )

    def on_breakdowns_came(self, message: BreakdownsCame) -> None:
        message.stop()
        if message.measure == self.shown.measure:
            self.breakdowns.show(
                message.breakdowns, self.shown.look(self.item), "There is nothing to group the queries by."
            )

    def _went_wrong(self, what: str) -> None:
        look = self.shown.look(self.item)
        if what == "outcomes":
            self.classes_table.show((), look)
        elif what == "breakdowns":
            self.breakdowns.show((), look)

    def on_failure_classes_moved(self, message: FailureClasses.Moved) -> None:
        message.stop()
        row = message.outcome
        self.about.update(f"{row.outcome}: {row.about}" if row is not None else "")

    # what keys do

    def next_measure(self) -> None:
        if self.item is not None:
            self.shown = self.shown.next_measure(self.item.measures)
            self._show_names("why queries fail")
            self._ask_breakdowns()

    def reload(self) -> None:
        self._say("")
        self._begin()

    def other_table(self) -> None:
        self.focus_next()

    def open_queries(self) -> None:
        """The queries of the class, or of the group of queries, under the cursor."""
        if self.breakdowns.has_focus:
            self._open_group()
            return
        outcome, system = self.classes_table.outcome, self.classes_table.system
        if outcome is None:
            return
        if not outcome.queries[system]:
            self.notify("No document of this system is in that class.", timeout=4, markup=False)
            return
        self.dismiss()
        self._chosen(system, outcome.outcome, "")

    def _open_group(self) -> None:
        found = self.breakdowns.group
        if found is None:
            return
        breakdown, group = found
        if breakdown.feature != LENGTH:
            self.notify("The table can be filtered by the queries' length only.", timeout=4, markup=False)
            return
        self.dismiss()
        self._chosen(None, "", f"{group.low:.0f}-{group.high:.0f}")

    @on(FailureClasses.Opened)
    @on(Breakdowns.Opened)
    def _double_clicked(self) -> None:
        self.open_queries()
