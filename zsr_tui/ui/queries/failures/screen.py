"""Why queries fail: how many documents each stage lost, and what goes with failure."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.queries.asked import Shown
from zsr_tui.ui.queries.base import PerQueryScreen
from zsr_tui.ui.queries.failures.breakdowns import Breakdowns
from zsr_tui.ui.queries.failures.classes import FailureClasses
from zsr_tui.ui.queries.table.columns import name_of
from zsr_tui.ui.queries.work import BreakdownsCame, Named, OutcomesCame


class EvaluationFailuresScreen(PerQueryScreen):
    """The queries of a class or of a group are opened above it: Escape comes back to where they were chosen."""

    PLACE = "evaluation_failures"

    def __init__(self, engine: StartedEngine, shown: Shown, item: EvaluationItem | None) -> None:
        super().__init__(engine, shown, item)
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
            self.ask("item", self.work.name)
            return
        self.classes_table.show((), look, "Counting; the first time every ranking is read ...")
        self.ask("outcomes", self.work.outcomes)
        self._ask_breakdowns()

    def _ask_breakdowns(self) -> None:
        self.breakdowns.show((), self.shown.look(self.item), "Reading what goes with failure ...")
        self.ask("breakdowns", self.work.breakdowns, self.shown.measure)

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
        row, system = message.outcome, message.system
        if row is None:
            self.about.update("")
            return
        among = "relevant documents" if row.relevant else "documents among the first 10"
        queries = "query" if row.queries[system] == 1 else "queries"
        counted = f"{row.documents[system]:,} of {row.of[system]:,} {among}, in {row.queries[system]:,} {queries}"
        name = name_of(system, self.shown.look(self.item))
        self.about.update(f"{row.outcome} in {name}: {counted}.\n{row.about[0].upper()}{row.about[1:]}.")

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
        self._open(self.shown.of_class(system, outcome.outcome))

    def _open_group(self) -> None:
        found = self.breakdowns.group
        if found is None:
            return
        breakdown, group = found
        within = f"{breakdown.feature}: {group.label}"
        self._open(self.shown.of_group(breakdown.feature, breakdown.groups.index(group), within))

    def _open(self, shown: Shown) -> None:
        from zsr_tui.ui.queries.screen import EvaluationQueriesScreen

        screen = EvaluationQueriesScreen(self.engine, shown.id, shown.system, shown.measure, shown.baseline)
        screen.shown = shown
        self.app.push_screen(screen)

    @on(FailureClasses.Opened)
    @on(Breakdowns.Opened)
    def _double_clicked(self) -> None:
        self.open_queries()
