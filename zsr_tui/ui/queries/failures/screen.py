"""Why queries fail: how many documents each stage lost, and what goes with failure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import BreakdownView, OutcomeRow, ReadBreakdowns, ReadOutcomes
from zsr_tui.client.protocol import EngineApi
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.messages import QueriesWanted
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.queries.asker import EvaluationAsker
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.failures.breakdowns import Breakdowns
from zsr_tui.ui.queries.failures.classes import FailureClasses
from zsr_tui.ui.queries.header import QueriesHeader
from zsr_tui.ui.queries.table.columns import name_of

COUNTING = "Counting; the first time every ranking is read ..."


class FailuresScreen(BaseScreen[None]):
    """The queries of a class or of a group are opened above it: Escape comes back to where they were chosen."""

    PLACE = "evaluation_failures"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"

    def __init__(self, engine: EngineApi, evaluation: str, selection: QuerySelection) -> None:
        super().__init__()
        self._ask = EvaluationAsker(self, engine, evaluation)
        self.choice = QueryChoice(evaluation, selection)
        self.item: EvaluationItem | None = None
        self.header, self.notice = QueriesHeader(), Notice()
        self.classes_table = FailureClasses()
        self.about = Static(markup=False, id="about")
        self.breakdowns = Breakdowns()

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.notice
        yield self.classes_table
        yield self.about
        yield self.breakdowns
        yield KeyBar()

    def on_mount(self) -> None:
        self.classes_table.focus()
        self._begin()

    def _begin(self) -> None:
        self._show_header()
        if self.item is None:
            self._ask.item(self._item_read)
            return
        self._show_classes((), COUNTING)
        self._ask("outcomes", ReadOutcomes(id=self._ask.id), self._outcomes_read)
        self._read_breakdowns()

    def _read_breakdowns(self) -> None:
        measure = self.choice.selection.measure
        self._show_breakdowns((), "Reading what goes with failure ...")
        question = ReadBreakdowns(id=self._ask.id, measure=measure)
        self._ask("breakdowns", question, partial(self._breakdowns_read, measure))

    def _item_read(self, item: EvaluationItem) -> None:
        before, self.item = self.item, item
        if before is None or (before.done != item.done == item.queries):
            self._begin()
        else:
            self._show_header()

    def _outcomes_read(self, rows: Sequence[OutcomeRow]) -> None:
        judged = any(sum(row.documents) for row in rows if row.outcome != "unjudged")
        key = self.key_of("queries_agreements")
        nothing = f"No judgments: nothing is known to be missing. Sort the queries by disagreement ({key})."
        self._show_classes(rows if judged else (), nothing)

    def _breakdowns_read(self, measure: str, breakdowns: Sequence[BreakdownView]) -> None:
        if measure == self.choice.selection.measure:
            self._show_breakdowns(breakdowns, "There is nothing to group the queries by.")

    def show_problem(self, sentence: str, group: str) -> None:
        self.notice.say(sentence, group)
        if group == "outcomes":
            self._show_classes(())
        elif group == "breakdowns":
            self._show_breakdowns(())

    # what is shown

    @property
    def _systems(self) -> int:
        return len(self.item.systems) if self.item is not None else 0

    def _show_header(self) -> None:
        self.header.show_names(self.item, self.choice, "why queries fail")

    def _show_classes(self, rows: Sequence[OutcomeRow], nothing: str = "") -> None:
        self.classes_table.show(rows, self.choice.selection, self._systems, nothing)

    def _show_breakdowns(self, breakdowns: Sequence[BreakdownView], nothing: str = "") -> None:
        self.breakdowns.show(breakdowns, self.choice.selection, self._systems, nothing)

    @on(CursorView.Moved)
    def _show_about(self) -> None:
        row, system = self.classes_table.outcome, self.classes_table.system
        if row is None:
            self.about.update("")
            return
        among = "relevant documents" if row.relevant else "documents among the first 10"
        queries = "query" if row.queries[system] == 1 else "queries"
        counted = f"{row.documents[system]:,} of {row.of[system]:,} {among}, in {row.queries[system]:,} {queries}"
        name = name_of(system, self.choice.selection)
        self.about.update(f"{row.outcome} in {name}: {counted}.\n{row.about[0].upper()}{row.about[1:]}.")

    # what keys do

    def next_measure(self) -> None:
        if self.item is not None:
            self.choice = self.choice.next_measure(self.item.measures)
            self._show_header()
            self._read_breakdowns()

    def reload(self) -> None:
        self.notice.say("")
        self._begin()

    @on(CursorView.Opened)
    def open_queries(self) -> None:
        """The queries of the class, or of the group of queries, under the cursor."""
        outcome, system, found = self.classes_table.outcome, self.classes_table.system, self.breakdowns.group
        if self.breakdowns.has_focus:
            if found is not None:
                breakdown, group = found
                number, name = breakdown.groups.index(group), f"{breakdown.feature}: {group.label}"
                self._open(self.choice.of_group(breakdown.feature, number, name))
        elif outcome is not None and outcome.queries[system]:
            self._open(self.choice.of_class(system, outcome.outcome))
        elif outcome is not None:
            self.tell("No document of this system is in that class.")

    def _open(self, choice: QueryChoice) -> None:
        self.post_message(QueriesWanted(choice.evaluation, choice.selection, choice.group))
