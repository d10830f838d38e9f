"""The queries in an order, in pages as they come from the engine, with the cursor on one of them."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from zsr_tui.api.queries import QueryRow, QueryRows
from zsr_tui.text import one_line

PAGE = 100  # rows
KEPT = 40  # pages


class QueryPages:
    """The table, the bars and the points show the same pages: a place of one is a place of the others. `ask` is called
    with the offset of a page that is looked at and not here; those that nobody looked at for long are forgotten."""

    def __init__(self, ask: Callable[[int], None]) -> None:
        self.matching: int | None = None  # None until the first page has come
        self.total = 0
        self.longest_id = 0  # cells, of the rows that have come
        self.cursor = 0
        self._ask = ask
        self._asked: set[int] = set()
        self._pages: dict[int, tuple[QueryRow, ...]] = {}

    def take(self, offset: int, rows: QueryRows) -> None:
        """A page; `offset` is a multiple of `PAGE`."""
        self.total, self.matching = rows.total, rows.matching
        self.cursor = min(self.cursor, max(0, rows.matching - 1))
        self._asked.discard(offset)
        self._pages[offset] = rows.rows
        self.longest_id = max([self.longest_id, *(cell_len(one_line(row.qid)) for row in rows.rows)])
        while len(self._pages) > KEPT:
            del self._pages[next(iter(self._pages))]

    def row(self, place: int) -> QueryRow | None:
        page = self._pages.get(place - place % PAGE, ())
        return page[place % PAGE] if 0 <= place % PAGE < len(page) else None

    def go_to(self, place: int) -> bool:
        """True where the cursor has moved."""
        before, self.cursor = self.cursor, max(0, min(place, (self.matching or 0) - 1))
        self.look_at(self.cursor, self.cursor)
        return self.cursor != before

    def look_at(self, first: int, last: int) -> None:
        """Rows `first` to `last` are to be shown; pages at hand stay."""
        if self.matching is None:
            return
        for offset in range(max(0, first) // PAGE * PAGE, min(last, self.matching - 1) + 1, PAGE):
            page = self._pages.pop(offset, None)
            if page is not None:
                self._pages[offset] = page
            elif offset not in self._asked:
                self._asked.add(offset)
                self._ask(offset)

    def forget_asked(self) -> None:
        """What was asked for and did not come is asked for again when it is looked at."""
        self._asked.clear()
