"""The queries in the order and filter that were chosen last: what is asked for, and what has come of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from zsr_tui.api.queries import Differences, QueryRow, QueryRows, ReadDifferences
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.queries.asker import EvaluationAsker
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.table.pages import QueryPages

AGAIN = 0.1  # seconds until it is asked again how far the reading of the rankings is


class Listing:
    """What is there stays until what was asked for comes. `came` is called with the rows of a page that has
    come, and with none where something else has."""

    def __init__(self, ask: EvaluationAsker, choice: QueryChoice, came: Callable[[Sequence[QueryRow]], None]) -> None:
        self._ask, self._came = ask, came
        self.choice = choice
        self.seen = choice  # what the rows are of
        self.pages = QueryPages(self._read_page)
        self.waiting = False  # for the first page of another order or filter
        self.read: int | None = None  # of how many queries the rankings were read for it
        self.differences: Differences | None = None
        self._differences_of: QuerySelection | None = None  # what they were asked for
        self._follow: int | None = None  # the query that the cursor goes to in the order that was asked for

    def begin(self, choice: QueryChoice) -> None:
        """What is asked for first, and shown until it comes."""
        self.choice = self.seen = choice

    @property
    def row(self) -> QueryRow | None:
        """The query under the cursor, once its page is here."""
        return self.pages.row(self.pages.cursor)

    @property
    def empty(self) -> bool:
        """Nothing has come, and nothing is on its way."""
        return self.pages.matching is None and not self.waiting

    def nothing(self, all_key: str) -> str:
        """Why there are no rows; `all_key` shows all queries."""
        if self.pages.matching is None:
            return "Reading the queries ..." if self.read is None else "Reading the rankings ..."
        return (
            f"No query matches; {all_key} shows all of them." if self.pages.total else "The evaluation has no queries."
        )

    @property
    def place(self) -> int | None:
        """The cursor's place among the differences, where the rows are in their order."""
        found, cursor = self.differences, self.pages.cursor
        return cursor if found is not None and self._in_order and cursor < len(found.queries) else None

    @property
    def _in_order(self) -> bool:
        return not self.waiting and self.seen == self.choice and self.choice.selection.sort == "difference"

    def change(self, choice: QueryChoice, *, follow: bool = False) -> None:
        """Ask for another order, filter or pair of systems. The cursor goes to the first query, or it follows the one
        that it is on."""
        self._follow = self.row.query if follow and self.row is not None else None
        if choice.compared != self.choice.compared:
            self.differences = self._differences_of = None
        self.choice, self.waiting, self.read = choice, True, None
        self._read_first()

    def read_differences(self) -> None:
        """Unless they are there, or on their way."""
        wanted = self.choice.compared
        if self._differences_of != wanted:
            self._differences_of = wanted
            question = ReadDifferences(id=self._ask.id, selection=wanted)
            self._ask("differences", question, partial(self._take_differences, wanted))

    def _read_first(self, after: float = 0.0) -> None:
        self._ask("order", self.choice.page(0, self._follow), partial(self._take_page, self.choice, 0), after=after)

    def _read_page(self, offset: int) -> None:
        self._ask("page", self.seen.page(offset), partial(self._take_page, self.seen, offset), exclusive=False)

    def _take_page(self, choice: QueryChoice, offset: int, rows: QueryRows) -> None:
        first = self.waiting and offset == 0 and choice == self.choice
        if first and rows.read is not None:  # the engine reads the rankings; what is there can be used meanwhile
            self.read, self.pages.total = rows.read, rows.total
            self._read_first(AGAIN)
            return self._came(rows.rows)
        if first:
            self.pages, self.seen = QueryPages(self._read_page), choice
            self.waiting, self.read = False, None
        elif choice != self.seen or self.pages.matching is None:
            return None  # nobody wants it any more
        self.pages.take(offset, rows)
        if first and rows.place is not None:
            self.pages.go_to(rows.place)
        return self._came(rows.rows)

    def _take_differences(self, wanted: QuerySelection, found: Differences) -> None:
        if wanted == self.choice.compared:
            self.differences = found
        self._came(())

    def failed(self, what: str) -> None:
        """What was asked for did not come."""
        if what == "order" and self.pages.matching is None:
            self.waiting = False
        elif what == "differences":
            self._differences_of = None
