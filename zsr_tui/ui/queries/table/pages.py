"""Rows of a long table as they have come from the engine, in pages."""

from __future__ import annotations

from rich.cells import cell_len

from zsr_tui.api.queries import QueryRow, QueryRows
from zsr_tui.text import one_line

PAGE = 100  # rows
KEPT = 40  # pages


class QueryPages:
    """Rows by their place in the table; those that nobody looked at for long are forgotten."""

    def __init__(self) -> None:
        self.matching: int | None = None  # None until the first page has come
        self.total = 0
        self.longest_id = 0  # cells, of the rows that have come
        self._pages: dict[int, tuple[QueryRow, ...]] = {}

    def take(self, offset: int, rows: QueryRows) -> None:
        """A page; `offset` is a multiple of `PAGE`."""
        self.total, self.matching = rows.total, rows.matching
        self._pages[offset] = rows.rows
        self.longest_id = max([self.longest_id, *(cell_len(one_line(row.qid)) for row in rows.rows)])
        while len(self._pages) > KEPT:
            del self._pages[next(iter(self._pages))]

    def row(self, place: int) -> QueryRow | None:
        page = self._pages.get(place - place % PAGE, ())
        return page[place % PAGE] if 0 <= place % PAGE < len(page) else None

    def missing(self, first: int, last: int) -> list[int]:
        """Offsets of the pages that rows `first` to `last` are on and that are not here; those at hand stay."""
        if self.matching is None:
            return [0]
        wanted = []
        last = min(last, self.matching - 1)
        for offset in range(max(0, first) // PAGE * PAGE, last + 1, PAGE):
            page = self._pages.pop(offset, None)
            if page is None:
                wanted.append(offset)
            else:
                self._pages[offset] = page
        return wanted
